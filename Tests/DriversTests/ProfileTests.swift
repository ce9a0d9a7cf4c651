import Domain
import Drivers
import Glibc
import StrictYAML
import Testing

struct ProfileTests {
  static let devices =
    #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" } + "/Devices"

  /// The profiles of a kind that the source tree ships, as path and text.
  static func shipped(_ kind: String) -> [(file: String, text: String)] {
    guard let stream = unsafe opendir("\(devices)/\(kind)") else { return [] }
    defer { unsafe _ = closedir(stream) }
    var files: [(String, String)] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) {
        unsafe String(decoding: $0.prefix(while: { $0 != 0 }), as: UTF8.self)
      }
      if name.hasSuffix(".yaml") {
        files.append(("\(devices)/\(kind)/\(name)", text(of: "\(devices)/\(kind)/\(name)")))
      }
    }
    return files.sorted { $0.0 < $1.0 }
  }

  static func text(of file: String) -> String {
    let descriptor = unsafe open(file, O_RDONLY)
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = unsafe read(descriptor, &bytes, bytes.count)
    return String(decoding: bytes[..<max(0, count)], as: UTF8.self)
  }

  @Test(arguments: shipped("scales"))
  func `every sample of every shipped scale reads as it says`(file: String, text: String) throws {
    let profile = try ScaleProfile(yaml: text, file: file)
    #expect(profile.samples.count >= 3, "a scale without samples is not trusted")
    for sample in profile.samples {
      let mismatch = profile.mismatch(sample)
      #expect(mismatch == nil, "\(sample) reads as \(mismatch ?? "")")
    }
    // A profile whose samples show only good weights would prove little.
    #expect(profile.samples.contains { $0.state == "stable" && $0.grams ?? 0 > 0 })
    #expect(profile.samples.contains { $0.state != "stable" })
    guard profile.scaleProtocol == HIDPointOfSale.identifier else { return }
    for state in ["stable", "moving", "zero", "negative", "over", "fault", "none"] {
      #expect(profile.samples.contains { $0.state == state }, "no sample is \(state)")
    }
  }

  @Test(arguments: shipped("printers"))
  func `every shipped printer speaks a language that we have`(file: String, text: String) throws {
    let profile = try PrinterProfile(yaml: text, file: file)
    let language = try #require(LabelLanguages.named(profile.language))
    #expect(!profile.answersStatus || language.statusQuery != nil)
    #expect(profile.headDots % 8 == 0)
  }

  @Test(arguments: shipped("machines"))
  func `every shipped machine is watched over while it runs`(file: String, text: String) throws {
    let profile = try MachineProfile(yaml: text, file: file)
    #expect(profile.required.contains(.estopOK))
    #expect(profile.debounce[.guardClosed] != nil)
    let tells: Set<MachineSignal> = [.busy, .done, .bagPresent]
    #expect(profile.required.isDisjoint(with: tells) == profile.isUnconfirmed)
    #expect(profile.timing.pulse < profile.timing.longest)
    // The samples were played when it was read; those that show only good ends prove little.
    #expect(profile.samples.contains { $0.end == "finished" })
    #expect(profile.samples.contains { $0.end != "finished" })
  }

  @Test
  func `the shelves are not empty`() throws {
    #expect(Self.shipped("scales").count >= 25)
    #expect(Self.shipped("printers").count >= 5)
    let kinds = try Self.shipped("machines").map {
      try MachineProfile(yaml: $0.text, file: $0.file).kind
    }
    #expect(Set(kinds) == Set(MachineKind.allCases))
  }

  @Test
  func `no two profiles claim the same device`() throws {
    let scales = try Self.shipped("scales").flatMap {
      try ScaleProfile(yaml: $0.text, file: $0.file).usb
    }
    let printers = try Self.shipped("printers")
      .flatMap { try PrinterProfile(yaml: $0.text, file: $0.file).usb }
    #expect(Set(scales).count == scales.count)
    #expect(Set(printers).count == printers.count)
  }

  /// A change of a sound profile, and what must be said of it.
  static let mistakes: [(kind: String, name: String, old: String, new: String, cause: String)] = [
    ("scales", "dymo-m25", "grams: 1234", "grams: 1235", "reads as stable, 1234 g"),
    ("scales", "dymo-m25", "state: over", "state: stable", "reads as over, without a weight"),
    ("scales", "dymo-m25", "03 04 03 FD D2 04", "03 04 03 FD D2 0", "pairs of hexadecimal digits"),
    ("scales", "dymo-m25", "03 04 03 FD D2 04", "03 04 03 FD D2 xy", "pairs of hexadecimal digits"),
    ("scales", "dymo-m25", "protocol: hid-pos", "protocol: hidpos", "`hidpos` is not known"),
    ("scales", "dymo-m25", "0922:8004", "922:8004", "not a USB identity"),
    ("scales", "dymo-m25", "source:", "sauce:", "`source` is missing"),
    ("scales", "dymo-m25", "05 8D 09 20", "05 01 09 06", "not a scale of usage page"),
    ("printers", "tsc-te244", "dpi: 203", "dpi: 200", "not one of: 203, 300"),
    ("printers", "tsc-te244", "dots: 864", "dots: 0", "from 64 to 4096"),
    ("printers", "tsc-te244", "status: query", "status: yes", "not one of: query, none"),
    ("printers", "tsc-te244", "density: 8", "density: 16", "from 0 to 15"),
    ("printers", "tsc-te244", "status:", "quirks: [unidir]\nstatus:", "unknown quirk `unidir`"),
    ("printers", "tsc-te244", "status:", "quirks: [unidirectional]\nstatus:", "cannot be asked"),
    ("machines", "impulse-sealer", "pulse: 200 ms", "pulse: 5 s", "from 20 ms to 1000 ms"),
    ("machines", "impulse-sealer", "15 ms, required: true", "15 ms", "tells how a cycle ends"),
    ("machines", "impulse-sealer", "fault:", "faults:", "unknown key `signals.faults`"),
    ("machines", "impulse-sealer", "kind: impulse", "kind: pulse", "not one of: band-sealer"),
    ("machines", "impulse-sealer", "gives: never-ended", "gives: finished", "ends with `never-end"),
    ("machines", "impulse-sealer", "play: start 1100", "play: strat 1100", "`strat` is neither"),
    (
      "machines", "impulse-sealer", "start 1100,", "start 9 ready,", "moves a contact that the prof"
    ),
    ("machines", "impulse-sealer", "start: { required: true }", "start: {}", "begins a cycle"),
    ("machines", "impulse-sealer", "drive: pulse", "drive: pull", "not one of: pulse, hold"),
    ("machines", "impulse-sealer", "drive: pulse", "drive: pulse\nunconfirmed: true", "confirmed"),
    ("machines", "start-only", "unconfirmed: true\n", "", "tells how a cycle ends"),
    ("machines", "band-sealer", "true, most: 60 s", "true", "`outputs.motor-run.most` is missing"),
  ]

  @Test(arguments: mistakes)
  func `a wrong profile is refused with the cause`(
    kind: String,
    name: String,
    old: String,
    new: String,
    cause: String
  ) throws {
    let file = "\(Self.devices)/\(kind)/\(name).yaml"
    let sound = Self.text(of: file)
    let text = sound.replacing(old, with: new)
    try #require(text != sound)
    let error = #expect(throws: Problems.self) {
      switch kind {
      case "scales": _ = try ScaleProfile(yaml: text, file: file)
      case "printers": _ = try PrinterProfile(yaml: text, file: file)
      default: _ = try MachineProfile(yaml: text, file: file)
      }
    }
    #expect(
      error?.all.contains { $0.cause.contains(cause) && $0.line > 0 } == true,
      "\(String(describing: error))"
    )
  }

  @Test
  func `USB identities are read as lsusb writes them`() {
    #expect(USBMatch(code: "0922:8004") == USBMatch(vendor: 0x0922, product: 0x8004))
    #expect(USBMatch(code: "1203:*") == USBMatch(vendor: 0x1203))
    for text in ["", "0922", "0922:", ":8004", "0922:80045", "+922:8004", "0922:8004:1", "*:8004"] {
      #expect(USBMatch(code: text) == nil, "\(text)")
    }
  }
}
