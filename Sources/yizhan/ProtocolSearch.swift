import Domain
import Drivers

/// Finds protocols by what they make of bytes that another one could not read.
package struct ProtocolSearch: Sendable {
  /// A protocol whose frames are in the bytes.
  package struct Find: Hashable, Sendable {
    package var name: String
    /// Where it is not the protocol's own, as `7E1`.
    package var framing: String?
    package var frames: Int
    /// Bytes that are in no frame.
    package var strays: Int

    package init(name: String, framing: String? = nil, frames: Int, strays: Int) {
      self.name = name
      self.framing = framing
      self.frames = frames
      self.strays = strays
    }

    /// What to try.
    package func words(_ say: Speech) -> String {
      let option = framing.map { " --line \($0)" } ?? ""
      let command = "yizhan decode \(name)\(option)"
      return say(
        "这些字节里有 \(frames) 帧 \(name)：试试 `\(command)`",
        "\(Words.count(frames, "frame")) of `\(name)`: try `\(command)`"
      )
    }
  }

  /// More of a capture than that tells nothing new.
  package static let longest = 65_536

  /// The best finds, the first of which leaves the fewest bytes.
  package let finds: [Find]

  /// Tries all protocols.
  ///
  /// - Parameters:
  ///   - bytes: A part of the capture.
  ///   - format: What has been tried already.
  package init(_ bytes: [UInt8], besides format: CaptureFormat? = nil) {
    let bytes = Array(bytes.prefix(Self.longest))
    var scales = ScaleProtocols.all.map { ScaleProfile(of: $0) }
    // Even parity that came along as the eighth bit.
    if bytes.contains(where: { $0 >= 0x80 }) { scales += scales.compactMap(Self.sevenBits) }
    let finds = scales.compactMap { profile -> Find? in
      let isTried =
        profile.scaleProtocol == format?.name && profile.line?.dataBits == format?.line?.dataBits
      return isTried ? nil : Self.find(profile, in: bytes)
    }
    let scanners = ScannerProtocols.all.compactMap { kind in
      kind.identifier == format?.name ? nil : Self.find(ScannerProfile(of: kind), in: bytes)
    }
    let sorted = (finds + scanners).sorted { ($0.strays, $0.name) < ($1.strays, $1.name) }
    self.finds = Array(sorted.prefix(3))
  }

  private static func sevenBits(_ profile: ScaleProfile) -> ScaleProfile? {
    guard var line = profile.line, line.dataBits == 8 else { return nil }
    (line.dataBits, line.parity) = (7, .even)
    var profile = profile
    profile.line = line
    return profile
  }

  private static func find(_ profile: ScaleProfile, in bytes: [UInt8]) -> Find? {
    var profile = profile
    // Without a unit some could not weigh.
    profile.settings.unit = .kilogram
    guard var decoder = try? profile.decoder(isCapture: true) else { return nil }
    let outputs = decoder.receive(bytes, at: .zero) + decoder.pause(at: .zero)
    let frames = outputs.count { output in
      if case .reading(let reading) = output { reading.state != .fault } else { false }
    }
    // A few frames in much noise are chance.
    guard frames > 0, decoder.noise * 2 <= bytes.count else { return nil }
    let usual = ScaleProtocols.named(profile.scaleProtocol).map { ScaleProfile(of: $0).line }
    return Find(
      name: profile.scaleProtocol,
      framing: usual == profile.line ? nil : profile.line?.framing,
      frames: frames,
      strays: decoder.noise
    )
  }

  private static func find(_ profile: ScannerProfile, in bytes: [UInt8]) -> Find? {
    guard var capture = try? ScannerCapture(profile, .milliseconds(100)) else { return nil }
    let outputs = capture.outputs(bytes) + capture.lastOutputs()
    // Any text could be a code: only what looks like the number of a parcel counts.
    let areNumbers = outputs.allSatisfy { output in
      if case .scan(let scan) = output { scan.isNumber } else { false }
    }
    guard !outputs.isEmpty, areNumbers else { return nil }
    return Find(name: profile.scannerProtocol, frames: outputs.count, strays: 0)
  }
}

extension Scan {
  /// Whether it is made of as many capitals, digits and hyphens as the number of a parcel.
  fileprivate var isNumber: Bool {
    (8...35).contains(bytes.count)
      && bytes.allSatisfy {
        (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || $0 == UInt8(ascii: "-")
      }
  }
}
