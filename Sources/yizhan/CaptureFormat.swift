package import Domain
package import Drivers

/// As what the bytes of a capture are read.
package enum CaptureFormat: Hashable, Sendable {
  case scale(ScaleProfile)
  case scanner(ScannerProfile)

  /// A protocol with its own settings, without a profile.
  ///
  /// - Returns: `nil` where none has that name.
  package init?(protocol name: String) {
    if let kind = ScaleProtocols.named(name) {
      self = .scale(ScaleProfile(of: kind))
    } else if let kind = ScannerProtocols.named(name) {
      self = .scanner(ScannerProfile(of: kind))
    } else {
      return nil
    }
  }

  /// The name of the protocol.
  package var name: String {
    switch self {
    case .scale(let profile): profile.scaleProtocol
    case .scanner(let profile): profile.scannerProtocol
    }
  }

  /// How bytes travel; `nil` where it is no serial line.
  package var line: SerialLine? {
    get {
      switch self {
      case .scale(let profile): profile.line
      case .scanner(let profile): profile.line
      }
    }
    set {
      switch self {
      case .scale(var profile):
        profile.line = newValue
        self = .scale(profile)
      case .scanner(var profile):
        profile.line = newValue
        self = .scanner(profile)
      }
    }
  }

  /// The HID report descriptor; empty where there is none.
  package var descriptor: [UInt8] {
    get {
      switch self {
      case .scale(let profile): profile.settings.descriptor
      case .scanner(let profile): profile.settings.descriptor
      }
    }
    set {
      switch self {
      case .scale(var profile):
        profile.settings.descriptor = newValue
        self = .scale(profile)
      case .scanner(var profile):
        profile.settings.descriptor = newValue
        self = .scanner(profile)
      }
    }
  }
}

extension CaptureFormat {
  /// A protocol as lists show it.
  package struct Entry: Hashable, Sendable {
    package var name: String
    /// Of what it is.
    package var kind: Text
    /// What it travels by unless a profile says otherwise, as `9600 8N1`.
    package var wire: String
    package var title: Text
  }

  /// All protocols in alphabetical order, those of scales first.
  package static let protocols: [Entry] = {
    let scales = ScaleProtocols.all.map { kind in
      Entry(
        name: kind.identifier,
        kind: Text(zh: "秤", en: "scale"),
        wire: wire(ScaleProfile(of: kind).line),
        title: kind.title
      )
    }
    let scanners = ScannerProtocols.all.map { kind in
      Entry(
        name: kind.identifier,
        kind: Text(zh: "扫码枪", en: "scanner"),
        wire: kind.wire == .keyboard ? "USB keyboard" : wire(ScannerProfile(of: kind).line),
        title: kind.title
      )
    }
    return scales.sorted { $0.name < $1.name } + scanners.sorted { $0.name < $1.name }
  }()

  private static func wire(_ line: SerialLine?) -> String {
    line.map { "\($0.baud) \($0.framing)" } ?? "USB HID"
  }
}

extension ScaleProfile {
  /// A scale of which only the protocol is known.
  package init(of kind: any ScaleProtocol.Type) {
    self.init(id: kind.identifier, maker: "", model: "", scaleProtocol: kind.identifier)
    settings.address = nil
    switch kind.wire {
    case .hid: settings.descriptor = HIDPointOfSale.usualDescriptor
    case .serial(let usual): line = usual
    }
  }
}

extension ScannerProfile {
  /// A scanner of which only the protocol is known.
  package init(of kind: any ScannerProtocol.Type) {
    self.init(id: kind.identifier, maker: "", model: "", scannerProtocol: kind.identifier)
    switch kind.wire {
    case .hid: settings.descriptor = HIDScanner.usualDescriptor
    case .serial(let usual): line = usual
    case .keyboard: break
    }
  }
}

extension HIDPointOfSale {
  /// The least descriptor with the layout that nearly all scales share, as hid-pos.yaml has it.
  package static let usualDescriptor: [UInt8] = [
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

extension HIDScanner {
  /// The reports of 64 bytes that most makers have, as Honeywell lays them out.
  package static let usualDescriptor: [UInt8] = [
    0x05, 0x8C, 0x09, 0x02, 0xA1, 0x01, 0x09, 0x12, 0xA1, 0x02, 0x85, 0x02,
    0x15, 0x00, 0x26, 0xFF, 0x00, 0x75, 0x08, 0x95, 0x01, 0x05, 0x01, 0x09, 0x3B, 0x81, 0x02,
    0x95, 0x03, 0x05, 0x8C, 0x09, 0xFB, 0x09, 0xFC, 0x09, 0xFD, 0x81, 0x02,
    0x95, 0x38, 0x09, 0xFE, 0x82, 0x02, 0x01,
    0x06, 0x66, 0xFF, 0x95, 0x02, 0x09, 0x04, 0x09, 0x00, 0x81, 0x02,
    0x05, 0x8C, 0x25, 0x01, 0x75, 0x01, 0x95, 0x08, 0x09, 0xFF, 0x81, 0x02, 0xC0, 0xC0,
  ]
}
