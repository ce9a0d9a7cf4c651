import Domain

extension Bench {
  /// The orders that ``perform(_:)`` takes.
  package static let orders = """
    place GRAMS | remove | tare | drift GRAMS
    scale unplug|plug|restart|zero|none|silent|fault|moving|repeats|garbled|halved|wrong-baud
      |parity|two-indicators|overload-text
    scan [SYMBOLOGY] TEXT | type TEXT | scanner unplug|plug | scanner NUMBER followed by one of these
    press BUTTON [MILLISECONDS] | hold BUTTON | release BUTTON, where pedal is a BUTTON too
    printer unplug|plug|off|jam|clear|open|close|mute|answer | paper LABELS | dies BYTES
    guard open|close | estop press|release
    machine reset|by-hand|hot|cool|none|jam|breakdown|lost-done|double-done|early-done|short-done
      |stuck-done|no-busy|deaf | material CYCLES
    """

  /// Does what a worker, a technician or fate would do, said in a line of ``orders``.
  ///
  /// The symbology is an AIM identifier as `]Q1`, Code 128 if not given; scanners count from 1, and
  /// the first is meant if none is named.
  ///
  /// - Returns: Whether it understood.
  package mutating func perform(_ order: String) -> Bool {
    let words = order.split(separator: " ").map(String.init)
    guard let verb = words.first else { return false }
    let object = words.count > 1 ? words[1] : nil
    switch verb {
    case "place", "remove", "tare", "drift": return performScale(verb, object)
    case "scale": return performScale(Array(words.dropFirst()))
    case "scan", "type", "scanner": return performScanner(order)
    case "press", "hold", "release":
      return performButton(verb, object, words.count > 2 ? Int(words[2]) : 120)
    case "printer", "paper", "dies": return performPrinter(verb, object)
    case "guard", "estop", "machine", "material": return performMachine(verb, object)
    default: return false
    }
  }

  private mutating func performScale(_ verb: String, _ object: String?) -> Bool {
    let grams = object.flatMap { Double($0) }.flatMap { $0.isFinite ? $0 : nil }
    switch (verb, object) {
    case ("remove", nil): scale.remove()
    case ("tare", nil): scale.tare()
    case ("place", _):
      guard let grams else { return false }
      scale.place(grams: grams)
    case ("drift", _):
      guard let grams else { return false }
      scale.drift(grams: grams)
    default: return false
    }
    return true
  }

  private mutating func performScale(_ words: [String]) -> Bool {
    switch words.first {
    case "unplug": scale.unplug()
    case "plug": scale.plug()
    case "restart": scale.restart()
    case "zero": scale.pressZero()
    case "tare", "drift": return performScale(words[0], words.dropFirst().first)
    default:
      // `fault` alone is the name of one.
      let name = words.first == "fault" && words.count > 1 ? words[1] : words.first
      guard let fault = name.flatMap(SimulatedScale.Fault.init) else { return false }
      scale.fault = fault
    }
    return true
  }

  private mutating func performScanner(_ order: String) -> Bool {
    var (verb, rest) = Self.cut(order)
    var number = 1
    if verb == "scanner" {
      (verb, rest) = Self.cut(rest)
      if let named = Int(verb), named > 0 {
        number = named
        (verb, rest) = Self.cut(rest)
      }
    }
    let index = number - 1
    guard scanners.indices.contains(index) else { return false }
    switch (verb, rest) {
    case ("unplug", ""): scanners[index].unplug()
    case ("plug", ""): scanners[index].plug()
    case (_, ""): return false
    case ("type", _): scanners[index].type(rest)
    case ("scan", _):
      let (mark, text) = Self.cut(rest)
      if !text.isEmpty, let symbology = SimulatedScanner.Symbology(rawValue: mark) {
        scanners[index].scan(text, symbology)
      } else {
        scanners[index].scan(rest)
      }
    default: return false
    }
    return true
  }

  /// The first word, and what follows it.
  private static func cut(_ text: String) -> (word: String, rest: String) {
    let text = text.drop { $0 == " " }
    let word = text.prefix { $0 != " " }
    return (String(word), String(text.dropFirst(word.count).drop { $0 == " " }))
  }

  private mutating func performButton(_ verb: String, _ button: String?, _ time: Int?) -> Bool {
    guard let button, let time, time > 0 else { return false }
    switch verb {
    case "press": press(button, for: .milliseconds(time))
    case "hold": press(button, for: nil)
    default: release(button)
    }
    return true
  }

  private mutating func performPrinter(_ verb: String, _ object: String?) -> Bool {
    let count = object.flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil }
    switch (verb, object) {
    case ("printer", "unplug"): printer.unplug()
    case ("printer", "plug"): printer.plug()
    case ("printer", "off"): printer.powerOff()
    case ("printer", "jam"): printer.jamsNextLabel = true
    case ("printer", "clear"): printer.clearJam()
    case ("printer", "open"): printer.setHead(open: true)
    case ("printer", "close"): printer.setHead(open: false)
    case ("printer", "mute"): printer.answersStatus = false
    case ("printer", "answer"): printer.answersStatus = true
    case ("paper", _):
      guard let count else { return false }
      printer.load(labels: count)
    case ("dies", _):
      guard let count else { return false }
      printer.diesAfter = count
    default: return false
    }
    return true
  }

  private mutating func performMachine(_ verb: String, _ object: String?) -> Bool {
    switch (verb, object) {
    case ("guard", "open"): machine.setGuard(closed: false)
    case ("guard", "close"): machine.setGuard(closed: true)
    case ("estop", "press"): machine.setEmergencyStop(pressed: true)
    case ("estop", "release"): machine.setEmergencyStop(pressed: false)
    case ("machine", "reset"): machine.reset()
    case ("machine", "by-hand"): machine.startByHand()
    case ("machine", "hot"): machine.setOverheated(true)
    case ("machine", "cool"): machine.setOverheated(false)
    case ("machine", _):
      guard let fault = object.flatMap(SimulatedMachine.Fault.init) else { return false }
      machine.fault = fault
    case ("material", _):
      guard let cycles = object.flatMap({ Int($0) }), cycles >= 0 else { return false }
      machine.load(cycles: cycles)
    default: return false
    }
    return true
  }
}
