package import Domain

/// A barcode scanner: what it reads, or somebody types, comes out at the pace of its wire.
///
/// Nothing moves by itself: ``advance(to:)`` lets time pass, and all verbs act at the time that it
/// reached last.
package struct SimulatedScanner: Sendable {
  /// What a scanner is connected by; the raw value is the name that profiles have for the protocol.
  package enum Wire: String, Hashable, Sendable, CaseIterable {
    /// USB HID Point of Sale: reports of 64 bytes.
    case hid = "hid-pos-scanner"
    /// A keyboard that types what it reads (键盘口): input events of the kernel.
    case wedge = "keyboard-wedge"
    /// A serial line, or a USB device that stands for one: text with a suffix.
    case serial = "serial-scanner"
  }

  /// A kind of code, as its AIM identifier names it (ISO/IEC 15424).
  package enum Symbology: String, Hashable, Sendable, CaseIterable {
    case code128 = "]C0"
    case code39 = "]A0"
    case ean13 = "]E0"
    case qr = "]Q1"
    case dataMatrix = "]d1"
  }

  /// The kind of a scanner.
  package struct Model: Hashable, Sendable {
    package var wire: Wire
    /// Between two reports, or two changes of a key.
    package var pace: Duration
    /// Between two changes of a key that a person presses.
    package var typingPace: Duration
    /// What ends a scan on a serial wire; a wedge presses ENTER where it is not empty.
    package var suffix: [UInt8]
    /// Whether a serial wire or a wedge puts the AIM identifier before the text.
    package var sendsSymbology: Bool

    package init(
      wire: Wire = .hid,
      pace: Duration = .milliseconds(5),
      typingPace: Duration = .milliseconds(40),
      suffix: [UInt8] = [0x0D, 0x0A],
      sendsSymbology: Bool = false
    ) {
      precondition(pace > .zero && typingPace > .zero, "keys take time")
      self.wire = wire
      self.pace = pace
      self.typingPace = typingPace
      self.suffix = suffix
      self.sendsSymbology = sendsSymbology
    }
  }

  /// Pieces that wait at most; as in the kernel's ring, newer ones are dropped beyond that.
  package static let ring = 512

  package let model: Model
  /// Whether its plug is in.
  package private(set) var isPlugged = true
  /// How often its plug was pulled: what was open before is dead.
  package private(set) var unpluggings = 0
  /// What it has read last; empty before the first scan.
  package private(set) var lastText = ""
  /// How many codes it has read.
  package private(set) var scans = 0
  /// The time that it has reached.
  package private(set) var now: Instant

  private var plan: [(at: Instant, piece: Piece)] = []
  private var pieces: [[UInt8]] = []

  /// Sets up a scanner that is plugged in.
  package init(_ model: Model = Model(), at start: Instant = .zero) {
    self.model = model
    now = start
  }

  /// When it does something by itself next.
  package var nextEvent: Instant? { plan.first?.at }

  /// Whether a scan is on its way.
  package var isSending: Bool { !plan.isEmpty }

  /// Lets time pass; what falls due waits to be taken.
  package mutating func advance(to instant: Instant) {
    while let first = plan.first, first.at <= instant {
      plan.removeFirst()
      if pieces.count < Self.ring { pieces.append(first.piece.bytes(at: first.at)) }
    }
    now = max(now, instant)
  }

  /// Reads a code.
  package mutating func scan(_ text: String, _ symbology: Symbology = .code128) {
    guard isPlugged else { return }
    lastText = text
    scans += 1
    let prefixed = model.sendsSymbology ? symbology.rawValue + text : text
    switch model.wire {
    case .hid: send(ScannerReports.reports(text, symbology).map(Piece.bytes), pace: model.pace)
    case .wedge:
      send(Keyboard.keys(for: prefixed, enters: !model.suffix.isEmpty).map(Piece.key))
    case .serial:
      // A USB bridge hands over some bytes at a time.
      let bytes = Array(prefixed.utf8) + model.suffix
      let parts = stride(from: 0, to: bytes.count, by: 8).map { start in
        Piece.bytes(Array(bytes[start..<min(start + 8, bytes.count)]))
      }
      send(parts)
    }
  }

  /// Somebody types on the keyboard that the station takes for a scanner, and presses ENTER.
  package mutating func type(_ text: String) {
    guard isPlugged, model.wire == .wedge else { return }
    send(Keyboard.keys(for: text, enters: true).map(Piece.key), pace: model.typingPace)
  }

  /// Takes the oldest piece: a report, input events, or some bytes.
  package mutating func takePiece() -> [UInt8]? {
    pieces.isEmpty ? nil : pieces.removeFirst()
  }

  /// Forgets what came while nobody listened.
  package mutating func forget() {
    pieces = []
  }

  /// Pulls the plug; the rest of a scan never comes.
  package mutating func unplug() {
    isPlugged = false
    unpluggings += 1
    plan = []
    pieces = []
  }

  /// Puts the plug back.
  package mutating func plug() {
    isPlugged = true
  }

  private mutating func send(_ pieces: [Piece], pace: Duration? = nil) {
    // It is read one after the other.
    var at = max(now, plan.last?.at ?? now)
    for piece in pieces {
      at = at + (pace ?? model.pace)
      plan.append((at, piece))
    }
  }
}

/// Something that comes out of a scanner at one moment.
private enum Piece: Sendable {
  case bytes([UInt8])
  case key(Keyboard.Change)

  /// As it arrives: an input event carries its time.
  func bytes(at instant: Instant) -> [UInt8] {
    switch self {
    case .bytes(let bytes): bytes
    case .key(let change): change.events(at: instant)
    }
  }
}
