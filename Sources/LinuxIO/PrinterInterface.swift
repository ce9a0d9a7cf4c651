/// The part of a USB device that takes print data, as its descriptors tell.
package struct PrinterInterface: Hashable, Sendable {
  /// The index of its configuration, for GET_DEVICE_ID.
  package var configurationIndex: Int
  /// The value to set where no configuration is.
  package var configurationValue: Int
  package var number: Int
  package var alternate: Int
  /// Whether there is more than one setting, so that one must be chosen.
  package var hasAlternates: Bool
  /// 1 one way, 2 both ways, 3 IEEE 1284.4.
  package var protocolCode: Int
  package var output: UInt8
  /// The way back, where there is one.
  package var input: UInt8?
  /// The most bytes that one packet of the way back holds.
  package var inputPacket: Int

  /// Chooses among the interfaces of class 7.
  ///
  /// The device's own class says nothing (some printers claim 2), nor do endpoint addresses: the
  /// first bulk endpoint of each direction counts. Protocols are preferred as the kernel does: 2,
  /// then 1, then 3. The first interface wins, then the best of its settings.
  /// The configuration is the value of the one that is set; 0 takes the first. `nil` where there
  /// is nothing to print to.
  package init?(descriptors: [UInt8], configuration: Int) {
    let settings = Self.settings(descriptors, configuration: configuration)
    let usable = settings.filter { $0.isPrinter && $0.found.output != 0 }
    guard let first = usable.map(\.found.number).min() else { return nil }
    let rank = { (setting: Setting) in
      [2, 1, 3].firstIndex(of: setting.found.protocolCode) ?? 3
    }
    let candidates = usable.filter { $0.found.number == first }
    guard var best = candidates.min(by: { rank($0) < rank($1) })?.found else { return nil }
    best.hasAlternates = settings.count { $0.found.number == first } > 1
    self = best
  }

  private init(configurationIndex: Int, configurationValue: Int, interface bytes: ArraySlice<UInt8>)
  {
    let at = { (offset: Int) in Int(bytes[bytes.startIndex + offset]) }
    self.configurationIndex = configurationIndex
    self.configurationValue = configurationValue
    number = at(2)
    alternate = at(3)
    hasAlternates = false
    protocolCode = at(7)
    output = 0
    input = nil
    inputPacket = 0
  }

  private struct Setting {
    var isPrinter: Bool
    var found: PrinterInterface
  }

  /// Walks the descriptors (USB 2.0, 9.5): each begins with its length and its type.
  private static func settings(_ descriptors: [UInt8], configuration: Int) -> [Setting] {
    var settings: [Setting] = []
    var configurationIndex = -1
    var value = 0
    var rest = descriptors[...]
    while let length = rest.first.map(Int.init), length >= 2, length <= rest.count {
      let bytes = rest.prefix(length)
      rest = rest.dropFirst(length)
      let isWanted = configuration == 0 ? configurationIndex == 0 : value == configuration
      switch (bytes[bytes.startIndex + 1], length) {
      case (2, 9...):
        configurationIndex += 1
        value = Int(bytes[bytes.startIndex + 5])
      case (4, 9...) where isWanted:
        let found = PrinterInterface(
          configurationIndex: configurationIndex,
          configurationValue: value,
          interface: bytes
        )
        settings.append(Setting(isPrinter: bytes[bytes.startIndex + 5] == 7, found: found))
      case (5, 7...) where isWanted && !settings.isEmpty:
        settings[settings.count - 1].found.note(endpoint: bytes)
      default: break
      }
    }
    return settings
  }

  private mutating func note(endpoint bytes: ArraySlice<UInt8>) {
    let start = bytes.startIndex
    guard bytes[start + 3] & 3 == 2 else { return }
    let address = bytes[start + 2]
    guard address & 0x80 != 0 else {
      if output == 0 { output = address }
      return
    }
    let packet = (Int(bytes[start + 4]) | Int(bytes[start + 5]) << 8) & 0x7FF
    if input == nil, packet > 0 {
      input = address
      inputPacket = packet
    }
  }
}
