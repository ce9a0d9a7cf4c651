import Agent
import Drivers
import StrictYAML
import Testing

struct ProfileStoreTests {
  @Test
  func `every shipped profile is read without a problem`() {
    let store = ProfileStore(roots: [Sample.devices])
    #expect(store.problems.isEmpty, "\(store.problems)")
    #expect(store.scales.ids.contains("dymo-m25"))
    #expect(store.printers.ids.contains("generic-tspl"))
    #expect(store.machines.ids.contains("impulse-sealer"))
  }

  @Test
  func `a local profile hides the installed one of its name`() throws {
    let tree = try TemporaryTree()
    let shipped = try tree.shipped("scales/dymo-m25.yaml")
    try tree.write("scales/dymo-m25.yaml", shipped.replacing("model: M25", with: "model: M25 改"))
    let store = ProfileStore(roots: [tree.path, Sample.devices])
    #expect(store.scales.sound["dymo-m25"]?.model == "M25 改")
    #expect(store.scales.sound["dymo-s250"]?.model == "S250")
  }

  @Test
  func `a broken local profile is never replaced by the installed one`() throws {
    let tree = try TemporaryTree()
    try tree.write("scales/hid-pos.yaml", "maker: x\n")
    let search = SearchPath(tree: Sample.devices).preceded(by: [tree.path])
    let loader = ConfigLoader(search: search, isReadable: { _ in true })
    let problems = Sample.problems(of: Sample.station, loader)
    #expect(problems.first?.line == 3)
    #expect(problems.first?.cause == "the profile `hid-pos` has mistakes")
    #expect(problems.contains { $0.file.hasSuffix("hid-pos.yaml") && $0.cause.contains("`model`") })
  }

  @Test
  func `a broken profile that the station does not use is only told by the check`() throws {
    let tree = try TemporaryTree()
    try tree.write("printers/other.yaml", "maker: x\n")
    let search = SearchPath(tree: Sample.devices).preceded(by: [tree.path])
    let loader = ConfigLoader(search: search, isReadable: { _ in true })
    #expect(Sample.problems(of: Sample.station, loader).isEmpty)
    let example = "\(Sample.root)/systemd/station.example.yaml"
    let (config, problems) = loader.check(file: example)
    #expect(config != nil)
    #expect(!problems.isEmpty)
    #expect(problems.all.allSatisfy { $0.file.hasSuffix("printers/other.yaml") })
  }

  @Test
  func `a folder that does not exist is no problem`() {
    #expect(ProfileStore(roots: ["/nowhere/devices"]).problems.isEmpty)
  }
}
