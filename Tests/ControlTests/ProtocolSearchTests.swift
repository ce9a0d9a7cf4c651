import Domain
import Drivers
import TestSupport
import Testing
import yizhan

/// What is said where nothing was found, and of names that do not exist.
struct ProtocolSearchTests {
  private static let stGS = Array("ST,GS,+  1.234kg\r\nUS,NT,-  0.250kg\r\n".utf8)

  /// A capture made with eight data bits of a line with seven and even parity.
  private static func withParity(_ bytes: [UInt8]) -> [UInt8] {
    bytes.map { $0 | ($0.nonzeroBitCount % 2 == 1 ? 0x80 : 0) }
  }

  @Test
  func `protocols that read the bytes are found`() {
    let finds = ProtocolSearch(Self.stGS).finds
    #expect(finds.contains(ProtocolSearch.Find(name: "st-gs", frames: 2, strays: 0)))
    #expect(finds.count <= 3)
    let besides = ProtocolSearch(Self.stGS, besides: CaptureFormat(protocol: "st-gs")).finds
    #expect(!besides.contains { $0.name == "st-gs" })
  }

  @Test
  func `parity that came along as the eighth bit is seen through`() throws {
    let finds = ProtocolSearch(Self.withParity(Self.stGS)).finds
    let find = try #require(finds.first { $0.name == "st-gs" })
    #expect(find == ProtocolSearch.Find(name: "st-gs", framing: "7E1", frames: 2, strays: 0))
    #expect(
      find.words(RenderingTests.en) == "2 frames of `st-gs`: try `yizhan decode st-gs --line 7E1`"
    )
    // The protocol that was tried may be the right one, on another line.
    let same = ProtocolSearch(
      Self.withParity(Self.stGS),
      besides: CaptureFormat(protocol: "st-gs")
    )
    #expect(same.finds.contains { $0.name == "st-gs" && $0.framing == "7E1" })
  }

  @Test(arguments: [
    ("hid-pos", "030403FDD204030303FDE204"),
    ("xk3190-continuous", "022B30313233343533313903"),
    ("toledo-8217", "8230B12EB233B48D"), ("cas-pos", "01025320 20312E3233346B67 750304"),
    ("mt-sics", "53205320202020203130302E303020670D0A"), ("xk3190-equals-a", "3D3030302E33303030"),
  ])
  func `each of the usual formats is found by its bytes alone`(name: String, hex: String) throws {
    let finds = ProtocolSearch(try HexReader.bytes(hex)).finds
    #expect(finds.contains { $0.name == name && $0.strays == 0 && $0.framing == nil }, "\(finds)")
  }

  @Test
  func `numbers of parcels are a scanner's`() {
    let finds = ProtocolSearch(Array("YT1234567890123\r\nSF1234567890123\r\n".utf8)).finds
    #expect(finds.first == ProtocolSearch.Find(name: "serial-scanner", frames: 2, strays: 0))
    #expect(!ProtocolSearch(Self.stGS).finds.contains { $0.name == "serial-scanner" })
  }

  @Test
  func `chance finds nothing`() {
    #expect(ProtocolSearch([]).finds.isEmpty)
    var dice = Dice(seed: 3)
    for _ in 0..<10 { #expect(ProtocolSearch(dice.bytes(3000)).finds.isEmpty, "seed 3") }
  }

  @Test
  func `where no frame was found the next step is told`() throws {
    let format = try #require(CaptureFormat(protocol: "mt-sics"))
    let told = { (bytes: [UInt8], isHexText: Bool) in
      Failure(noFrames: format, in: bytes, isHexText: isHexText, RenderingTests.en)
    }
    #expect(told([], false).hint.contains("--ask"))
    #expect(told(Array("02 2B".utf8), true).hint.contains("--stdin-hex"))
    #expect(told(Self.stGS, false).hint.contains("2 frames of `st-gs`"))
    #expect(told([0xFE, 0xF1], false).hint.contains("baud"))
    #expect(told([0xFE, 0xF1], false).code == 1)
    let hid = try #require(CaptureFormat(protocol: "hid-pos"))
    let failure = Failure(noFrames: hid, in: [3, 4], isHexText: false, RenderingTests.en)
    #expect(failure.hint.contains("--descriptor"))
  }

  @Test(arguments: [
    ("stgs", ["st-gs"]), ("XK3190", ["xk3190-"]), ("toledo", ["toledo-8217", "toledo-continuous"]),
    ("mtsics", ["mt-sics"]), ("hidpos", ["hid-pos"]), ("xk3190-continous", ["xk3190-continuous"]),
    ("zzzz", []), ("", []),
  ])
  func `an unknown protocol is told with those that are near`(text: String, near: [String]) {
    #expect(CaptureFormat(protocol: text) == nil)
    let failure = Failure(unknownProtocol: text, RenderingTests.en)
    #expect(failure.code == 64)
    #expect(failure.message.contains(text))
    #expect(failure.hint.contains("--list"))
    for name in near { #expect(failure.hint.contains(name)) }
    #expect(failure.hint.contains("did you mean") == !near.isEmpty)
  }

  @Test
  func `the list names every protocol once`() throws {
    let ofDevices =
      ScaleProtocols.all.map { $0.identifier } + ScannerProtocols.all.map { $0.identifier }
    #expect(Set(CaptureFormat.protocols.map(\.name)) == Set(ofDevices))
    #expect(CaptureFormat.protocols.count == ofDevices.count)
    let names = ofDevices + BusProtocol.allCases.map(\.rawValue)
    #expect(Set(BusProtocol.entries.map(\.name)) == Set(names))
    let lines = ProtocolList.json.split(separator: "\n")
    #expect(lines.count == names.count)
    for line in lines {
      let entry = try RenderingTests.json(String(line))
      #expect(names.contains(try #require(entry["name"]?.string)))
      #expect(entry["zh"]?.string?.isEmpty == false && entry["en"]?.string?.isEmpty == false)
    }
    let table = ProtocolList.table(RenderingTests.zh).split(separator: "\n")
    #expect(table.count == names.count + 1)
    #expect(table.contains { $0.hasPrefix("hid-pos ") && $0.contains("USB HID") })
  }
}
