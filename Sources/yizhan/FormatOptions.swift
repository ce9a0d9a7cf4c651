import Agent
import ArgumentParser
import Drivers

extension WeightUnit: ExpressibleByArgument {}

extension ScaleSettings.Checksum: ExpressibleByArgument {}

/// What a sub-command must know of a device to understand its bytes.
struct FormatOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      say("型号：文件或名字", "a profile, by its file or id"),
      valueName: "file-or-id"
    ),
    completion: .custom { _, _, _ in Completions.profiles([.scale, .scanner]) }
  )
  var profile: String?

  @OptionGroup var search: SearchOptions

  @Option(help: ArgumentHelp(say("协议不带单位时的单位", "the unit where the wire names none")))
  var unit: WeightUnit?

  @Option(help: ArgumentHelp(say("帧尾有没有校验", "whether frames end in a checksum")))
  var checksum: ScaleSettings.Checksum?

  @Option(
    help: ArgumentHelp(
      say("多台秤共线时的地址，A 到 Z", "the scale's letter on a shared line, A to Z"),
      valueName: "letter"
    )
  )
  var address: String?

  @Option(
    help: ArgumentHelp(
      say("HID 报告描述符，十六进制", "the HID report descriptor, in hexadecimal"),
      valueName: "hex"
    )
  )
  var descriptor: String?

  /// Whether something is set that only scales and scanners have.
  var isSet: Bool {
    profile != nil || unit != nil || checksum != nil || address != nil || descriptor != nil
  }

  /// How bytes are to be read.
  ///
  /// - Parameter name: The protocol.
  /// - Returns: `nil` where neither a protocol nor a profile is named.
  /// - Throws: What does not fit.
  func format(_ name: String?) throws(Failure) -> CaptureFormat? {
    guard var format = try named(name) else { return nil }
    if let descriptor {
      format.descriptor = try HexReader.bytes(descriptor, of: "--descriptor", say)
    }
    guard case .scale(var scale) = format else { return format }
    if let unit { scale.settings.unit = unit }
    if let checksum { scale.settings.checksum = checksum }
    if let address { scale.settings.address = try Self.letter(address) }
    return .scale(scale)
  }

  private func named(_ name: String?) throws(Failure) -> CaptureFormat? {
    guard let profile else {
      return try name.map { (name) throws(Failure) in try Self.known(name) }
    }
    let format = try ProfileShelf(search.path).format(profile)
    guard let name, name != format.name else { return format }
    throw .usage(
      say(
        "型号 \(profile) 说的是 \(format.name)，不是 \(name)",
        "the profile \(profile) speaks \(format.name), not \(name)"
      ),
      hint: say("两个只写一个", "give only one of the two")
    )
  }

  private static func known(_ name: String) throws(Failure) -> CaptureFormat {
    if let format = CaptureFormat(protocol: name) { return format }
    throw Failure(unknownProtocol: name, say)
  }

  private static func letter(_ text: String) throws(Failure) -> UInt8 {
    guard let letter = ScaleSettings.address(text) else {
      throw .usage(
        say("--address 是一个大写字母，不是 \(text)", "--address is one capital letter, not \(text)"),
        hint: say("写 A 到 Z", "write A to Z")
      )
    }
    return letter
  }
}

/// Where profiles and templates are looked for.
struct SearchOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      say("先在这个目录找型号和面单（可重复）", "look for profiles and templates here first (repeatable)"),
      valueName: "dir"
    ),
    completion: .directory
  )
  var devices: [String] = []

  var path: SearchPath { SearchPath.installed.preceded(by: devices) }
}

/// What the shell offers while a command is being written.
enum Completions {
  static let protocols = CompletionKind.list(CaptureFormat.protocols.map(\.name))
  /// Those of buses too, which are decoded but not captured as samples.
  static let decoders = CompletionKind.list(BusProtocol.entries.map(\.name))

  /// The ids of installed profiles.
  static func profiles(_ kinds: [ProfileKind]) -> [String] {
    let shelf = ProfileShelf(.installed)
    return kinds.flatMap { kind in shelf.files(of: kind).map(\.id) }
  }
}

extension Failure {
  /// A protocol that there is not.
  package init(unknownProtocol name: String, _ say: Speech) {
    let near = NearNames.find(name, among: BusProtocol.entries.map(\.name))
      .joined(separator: say("、", ", "))
    self = .usage(
      say("没有协议 \(name)", "there is no protocol \(name)"),
      hint: near.isEmpty
        ? say("全部协议：`yizhan decode --list`", "see `yizhan decode --list`")
        : say(
          "是不是 \(near)？全部协议：`yizhan decode --list`",
          "did you mean \(near)? see `yizhan decode --list`"
        )
    )
  }

  /// A mistake in hexadecimal text.
  package init(_ mistake: HexReader.Mistake, in place: String, _ say: Speech) {
    self = .usage(
      say("\(place)：\(mistake.words(say))", "\(place): \(mistake.words(say))"),
      hint: say("每个字节写两位，例如 02 2B 30", "write each byte with two digits, as 02 2B 30")
    )
  }
}

extension HexReader {
  /// Reads bytes of the command line.
  static func bytes(_ text: String, of option: String, _ say: Speech) throws(Failure) -> [UInt8] {
    do {
      return try bytes(text)
    } catch {
      throw Failure(error, in: option, say)
    }
  }
}
