import Domain
import Drivers
import Glibc
import StrictYAML
import TestSupport
import Testing
import yizhan

/// Captured bytes and what `yizhan decode` makes of them.
struct DecodeTests {
  /// What a capture gives, in pieces of any size.
  static func read(
    _ format: CaptureFormat,
    _ pieces: [[UInt8]],
    rate: Int = 8
  ) throws -> (lines: [String], remarks: [String], tally: CaptureReader.Tally) {
    var reader = try CaptureReader(format, rate: rate)
    let items = pieces.flatMap { reader.take($0) } + reader.finish()
    var (lines, remarks): ([String], [String]) = ([], [])
    for item in items {
      switch item {
      case .line(let line): lines.append(line)
      case .remark(let text): remarks.append(text.en)
      }
    }
    return (lines, remarks, reader.tally)
  }

  static func format(_ name: String) throws -> CaptureFormat {
    try #require(CaptureFormat(protocol: name))
  }

  /// Frames of the makers' manuals, as the scales' profiles have them.
  static let vectors: [(name: String, hex: String, lines: [String])] = [
    (
      "hid-pos", "03 04 03 FD D2 04",
      [#"{"grams":1234,"state":"stable","raw":"03 04 03 FD D2 04"}"#]
    ),
    (
      "hid-pos", "03 05 02 00 25 00 03 06 03 FE 00 00 03 02 02 00 00 00",
      [
        #"{"grams":-37,"state":"negative","raw":"03 05 02 00 25 00"}"#,
        #"{"grams":null,"state":"over","raw":"03 06 03 FE 00 00"}"#,
        #"{"grams":0,"state":"zero","raw":"03 02 02 00 00 00"}"#,
      ]
    ),
    (
      "xk3190-continuous", "02 2B 30 31 32 33 34 35 33 31 39 03",
      [#"{"grams":12345,"state":"moving","raw":"02 2B 30 31 32 33 34 35 33 31 39 03"}"#]
    ),
    (
      "toledo-8217", "82 30 B1 2E B2 33 B4 8D",
      [#"{"grams":1234,"state":"stable","raw":"02 30 31 2E 32 33 34 0D"}"#]
    ),
    (
      "cas-pos", "01 02 55 2D 20 30 2E 32 35 30 6B 67 7D 03 04",
      [#"{"grams":-250,"state":"moving","raw":"01 02 55 2D 20 30 2E 32 35 30 6B 67 7D 03 04"}"#]
    ),
    (
      "serial-scanner", "59 54 31 32 33 0D 0A",
      [#"{"text":"YT123","symbology":null,"raw":"59 54 31 32 33"}"#]
    ),
    (
      "serial-scanner", "5D 43 30 22 5C 0D",
      [#"{"text":"\"\\","symbology":"]C0","raw":"22 5C"}"#]
    ),
  ]

  @Test(arguments: vectors)
  func `a reading is one JSON line with its keys in a fixed order`(
    name: String,
    hex: String,
    lines: [String]
  ) throws {
    let read = try Self.read(try Self.format(name), [try HexReader.bytes(hex)])
    #expect(read.lines == lines)
    for line in read.lines { #expect(throws: Never.self) { try JSON(parsing: Array(line.utf8)) } }
  }

  @Test(arguments: ScaleProtocols.all.map { $0.identifier })
  func `the cutting of a capture changes nothing`(name: String) throws {
    var dice = Dice(seed: 11)
    let format = try Self.format(name)
    for round in 0..<20 {
      var bytes: [UInt8] = []
      for profile in Self.scales where profile.scaleProtocol == name {
        for sample in profile.samples.shuffled(using: &dice).prefix(4) {
          bytes += dice.bytes(dice.roll(0...3)) + sample.bytes
        }
      }
      let whole = try Self.read(format, [bytes])
      var pieces: [[UInt8]] = []
      var rest = bytes[...]
      while !rest.isEmpty {
        let piece = rest.prefix(dice.roll(1...9))
        pieces.append(Array(piece))
        rest = rest.dropFirst(piece.count)
      }
      let cut = try Self.read(format, pieces)
      #expect(cut.lines == whole.lines, "seed 11, round \(round): \(bytes.hex)")
      #expect(cut.tally == whole.tally, "seed 11, round \(round): \(bytes.hex)")
      let raws = whole.tally.bytes - whole.tally.strays
      #expect(raws >= 0 && (whole.tally.firstStray == nil) == (whole.tally.strays == 0))
    }
  }

  /// All scales that are shipped.
  static let scales: [ScaleProfile] = Files.profiles(in: "\(Shipped.devices)/scales").compactMap {
    let file = "\(Shipped.devices)/scales/\($0).yaml"
    return try? ScaleProfile(yaml: try Files.text(file), file: file)
  }

  @Test
  func `a capture of a shipped scale reads as its samples say`() throws {
    #expect(Self.scales.count > 25)
    for profile in Self.scales {
      for sample in profile.samples {
        let bytes = (0..<sample.times).flatMap { _ in sample.bytes }
        let read = try Self.read(.scale(profile), [bytes])
        let last = try read.lines.last.map { try JSON(parsing: Array($0.utf8)) }
        #expect(last?["state"]?.string ?? "none" == sample.state, "\(profile.id): \(sample)")
        #expect(last?["grams"]?.int == sample.grams, "\(profile.id): \(sample)")
      }
    }
  }

  @Test
  func `a weight without a sign of rest is stable from its fifth frame on`() throws {
    let frame = try HexReader.bytes("02 2B 30 31 32 33 34 35 33 31 39 03")
    let format = try Self.format("xk3190-continuous")
    let states = { (frames: Int, rate: Int) in
      try Self.read(format, Array(repeating: frame, count: frames), rate: rate).lines.map {
        try JSON(parsing: Array($0.utf8))["state"]?.string
      }
    }
    #expect(
      try states(8, 8) == Array(repeating: "moving", count: 4)
        + Array(repeating: "stable", count: 4)
    )
    #expect(try states(8, 10).firstIndex(of: "stable") == 5)
    // Half a second of a thousand frames each; at one a second, five frames.
    #expect(try states(501, 1000).firstIndex(of: "stable") == 500)
    #expect(try states(6, 1).firstIndex(of: "stable") == 4)
  }

  @Test
  func `the last frame needs no successor`() throws {
    var reader = try CaptureReader(try Self.format("mt-sics"))
    // A line that ends in CR alone might go on with LF.
    #expect(reader.take(Array("S S     100.00 g\r".utf8)).isEmpty)
    #expect(reader.finish().count == 1)
    #expect(reader.tally == Self.tally(bytes: 17, frames: 1))
    #expect(reader.finish().isEmpty)
  }

  static func tally(bytes: Int, frames: Int, strays: Int = 0, first: Int? = nil)
    -> CaptureReader.Tally
  {
    var tally = CaptureReader.Tally()
    tally.bytes = bytes
    tally.frames = frames
    tally.strays = strays
    tally.firstStray = first
    return tally
  }

  @Test
  func `reports of a HID scale that were glued together are told apart`() throws {
    let bytes = try HexReader.bytes("030403FDD204 030303FDE204 030202000000")
    let read = try Self.read(try Self.format("hid-pos"), [bytes])
    #expect(read.lines.count == 3)
    #expect(read.tally == Self.tally(bytes: 18, frames: 3))
    // One that is cut short at the end is no weight.
    let cut = try Self.read(try Self.format("hid-pos"), [bytes + [3, 4, 3, 0xFD, 0xD2]])
    #expect(cut.lines == read.lines)
    #expect(cut.tally.strays == 5)
    #expect(cut.tally.firstStray == 18)
  }

  @Test
  func `reports of a HID scanner that were glued together are told apart`() throws {
    let head = try HexReader.bytes("02 38 5D 51 31") + [UInt8](repeating: 0x41, count: 56)
    let first = head + [0x73, 0, 1]
    let second =
      try HexReader.bytes("02 04 5D 51 31 42 42 42 42") + [UInt8](repeating: 0, count: 52)
    let bytes = first + second + [0x73, 0, 0]
    for size in [1, 7, 64, 65, 128] {
      let pieces = stride(from: 0, to: bytes.count, by: size).map {
        Array(bytes[$0..<min($0 + size, bytes.count)])
      }
      let read = try Self.read(try Self.format("hid-pos-scanner"), pieces)
      let text = String(repeating: "A", count: 56) + "BBBB"
      #expect(read.lines.count == 1)
      #expect(read.lines.first?.hasPrefix(#"{"text":"\#(text)","symbology":"]Q1","#) == true)
    }
  }

  @Test
  func `what is no reading goes beside the output`() throws {
    let sics = try Self.read(
      try Self.format("mt-sics"),
      [Array("Z A\r\nZ I\r\nES\r\nI4 A \"123\"\r\n".utf8)]
    )
    #expect(sics.lines.isEmpty)
    #expect(sics.remarks.count == 4)
    #expect(sics.remarks[0] == "zero: done")
    #expect(sics.remarks[1].hasPrefix("zero: refused, "))
    #expect(sics.remarks[2].contains("did not understand"))
    #expect(sics.remarks[3].contains("switched on"))
    #expect(sics.tally.frames == 4)
    let pos = try Self.read(try Self.format("cas-pos"), [[0x06]])
    #expect(pos.remarks == ["here the station would send 11"])
  }

  @Test
  func `a capture of a shared line is read whoever answers`() throws {
    let bytes = Array("\u{2}CB+012345318\u{3}".utf8)
    let format = try Self.format("xk3190-command")
    #expect(try Self.read(format, [bytes]).lines.count == 1)
    guard case .scale(var scale) = format else { return }
    scale.settings.address = UInt8(ascii: "A")
    let other = try Self.read(.scale(scale), [bytes])
    #expect(other.lines.isEmpty)
    #expect(other.tally.blanks == 1)
  }

  @Test(arguments: [
    ("st-gs", "ST,TR,+  0.500kg\r\n"), ("nci-scp01", "\nS00\r\u{3}"),
    ("xk3190-command", "\u{2}AA00\u{3}"), ("ohaus", "    12.345 kg    T  \r\n"),
  ])
  func `whole frames without a reading are not blamed on the line`(name: String, text: String)
    throws
  {
    let format = try Self.format(name)
    let read = try Self.read(format, [Array(text.utf8)])
    var expected = Self.tally(bytes: text.utf8.count, frames: 0)
    expected.blanks = 1
    #expect(read.lines.isEmpty)
    #expect(read.tally == expected)
    #expect(read.tally.words(RenderingTests.en).hasSuffix("0 frames, 1 more without a reading"))
    #expect(read.tally.words(RenderingTests.zh).hasSuffix("0 帧，另有 1 帧没有读数"))
    let failure = Failure(blankFrames: format, RenderingTests.en)
    #expect(failure.code == 1)
    #expect(failure.message.contains("no reading"))
    #expect(!failure.hint.contains("baud"))
  }

  @Test(arguments: [
    ("xk3190-continuous", "", 2, 24), ("xk3190-continuous", "FF 02", 1, 12),
    ("xk3190-continuous", "02 2B 30 31 32 33 34 35 33 31 38 03", 3, 36), ("st-gs", "41 0A", 2, 36),
    ("toledo-8217", "0D", 4, 32), ("mt-sics", "51 0D 0A", 1, 18), ("mt-sics", "51 0D 0A", 0, 0),
  ])
  func `the first byte that was passed over has its place`(
    name: String,
    junk: String,
    frames: Int,
    place: Int
  ) throws {
    let good = [
      "xk3190-continuous": "022B30313233343533313903",
      "st-gs": "53542C47532C2B2020312E3233346B670D0A", "toledo-8217": "0230312E3233340D",
      "mt-sics": "53205320202020203130302E303020670D0A",
    ]
    let frame = try HexReader.bytes(try #require(good[name]))
    let stray = try HexReader.bytes(junk)
    let head = Array(repeating: frame, count: frames).flatMap(\.self)
    let read = try Self.read(try Self.format(name), [head + stray + frame])
    #expect(read.lines.count == frames + 1)
    #expect(
      read.tally
        == Self.tally(
          bytes: head.count + stray.count + frame.count,
          frames: frames + 1,
          strays: stray.count,
          first: stray.isEmpty ? nil : place
        )
    )
  }

  @Test
  func `the totals are one line in both languages`() {
    let tally = Self.tally(bytes: 120, frames: 9, strays: 1, first: 24)
    #expect(tally.words(RenderingTests.zh) == "共 120 字节，9 帧；跳过 1 字节，从第 25 个字节起")
    #expect(
      tally.words(RenderingTests.en)
        == "120 bytes, 9 frames; 1 byte passed over, the first is byte 25"
    )
    #expect(Self.tally(bytes: 1, frames: 0).words(RenderingTests.en) == "1 byte, 0 frames")
  }

  @Test
  func `a long stream of noise is passed over and leaves nothing behind`() throws {
    var dice = Dice(seed: 5)
    var reader = try CaptureReader(try Self.format("st-gs"))
    for _ in 0..<200 {
      // Capitals are left out: no frame may come about by chance.
      _ = reader.take(dice.bytes(100).map { (0x41...0x5A).contains($0) ? 0x20 : $0 })
    }
    let frame = try HexReader.bytes("0A 53 54 2C 47 53 2C 2B 20 20 31 2E 32 33 34 6B 67 0D 0A")
    #expect(reader.take(frame).count == 1, "seed 5")
    _ = reader.finish()
    #expect(reader.tally.frames == 1)
    #expect(reader.tally.strays == 20_001)
    #expect(reader.tally.firstStray == 0)
  }

  @Test
  func `what is built in agrees with the shipped profiles`() throws {
    let scale = "\(Shipped.devices)/scales/hid-pos.yaml"
    let shipped = try ScaleProfile(yaml: try Files.text(scale), file: scale)
    #expect(shipped.settings.descriptor == HIDPointOfSale.usualDescriptor)
    let scanner = "\(Shipped.devices)/scanners/hid-pos-scanner.yaml"
    let other = try ScannerProfile(yaml: try Files.text(scanner), file: scanner)
    let format = CaptureFormat.scanner(other)
    for sample in other.samples {
      let own = try Self.read(format, [sample.bytes]).lines
      #expect(try Self.read(try Self.format("hid-pos-scanner"), [sample.bytes]).lines == own)
    }
  }

  @Test
  func `settings that do not fit are refused`() throws {
    var format = try Self.format("hid-pos")
    format.descriptor = [5, 1, 9, 6]
    #expect(throws: PortError.self) { try CaptureReader(format) }
  }
}

/// Files of the source tree.
enum Shipped {
  static let devices =
    #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" } + "/Devices"
}
