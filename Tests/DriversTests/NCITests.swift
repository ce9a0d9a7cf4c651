import Domain
import Drivers
import Testing

struct NCITests {
  /// A weight with its status, as text and numbers.
  static func frame(_ weight: String, _ status: [UInt8], _ strict: String = "") -> [UInt8] {
    [0x0A] + Array(weight.utf8) + [0x0D, 0x0A] + Array(strict.utf8) + status + [0x0D, 0x03]
  }

  static func status(_ status: [UInt8], _ strict: String = "") -> [UInt8] {
    [0x0A] + Array(strict.utf8) + status + [0x0D, 0x03]
  }

  static let frames: [([UInt8], [String])] = [
    (Decoding.hex("0A 30 30 31 2E 32 33 4C 42 0D 0A 30 30 0D 03"), ["stable 558"]),
    (Decoding.hex("0A 53 30 30 0D 03"), []),
    (Decoding.hex("0A 53 31 30 0D 03"), ["moving"]),
    (Decoding.hex("0A 3F 0D 03"), ["not understood"]),
    (frame("01.234KG", [0x30, 0x30]), ["stable 1234"]),
    (frame("01.234kg", [0x30, 0x30], "S"), ["stable 1234"]),
    (frame("016.00OZ", [0x30, 0x30]), ["stable 454"]),
    (frame(" 1234g ", [0x30, 0x30]), ["stable 1234"]),
    (frame(" 1234G", [0x30, 0x70, 0x30]), ["stable 1234"]),
    (frame("0012.3456KG", [0x30, 0x30]), ["stable 12346"]),
    (frame("-01.234KG", [0x30, 0x30]), ["negative -1234"]),
    (frame("-00.000KG", [0x30, 0x30]), ["zero 0"]),
    (frame("00.000KG", [0x32, 0x30]), ["zero 0"]),
    (frame("00.002KG", [0x32, 0x30]), ["zero 2"]),
    (frame("-0.120KG", [0x32, 0x70, 0x34]), ["negative -120"]),
    (frame("01.234KG", [0x31, 0x30]), ["moving 1234"]),
    (frame("01.234KG", [0x33, 0x30]), ["moving 1234"]),
    (frame("01.234KG", [0x34, 0x30]), ["fault"]),
    (frame("01.234KG", [0x38, 0x30]), ["fault"]),
    (frame("01.234KG", [0x30, 0x31]), ["under"]),
    (frame("01.234KG", [0x30, 0x32]), ["over"]),
    (frame("01.234KG", [0x31, 0x33]), ["over"]),
    (frame("01.234KG", [0x30, 0x34]), ["fault"]),
    (frame("01.234KG", [0x30, 0x38]), ["fault"]),
    (frame("01.234KG", [0x30, 0x72, 0x38]), ["fault"]),
    (frame("01.234KG", [0x30, 0x70, 0x73, 0x37]), ["stable 1234"]),
    (frame("01.234KG", [0x30, 0x70, 0x74, 0x30]), ["stable 1234"]),
    (frame("01.234KG", [0x30, 0x70, 0x78, 0x30]), ["fault"]),
    (frame("01.234KG", [0x30]), ["stable 1234"]),
    (frame("01.234KG", [0x30, 0x70]), ["fault"]),
    (frame("01.234KG", [0x30, 0x70, 0x70]), ["fault"]),
    (frame("^^^^^^^^KG", [0x30, 0x32]), ["over"]),
    (frame("________KG", [0x30, 0x31]), ["under"]),
    (frame("--------KG", [0x30, 0x30]), ["fault"]),
    (frame("  1LB 02.50OZ", [0x30, 0x30]), ["fault"]),
    (frame("000100PCS", [0x30, 0x30]), ["fault"]),
    (frame("01.234", [0x30, 0x30]), ["fault"]),
    (frame("KG", [0x30, 0x30]), []),
    (frame("012345MM", [0x30, 0x30]), []),
    (status([0x30, 0x30]), []),
    (status([0x31, 0x30]), ["moving"]),
    (status([0x32, 0x30]), ["zero 0"]),
    (status([0x33, 0x30]), ["moving"]),
    (status([0x30, 0x32], "S"), ["over"]),
    (status([0x30, 0x31], "S"), ["under"]),
    (status([0x31, 0x31], "S"), ["under"]),
    (status([0x34, 0x30], "S"), ["fault"]),
    (status([0x30, 0x70, 0x38], "S"), ["fault"]),
    (status([0x32, 0x70, 0x70, 0x32], "S"), ["zero 0"]),
    (status([0x30, 0x30, 0x30, 0x30, 0x30]), []),
    (status([0x41, 0x30]), []),
    (status([]), []),
    (frame("01.234KG", []), []),
    (frame("01.234KG", [0x20, 0x30]), []),
    (frame("", [0x30, 0x30]), []),
    (frame("000000000000001.234KG", [0x30, 0x30]), []),
  ]

  @Test(arguments: frames)
  func `a reply reads the same however it is cut`(_ frame: ([UInt8], [String])) throws {
    try Decoding(NCISCP01.self).expect(frame.0, frame.1)
  }

  @Test(arguments: frames)
  func `replies come glued, echoed and among noise`(_ frame: ([UInt8], [String])) throws {
    let scale = try Decoding(NCISCP01.self)
    let good = Self.frame("02.000KG", [0x30, 0x30])
    scale.expect([0x57, 0x0D, 0x00] + frame.0 + good, frame.1 + ["stable 2000"])
    scale.expect(good + frame.0, ["stable 2000"] + frame.1)
  }

  @Test func `every pair of status bytes says what forbids most`() throws {
    let scale = try Decoding(NCISCP01.self)
    for first in 0x30...0x3F as ClosedRange<UInt8> {
      for second in 0x30...0x3F as ClosedRange<UInt8> {
        let word =
          if first & 0x0C != 0 || second & 0x0C != 0 {
            "fault"
          } else if second & 2 != 0 {
            "over"
          } else if second & 1 != 0 {
            "under"
          } else if first & 1 != 0 {
            "moving 1234"
          } else {
            first & 2 != 0 ? "zero 1234" : "stable 1234"
          }
        let pair = [first, second]
        #expect(scale.words(of: Self.frame("01.234KG", pair)) == [word], "\(pair)")
        let more = [first, second | 0x40, 0x30]
        #expect(scale.words(of: Self.frame("01.234KG", more, "S")) == [word], "\(more)")
        let alone = scale.words(of: Self.status(pair))
        let mute = [
          "moving 1234": ["moving"], "zero 1234": ["zero 0"], "stable 1234": [],
        ]
        #expect(alone == mute[word] ?? [word], "\(pair)")
      }
    }
  }

  @Test func `parity is dropped on a line of seven data bits`() throws {
    let reply = Self.frame("01.234KG", [0x30, 0x30]).map { byte in
      byte.nonzeroBitCount % 2 == 0 ? byte : byte | 0x80
    }
    try Decoding(NCISCP01.self).expect(reply, ["stable 1234"])
  }

  @Test func `a reply that lost its weight tells no weight`() throws {
    let scale = try Decoding(NCISCP01.self)
    let whole = Self.frame("01.234KG", [0x30, 0x30])
    for count in 1...whole.count {
      #expect(scale.words(of: Array(whole.dropFirst(count))) == [], "without \(count)")
      #expect(scale.words(of: Array(whole.dropLast(count))) == [], "only \(whole.count - count)")
    }
  }

  @Test func `it asks for a weight and for zero, and for nothing more`() throws {
    let scale = try Decoding(NCISCP01.self)
    #expect(scale.order(.weigh) == .bytes([0x57, 0x0D]))
    #expect(scale.order(.zero) == .bytes([0x5A, 0x0D]))
    #expect(scale.order(.tare) == nil && scale.order(.clearTare) == nil)
    #expect(NCISCP01.wire == .serial(SerialLine(baud: 9600, dataBits: 7, parity: .even)))
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `whatever comes, frames lie within it and more bytes change nothing`(_ seed: UInt64) throws {
    try Decoding(NCISCP01.self).expectSoundness(around: Self.frames.map(\.0), seed: seed)
  }
}
