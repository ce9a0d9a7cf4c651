/// What libFuzzer made up, read from its head; beyond its end everything is 0.
struct FuzzInput {
  /// A piece of the noise, and whether the line is quiet after it.
  struct Piece {
    let bytes: [UInt8]
    let hasPause: Bool
  }

  private let bytes: [UInt8]
  private var next = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  mutating func byte() -> UInt8 {
    guard next < bytes.count else { return 0 }
    defer { next += 1 }
    return bytes[next]
  }

  /// Takes up to so many bytes.
  mutating func bytes(_ count: Int) -> [UInt8] {
    let end = next + min(count, bytes.count - next)
    defer { next = end }
    return Array(bytes[next..<end])
  }

  /// Takes all that is left, cut as its first bytes say.
  ///
  /// A count of 0 to 15, then so many cuts, used in turn: the low seven bits are the length of a
  /// piece less one, the highest says that a pause follows it. Without cuts all is one piece.
  mutating func pieces() -> [Piece] {
    let cuts = bytes(Int(byte() & 15))
    let noise = bytes(.max)
    guard !cuts.isEmpty else { return [Piece(bytes: noise, hasPause: false)] }
    var pieces: [Piece] = []
    var start = 0
    while start < noise.count {
      let cut = cuts[pieces.count % cuts.count]
      let end = min(noise.count, start + Int(cut & 0x7F) + 1)
      pieces.append(Piece(bytes: Array(noise[start..<end]), hasPause: cut & 0x80 != 0))
      start = end
    }
    return pieces
  }
}

/// What is known to be good of one codec: a file of `corpus`.
///
/// Lines are `MEANING HEX`, a good frame and the grams or the text that it stands for; `- HEX`, bytes
/// worth beginning with; `descriptor HEX`, of a HID device; `release HEX`, what ends the noise, as
/// keys that are let go; and remarks behind `#`. Reports of one frame have `|` between them.
struct Specimens {
  struct Frame {
    let meaning: String
    /// Its reports; of a device that is not HID one.
    let reports: [[UInt8]]
  }

  private(set) var descriptor: [UInt8] = []
  private(set) var release: [UInt8] = []
  private(set) var frames: [Frame] = []

  init(_ text: String) {
    for line in text.split(separator: "\n") where !line.hasPrefix("#") && !line.hasPrefix("-") {
      let words = line.split(separator: " ", maxSplits: 1)
      guard words.count == 2 else { continue }
      let reports = words[1].split(separator: "|").map { report in
        report.split(separator: " ").compactMap { UInt8($0, radix: 16) }
      }
      switch words[0] {
      case "descriptor": descriptor = reports[0]
      case "release": release = reports[0]
      default: frames.append(Frame(meaning: String(words[0]), reports: reports))
      }
    }
  }

  /// Where some bytes stand in others for the first time.
  static func place(of part: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
    guard let first = part.first, part.count <= bytes.count else { return nil }
    return (bytes.startIndex...bytes.endIndex - part.count).first { start in
      bytes[start] == first && bytes[start..<start + part.count].elementsEqual(part)
    }
  }

  static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }
      .joined(separator: " ")
  }

  /// Three of them, as one byte chooses.
  func three(_ choice: UInt8) -> [Frame] {
    let (choice, count) = (Int(choice), frames.count)
    return [choice, choice / 7, choice / 49].map { frames[$0 % count] }
  }
}
