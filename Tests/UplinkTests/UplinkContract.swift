import Domain
import Hub
import Testing
import Uplink

/// What every way to the hub promises, whatever is behind it.
func checkUplinkContract(_ uplink: some Uplink, seed: UInt64) async throws {
  var random = Seeded(seed)
  let sender = try Sender()
  #expect(try await uplink.deliver(sender.batch(1...3)).durableUpTo == 3)
  let gap = try await uplink.deliver(sender.batch(6...8))
  #expect(gap.durableUpTo == 3, "the mark passed a gap")
  #expect(gap.lane == .records && gap.epoch == sender.epoch)
  #expect(try await uplink.deliver(sender.batch(4...5)).durableUpTo == 8)
  for _ in 0..<20 {
    let sequences = (1...8 as ClosedRange<Int64>).shuffled(using: &random)
    let some = sequences.prefix(Int.random(in: 1...8, using: &random))
    #expect(try await uplink.deliver(sender.batch(some)).durableUpTo == 8, "seed \(seed)")
  }
  #expect(try await uplink.deliver(sender.batch([9])).durableUpTo == 9)
  let cancelled = await withTaskGroup(of: UplinkError?.self) { group in
    group.addTask {
      unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
      do throws(UplinkError) { _ = try await uplink.deliver(sender.batch([10])) } catch {
        return error
      }
      return nil
    }
    return await group.next() ?? nil
  }
  #expect(cancelled == .cancelled)
}

struct UplinkContractTests {
  @Test(.timeLimit(.minutes(5)), arguments: [1, 2] as [UInt64])
  func `the twin in memory keeps the contract`(seed: UInt64) async throws {
    let uplink = MemoryUplink()
    try await checkUplinkContract(uplink, seed: seed)
    let sender = try Sender()
    #expect(uplink.events(sender.site, sender.epoch, .records) == sender.batch(1...9).events)
  }

  @Test(.timeLimit(.minutes(5)), arguments: [1, 2] as [UInt64])
  func `HTTP to a real hub keeps the contract`(seed: UInt64) async throws {
    let scratch = try Scratch()
    try await withHub(scratch.store) { port in
      try await checkUplinkContract(HTTPUplink.to(port), seed: seed)
    }
    let view = try await view(scratch.store, .test())
    #expect(view.up == Traffic(parcels: 6, grams: 6000))
    #expect(view.down == Traffic(parcels: 3, grams: 3000))
    #expect(view.lanes.map(\.types) == [["parcel.dispatched": 9]])
  }

  @Test func `the twin can lose an answer after it has kept the batch`() async throws {
    let (uplink, sender) = (MemoryUplink(), try Sender())
    uplink.failNext([.timedOut], kept: true)
    await #expect(throws: UplinkError.timedOut) { try await uplink.deliver(sender.batch(1...2)) }
    #expect(uplink.events(sender.site, sender.epoch, .records).count == 2)
    #expect(try await uplink.deliver(sender.batch(1...2)).durableUpTo == 2)
  }
}
