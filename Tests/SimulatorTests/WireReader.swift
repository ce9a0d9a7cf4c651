import Domain
import Drivers
import Simulator

/// A simulated scale at one end of a wire, the driver's decoder at the other.
struct WireReader {
  /// How the driver asks for weights.
  enum Way {
    /// By asking again and again, where the protocol has a question; otherwise it listens.
    case asking
    /// By starting a stream, where the protocol can; otherwise it asks.
    case streaming
  }

  var scale: SimulatedScale
  private(set) var outputs: [ScaleDecoder.Output] = []
  let codec: any ScaleProtocol
  private var decoder: ScaleDecoder
  private let way: Way
  private let portion: Int
  private var lastByte: Instant
  private var nextQuestion: Instant
  private var hasBegun = false

  /// Connects a scale to the driver of its protocol.
  ///
  /// - Parameters:
  ///   - scale: The scale; its wire names the protocol.
  ///   - checksum: What the driver expects.
  ///   - way: How it asks.
  ///   - portion: How many bytes arrive at a time, where the wire is serial.
  /// - Throws: Where the driver does not take the scale for one of its protocol.
  init(
    _ scale: SimulatedScale,
    checksum: ScaleSettings.Checksum = .required,
    way: Way = .asking,
    portion: Int = 256
  ) throws(PortError) {
    let profile = ScaleProfile(
      id: "simulated",
      maker: "",
      model: "",
      scaleProtocol: scale.model.wire.rawValue,
      line: Self.line(scale.model.wire),
      settings: ScaleSettings(
        unit: .kilogram,
        checksum: checksum,
        address: scale.model.address,
        descriptor: scale.descriptor
      )
    )
    self.scale = scale
    self.way = way
    self.portion = portion
    codec = try profile.codec()
    decoder = try profile.decoder()
    lastByte = scale.now
    nextQuestion = scale.now
  }

  /// All readings so far.
  var readings: [Reading] {
    outputs.compactMap { output in
      if case .reading(let reading) = output { reading } else { nil }
    }
  }

  var last: Reading? { readings.last }

  func answers(to request: ScaleRequest) -> [ScaleAnswer] {
    outputs.compactMap { output in
      if case .answer(request, let answer) = output { answer } else { nil }
    }
  }

  /// Lets time pass for both ends.
  mutating func run(for time: Duration) {
    let end = scale.now + time
    while scale.now < end {
      scale.advance(to: scale.now + .milliseconds(20))
      ask()
      listen()
    }
  }

  /// Forgets what has been read so far.
  mutating func forget() { outputs = [] }

  /// Sends an order of the driver.
  ///
  /// - Returns: Whether the protocol has it.
  mutating func send(_ request: ScaleRequest) -> Bool {
    guard let order = codec.order(for: request) else { return false }
    switch order {
    case .bytes(let bytes): _ = scale.receive(bytes)
    case .feature(let report): _ = scale.receiveFeature(report)
    }
    return true
  }

  private mutating func ask() {
    if !hasBegun {
      hasBegun = true
      if way == .streaming, send(.stream) {
        nextQuestion = scale.now + .seconds(1_000_000)
      }
    }
    guard !scale.model.wire.streams, scale.now >= nextQuestion else { return }
    nextQuestion = scale.now + .milliseconds(200)
    if !send(.weigh), way == .asking, send(.stream) {
      nextQuestion = scale.now + .seconds(1_000_000)
    }
  }

  private mutating func listen() {
    let frames = scale.takeReports()
    if frames.isEmpty, scale.now - lastByte >= .milliseconds(50) {
      take(decoder.pause(at: scale.now))
    }
    let isReport = scale.model.wire == .hid
    for frame in isReport ? frames : cut(frames.flatMap(\.self)) {
      lastByte = scale.now
      take(decoder.receive(frame, at: scale.now))
    }
  }

  private func cut(_ bytes: [UInt8]) -> [[UInt8]] {
    stride(from: 0, to: bytes.count, by: portion).map { start in
      Array(bytes[start..<min(start + portion, bytes.count)])
    }
  }

  private mutating func take(_ outputs: [ScaleDecoder.Output]) {
    self.outputs += outputs
    for case .proceed(let bytes) in outputs {
      _ = scale.receive(bytes)
      listen()
    }
  }

  /// The line as the protocol has it unless a profile says otherwise.
  private static func line(_ wire: SimulatedScale.Wire) -> SerialLine? {
    guard case .serial(let line) = ScaleProtocols.named(wire.rawValue)?.wire else { return nil }
    return line
  }
}

extension SimulatedScale.Wire {
  /// Those whose protocol the drivers have.
  static var driven: [SimulatedScale.Wire] {
    allCases.filter { ScaleProtocols.named($0.rawValue) != nil }
  }

  /// Whether its frames say that there is too much on the pan.
  var saysOver: Bool {
    switch self {
    case .hid, .mtSICS, .toledo8217, .nciSCP01, .toledoContinuous, .cas22, .cas18, .casPOS, .and,
      .stGS, .sbi16, .sbi22, .xk3190A12E, .bcdFF:
      true
    case .cas10, .ohaus, .shuangjie, .kern, .adam, .xk3190Continuous, .xk3190EqualsA,
      .xk3190EqualsB, .xk3190EqualsC, .xk3190Command, .xk3190A12:
      false
    }
  }

  /// Whether its frames say that the load moves, or come at rest only.
  var saysMotion: Bool {
    switch self {
    case .hid, .mtSICS, .toledo8217, .nciSCP01, .toledoContinuous, .cas22, .cas18, .casPOS, .and,
      .stGS, .ohaus, .sbi16, .sbi22, .kern, .adam, .bcdFF:
      true
    case .cas10, .shuangjie, .xk3190Continuous, .xk3190EqualsA, .xk3190EqualsB, .xk3190EqualsC,
      .xk3190Command, .xk3190A12, .xk3190A12E:
      false
    }
  }

  /// Whether a negative weight has digits in its frames.
  var hasNegativeDigits: Bool { self != .toledo8217 && self != .nciSCP01 }

  /// Whether what a frame tells is gross whatever has been tared.
  var tellsGrossOnly: Bool { self == .xk3190Command }

  /// Whether any single wrong bit is found out.
  var hasStrongChecksum: Bool {
    [.toledoContinuous, .casPOS, .xk3190Continuous, .xk3190Command, .xk3190A12E].contains(self)
  }
}
