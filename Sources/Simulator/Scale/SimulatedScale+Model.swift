extension SimulatedScale {
  /// What a scale says of its weight (HID Point of Sale Usage Tables 1.02, usages 71 to 78).
  package enum Status: UInt8, Hashable, Sendable, CaseIterable {
    case fault = 1
    case zero
    case moving
    case stable
    case underZero
    case overLimit
    case needsCalibration
    case needsZero
    /// Below all that it can show; HID has no word of its own for it, and says `underZero`.
    case underLimit
  }

  /// What a scale shows.
  package struct Display: Hashable, Sendable {
    package var status: Status
    /// The net weight, rounded to the resolution; 0 where the status has no weight.
    package var grams: Int
    /// The tare that has been taken off; 0 for none.
    package var tare: Int

    package init(status: Status, grams: Int, tare: Int = 0) {
      self.status = status
      self.grams = grams
      self.tare = tare
    }
  }

  /// The kind of a scale.
  package struct Model: Hashable, Sendable {
    /// The unit in which it reports, with its code (index of usages 51 to 5C).
    package enum Unit: UInt8, Hashable, Sendable {
      case grams = 2
      case kilograms = 3
      case ounces = 0x0B
      case pounds = 0x0C

      fileprivate var inGrams: Double {
        switch self {
        case .grams: 1
        case .kilograms: 1000
        case .ounces: 28.349523125
        case .pounds: 453.59237
        }
      }
    }

    /// What it is connected by, and which language it speaks there.
    package var wire: Wire
    /// The heaviest load in grams.
    package var capacity: Double
    /// One division of the display in grams.
    package var resolution: Double
    /// The pause between two reports.
    package var interval: Duration
    /// How long a swing takes to shrink to a thousandth.
    package var settling: Duration
    /// The unit of HID reports; on a serial wire it is kilograms.
    package var unit: Unit
    /// The power of ten of the number in HID reports.
    package var exponent: Int8
    /// The decimals of a kilogram on a serial wire; the resolution must not be finer.
    package var decimals: Int
    /// Whether its frames end in a checksum, where the format has it both ways.
    package var hasChecksum: Bool
    /// Its letter on a line with several, `A` to `Z`.
    package var address: UInt8
    /// Whether a HID scale takes its control report as a feature instead of an output report.
    package var isControlledByFeature: Bool
    /// Whether it takes what lies on it as zero when it gets power.
    package var zeroesAtPowerOn: Bool

    package init(
      wire: Wire = .hid,
      capacity: Double = 30_000,
      resolution: Double = 1,
      interval: Duration = .milliseconds(200),
      settling: Duration = .milliseconds(900),
      unit: Unit = .grams,
      exponent: Int8 = 0,
      decimals: Int = 3,
      hasChecksum: Bool = true,
      address: UInt8 = UInt8(ascii: "A"),
      isControlledByFeature: Bool = false,
      zeroesAtPowerOn: Bool = true
    ) {
      precondition(capacity > 0 && resolution > 0, "a scale has a range and a division")
      precondition(interval > .zero && settling > .zero, "a scale takes time")
      precondition((2...3).contains(decimals), "frames have room for two or three decimals")
      self.wire = wire
      self.capacity = capacity
      self.resolution = resolution
      self.interval = interval
      self.settling = settling
      self.unit = unit
      self.exponent = exponent
      self.decimals = decimals
      self.hasChecksum = hasChecksum
      self.address = address
      self.isControlledByFeature = isControlledByFeature
      self.zeroesAtPowerOn = zeroesAtPowerOn
    }

    /// Whole grams, to the next division.
    func rounded(_ grams: Double) -> Int {
      Int(((grams / resolution).rounded() * resolution).rounded())
    }

    /// The input report 03: status, unit, exponent, weight with its low byte first.
    package func report(_ display: Display) -> [UInt8] {
      let power = (0..<abs(Int(exponent))).reduce(1.0) { product, _ in product * 10 }
      let step = unit.inGrams * (exponent < 0 ? 1 / power : power)
      let number = (Double(abs(display.grams)) / step).rounded()
      guard number <= Double(UInt16.max) else {
        return report(Display(status: .overLimit, grams: 0))
      }
      let weight = UInt16(number)
      let status = display.status == .underLimit ? .underZero : display.status
      return [
        0x03, status.rawValue, unit.rawValue, UInt8(bitPattern: exponent),
        UInt8(weight & 0xFF), UInt8(weight >> 8),
      ]
    }
  }

  /// Its report descriptor; empty where it is not HID.
  package var descriptor: [UInt8] {
    guard model.wire == .hid else { return [] }
    guard model.isControlledByFeature else { return Self.descriptor }
    // Only the two main items of the control report have this value.
    return Self.descriptor.map { $0 == 0x91 ? 0xB1 : $0 }
  }

  /// The usual report descriptor: control (report 2, out) and data (report 3, in).
  package static let descriptor: [UInt8] = [
    0x05, 0x8D, 0x09, 0x20, 0xA1, 0x01,
    0x09, 0x31, 0xA1, 0x02, 0x85, 0x02, 0x15, 0x00, 0x25, 0x01, 0x75, 0x01, 0x95, 0x02,
    0x09, 0x81, 0x09, 0x80, 0x91, 0x02, 0x75, 0x06, 0x95, 0x01, 0x91, 0x03, 0xC0,
    0x09, 0x32, 0xA1, 0x02, 0x85, 0x03, 0x75, 0x08, 0x95, 0x01, 0x15, 0x01, 0x25, 0x08,
    0x09, 0x70, 0xA1, 0x02, 0x19, 0x71, 0x29, 0x78, 0x81, 0x00, 0xC0,
    0x25, 0x0C, 0x09, 0x50, 0xA1, 0x02, 0x19, 0x51, 0x29, 0x5C, 0x81, 0x00, 0xC0,
    0x15, 0x81, 0x25, 0x7F, 0x09, 0x41, 0x81, 0x02,
    0x75, 0x10, 0x15, 0x00, 0x27, 0xFF, 0xFF, 0x00, 0x00, 0x09, 0x40, 0x81, 0x02, 0xC0,
    0xC0,
  ]
}
