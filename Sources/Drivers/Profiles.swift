/// Which USB device is meant; what is `nil` does not matter.
///
/// Serial numbers are often missing or all alike, so the port that the cable sits in is the
/// identity to rely on where two devices of a kind are plugged in.
package struct USBMatch: Hashable, Sendable {
  package var vendor: UInt16?
  package var product: UInt16?
  package var serialNumber: String?
  /// The bus and the chain of ports, as `1-1.3`.
  package var port: String?

  package init(
    vendor: UInt16? = nil,
    product: UInt16? = nil,
    serialNumber: String? = nil,
    port: String? = nil
  ) {
    self.vendor = vendor
    self.product = product
    self.serialNumber = serialNumber
    self.port = port
  }
}

/// Wire bytes of a scale and the reading that they must give.
package struct ScaleSample: Hashable, Sendable {
  package var bytes: [UInt8]
  /// The state's name, or `none` where the bytes are passed over.
  package var state: String
  package var grams: Int?

  package init(bytes: [UInt8], state: String, grams: Int?) {
    self.bytes = bytes
    self.state = state
    self.grams = grams
  }
}

/// A model of scale (`Devices/scales/*.yaml`).
package struct ScaleProfile: Hashable, Sendable {
  package var id: String
  package var maker: String
  package var model: String
  /// One of ``ScaleProtocols/all``.
  package var scaleProtocol: String
  /// The models' USB identities; empty where the protocol alone finds it.
  package var usb: [USBMatch]
  /// The HID report descriptor that the samples were taken with.
  package var descriptor: [UInt8]
  package var samples: [ScaleSample]

  package init(
    id: String,
    maker: String,
    model: String,
    scaleProtocol: String,
    usb: [USBMatch],
    descriptor: [UInt8],
    samples: [ScaleSample]
  ) {
    self.id = id
    self.maker = maker
    self.model = model
    self.scaleProtocol = scaleProtocol
    self.usb = usb
    self.descriptor = descriptor
    self.samples = samples
  }
}

/// A model of label printer (`Devices/printers/*.yaml`).
package struct PrinterProfile: Hashable, Sendable {
  package var id: String
  package var maker: String
  package var model: String
  /// One of ``LabelLanguages/all``.
  package var language: String
  package var usb: [USBMatch]
  /// Dots an inch, as makers count: 203 means 8 dots a millimetre.
  package var dotsPerInch: Int
  /// Dots of the print head.
  package var headDots: Int
  /// Whether the model answers the status query of its language.
  package var answersStatus: Bool
  /// Never read from it while it works (CUPS quirk `unidir`).
  package var isUnidirectional: Bool
  /// Never give it back to the kernel's driver (CUPS quirk `no-reattach`).
  package var staysDetached: Bool
  package var settings: PrinterSettings

  package init(
    id: String,
    maker: String,
    model: String,
    language: String,
    usb: [USBMatch],
    dotsPerInch: Int,
    headDots: Int,
    answersStatus: Bool,
    isUnidirectional: Bool,
    staysDetached: Bool,
    settings: PrinterSettings
  ) {
    self.id = id
    self.maker = maker
    self.model = model
    self.language = language
    self.usb = usb
    self.dotsPerInch = dotsPerInch
    self.headDots = headDots
    self.answersStatus = answersStatus
    self.isUnidirectional = isUnidirectional
    self.staysDetached = staysDetached
    self.settings = settings
  }
}

/// A model of machine on GPIO lines (`Devices/machines/*.yaml`).
package struct MachineProfile: Hashable, Sendable {
  package var id: String
  package var maker: String
  package var model: String
  package var timing: MachineTiming
  /// Milliseconds that a contact must rest, for each signal that the model has.
  package var debounce: [MachineSignal: Int]
  /// The signals without which it must not be driven.
  package var required: Set<MachineSignal>

  package init(
    id: String,
    maker: String,
    model: String,
    timing: MachineTiming,
    debounce: [MachineSignal: Int],
    required: Set<MachineSignal>
  ) {
    self.id = id
    self.maker = maker
    self.model = model
    self.timing = timing
    self.debounce = debounce
    self.required = required
  }
}
