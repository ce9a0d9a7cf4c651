package import Domain

/// How a scale talks: a pure value that knows frames by their bytes.
///
/// It never reads or waits; ``ScaleDecoder`` feeds it, ``ScaleSession`` moves the bytes. A protocol
/// is one file and one line in ``ScaleProtocols/all``.
package protocol ScaleProtocol: Sendable {
  /// The name that profiles use, as `mt-sics`.
  static var identifier: String { get }
  /// What it is, for lists.
  static var title: Text { get }
  /// How the bytes travel unless a profile says otherwise.
  static var wire: ScaleWire { get }
  /// Prepares for one opened scale.
  ///
  /// - Throws: `PortError.unsuitable` where the settings, as a HID report descriptor, do not fit.
  init(_ settings: ScaleSettings) throws(PortError)
  /// Looks for a frame that begins with the first byte.
  ///
  /// - Parameters:
  ///   - bytes: What has been received and not yet been understood, at least one byte.
  ///   - place: What is known of the surroundings.
  /// - Returns: A frame within these bytes, or why there is none.
  func match(_ bytes: Span<UInt8>, _ place: FramePlace) -> FrameMatch
  /// What asks the scale for something.
  ///
  /// - Returns: `nil` where the protocol has no such request.
  func order(for request: ScaleRequest) -> ScaleOrder?
}

extension ScaleProtocol {
  package func order(for request: ScaleRequest) -> ScaleOrder? { nil }
}

/// What is sent to ask a scale for something.
package enum ScaleOrder: Hashable, Sendable {
  /// Bytes, or a HID output report with its id first.
  case bytes([UInt8])
  /// A HID feature report, its id first.
  case feature([UInt8])
}

/// What a scale is connected by.
package enum ScaleWire: Hashable, Sendable {
  /// USB HID: each report is a frame of its own.
  case hid
  /// A serial line, or a USB device that stands for one.
  case serial(SerialLine)
}

/// What a scale can be asked for.
package enum ScaleRequest: String, Hashable, Sendable, CaseIterable {
  /// One weight, now.
  case weigh
  /// Weights without end; sent once, after opening.
  case stream
  /// Take what is shown for zero (置零).
  case zero
  /// Take what lies on the pan for the tare (去皮).
  case tare
  /// Forget the tare (清皮).
  case clearTare = "clear-tare"
}

/// What is known of the place where a frame may begin.
package struct FramePlace: Hashable, Sendable {
  /// Whether the byte before ended a frame or a line, or there was none.
  package var startsLine: Bool
  /// Whether that, or the byte before stands in no text: a line of a known length may start here.
  package var startsText: Bool
  /// Whether nothing more is coming: the line has been quiet, or the capture ends.
  package var isLast: Bool

  package init(startsLine: Bool, startsText: Bool = false, isLast: Bool) {
    self.startsLine = startsLine
    self.startsText = startsLine || startsText
    self.isLast = isLast
  }
}

/// What a protocol says of the first bytes.
package enum FrameMatch: Hashable, Sendable {
  /// No frame begins here: pass over one byte.
  case noise
  /// It may be a frame; wait for more.
  case incomplete
  /// A frame of so many bytes.
  case frame(Int, ScaleMessage)
}

/// What a frame means.
package enum ScaleMessage: Hashable, Sendable {
  case weight(Weighing)
  /// What became of a request.
  case answer(ScaleRequest, ScaleAnswer)
  /// The scale has been switched on or reset: zero and tare are not what they were.
  case restarted
  /// It did not understand what it was sent: the wrong mode, or the wrong baud.
  case notUnderstood
  /// The exchange goes on: send these bytes now.
  case proceed([UInt8])
  /// A frame of the protocol that carries nothing of use.
  case nothing
}

/// What a scale answered to a request.
package enum ScaleAnswer: Hashable, Sendable {
  case done
  /// It would not, as `it is in motion`.
  case refused(reason: String)
  /// Nothing came back that tells.
  case unanswered
}

/// What a protocol must know of one scale; the profile says it.
package struct ScaleSettings: Hashable, Sendable {
  /// Whether frames end in a checksum, where a protocol has it both ways.
  package enum Checksum: String, Hashable, Sendable, CaseIterable {
    case required
    case absent
    /// Taken where it fits.
    case either
  }

  /// The unit where the wire names none.
  package var unit: WeightUnit?
  package var checksum: Checksum
  /// The scale's letter on a line with several, `A` to `Z`; `nil` to read whatever any of them says.
  package var address: UInt8?
  /// The HID report descriptor.
  package var descriptor: [UInt8]
  /// What sets a HID scale to zero, where it is not what its descriptor says.
  package var zero: ScaleOrder?

  package init(
    unit: WeightUnit? = nil,
    checksum: Checksum = .either,
    address: UInt8? = UInt8(ascii: "A"),
    descriptor: [UInt8] = [],
    zero: ScaleOrder? = nil
  ) {
    self.unit = unit
    self.checksum = checksum
    self.address = address
    self.descriptor = descriptor
    self.zero = zero
  }
}

extension ScaleSettings {
  /// Reads a scale's letter; `nil` for anything but one of `A` to `Z`.
  package static func address(_ text: String) -> UInt8? {
    let letters = Array(text.utf8)
    return letters.count == 1 && (0x41...0x5A).contains(letters[0]) ? letters[0] : nil
  }
}

/// Every protocol that a scale's profile may name.
package enum ScaleProtocols {
  package static let all: [any ScaleProtocol.Type] = [
    HIDPointOfSale.self,
    MTSICS.self,
    Toledo8217.self,
    NCISCP01.self,
    ToledoContinuous.self,
    CAS22.self,
    CAS18.self,
    CAS10.self,
    CASPOS.self,
    ANDStandard.self,
    STGS.self,
    Ohaus.self,
    SartoriusSBI16.self,
    SartoriusSBI22.self,
    Shuangjie.self,
    Kern.self,
    Adam.self,
    XK3190Continuous.self,
    XK3190EqualsA.self,
    XK3190EqualsB.self,
    XK3190EqualsC.self,
    XK3190Command.self,
    XK3190A12.self,
    XK3190A12E.self,
    BinaryBCD.self,
  ]

  package static func named(_ identifier: String) -> (any ScaleProtocol.Type)? {
    all.first { $0.identifier == identifier }
  }
}
