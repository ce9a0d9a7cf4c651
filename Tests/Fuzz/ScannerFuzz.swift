import Domain
import Drivers

/// Feeds noise and then good codes to the protocol of a scanner.
struct ScannerFuzz: CodecFuzz {
  private let kind: any ScannerProtocol.Type
  private let specimens: Specimens

  init(_ kind: any ScannerProtocol.Type, _ specimens: Specimens) {
    self.kind = kind
    self.specimens = specimens
    for frame in specimens.frames {
      var tap = ScanTap(kind, ScannerSettings(descriptor: specimens.descriptor))
      tap?.receive(good: [frame, frame, frame], after: [])
      let meanings = tap?.scans.map { String(decoding: $0.bytes, as: UTF8.self) } ?? []
      require(meanings == [frame.meaning, frame.meaning, frame.meaning]) {
        "the specimen \(frame.meaning) of the corpus reads as \(meanings)"
      }
    }
  }

  func run(_ input: inout FuzzInput) {
    let choice = input.byte()
    var settings = ScannerSettings(descriptor: specimens.descriptor)
    if choice & 0x10 != 0 { settings.prefix = Array("YT".utf8) }
    if kind.wire == .hid, choice & 0x40 != 0 {
      settings.descriptor = input.bytes(Int(input.byte()))
    }
    let frames = specimens.three(input.byte())
    // Codes of more than 4096 characters must be met too.
    let repeats = choice & 7 == 7 ? kind.wire == .keyboard ? 16 : 64 : 1
    var pieces = [[FuzzInput.Piece]](repeating: input.pieces(), count: repeats).flatMap(\.self)
    if kind.wire == .keyboard, choice & 0x20 != 0 {
      pieces = pieces.map { FuzzInput.Piece(bytes: Self.keys($0.bytes), hasPause: $0.hasPause) }
    }
    guard var noisy = ScanTap(kind, settings), var clean = ScanTap(kind, settings) else { return }
    for piece in pieces {
      noisy.receive(piece.bytes)
      if piece.hasPause { noisy.pause() }
    }
    if kind.wire != .hid, !pieces.contains(where: \.hasPause),
      var whole = ScanTap(kind, settings)
    {
      var cut = noisy
      whole.receive(pieces.flatMap(\.bytes))
      whole.pause()
      cut.pause()
      require(cut.outputs == whole.outputs) { "cut \(cut.outputs), whole \(whole.outputs)" }
    }
    // The kernel hands over whole events only: half a one at the end of the noise is filled up.
    if kind.wire == .keyboard {
      let half = pieces.reduce(0) { $0 + $1.bytes.count } % 24
      noisy.receive([UInt8](repeating: 0, count: (24 - half) % 24))
    }
    clean.receive(good: frames, after: [])
    // Where the settings do not fit the specimens, there is nothing to find again.
    guard clean.scans.count == 3 else { return }
    find(clean.scans, frames, after: noisy)
  }

  /// At once the second code is read again, and after a pause the first.
  private func find(_ expected: [Scan], _ frames: [Specimens.Frame], after noise: ScanTap) {
    var (atOnce, rested) = (noise, noise)
    atOnce.receive(good: frames, after: specimens.release)
    let found = atOnce.scans.suffix(2)
    require(found == expected.suffix(2)) { "after the noise \(found), without it \(expected)" }
    rested.pause()
    let before = rested.scans.count
    rested.receive(good: frames, after: specimens.release)
    let all = rested.scans.dropFirst(before)
    require(all.elementsEqual(expected)) { "after a pause \(all), without noise \(expected)" }
  }

  /// Makes input events (linux/input.h) of pairs: the key, and what becomes of it and when.
  private static func keys(_ bytes: [UInt8]) -> [UInt8] {
    var microseconds = 0
    return stride(from: 0, to: bytes.count - 1, by: 2).flatMap { index in
      let (code, action) = (bytes[index], bytes[index + 1])
      microseconds += Int(action >> 2 & 15) * 5000
      // One in four is no key: the end of a report, or the news that events are lost.
      let isSync = action & 0xC0 == 0xC0
      let time = (0..<8).map { UInt8(truncatingIfNeeded: microseconds >> (8 * $0)) }
      let head = [UInt8](repeating: 0, count: 8) + time + [isSync ? 0 : 1, 0]
      return head + [isSync ? code & 3 : code & 0x7F, 0, isSync ? 0 : action & 3, 0, 0, 0]
    }
  }
}

/// A scanner's decoder under watch.
private struct ScanTap {
  /// More than the largest QR code holds.
  private static let longest = 4096

  /// All outputs; their times are left out, so that they can be compared.
  private(set) var outputs: [ScannerOutput] = []
  private let isSerial: Bool
  private var codec: any ScannerProtocol
  private var stream: [UInt8] = []
  /// How much of the stream lies before the next code.
  private var used = 0
  private var now = Instant.zero

  /// - Returns: `nil` where the protocol cannot work with the settings, as a descriptor made up.
  init?(_ kind: any ScannerProtocol.Type, _ settings: ScannerSettings) {
    guard let codec = try? kind.init(settings) else { return nil }
    self.codec = codec
    isSerial = if case .serial = kind.wire { true } else { false }
  }

  var scans: [Scan] {
    outputs.compactMap { if case .scan(let scan) = $0 { scan } else { nil } }
  }

  /// Takes bytes; the time stands still, so that only a pause ends a code without an end.
  mutating func receive(_ bytes: [UInt8]) {
    guard !bytes.isEmpty else { return }
    stream += bytes
    check(codec.receive(bytes, at: now), atMost: bytes.count)
    if let deadline = codec.deadline {
      require(deadline > now) { "\(deadline) has come at \(now)" }
    }
  }

  mutating func pause() {
    now = now + .seconds(1)
    check(codec.receive([], at: now), atMost: 1)
    require(codec.deadline == nil) { "it still waits after its deadline" }
  }

  mutating func receive(good frames: [Specimens.Frame], after release: [UInt8]) {
    receive(release)
    for frame in frames {
      for report in frame.reports { receive(report) }
      pause()
    }
  }

  private mutating func check(_ new: [ScannerOutput], atMost count: Int) {
    require(new.count <= count) { "\(new.count) outputs of \(count) bytes" }
    for output in new {
      guard case .scan(var scan) = output else {
        outputs.append(output)
        continue
      }
      require(scan.bytes.count <= min(Self.longest, stream.count)) {
        "\(scan.bytes.count) bytes of \(stream.count)"
      }
      ScannedCodeFuzz.check(scan)
      // What a line brings is the code itself, without its end.
      if isSerial {
        let text = (scan.symbology.map { Array($0.utf8) } ?? []) + scan.bytes
        require(!text.contains(0x0D) && !text.contains(0x0A)) { "an end within \(scan)" }
        let place = text.isEmpty ? used : Specimens.place(of: text, in: stream[used...])
        guard let place else {
          violated("\(Specimens.hex(text)) is not in \(Specimens.hex(stream))")
        }
        used = place + text.count
      }
      scan.at = .zero
      outputs.append(.scan(scan))
    }
  }
}

/// Sorts any bytes as a code.
struct ScannedCodeFuzz: CodecFuzz {
  init(_ specimens: Specimens) {
    for frame in specimens.frames {
      let code = ScannedCode(Scan(bytes: frame.reports[0], symbology: nil, at: .zero))
      require(code.text == frame.meaning) { "the specimen \(frame.meaning) reads as \(code)" }
    }
  }

  func run(_ input: inout FuzzInput) {
    let symbologies: [String?] = [nil, "]C0", "]C1", "]Q3"]
    let symbology = symbologies[Int(input.byte()) & 3]
    // Two bytes more, so that all seeds have the same head.
    _ = input.bytes(2)
    Self.check(Scan(bytes: input.bytes(.max), symbology: symbology, at: .zero))
  }

  /// A waybill has what it promises, and sorting it anew changes nothing.
  static func check(_ scan: Scan) {
    let code = ScannedCode(scan)
    guard case .waybill(let text) = code else { return }
    require((8...35).contains(text.utf8.count)) { "a waybill of \(text.utf8.count): \(text)" }
    let isPlain = text.utf8.allSatisfy {
      (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || $0 == 0x2D
    }
    require(isPlain) { "the waybill \(text)" }
    let again = ScannedCode(Scan(bytes: Array(text.utf8), symbology: nil, at: .zero))
    require(again == code) { "\(text) is \(code), then \(again)" }
  }
}

/// Reads any pattern of a courier and compares any number with it; both end at a line end.
struct CarrierPatternFuzz: CodecFuzz {
  func run(_ input: inout FuzzInput) {
    let bytes = input.bytes(.max).dropFirst(3)
    let parts = bytes.split(separator: 0x0A, maxSplits: 1, omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    guard let text = parts.first, let pattern = CarrierPattern(text) else { return }
    let number = parts.count > 1 ? parts[1] : text
    let fits = pattern.fits(number)
    require(pattern.text == text) { "\(text) became \(pattern.text)" }
    require(!fits || number.utf8.count <= 64) { "\(number) fits \(text)" }
    _ = S10.checkDigit(of: number)
    require(!S10.isValid(number) || number.utf8.count == 13) { "\(number) is valid" }
  }
}
