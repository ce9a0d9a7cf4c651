import Domain
import Drivers
import StrictYAML
import Testing

struct ScannerProfileTests {
  @Test(arguments: ProfileTests.shipped("scanners"))
  func `every sample of every shipped scanner reads as it says`(file: String, text: String) throws {
    let profile = try ScannerProfile(yaml: text, file: file)
    #expect(file.hasSuffix("/\(profile.id).yaml"))
    #expect(profile.samples.contains { $0.scan != nil }, "a scanner without samples is not trusted")
    for sample in profile.samples {
      #expect(profile.mismatch(sample) == nil)
    }
    _ = try profile.decoder()
  }

  @Test func `the shelf has scanners of every protocol`() throws {
    let profiles = try ProfileTests.shipped("scanners").map {
      try ScannerProfile(yaml: $0.text, file: $0.file)
    }
    let protocols = Set(profiles.map(\.scannerProtocol))
    #expect(protocols == Set(ScannerProtocols.all.map { $0.identifier }))
    #expect(ScannerProtocols.all.count == Set(ScannerProtocols.all.map { $0.identifier }).count)
    for kind in ScannerProtocols.all {
      #expect(ScannerProtocols.named(kind.identifier)?.identifier == kind.identifier)
      #expect(!kind.title.zh.isEmpty && !kind.title.en.isEmpty)
    }
    #expect(ScannerProtocols.named("telepathy") == nil)
  }

  private static let head = "maker: A\nmodel: B\nnote: c\nsource: d\n"

  private static func profile(_ text: String) throws(Problems) -> ScannerProfile {
    try ScannerProfile(yaml: head + text, file: "/etc/x/devices.d/scanners/mine.yaml")
  }

  @Test func `a serial scanner has a line, a prefix, a suffix and a pause`() throws {
    let profile = try Self.profile(
      """
      protocol: serial-scanner
      usb: ["1EAB:0C06"]
      serial: { baud: 115200, framing: 7E1 }
      prefix: 02
      suffix: 03
      gap: 200 ms
      samples:
        - { bytes: 02 59 54 31 32 03, scan: YT12 }
        - { text: "\\x02]C0YT12\\x03", scan: YT12, symbology: "]C0" }
        - { text: "\\x02YT12", scan: none }
      """
    )
    #expect(profile.id == "mine")
    #expect(profile.line == SerialLine(baud: 115_200, framing: "7E1"))
    #expect(profile.settings.prefix == [2])
    #expect(profile.settings.suffixes == [[3]])
    #expect(profile.settings.gap == .milliseconds(200))
    #expect(profile.samples.count == 3)
    #expect(profile.usb == [USBMatch(vendor: 0x1EAB, product: 0x0C06)])
    guard case .serial = profile.wire else {
      Issue.record("\(profile.wire)")
      return
    }
  }

  @Test func `what a profile leaves out is as usual`() throws {
    let profile = try Self.profile(
      "protocol: serial-scanner\nsamples:\n  - { text: \"12345678\\r\\n\", scan: \"12345678\" }\n"
    )
    #expect(profile.line == SerialLine(baud: 9600))
    #expect(profile.settings == ScannerSettings())
    let keyboard = try Self.profile(
      "protocol: keyboard-wedge\nsamples:\n  - { keys: \"2d 3d 4d 5d 28d\", scan: \"1234\" }\n"
    )
    #expect(keyboard.line == nil)
    #expect(keyboard.wire == .keyboard)
  }

  @Test func `a decoder is made for the scanner's own descriptor`() throws {
    let file = "\(ProfileTests.devices)/scanners/hid-pos-scanner.yaml"
    let profile = try ScannerProfile(yaml: ProfileTests.text(of: file), file: file)
    var decoder = try profile.decoder(descriptor: ScannerDescriptors.bare)
    let outputs = decoder.receive(
      [0x09] + Array("YT12345678".utf8) + [UInt8](repeating: 0, count: 10),
      at: .zero
    )
    #expect(
      outputs == [.scan(Scan(bytes: Array("YT12345678".utf8), symbology: nil, at: .zero))]
    )
    #expect(throws: PortError.self) { try profile.decoder(descriptor: [0x05, 0x01]) }
  }

  /// A change of a sound profile, and what must be said of it.
  static let mistakes: [(name: String, old: String, new: String, cause: String)] = [
    (
      "hid-pos-scanner", "scan: YT1234567890123", "scan: YT1234567890124",
      "reads as YT1234567890123, ]C0"
    ),
    (
      "hid-pos-scanner", "symbology: \"]C0\"", "symbology: \"]C1\"", "reads as YT1234567890123, ]C0"
    ),
    ("hid-pos-scanner", "02 39 5D 43 30 59", "02 02 5D 43 30 59", "reads as YT, ]C0"),
    ("hid-pos-scanner", "scan: none", "scan: YT", "reads as none (a report that is cut short"),
    ("hid-pos-scanner", "05 8C 09 02", "05 01 09 06", "not a scanner of usage page"),
    ("hid-pos-scanner", "protocol: hid-pos-scanner", "protocol: hid-pos", "`hid-pos` is not known"),
    ("hid-pos-scanner", "protocol:", "suffix: 0D\nprotocol:", "unknown key `suffix`"),
    ("hid-pos-scanner", "protocol:", "serial: { baud: 9600 }\nprotocol:", "unknown key `serial`"),
    ("zebra-ls2208", "scan: YT12", "scan: none", "reads as YT12"),
    ("zebra-ls2208", "21d 21u", "21d 21x", "`21x` is no key"),
    ("zebra-ls2208", "21d 21u", "21d 99999u", "`99999u` is no key"),
    ("zebra-ls2208", "21d 21u", "183d 183u", "reads as none (key 183"),
    ("zebra-ls2208", "28d 28u", "28d 28u 2d 2u 3d 3u 4d 4u 5d 5u", "reads as YT12; 1234"),
    ("zebra-ls2208", "42d 21d", "2d 3d 4d 5d 28d 42d 21d", "reads as 1234; YT12"),
    ("zebra-ls2208", "keys:", "bytes: \"00\", keys:", "unknown key `samples[0].bytes`"),
    ("zebra-ls2208", "protocol:", "suffix: 09\nprotocol:", "without its suffix"),
    ("zebra-ls2208", "protocol:", "descriptor: 05 8C\nprotocol:", "unknown key `descriptor`"),
    ("zebra-ls2208", "05E0:1200", "5E0:1200", "not a USB identity"),
    ("newland-fr20", "protocol:", "suffix: XY\nprotocol:", "pairs of hexadecimal digits"),
    ("newland-fr20", "protocol:", "gap: 5 s\nprotocol:", "from 20 ms to 2000 ms"),
    ("newland-fr20", "protocol:", "prefix: 59\nprotocol:", "reads as T1234567890123"),
    ("newland-fr20", "protocol:", "start: FE 01\nprotocol:", "unknown key `start`"),
    ("newland-fr20", "source:", "sauce:", "`source` is missing"),
  ]

  @Test(arguments: mistakes)
  func `a wrong profile is refused with the cause`(
    name: String,
    old: String,
    new: String,
    cause: String
  ) throws {
    let file = "\(ProfileTests.devices)/scanners/\(name).yaml"
    let sound = ProfileTests.text(of: file)
    let text = sound.replacing(old, with: new)
    try #require(text != sound)
    let error = #expect(throws: Problems.self) { try ScannerProfile(yaml: text, file: file) }
    #expect(
      error?.all.contains { $0.cause.contains(cause) && $0.line > 0 } == true,
      "\(String(describing: error))"
    )
  }

  @Test func `no two scanners claim the same device`() throws {
    let all = try ProfileTests.shipped("scanners").flatMap {
      try ScannerProfile(yaml: $0.text, file: $0.file).usb
    }
    #expect(Set(all).count == all.count)
  }
}
