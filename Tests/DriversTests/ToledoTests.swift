import Domain
import Drivers
import TestSupport
import Testing

struct Toledo8217Tests {
  static let frames: [(String, [String])] = [
    ("02 30 31 2E 32 33 34 0D", ["stable 1234"]),
    ("02 30 31 2E 32 33 34 4E 0D", ["stable 1234"]),
    ("02 30 32 2E 35 30 0D", ["stable 1134"]),
    ("02 20 31 2E 32 33 34 0D", ["stable 1234"]),
    ("02 20 20 2E 32 33 34 0D", ["stable 234"]),
    ("02 30 30 2E 30 30 30 0D", ["zero 0"]),
    ("02 30 31 2E 32 33 34 35 0D", ["stable 1234"]),
    ("02 31 32 33 2E 34 35 0D", ["stable 55996"]),
    ("02 30 31 2E 32 0D", ["fault"]),
    ("02 30 30 31 32 33 34 0D", ["fault"]),
    ("02 3F 41 0D", ["moving"]),
    ("02 3F 42 0D", ["over"]),
    ("02 3F 44 0D", ["under"]),
    ("02 3F 48 0D", ["fault"]),
    ("02 3F 50 0D", ["zero 0"]),
    ("02 3F 40 0D", []),
    ("02 3F 60 0D", []),
    ("02 3F 70 0D", ["zero 0"]),
    ("02 3F 61 0D", ["moving"]),
    ("02 3F 49 0D", ["moving"]),
    ("02 3F 43 0D", ["over"]),
    ("02 3F 46 0D", ["over"]),
    ("02 3F 45 0D", ["under"]),
    ("02 3F 51 0D", ["moving"]),
    ("02 3F 58 0D", ["fault"]),
    ("02 3F 7F 0D", ["over"]),
    ("02 3F 40 41 0D", ["moving"]),
    ("02 3F 42 40 0D", ["over"]),
    ("02 3F 40 50 0D", ["zero 0"]),
    ("02 0D", []), ("02 40 0D", []), ("02 45 0D", []),
    ("02 45 0D 68 65 6C 6C 6F", []),
    ("57", []), ("5A", []), ("54", []), ("43", []),
    ("57 02 30 31 2E 32 33 34 0D", ["stable 1234"]),
    ("02 3F 0D", []), ("02 3F 21 0D", []), ("02 3F 41 41 41 0D", []),
    ("02 31 2E 32 33 34 0D", []), ("02 2E 32 33 34 0D", []), ("02 31 32 33 0D", []),
    ("02 30 31 2E 32 2E 34 0D", []), ("02 4E 0D", []), ("02 35 4E 4E 0D", []),
    ("02 2E 0D", []), ("02 20 20 0D", []),
    ("02 30 30 30 30 30 30 2E 32 33 34 0D", []),
  ]

  @Test(arguments: frames)
  func `a reply reads the same however it is cut`(_ frame: (String, [String])) throws {
    try Decoding(Toledo8217.self).expect(Decoding.hex(frame.0), frame.1)
  }

  @Test func `every status byte says what forbids most`() throws {
    let scale = try Decoding(Toledo8217.self)
    for status in 0x40...0x7F as ClosedRange<UInt8> {
      let words: [String] =
        if status & 2 != 0 {
          ["over"]
        } else if status & 4 != 0 {
          ["under"]
        } else if status & 1 != 0 {
          ["moving"]
        } else if status & 8 != 0 {
          ["fault"]
        } else {
          status & 16 != 0 ? ["zero 0"] : []
        }
      #expect(scale.words(of: [0x02, 0x3F, status, 0x0D]) == words, "\(status)")
      // Read through eight data bits, the parity does not count.
      let frame = scale.match([0x02, 0x3F, status | 0x80, 0x0D])
      #expect(frame == scale.match([0x02, 0x3F, status, 0x0D]))
    }
  }

  @Test func `parity is dropped on a line of seven data bits`() throws {
    let scale = try Decoding(Toledo8217.self)
    scale.expect(Decoding.hex("82 30 B1 2E B2 33 B4 8D"), ["stable 1234"])
  }

  @Test func `the profile's unit comes before the number of decimals`() throws {
    let pounds = try Decoding(Toledo8217.self, ScaleSettings(unit: .pound))
    pounds.expect(Decoding.hex("02 30 32 2E 35 30 30 0D"), ["stable 1134"])
    let kilograms = try Decoding(Toledo8217.self, ScaleSettings(unit: .kilogram))
    kilograms.expect(Decoding.hex("02 30 32 2E 35 30 0D"), ["stable 2500"])
    let grams = try Decoding(Toledo8217.self, ScaleSettings(unit: .gram))
    grams.expect(Decoding.hex("02 30 30 31 32 33 34 0D"), ["stable 1234"])
  }

  @Test func `glued replies are told apart and what lies between is passed over`() throws {
    try Decoding(Toledo8217.self).expect(
      Decoding.hex(
        """
        FF 00 31 0D 02 30 31 2E 32 33 34 0D 02 3F 41 0D 02 30
        02 30 32 2E 30 30 30 0D 0D 02 3F 50 0D
        """
      ),
      ["stable 1234", "moving", "stable 2000", "zero 0"]
    )
  }

  @Test func `it asks with single letters`() throws {
    let scale = try Decoding(Toledo8217.self)
    #expect(scale.order(.weigh) == .bytes([0x57]))
    #expect(scale.order(.zero) == .bytes([0x5A]))
    #expect(scale.order(.tare) == .bytes([0x54]))
    #expect(scale.order(.clearTare) == .bytes([0x43]))
    #expect(scale.order(.stream) == nil)
    #expect(Toledo8217.wire == .serial(SerialLine(baud: 9600, dataBits: 7, parity: .even)))
  }

  @Test(arguments: [1, 2] as [UInt64])
  func `whatever comes, frames lie within it and more bytes change nothing`(_ seed: UInt64) throws {
    try Decoding(Toledo8217.self).expectSoundness(
      around: Self.frames.map { Decoding.hex($0.0) },
      seed: seed
    )
  }
}

struct ToledoContinuousTests {
  /// A frame with its checksum; `decimals` as word A has them.
  static func frame(
    a: UInt8 = 0x2D,
    b: UInt8 = 0x30,
    c: UInt8 = 0x20,
    _ weight: String,
    tare: String = "000000"
  ) -> [UInt8] {
    let bytes = [0x02, a, b, c] + Array(weight.utf8) + Array(tare.utf8) + [0x0D]
    return bytes + [0 &- bytes.reduce(0, &+) & 0x7F]
  }

  static let frames: [([UInt8], [String])] = [
    (Decoding.hex("02 2D 30 20 30 31 32 33 34 35 30 30 30 30 30 30 0D 25"), ["stable 12345"]),
    (frame("012345"), ["stable 12345"]),
    (frame(" 12345"), ["stable 12345"]),
    (frame("     0", tare: "     0"), ["zero 0"]),
    (frame("     0", tare: "      "), ["zero 0"]),
    (frame(a: 0x28, "012345"), ["stable 1234500000"]),
    (frame(a: 0x29, "012345"), ["stable 123450000"]),
    (frame(a: 0x2A, "012345"), ["stable 12345000"]),
    (frame(a: 0x2B, "012345"), ["stable 1234500"]),
    (frame(a: 0x2C, "012345"), ["stable 123450"]),
    (frame(a: 0x2E, "012345"), ["stable 1234"]),
    (frame(a: 0x2F, "012345"), ["stable 123"]),
    (frame(a: 0x35, "000500", tare: "000120"), ["stable 500"]),
    (frame(a: 0x3D, "000005"), ["stable 5"]),
    (frame(b: 0x31, "000250", tare: "000120"), ["stable 250"]),
    (frame(b: 0x33, "000120", tare: "000120"), ["negative -120"]),
    (frame(b: 0x32, "000000"), ["zero 0"]),
    (frame(b: 0x38, "012345"), ["moving 12345"]),
    (frame(b: 0x3B, "000120"), ["moving -120"]),
    (frame(b: 0x20, "001000"), ["stable 454"]),
    (frame(b: 0x10, "012345"), ["stable 12345"]),
    (frame(b: 0x00, "001000"), ["stable 454"]),
    (frame(b: 0x34, "999999"), ["over"]),
    (frame(b: 0x34, "      "), ["over"]),
    (frame(b: 0x34, "------"), ["over"]),
    (frame(b: 0x36, "000000"), ["under"]),
    (frame(b: 0x3C, "012345"), ["over"]),
    (frame(b: 0x70, "000000"), ["fault"]),
    (frame(b: 0x74, "000000"), ["fault"]),
    (frame(c: 0x21, "012345"), ["stable 12"]),
    (frame(b: 0x20, c: 0x21, "012345"), ["stable 12"]),
    (frame(c: 0x22, "000012"), ["stable 12000"]),
    (frame(c: 0x23, "016000"), ["stable 454"]),
    (frame(c: 0x24, "010000"), ["stable 311"]),
    (frame(c: 0x25, "010000"), ["stable 16"]),
    (frame(c: 0x26, "001000"), ["stable 907185"]),
    (frame(c: 0x27, "012345"), ["fault"]),
    (frame(c: 0x28, "012345"), ["stable 12345"]),
    (frame(c: 0x60, "012345"), ["stable 12345"]),
    (frame(c: 0x30, "123450"), ["fault"]),
    (frame(b: 0x34, c: 0x30, "123450"), ["over"]),
    (frame("      "), ["fault"]),
    (frame("1 2345"), []),
    (frame("12345 "), []),
    (frame("-12345"), []),
    (frame("012345", tare: "0 0000"), []),
    (frame(a: 0x0D, "012345"), []),
    (frame(a: 0x6D, "012345"), []),
    (frame(c: 0x00, "012345"), []),
    (frame(b: 0xB0, "012345"), []),
    (frame(c: 0xA0, "012345"), []),
  ]

  static let settings = ScaleSettings.Checksum.allCases.map { ScaleSettings(checksum: $0) }

  @Test(arguments: frames, settings)
  func `a frame with a checksum reads the same however it is cut`(
    _ frame: ([UInt8], [String]),
    _ settings: ScaleSettings
  ) throws {
    try Decoding(ToledoContinuous.self, settings).expect(frame.0, frame.1)
  }

  @Test(arguments: frames)
  func `a frame without a checksum reads the same however it is cut`(
    _ frame: ([UInt8], [String])
  ) throws {
    let bytes = Array(frame.0.dropLast())
    for checksum in [ScaleSettings.Checksum.absent, .either] {
      let scale = try Decoding(ToledoContinuous.self, ScaleSettings(checksum: checksum))
      scale.expect(bytes, frame.1)
      scale.expect(bytes + bytes, frame.1 + frame.1)
    }
    let strict = try Decoding(ToledoContinuous.self, ScaleSettings(checksum: .required))
    strict.expect(bytes, [])
  }

  @Test func `a wrong bit anywhere in a frame with a checksum is never a weight`() throws {
    let good = Self.frame("012345", tare: "000120")
    for checksum in [ScaleSettings.Checksum.required, .either] {
      let scale = try Decoding(ToledoContinuous.self, ScaleSettings(checksum: checksum))
      for bit in 0..<good.count * 8 where bit % 8 < 7 {
        var bytes = good
        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        // Followed by a good one, which is found.
        let words = scale.words(of: bytes + good)
        #expect(words == ["stable 12345"], "bit \(bit), \(checksum)")
      }
    }
  }

  @Test func `glued frames are told apart and what lies between is passed over`() throws {
    let scale = try Decoding(ToledoContinuous.self)
    let (one, two) = (Self.frame("000001"), Self.frame("000002"))
    let bytes = [0x30, 0x0D, 0xFF] + one + two + [0x02, 0x2D] + one + one.dropLast() + two
    scale.expect(Array(bytes), ["stable 1", "stable 2", "stable 1", "stable 1", "stable 2"])
  }

  @Test func `a checksum of 2 and the start of the next frame are told apart`() throws {
    var frame = Self.frame("698999")
    frame[17] &= 0x7F
    #expect(frame[17] == 2)
    let scale = try Decoding(ToledoContinuous.self)
    let words = Array(repeating: "stable 698999", count: 4)
    for frame in [frame, frame.dropLast()] {
      scale.expect(Array(repeating: frame, count: 4).flatMap(\.self), words)
      scale.expect(frame, ["stable 698999"])
    }
    scale.expect(frame + [0xFF] + frame, Array(words.prefix(2)))
  }

  @Test func `the checksum may come with its eighth bit up`() throws {
    var frame = Self.frame("012345")
    frame[17] |= 0x80
    try Decoding(ToledoContinuous.self, ScaleSettings(checksum: .required))
      .expect(frame, ["stable 12345"])
  }

  @Test func `the sign of a zero below zero is no weight below zero`() throws {
    let frame = try Decoding(ToledoContinuous.self).match(Self.frame(b: 0x32, "000000"))
    let number = WireNumber(digits: 0, decimals: 3)
    #expect(frame == .frame(18, .weight(.weight(number, .kilogram, .stable))))
  }

  @Test func `it asks with single letters and for nothing that streams anyway`() throws {
    let scale = try Decoding(ToledoContinuous.self)
    #expect(scale.order(.zero) == .bytes([0x5A, 0x0D, 0x0A]))
    #expect(scale.order(.tare) == .bytes([0x54, 0x0D, 0x0A]))
    #expect(scale.order(.clearTare) == .bytes([0x43, 0x0D, 0x0A]))
    #expect(scale.order(.weigh) == nil && scale.order(.stream) == nil)
  }

  @Test(arguments: settings)
  func `whatever comes, frames lie within it and more bytes change nothing`(
    _ settings: ScaleSettings
  ) throws {
    try Decoding(ToledoContinuous.self, settings).expectSoundness(
      around: Self.frames.map(\.0) + [Array(Self.frame("012345").dropLast())],
      seed: 7
    )
  }
}
