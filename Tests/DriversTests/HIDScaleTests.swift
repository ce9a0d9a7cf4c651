import Domain
import Drivers
import TestSupport
import Testing

/// Report descriptors for tests.
enum Descriptors {
  static func hex(_ text: String) -> [UInt8] {
    text.split { $0 == " " || $0 == "\n" }.compactMap { UInt8($0, radix: 16) }
  }

  /// The descriptor of a Pitney Bowes scale, made by the XJ Group; its vendor collections left out.
  static let pitneyBowes = hex(
    """
    05 8D 09 20 A1 01
    09 30 A1 02 85 01 75 08 95 01 15 01 09 27 A1 02 25 0A 19 21 29 2A B1 00 C0
    09 50 A1 02 25 0C 19 51 29 5C B1 00 C0 C0
    09 31 A1 02 85 02 75 01 95 02 15 00 25 01 09 81 09 80 91 02 75 06 95 01 91 03 C0
    09 32 A1 02 85 03 75 08 15 01 09 70 A1 02 25 08 19 71 29 78 81 00 C0
    09 50 A1 02 25 0C 19 51 29 5C 81 00 C0
    15 81 25 7F 09 41 81 02 75 10 15 00 27 FF FF 00 00 09 40 81 02 C0
    C0
    """
  )

  /// Control and data reports only.
  static let minimal = hex(
    """
    05 8D 09 20 A1 01
    09 31 A1 02 85 02 15 00 25 01 75 01 95 02 09 81 09 80 91 02 75 06 95 01 91 03 C0
    09 32 A1 02 85 03 75 08 95 01 15 01 25 08 09 70 A1 02 19 71 29 78 81 00 C0
    25 0C 09 50 A1 02 19 51 29 5C 81 00 C0 15 81 25 7F 09 41 81 02
    75 10 15 00 27 FF FF 00 00 09 40 81 02 C0
    C0
    """
  )

  /// No report ids; weight of 32 bits first, then scaling, unit and status.
  static let reversed = hex(
    """
    05 8D 09 20 A1 01
    75 20 95 01 15 00 27 FF FF FF 7F 09 40 81 02
    75 08 15 81 25 7F 09 41 81 02
    15 01 25 0C 19 51 29 5C 81 00
    25 08 19 71 29 78 81 00
    C0
    """
  )

  /// Eight status flags of a bit each, grams only, no scaling, a signed weight.
  static let flags = hex(
    """
    05 8D 09 20 A1 01 85 07
    75 01 95 08 15 00 25 01 19 71 29 78 81 02
    75 08 95 01 15 01 25 01 09 52 81 00
    75 10 16 00 80 26 FF 7F 09 40 81 02
    C0
    """
  )

  /// Fields that start within a byte: 4 bits of status, 4 of unit, 12 of weight.
  static let packed = hex(
    """
    05 8D 09 20 A1 01
    75 04 95 01 15 00 25 07 19 71 29 78 81 00
    15 00 25 0B 19 51 29 5C 81 00
    75 0C 15 00 26 FF 0F 09 40 81 02 75 04 81 03
    C0
    """
  )
}

struct HIDScaleTests {
  struct Expected: Hashable {
    var state: Reading.State
    var grams: Int?
  }

  static let vectors: [(String, Expected?)] = [
    ("03 04 03 FD D2 04", Expected(state: .stable, grams: 1234)),
    ("03 03 03 FD E2 04", Expected(state: .moving, grams: 1250)),
    ("03 02 02 00 00 00", Expected(state: .zero, grams: 0)),
    ("03 05 02 00 25 00", Expected(state: .negative, grams: -37)),
    ("03 06 03 FE 00 00", Expected(state: .over, grams: nil)),
    ("03 04 02 00 30 75", Expected(state: .stable, grams: 30_000)),
    ("03 04 02 01 F4 01", Expected(state: .stable, grams: 5000)),
    ("03 04 03 FE FF FF", Expected(state: .stable, grams: 655_350)),
    ("03 01 02 00 00 00", Expected(state: .fault, grams: nil)),
    ("03 07 02 00 05 00", Expected(state: .fault, grams: nil)),
    ("03 08 02 00 05 00", Expected(state: .fault, grams: nil)),
    ("03 09 02 00 01 00", Expected(state: .fault, grams: nil)),
    ("03 00 02 00 01 00", Expected(state: .fault, grams: nil)),
    ("03 FF 02 00 01 00", Expected(state: .fault, grams: nil)),
    ("03 04 0D 00 01 00", Expected(state: .fault, grams: nil)),
    ("03 04 00 00 01 00", Expected(state: .fault, grams: nil)),
    ("03 04 05 00 01 00", Expected(state: .fault, grams: nil)),
    ("03 02 05 00 00 00", Expected(state: .fault, grams: nil)),
    ("03 04 02 7F 01 00", Expected(state: .fault, grams: nil)),
    ("03 04 02 80 01 00", Expected(state: .fault, grams: nil)),
    ("03 04 08 09 FF FF", Expected(state: .over, grams: nil)),
    ("03 04 03 FD D2", nil),
    ("03", nil),
    ("", nil),
    ("02 04 03 FD D2 04", nil),
    ("04 04 03 FD D2 04", nil),
    ("03 04 03 FD D2 04 00 00", Expected(state: .stable, grams: 1234)),
  ]

  @Test(arguments: vectors, [Descriptors.pitneyBowes, Descriptors.minimal])
  func `a report reads as its scale means it`(
    _ vector: (String, Expected?),
    _ descriptor: [UInt8]
  ) throws {
    let scale = try HIDReader(descriptor: descriptor)
    let report = Descriptors.hex(vector.0)
    let reading = scale.reading(of: report, at: Instant(nanoseconds: 9))
    #expect(reading.map { Expected(state: $0.state, grams: $0.mass?.grams) } == vector.1)
    #expect(reading == nil || reading?.raw == report)
    #expect(reading == nil || reading?.at == Instant(nanoseconds: 9))
  }

  @Test func `the status decides before the unit: an overload is told in any unit`() throws {
    let scale = try HIDReader(descriptor: Descriptors.minimal)
    for unit in 0...255 as ClosedRange<UInt8> {
      #expect(scale.reading(of: [3, 6, unit, 0, 1, 0], at: .zero)?.state == .over)
    }
  }

  static let units: [(UInt8, Int8, UInt16, Int)] = [
    (1, 0, 1500, 2), (1, 0, 2500, 2), (1, 0, 2501, 3), (1, 0, 499, 0), (1, 3, 7, 7),
    (2, -1, 25, 2), (2, -1, 35, 4), (3, -3, 1, 1), (4, 0, 5, 1), (4, 0, 12, 2), (6, 0, 100, 6),
    (7, 0, 10, 16), (8, -3, 2, 2000), (10, 0, 1, 31), (10, 0, 10, 311), (11, 0, 1, 28),
    (11, 0, 16, 454), (11, -1, 353, 1001), (12, 0, 1, 454), (12, -2, 220, 998), (12, 0, 70, 31_751),
    (9, -3, 1, 907), (6, 0, 15_432, 1000), (12, -2, 6614, 30_001), (11, 0, 65_535, 1_857_886),
  ]

  @Test(arguments: units)
  func `every unit is converted exactly and rounded once`(
    _ unit: UInt8,
    _ exponent: Int8,
    _ value: UInt16,
    _ grams: Int
  ) throws {
    let scale = try HIDReader(descriptor: Descriptors.pitneyBowes)
    let report = [3, 4, unit, UInt8(bitPattern: exponent), UInt8(value & 0xFF), UInt8(value >> 8)]
    #expect(scale.reading(of: report, at: .zero)?.mass == Mass(grams: grams))
  }

  @Test func `any value in grams, pounds or ounces agrees with exact arithmetic`() throws {
    let scale = try HIDReader(descriptor: Descriptors.pitneyBowes)
    // Nanograms a unit, for grams, ounces and pounds.
    for (unit, size) in [(2, 1_000_000_000), (11, 28_349_523_125), (12, 453_592_370_000)]
      as [(UInt8, Int)]
    {
      for value in stride(from: 0, through: 65_535, by: 7) {
        let report: [UInt8] = [3, 4, unit, 0xFF, UInt8(value & 0xFF), UInt8(value >> 8)]
        let reading = try #require(scale.reading(of: report, at: .zero))
        let mass = try #require(reading.mass)
        let error = value * size - mass.grams * 10_000_000_000
        #expect(abs(error) <= 5_000_000_000)
        if abs(error) == 5_000_000_000 { #expect(mass.grams % 2 == 0) }
      }
    }
  }
}

struct HIDLayoutTests {
  static let readings: [([UInt8], String, Reading.State, Int?)] = [
    // Weight 1234 of 10^-3 kg, stable; weight first and no report id.
    (Descriptors.reversed, "D2 04 00 00 FD 03 04", .stable, 1234),
    (Descriptors.reversed, "00 CA 9A 3B F7 03 04", .stable, 1000),
    (Descriptors.reversed, "FF FF FF 7F 00 02 04", .stable, 2_147_483_647),
    (Descriptors.reversed, "00 00 00 00 00 02 02", .zero, 0),
    (Descriptors.flags, "07 08 01 F4 01", .stable, 500),
    (Descriptors.flags, "07 0A 01 00 00", .zero, 0),
    (Descriptors.flags, "07 0C 01 F4 01", .moving, 500),
    (Descriptors.flags, "07 28 01 F4 01", .over, nil),
    (Descriptors.flags, "07 09 01 F4 01", .fault, nil),
    (Descriptors.flags, "07 48 01 F4 01", .fault, nil),
    (Descriptors.flags, "07 00 01 F4 01", .fault, nil),
    (Descriptors.flags, "07 08 01 F6 FF", .negative, -10),
    (Descriptors.flags, "07 10 01 F6 FF", .negative, -10),
    (Descriptors.flags, "07 04 01 F6 FF", .moving, -10),
    // Status 3 (stable), unit 1 (grams), 0xABC.
    (Descriptors.packed, "13 BC 0A", .stable, 0xABC),
    (Descriptors.packed, "12 BC FA", .moving, 0xABC),
  ]

  @Test(arguments: readings)
  func `the descriptor says where the fields stand`(
    _ descriptor: [UInt8],
    _ report: String,
    _ state: Reading.State,
    _ grams: Int?
  ) throws {
    let reading = try HIDReader(descriptor: descriptor)
      .reading(of: Descriptors.hex(report), at: .zero)
    #expect(reading?.state == state)
    #expect(reading?.mass?.grams == grams)
  }

  static let refused: [(String, String)] = [
    ("", "not a scale"),
    ("05 01 09 06 A1 01 75 08 95 08 19 00 29 65 81 00 C0", "not a scale"),
    ("05 8D 09 20 A1 01 C0", "no weight"),
    ("05 8D 09 20 A1 01 75 10 95 01 09 40 81 02 C0", "no weight unit"),
    (
      "05 8D 09 20 A1 01 75 10 95 01 09 40 81 02 75 08 19 51 29 5C 81 00 C0", "no status"
    ),
    // Unit and status in other reports than the weight.
    (
      "05 8D 09 20 A1 01 75 08 95 01 85 01 09 40 81 02 85 02 19 51 29 5C 81 00 19 71 29 78 81 00 C0",
      "no weight unit"
    ),
  ]

  @Test(arguments: refused)
  func `what cannot be a scale is refused with the reason`(_ descriptor: String, _ reason: String) {
    let error = #expect(throws: PortError.self) {
      try HIDReader(descriptor: Descriptors.hex(descriptor))
    }
    guard case .unsuitable(let text) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(text.contains(reason))
  }

  @Test(arguments: [
    // Size times count is 2^63 - 1, behind a first field of 8 bits.
    "05 8D 09 20 A1 01 75 08 95 01 81 02 77 17 78 F8 F0 97 59 C0 FB 87 09 40 81 02",
    "77 FF FF FF FF 97 FF FF FF FF 81 02", "75 00 97 FF FF FF FF 09 40 81 02",
    "75 01 97 FF FF FF 7F 09 40 81 02", "A4 A4 A4 A4 A4 A4 A4 A4 A4 A4 A4 A4 A4 A4 A4 A4 A4 A4",
    "B4 B4 B4", "C0 C0 C0", "1B FF FF FF FF 2B 00 00 00 00", "1B 00 00 00 00 2B FF FF FF FF",
    "17 00 00 00 80 75 20 95 01 09 40 81 00", "FE", "FE 05 00", "FE FF 00 01",
  ])
  func `a monstrous descriptor neither traps nor makes a scale`(_ text: String) {
    #expect(throws: PortError.self) { try HIDReader(descriptor: Descriptors.hex(text)) }
  }

  @Test func `a long item is passed over`() throws {
    let scale = try HIDReader(descriptor: [0xFE, 2, 0x10, 0xAA, 0xBB] + Descriptors.minimal)
    let reading = scale.reading(of: Descriptors.hex("03 04 03 FD D2 04"), at: .zero)
    #expect(reading?.mass == Mass(grams: 1234))
    #expect(throws: PortError.self) {
      try HIDReader(descriptor: Descriptors.minimal + [0xFE, 2, 0x10, 0xAA])
    }
  }

  @Test(arguments: [Descriptors.pitneyBowes, Descriptors.reversed, Descriptors.flags])
  func `no truncation of a descriptor or of a report traps`(_ descriptor: [UInt8]) throws {
    var usable = 0
    for length in descriptor.indices {
      guard let scale = try? HIDReader(descriptor: Array(descriptor[..<length])) else {
        continue
      }
      usable += 1
      for count in 0...8 { _ = scale.reading(of: Array(repeating: 3, count: count), at: .zero) }
    }
    #expect(usable < 8, "most of a descriptor is needed")
  }

  @Test func `random descriptors and random changes to real ones never trap`() {
    let seed = UInt64.random(in: 0 ... .max)
    var dice = Dice(seed: seed)
    var usable = 0
    for round in 0..<30_000 {
      var descriptor = dice.bytes(dice.roll(0...60))
      if round % 3 != 0 {
        descriptor =
          [Descriptors.pitneyBowes, Descriptors.flags, Descriptors.packed][dice.roll(0...2)]
        for _ in 0..<dice.roll(1...4) {
          descriptor[dice.roll(0...descriptor.count - 1)] = UInt8(dice.roll(0...255))
        }
      }
      guard let scale = try? HIDReader(descriptor: descriptor) else { continue }
      usable += 1
      for _ in 0..<5 {
        let reading = scale.reading(of: dice.bytes(dice.roll(0...12)), at: .zero)
        guard let reading else { continue }
        let isWeight = [.stable, .moving, .zero, .negative].contains(reading.state)
        #expect((reading.mass != nil) == isWeight, "seed \(seed), round \(round)")
      }
    }
    #expect(usable > 1000, "seed \(seed)")
  }

  @Test func `every protocol is found by its own name`() {
    for known in ScaleProtocols.all {
      #expect(ScaleProtocols.named(known.identifier)?.identifier == known.identifier)
    }
    #expect(ScaleProtocols.named("hid-pos") != nil)
    #expect(ScaleProtocols.named("HID-POS") == nil)
  }
}

struct RoundingTests {
  static let cases: [(Int128, Int128, Int?)] = [
    (0, 10, 0), (4, 10, 0), (5, 10, 0), (6, 10, 1), (14, 10, 1), (15, 10, 2), (16, 10, 2),
    (25, 10, 2), (26, 10, 3), (35, 10, 4), (-4, 10, 0), (-5, 10, 0), (-6, 10, -1), (-15, 10, -2),
    (-25, 10, -2), (-26, 10, -3), (-35, 10, -4), (1, 3, 0), (2, 3, 1), (-2, 3, -1), (3, 2, 2),
    (1, 2, 0), (5, 2, 2), (7, 2, 4), (7, 1, 7), (-7, 1, -7),
    (Int128(Int.max), 1, .max), (Int128(Int.min), 1, .min), (Int128(Int.max) + 1, 1, nil),
    (Int128(Int.min) - 1, 1, nil), (Int128(Int.max) * 2 + 1, 2, nil),
    (Int128(Int.max) * 10, 10, .max),
  ]

  @Test(arguments: cases)
  func `halves go to the even neighbour`(_ value: Int128, _ divisor: Int128, _ result: Int?) {
    #expect(Rounding.halfToEven(value, divisor) == result)
  }
}
