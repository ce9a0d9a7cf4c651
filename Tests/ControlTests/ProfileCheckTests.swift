import Agent
import Domain
import Drivers
import StrictYAML
import Testing
import yizhan

/// What `yizhan profile` finds.
struct ProfileCheckTests {
  private static let scale = """
    maker: x
    model: y
    note: z
    source: w
    protocol: st-gs
    samples:
      - { text: "ST,GS,+  1.234kg\\r\\n", state: stable, grams: 1234 }
      - { text: "US,GS,+  1.234kg\\r\\n", state: moving, grams: 1234 }
    """

  @Test(arguments: [
    ("/etc/yizhan/devices.d/scales/x.yaml", ProfileKind.scale), ("scanners/x.yaml", .scanner),
    ("Devices/printers/x.yaml", .printer), ("./machines/x.yaml", .machine),
    ("carriers/x.yaml", .carrier), ("a/labels/x.yaml", .label), ("/tmp/x.yaml", nil),
    ("/scales.yaml", nil), ("scales/old/x.yaml", nil),
  ])
  func `the folder tells the kind`(file: String, kind: ProfileKind?) {
    #expect(ProfileKind(folderOf: file) == kind)
  }

  @Test
  func `a sound profile is told with its samples`() {
    let check = ProfileCheck(.scale, yaml: Self.scale, file: "scales/x.yaml")
    #expect(check.problems.isEmpty)
    #expect(check.samples == 2)
    let text = check.text(RenderingTests.en)
    #expect(text == "scales/x.yaml: right, and so are its 2 samples")
    #expect(check.text(RenderingTests.zh) == "scales/x.yaml：正确，2 个样本都对")
    #expect(check.json["ok"] == .bool(true))
    #expect(check.json["samples"]?.int == 2)
  }

  @Test
  func `a sample that reads otherwise is a problem with its place`() {
    let yaml = Self.scale.replacing("grams: 1234 }\n", with: "grams: 1235 }\n")
    let check = ProfileCheck(.scale, yaml: yaml, file: "scales/x.yaml")
    #expect(check.profile == nil)
    #expect(
      check.text(RenderingTests.en).hasPrefix("scales/x.yaml:7:7: the sample reads as stable")
    )
    #expect(check.json["ok"] == .bool(false))
    #expect(check.json["problems"]?.array?.first?["line"] == .int(7))
  }

  @Test
  func `a profile without samples is told so`() {
    let yaml = Self.scale.split(separator: "\n").prefix(5).joined(separator: "\n")
    let check = ProfileCheck(.scale, yaml: yaml, file: "scales/x.yaml")
    #expect(check.problems.isEmpty)
    #expect(check.samples == 0)
    #expect(check.text(RenderingTests.en).contains("nothing is proven"))
    #expect(check.text(RenderingTests.zh).contains("没有样本"))
  }

  @Test
  func `a file that is no YAML or is not there is a problem`() {
    #expect(!ProfileCheck(.scale, yaml: "{", file: "x.yaml").problems.isEmpty)
    let absent = ProfileCheck(.scale, file: "/nowhere/x.yaml")
    #expect(absent.text(RenderingTests.en).hasPrefix("/nowhere/x.yaml: it cannot be read: No such"))
    #expect(absent.samples == nil)
  }

  @Test(arguments: ProfileKind.allCases)
  func `every shipped profile of a kind is right`(kind: ProfileKind) {
    let shelf = ProfileShelf(SearchPath(tree: Shipped.devices))
    let files = shelf.files(of: kind)
    #expect(!files.isEmpty)
    for entry in files {
      let check = ProfileCheck(kind, file: entry.file)
      #expect(check.problems.isEmpty, "\(check.problems)")
      #expect(check.samples != 0, "\(entry.file) proves nothing")
      let view = check.profile.map { ProfileView($0) }
      #expect(view?.title.isEmpty == false)
      #expect(view?.pairs(RenderingTests.zh).isEmpty == false)
    }
  }

  @Test
  func `the first find of an id counts`() {
    let path = SearchPath(tree: Shipped.devices)
    let twice = ProfileShelf(path.preceded(by: [Shipped.devices, "/nowhere"]))
    #expect(twice.files(of: .scale) == ProfileShelf(path).files(of: .scale))
    #expect(ProfileShelf(SearchPath(tree: "/nowhere")).files(of: .scale).isEmpty)
  }

  @Test
  func `a profile shows how its device is connected and what it speaks`() throws {
    let check = ProfileCheck(.scale, yaml: Self.scale, file: "scales/x.yaml")
    let view = ProfileView(try #require(check.profile))
    #expect(view.title == "x y")
    #expect(view.speech == "st-gs")
    #expect(view.connection.contains("8N1"))
  }
}
