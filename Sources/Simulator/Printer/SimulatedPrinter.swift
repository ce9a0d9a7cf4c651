package import Domain

/// A TSPL label printer: bytes in, labels and status answers out.
///
/// Nothing moves by itself: ``advance(to:)`` lets time pass, and all verbs act at the time that it
/// reached last.
package struct SimulatedPrinter: Sendable {
  /// Labels kept to look at; older ones are forgotten.
  package static let keptLabels = 64
  /// Bytes of answers that wait at most; further answers are lost.
  package static let keptAnswers = 64

  private struct Order {
    var page: Page
    var copies: Int
    var isUpsideDown: Bool
    var seconds: Double
  }

  private struct Run {
    var order: Order
    var start: Instant
    var end: Instant
    var jams: Bool
  }

  package let model: Model
  /// Whether it answers status questions at all.
  package var answersStatus = true
  /// Whether the next label will get stuck half-way.
  package var jamsNextLabel = false
  /// Dies, as without power, once it has taken so many bytes more.
  package var diesAfter: Int?
  /// Labels left on the roll.
  package private(set) var labelsLeft: Int
  package private(set) var isHeadOpen = false
  package private(set) var isJammed = false
  package private(set) var isPaused = false
  package private(set) var isPlugged = true
  /// How often its plug was pulled: what was open before is dead.
  package private(set) var unpluggings = 0
  /// The time that it has reached.
  package private(set) var now: Instant
  /// The labels that came out, oldest first, at most ``keptLabels``.
  package private(set) var labels: [PrintedLabel] = []
  /// Labels that ever came out, spoilt and blank ones counted.
  package private(set) var printedCount = 0
  /// Lines that it did not know.
  package private(set) var unknownCommands = 0
  /// Bytes that it ever took.
  package private(set) var bytesTaken = 0

  private var interpreter: TSPLInterpreter
  private var isSpoilt = false
  private var orders: [Order] = []
  private var run: Run?
  private var waitingAnswers: [UInt8] = []
  private var fill = 0.0
  private var nextDrain: Instant?

  /// Sets up a printer that is plugged in and loaded.
  package init(_ model: Model = Model(), labels: Int = 500, at start: Instant = .zero) {
    self.model = model
    now = start
    labelsLeft = labels
    interpreter = Self.interpreter(model)
  }

  /// When it does something by itself next.
  package var nextEvent: Instant? {
    [run?.end, nextDrain].compactMap(\.self).min()
  }

  /// Whether the motor runs.
  package var isPrinting: Bool { run != nil }

  /// Commands that it took but does not draw, as text and barcodes.
  package var undrawnCommands: Int { interpreter.undrawnCommands }

  /// Whether so much waits that it takes no bytes now.
  package var isFull: Bool { orders.count > model.queuedOrders }

  /// The answer to `ESC !?`.
  package var status: UInt8 {
    (isHeadOpen ? 0x01 : 0) | (isJammed ? 0x02 : 0) | (labelsLeft == 0 ? 0x04 : 0)
      | (isPaused ? 0x10 : 0) | (isPrinting ? 0x20 : 0)
  }

  /// Offers bytes.
  ///
  /// - Returns: How many it took; none when it is full or not there.
  package mutating func feed(_ bytes: ArraySlice<UInt8>) -> Int {
    var taken = 0
    for byte in bytes {
      guard isPlugged, !isFull, fill < Double(model.receiveBuffer) else { break }
      if let left = diesAfter {
        guard left > 0 else {
          powerOff()
          break
        }
        diesAfter = left - 1
      }
      taken += 1
      if model.bytesPerSecond != nil { fill += 1 }
      if let order = interpreter.consume(byte) { perform(order) }
    }
    bytesTaken += taken
    if fill > 0, nextDrain == nil { nextDrain = now + .milliseconds(20) }
    return taken
  }

  /// Offers bytes.
  ///
  /// - Returns: How many it took.
  package mutating func feed(_ bytes: [UInt8]) -> Int { feed(bytes[...]) }

  /// Takes the answers that wait, at most so many bytes of them.
  package mutating func answers(upTo count: Int = keptAnswers) -> [UInt8] {
    defer { waitingAnswers.removeFirst(min(max(0, count), waitingAnswers.count)) }
    return Array(waitingAnswers.prefix(max(0, count)))
  }

  /// Lets time pass; labels come out.
  package mutating func advance(to instant: Instant) {
    if let rate = model.bytesPerSecond, instant > now {
      fill = max(0, fill - Double((instant - now).nanoseconds) / 1e9 * Double(rate))
      if let tick = nextDrain, tick <= instant {
        nextDrain = fill > 0 ? instant + .milliseconds(20) : nil
      }
    }
    while let current = run, current.end <= instant {
      now = max(now, current.end)
      finish(current)
      startNext()
    }
    now = max(now, instant)
    startNext()
  }
}

extension SimulatedPrinter {
  /// Puts in a roll with so many labels.
  package mutating func load(labels: Int) {
    labelsLeft = labels
    startNext()
  }

  /// Opens or closes the cover with the head; what is being printed is spoilt.
  package mutating func setHead(open: Bool) {
    isHeadOpen = open
    if open { stopRun() }
    startNext()
  }

  /// Takes the jammed label out.
  package mutating func clearJam() {
    isJammed = false
    startNext()
  }

  /// Pulls the USB plug: what it has got wholly it still prints, half a job is lost.
  package mutating func unplug() {
    isPlugged = false
    unpluggings += 1
    waitingAnswers = []
    if model.forgetsHalfCommands { interpreter.forgetHalfCommand() }
  }

  /// Puts the plug back.
  package mutating func plug() {
    isPlugged = true
  }

  /// Takes its power: everything in it is gone, a label in the works stays half printed.
  package mutating func powerOff() {
    stopRun()
    unplug()
    reset()
    diesAfter = nil
  }

  private static func interpreter(_ model: Model) -> TSPLInterpreter {
    TSPLInterpreter(
      dotsPerMillimetre: model.dotsPerMillimetre,
      widest: model.widest,
      longest: model.longest
    )
  }

  private mutating func reset() {
    interpreter = Self.interpreter(model)
    orders = []
    isSpoilt = false
    isPaused = false
    fill = 0
    nextDrain = nil
  }

  private mutating func perform(_ order: TSPLInterpreter.Order) {
    switch order {
    case .immediate(let letter): answer(letter)
    case .unknown:
      unknownCommands += 1
      isSpoilt = true
    case .print(let copies):
      queue(copies)
      startNext()
    }
  }

  private mutating func queue(_ copies: Int) {
    let page = interpreter.page
    let inches =
      Double(page.height + interpreter.gap) / Double(model.dotsPerMillimetre) / 25.4
    var order = Order(
      page: page,
      copies: copies,
      isUpsideDown: interpreter.isUpsideDown,
      seconds: inches / interpreter.speed
    )
    if isSpoilt, let blanks = model.blanksForUnknown {
      order.page = Page(width: page.width, height: page.height)
      order.copies = blanks
    }
    isSpoilt = false
    if order.copies > 0 { orders.append(order) }
  }

  private mutating func answer(_ letter: UInt8) {
    var bytes: [UInt8] = []
    switch letter {
    case UInt8(ascii: "?"): bytes = [status]
    case UInt8(ascii: "S"): bytes = longStatus
    case UInt8(ascii: "P"): isPaused = true
    case UInt8(ascii: "O"):
      isPaused = false
      startNext()
    case UInt8(ascii: "."): orders = []
    case UInt8(ascii: "R"):
      stopRun()
      reset()
    default: break
    }
    guard answersStatus, waitingAnswers.count + bytes.count <= Self.keptAnswers else { return }
    waitingAnswers += bytes
  }

  /// The answer to `ESC !S`: message, warning, printer error, media error.
  private var longStatus: [UInt8] {
    let trouble: UInt8 = (labelsLeft == 0 ? 0x01 : 0) | (isJammed ? 0x02 : 0)
    let media = 0x40 | trouble | (isHeadOpen ? 0x20 : 0)
    let message: UInt8 =
      media != 0x40 ? 0x45 : isPaused ? 0x60 : isPrinting ? 0x50 : 0x40
    let warning: UInt8 = isFull ? 0x48 : labelsLeft < 10 ? 0x41 : 0x40
    return [0x02, message, warning, 0x40, media, 0x03, 0x0D, 0x0A]
  }

  private mutating func startNext() {
    guard run == nil, let order = orders.first else { return }
    guard labelsLeft > 0, !isHeadOpen, !isJammed, !isPaused else { return }
    let whole = Duration.nanoseconds(Int64(order.seconds * 1e9))
    run = Run(
      order: order,
      start: now,
      end: now + model.warmUp + (jamsNextLabel ? whole / 2 : whole),
      jams: jamsNextLabel
    )
    jamsNextLabel = false
    orders[0].copies -= 1
    if orders[0].copies == 0 { orders.removeFirst() }
  }

  private mutating func finish(_ done: Run) {
    run = nil
    if done.jams { isJammed = true }
    putOut(done.order, rows: done.jams ? done.order.page.height / 2 : nil)
  }

  /// Stops the motor in the middle of a label.
  private mutating func stopRun() {
    guard let current = run else { return }
    run = nil
    let printing = Double((now - current.start - model.warmUp).nanoseconds)
    let share = max(0, printing / 1e9 / max(0.001, current.order.seconds))
    putOut(current.order, rows: Int(Double(current.order.page.height) * min(1, share)))
  }

  private mutating func putOut(_ order: Order, rows: Int?) {
    printedCount += 1
    labelsLeft = max(0, labelsLeft - 1)
    labels.append(
      PrintedLabel(
        page: rows.map { order.page.cut(after: $0) } ?? order.page,
        at: now,
        serialNumber: printedCount,
        isComplete: rows == nil,
        isUpsideDown: order.isUpsideDown
      )
    )
    if labels.count > Self.keptLabels { labels.removeFirst() }
    if rows != nil, model.reprintsSpoilt {
      var again = order
      again.copies = 1
      orders.insert(again, at: 0)
    }
  }
}
