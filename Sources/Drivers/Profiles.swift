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

  /// Whether a text is a bus and a chain of ports, as `1-1.3`; none has more than three digits.
  package static func isPort(_ text: String) -> Bool {
    let halves = text.split(separator: "-", omittingEmptySubsequences: false)
    guard halves.count == 2 else { return false }
    let numbers = [halves[0]] + halves[1].split(separator: ".", omittingEmptySubsequences: false)
    return numbers.allSatisfy { number in
      (1...3).contains(number.utf8.count) && number.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
  }
}

/// Wire bytes of a scale and the reading that they must give.
package struct ScaleSample: Hashable, Sendable {
  package var bytes: [UInt8]
  /// How often they come, a tenth of a second apart: a scale that cannot say whether it is at rest
  /// is believed only when it repeats itself.
  package var times: Int
  /// The last reading's state, or `none` where the bytes are passed over.
  package var state: String
  package var grams: Int?

  package init(bytes: [UInt8], times: Int = 1, state: String, grams: Int?) {
    self.bytes = bytes
    self.times = times
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
  /// How the maker sets the serial line; `nil` for HID.
  package var line: SerialLine?
  package var settings: ScaleSettings
  /// The pause between two questions; `nil` where the scale sends by itself.
  package var poll: Duration?
  package var stability: StabilityRule
  /// After so long without a weight the last one is stale.
  package var silence: Duration
  package var samples: [ScaleSample]

  package init(
    id: String,
    maker: String,
    model: String,
    scaleProtocol: String,
    usb: [USBMatch] = [],
    line: SerialLine? = nil,
    settings: ScaleSettings = ScaleSettings(),
    poll: Duration? = nil,
    stability: StabilityRule = StabilityRule(),
    silence: Duration = .seconds(2),
    samples: [ScaleSample] = []
  ) {
    self.id = id
    self.maker = maker
    self.model = model
    self.scaleProtocol = scaleProtocol
    self.usb = usb
    self.line = line
    self.settings = settings
    self.poll = poll
    self.stability = stability
    self.silence = silence
    self.samples = samples
  }

  /// A decoder for one opened scale of this model.
  ///
  /// - Parameters:
  ///   - descriptor: The HID report descriptor of the scale itself; empty for that of the profile.
  ///   - line: The serial line as it is set at this point; the profile's otherwise.
  ///   - isCapture: Whether HID reports come glued together.
  /// - Returns: A decoder that has seen nothing yet.
  /// - Throws: `PortError.unsuitable` where the scale is not of this protocol.
  package func decoder(
    descriptor: [UInt8] = [],
    line: SerialLine? = nil,
    isCapture: Bool = false
  ) throws(PortError) -> ScaleDecoder {
    try ScaleDecoder(
      codec(descriptor: descriptor),
      line: line ?? self.line,
      rule: stability,
      isCapture: isCapture
    )
  }

  /// The protocol, prepared for one opened scale of this model.
  ///
  /// - Parameter descriptor: Its own HID report descriptor; empty for that of the profile.
  /// - Returns: What knows its frames.
  /// - Throws: `PortError.unsuitable` where the scale is not of this protocol.
  package func codec(descriptor: [UInt8] = []) throws(PortError) -> any ScaleProtocol {
    guard let kind = ScaleProtocols.named(scaleProtocol) else {
      throw .unsuitable(reason: "no protocol is called `\(scaleProtocol)`")
    }
    var settings = settings
    if !descriptor.isEmpty { settings.descriptor = descriptor }
    return try kind.init(settings)
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
