import Foundation
import Simulator
import Testing

struct SimulatedDiskTests {
  private static let bytes = [UInt8](repeating: 7, count: 1300)

  private static func medium(synced: Bool) -> Medium {
    var medium = Medium(files: ["a": [1, 2, 3]])
    medium.apply(.write(file: 0, at: 100, bytes))
    if synced { medium.apply(.sync(file: 0)) }
    return medium
  }

  @Test func `what was synced survives every power cut`() {
    let whole = [1, 2, 3] + [UInt8](repeating: 0, count: 97) + Self.bytes
    for seed in UInt64(0)..<50 {
      var medium = Self.medium(synced: true)
      var random = SeededRandom(seed: seed)
      #expect(medium.losePower(using: &random) == Medium.Losses())
      #expect(medium.content(of: 0) == whole)
    }
  }

  @Test func `what was not is kept, lost or torn at sectors, and programs read it until then`() {
    var losses = Medium.Losses()
    for seed in UInt64(0)..<200 {
      var medium = Self.medium(synced: false)
      #expect(medium.size(of: 0) == 1400)
      var random = SeededRandom(seed: seed)
      let loss = medium.losePower(using: &random)
      losses.kept += loss.kept
      losses.torn += loss.torn
      losses.lost += loss.lost
      let left = medium.content(of: 0)
      #expect(Array(left.prefix(3)) == [1, 2, 3])
      // Sectors of the file: the write covers parts of three.
      for (start, end) in [(100, 512), (512, 1024), (1024, 1400)] where left.count > start {
        let sector = Set(left[start..<min(end, left.count)])
        #expect(sector.count == 1, "a sector in pieces")
      }
      #expect(medium.unsyncedCount == 0)
    }
    #expect(losses.kept > 20 && losses.torn > 20 && losses.lost > 20)
  }

  @Test func `names come and go in their order`() {
    var seen: Set<[Bool]> = []
    for seed in UInt64(0)..<100 {
      var medium = Medium(files: ["a": [1]])
      medium.apply(.create("b"))
      medium.apply(.delete("a"))
      var random = SeededRandom(seed: seed)
      medium.losePower(using: &random)
      seen.insert([medium.file("a") != nil, medium.file("b") != nil])
    }
    #expect(seen == [[true, false], [true, true], [false, true]])
  }

  @Test func `a copy is another disk`() {
    let original = Medium(files: ["a": [1]])
    var copy = original
    copy.apply(.write(file: 0, at: 0, [2]))
    #expect(original.content(of: 0) == [1])
    #expect(copy.content(of: 0) == [2])
  }
}
