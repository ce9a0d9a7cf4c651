/// The fields of a HID report descriptor (HID 1.11, 6.2.2), as far as scales and scanners need them.
struct ReportDescriptor: Sendable {
  /// Which way a report goes; the raw value is the tag of its main item.
  enum Kind: UInt8, Hashable, Sendable {
    case input = 0x80
    case output = 0x90
    case feature = 0xB0
  }

  /// One field of a report.
  struct Field: Sendable {
    var kind: Kind
    var reportID: UInt8
    /// Bits from the start of the report's data, the id byte not counted.
    var bitOffset: Int
    var bitSize: Int
    /// Usages as `page << 16 | id`: of a variable its own, of an array all that it may name.
    var usages: [UInt32]
    /// Whether the value is an index into `usages` rather than a quantity.
    var isArray: Bool
    var logicalMinimum: Int
    var isSigned: Bool
  }

  /// One report of one kind.
  struct Report: Hashable, Sendable {
    var kind: Kind
    var id: UInt8
  }

  private(set) var fields: [Field] = []
  /// The size of each report's data in bits, the id byte not counted.
  private(set) var bits: [Report: Int] = [:]
  /// Usages of the top-level collections.
  private(set) var collections: [UInt32] = []
  /// Whether reports start with their id.
  private(set) var usesReportIDs = false

  /// Reads a descriptor; items that it does not know are passed over.
  ///
  /// - Returns: `nil` where an item runs past the end or claims more than 64 KiB of report.
  init?(_ bytes: [UInt8]) {
    var reader = Reader()
    var offset = 0
    while offset < bytes.count {
      let prefix = bytes[offset]
      guard prefix != 0xFE else {
        guard offset + 1 < bytes.count else { return nil }
        offset += 3 + Int(bytes[offset + 1])
        guard offset <= bytes.count else { return nil }
        continue
      }
      let size = [0, 1, 2, 4][Int(prefix & 3)]
      guard offset + 1 + size <= bytes.count else { return nil }
      let data = bytes[offset + 1..<offset + 1 + size]
      guard reader.item(prefix & 0xFC, data) else { return nil }
      offset += 1 + size
    }
    fields = reader.fields
    bits = reader.bits
    collections = reader.collections
    usesReportIDs = reader.usesReportIDs
  }
}

extension ReportDescriptor.Field {
  /// The raw value in a report's data; `nil` where the report is too short.
  func value(in data: ArraySlice<UInt8>) -> Int? {
    guard bitSize > 0, bitSize <= 32, bitOffset + bitSize <= data.count * 8 else { return nil }
    var value = 0
    for bit in 0..<bitSize {
      let position = bitOffset + bit
      let byte = data[data.startIndex + position / 8]
      if byte >> UInt8(position % 8) & 1 == 1 { value |= 1 << bit }
    }
    if isSigned, value >> (bitSize - 1) & 1 == 1 { value -= 1 << bitSize }
    return value
  }

  /// The usage that an array field's value selects.
  func usage(in data: ArraySlice<UInt8>) -> UInt32? {
    guard let value = value(in: data) else { return nil }
    let index = value - logicalMinimum
    return usages.indices.contains(index) ? usages[index] : nil
  }
}

private struct Reader {
  struct Globals {
    var page: UInt32 = 0
    var minimum = 0
    var size = 0
    var count = 0
    var reportID: UInt8 = 0
  }

  var fields: [ReportDescriptor.Field] = []
  var collections: [UInt32] = []
  var usesReportIDs = false
  private var globals = Globals()
  private var stack: [Globals] = []
  private var usages: [UInt32] = []
  private var usageMinimum: UInt32?
  private var depth = 0
  private(set) var bits: [ReportDescriptor.Report: Int] = [:]

  static let longestReport = 65_536 * 8

  mutating func item(_ tag: UInt8, _ data: ArraySlice<UInt8>) -> Bool {
    let unsigned = data.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    switch tag {
    case 0x04: globals.page = unsigned
    case 0x14: globals.minimum = Self.signed(unsigned, bytes: data.count)
    case 0x74: globals.size = Int(unsigned)
    case 0x94: globals.count = Int(unsigned)
    case 0x84:
      globals.reportID = UInt8(truncatingIfNeeded: unsigned)
      usesReportIDs = true
    case 0xA4:
      guard stack.count < 16 else { return false }
      stack.append(globals)
    case 0xB4: globals = stack.popLast() ?? globals
    case 0x08: usages.append(full(unsigned, data.count))
    case 0x18: usageMinimum = full(unsigned, data.count)
    case 0x28: return usageMaximum(full(unsigned, data.count))
    default: return main(tag, flags: unsigned)
    }
    return usages.count <= 1024
  }

  private func full(_ usage: UInt32, _ bytes: Int) -> UInt32 {
    bytes == 4 ? usage : globals.page << 16 | usage
  }

  private static func signed(_ value: UInt32, bytes: Int) -> Int {
    switch bytes {
    case 1: Int(Int8(truncatingIfNeeded: value))
    case 2: Int(Int16(truncatingIfNeeded: value))
    default: Int(Int32(bitPattern: value))
    }
  }

  private mutating func usageMaximum(_ maximum: UInt32) -> Bool {
    guard let minimum = usageMinimum, minimum <= maximum, maximum - minimum < 1024 else {
      return false
    }
    usages.append(contentsOf: minimum...maximum)
    usageMinimum = nil
    return usages.count <= 1024
  }

  private mutating func main(_ tag: UInt8, flags: UInt32) -> Bool {
    switch tag {
    case 0xA0:
      if depth == 0, let usage = usages.first { collections.append(usage) }
      depth += 1
    case 0xC0: depth -= 1
    default:
      guard let kind = ReportDescriptor.Kind(rawValue: tag) else { break }
      guard add(kind, flags) else { return false }
    }
    if [0x80, 0x90, 0xB0, 0xA0, 0xC0].contains(tag) {
      usages = []
      usageMinimum = nil
    }
    return true
  }

  private mutating func add(_ kind: ReportDescriptor.Kind, _ flags: UInt32) -> Bool {
    let report = ReportDescriptor.Report(kind: kind, id: globals.reportID)
    let start = self.bits[report, default: 0]
    let (bits, overflow) = globals.size.multipliedReportingOverflow(by: globals.count)
    guard !overflow, bits <= Self.longestReport - start else { return false }
    self.bits[report] = start + bits
    guard flags & 1 == 0, !usages.isEmpty, bits > 0 else { return true }

    let isArray = flags & 2 == 0
    for index in 0..<min(globals.count, 1024) {
      fields.append(
        ReportDescriptor.Field(
          kind: kind,
          reportID: globals.reportID,
          bitOffset: start + index * globals.size,
          bitSize: globals.size,
          // The last usage holds for all fields that have none of their own (HID 1.11, 6.2.2.8).
          usages: isArray ? usages : [usages[min(index, usages.count - 1)]],
          isArray: isArray,
          logicalMinimum: globals.minimum,
          isSigned: globals.minimum < 0
        )
      )
    }
    return true
  }
}
