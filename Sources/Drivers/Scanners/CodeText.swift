internal import Domain

/// A code that comes character by character, until its suffix or a pause ends it.
struct CodeText: Sendable {
  /// More than any label of a parcel carries.
  static let longest = 4096

  private let settings: ScannerSettings
  /// What suffixes end with; most bytes need no closer look.
  private let ends: [UInt8]
  private var bytes: [UInt8] = []
  /// Why nothing good can come of it any more.
  var fault: String?

  init(_ settings: ScannerSettings) {
    self.settings = settings
    ends = settings.suffixes.compactMap(\.last)
  }

  var isEmpty: Bool { bytes.isEmpty && fault == nil }

  /// Takes one character.
  ///
  /// - Returns: Whether the code is over, because a suffix is complete.
  mutating func append(_ byte: UInt8) -> Bool {
    bytes.append(byte)
    let isOver = suffix != nil
    if bytes.count > Self.longest, !isOver {
      fault = fault ?? "a code of more than \(Self.longest) bytes"
      // What a suffix is looked for in is enough.
      bytes.removeFirst(Self.longest / 2)
    }
    return isOver
  }

  /// Ends the code and begins the next.
  ///
  /// - Returns: `nil` where there was none: the LF of CR LF ends nothing.
  mutating func finish(at now: Instant) -> ScannerOutput? {
    defer {
      bytes.removeAll(keepingCapacity: true)
      fault = nil
    }
    if let fault { return .dropped(reason: fault) }
    guard !bytes.isEmpty else { return nil }
    let suffix = suffix
    guard suffix != nil || !settings.needsSuffix else {
      return .dropped(reason: "a code without its suffix: its end was lost")
    }
    let code = settings.stripped(bytes.dropLast(suffix?.count ?? 0))
    guard !code.isEmpty else { return nil }
    guard let noise = code.first(where: Self.isNoise) else {
      let (text, symbology) = AIMPrefix.split(code)
      return .scan(Scan(bytes: text, symbology: symbology, at: now))
    }
    let digits = String(noise, radix: 16, uppercase: true)
    return .dropped(
      reason: "control byte \(digits)h in a code: check the scanner's prefix and the line's speed"
    )
  }

  /// The longest suffix that it ends with.
  private var suffix: [UInt8]? {
    guard let last = bytes.last, ends.contains(last) else { return nil }
    return settings.suffixes.filter { !$0.isEmpty && bytes.suffix($0.count) == $0[...] }
      .max { $0.count < $1.count }
  }

  /// Control bytes, but for those that structure the data of codes (ISO/IEC 15434): EOT, FS to US.
  private static func isNoise(_ byte: UInt8) -> Bool {
    byte < 0x20 && byte != 0x04 && byte < 0x1C || byte == 0x7F
  }
}

/// The identifier of the symbology that some scanners put before a code (ISO/IEC 15424).
enum AIMPrefix {
  /// Takes `]` with a letter and a digit off the front.
  static func split(_ bytes: [UInt8]) -> (code: [UInt8], symbology: String?) {
    guard bytes.count > 3, bytes[0] == UInt8(ascii: "]"), isLetter(bytes[1]), isModifier(bytes[2])
    else { return (bytes, nil) }
    return (Array(bytes.dropFirst(3)), String(decoding: bytes.prefix(3), as: UTF8.self))
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte & 0xDF) }

  /// The modifier counts on from 9 with letters.
  private static func isModifier(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte & 0xDF)
  }
}
