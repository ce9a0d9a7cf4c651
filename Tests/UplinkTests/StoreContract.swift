import Crypto
import Domain
import Hub
import Testing
import Uplink

/// A store of either kind.
typealias CountyStore = any HubStore & KeyRegistry

/// What every store of a hub promises, whatever is behind it.
struct StoreContract {
  let store: CountyStore
  let sender: Sender

  init(_ store: CountyStore) throws {
    self.store = store
    sender = try Sender()
  }

  func take(_ batch: Batch, at time: Int64 = 1_800_000_000_000) async throws -> Receipt {
    let json = try Gzip.inflate(batch.encoded(), limit: 8 << 20)
    let head = SignedBatch.Head(
      site: batch.site,
      epoch: batch.epoch,
      lane: batch.lane,
      oldest: batch.oldest
    )
    return try await store.accept(IncomingBatch(head, json: json), at: time)
  }

  func take(_ rows: [IncomingBatch.Row]) async throws -> Receipt {
    var batch = try IncomingBatch(
      SignedBatch.Head(site: sender.site, epoch: sender.epoch, lane: .records),
      json: Array("[]".utf8)
    )
    batch.rows = rows
    return try await store.accept(batch, at: 1_800_000_000_000)
  }

  func lane() async throws -> LaneView {
    try #require(try await store.site(sender.site)?.lanes.first)
  }

  func countsOnce(seed: UInt64) async throws {
    var random = Seeded(seed)
    for _ in 0..<30 {
      let start = Int64.random(in: 1...40, using: &random)
      let some = (start...start + 20).shuffled(using: &random)
      _ = try await take(sender.batch(some + some.prefix(3)))
    }
    #expect(try await take(sender.batch((1...60).reversed())).durableUpTo == 60)
    let view = try #require(try await store.site(sender.site))
    #expect(view.up == Traffic(parcels: 40, grams: 40_000), "seed \(seed)")
    #expect(view.down == Traffic(parcels: 20, grams: 20_000), "seed \(seed)")
    #expect(view.lanes.map(\.types) == [["parcel.dispatched": 60]])
    #expect(view.lanes.map(\.conflicts) == [0] && view.lanes.map(\.missing) == [0])
    let newest = try await store.parcels(of: sender.site, limit: 5)
    #expect(newest.count == 5 && Set(newest.map(\.number)).count == 5)
    #expect(try await store.sites() == [view])
  }

  func waitsBehindHoles() async throws {
    #expect(try await take(sender.batch(3...5)).durableUpTo == 0)
    #expect(try await take(sender.batch([1])).durableUpTo == 1)
    #expect(try await take(sender.batch([])).durableUpTo == 1, "an empty batch only asks")
    #expect(try await take(sender.batch([2])).durableUpTo == 5)
    // 6 and 7 were given up by the station before the hub had them.
    var late = sender.batch(10...11)
    late.oldest = 8
    #expect(try await take(late).durableUpTo == 7)
    #expect(try await lane().missing == 2)
    #expect(try await take(sender.batch(8...9)).durableUpTo == 11)
    // A stick that was on its way brings one of them after all.
    #expect(try await take(sender.batch([6])).durableUpTo == 11)
    #expect(try await lane().missing == 1)
    late = sender.batch([])
    late.oldest = 21
    #expect(try await take(late).durableUpTo == 20)
    #expect(try await lane().missing == 10)
  }

  func keepsConflicts() async throws {
    _ = try await take(sender.batch(1...3))
    var clone = sender.batch([2])
    clone.events[0] = sender.event(2, grams: 9999)
    for _ in 0..<3 {
      let receipt = try await take(clone)
      #expect(receipt.durableUpTo == 3 && receipt.conflicts == [2])
    }
    #expect(try await lane().conflicts == 1)
    let view = try #require(try await store.site(sender.site))
    #expect(view.up.grams + view.down.grams == 3000)
    // The same parcel under another sequence ends once.
    var again = sender.event(4)
    again.body = sender.event(1).body
    let receipt = try await take([.event(again)])
    #expect(receipt.conflicts.isEmpty && receipt.durableUpTo == 4, "its place was free")
    #expect(try await lane().conflicts == 2)
    #expect(try await store.site(sender.site)?.up.parcels == view.up.parcels)
    // What follows on a conflict in its batch is of another history, and stays outside.
    var other = sender.batch(4...6)
    other.events[0] = sender.event(4, grams: 9999)
    #expect(try await take(other).durableUpTo == 4)
    #expect(try await take(sender.batch([5])).durableUpTo == 5)
  }

  func tellsParcelsApart() async throws {
    _ = try await take(sender.batch(1...3))
    let view = try #require(try await store.site(sender.site))
    // Recorded anew in the epoch that follows on a fork: the same parcels.
    var anew = sender
    anew.epoch = Epoch(5)
    var events = sender.batch(2...3).events
    for index in events.indices {
      (events[index].epoch, events[index].sequence) = (anew.epoch, Int64(index + 1))
    }
    var batch = anew.batch([])
    batch.events = events
    #expect(try await take(batch).durableUpTo == 2)
    #expect(try await store.site(sender.site)?.up == view.up)
    #expect(try await store.site(sender.site)?.lanes.map(\.conflicts) == [0, 0])
    // All that tells of the fork where the copy had sent nothing before.
    #expect(try await store.site(sender.site)?.lanes.map(\.odd) == [0, 0])
    var renewed = sender.event(1)
    (renewed.epoch, renewed.sequence, renewed.type) = (anew.epoch, 3, Housekeeping.renewed)
    batch.events = [renewed]
    #expect(try await take(batch).durableUpTo == 3)
    #expect(try await store.site(sender.site)?.lanes.map(\.odd) == [0, 1])
    // The same number from another box: two parcels carry it, and both count.
    var stranger = sender.event(1, grams: 500)
    (stranger.epoch, stranger.sequence, stranger.time.boot) = (anew.epoch, 4, "boot-2")
    batch.events = [stranger]
    for _ in 0..<2 {
      let receipt = try await take(batch)
      #expect(receipt.durableUpTo == 4 && receipt.conflicts.isEmpty)
    }
    let after = try #require(try await store.site(sender.site))
    #expect(after.up.parcels == view.up.parcels + 1 && after.up.grams == view.up.grams + 500)
    #expect(after.lanes.map(\.conflicts) == [0, 1])
  }

  func passesWhatWasPurged() async throws {
    var events = sender.batch(1...12).events
    let purge = Housekeeping.purged(.records, from: 1, upTo: 7, reason: .age)
    (events[10].type, events[10].body) = (purge.type, purge.body.canonical)
    var link = Array(SHA256.hash(data: Event.origin(sender.epoch, .records)))
    for index in events.indices {
      link = Array(SHA256.hash(data: link + events[index].canonical))
      events[index].chain = link
    }
    var batch = sender.batch([])
    // As an old copy of the hub has it; the station has purged what had been acknowledged since.
    batch.events = Array(events[..<4])
    _ = try await take(batch)
    (batch.events, batch.oldest) = (Array(events[7...]), 8)
    let receipt = try await take(batch)
    #expect(receipt.durableUpTo == 12 && receipt.conflicts.isEmpty)
    #expect(try await lane().missing == 3)
    // An old stick has it still, and brings also what is there.
    (batch.events, batch.oldest) = (Array(events[..<11]), 1)
    #expect(try await take(batch).conflicts.isEmpty)
    let lane = try await lane()
    #expect(lane.missing == 0 && lane.conflicts == 0 && lane.chainBreaks == 0)
    let view = try #require(try await store.site(sender.site))
    #expect(view.up.parcels + view.down.parcels == 11)
  }

  func takesLostForLost() async throws {
    var lost = sender.event(2)
    (lost.type, lost.body) = (Event.lost, Array("{}".utf8))
    lost.time.boot = "unknown"
    _ = try await take([.event(sender.event(1)), .event(lost), .event(sender.event(3))])
    let view = try #require(try await store.site(sender.site))
    #expect(view.up.parcels == 1)
    // A stick from before the damage brings it after all.
    let receipt = try await take(sender.batch(1...4))
    #expect(receipt.durableUpTo == 4 && receipt.conflicts.isEmpty)
    #expect(try await lane().types == ["parcel.dispatched": 4, Event.lost: 0])
    #expect(try await store.site(sender.site)?.up.parcels == 3)
    // The station goes on giving up what it cannot read, though the hub has it.
    #expect(try await take([.event(lost)]).conflicts.isEmpty)
    #expect(try await lane().conflicts == 0)
    #expect(try await lane().types["parcel.dispatched"] == 4)
  }

  func setsPoisonAside() async throws {
    let large = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 7 ^ $0 >> 8) }
    var weightless = sender.event(4)
    weightless.body = Array("{\"parcel\":\"\\u0000x\"}".utf8)
    var strange = sender.event(5)
    strange.type = "parcel.teleported"
    strange.body = Array("{\"note\":\"\\u0000\"}".utf8)
    let rows: [IncomingBatch.Row] = [
      .event(sender.event(1)), .unreadable(sequence: 2, raw: large, reason: "large"),
      .unreadable(sequence: nil, raw: [0, 255, 0], reason: "of no sequence"), .event(weightless),
      .unreadable(sequence: 3, raw: [], reason: "empty"), .event(strange),
    ]
    for _ in 0..<2 {
      let receipt = try await take(rows)
      #expect(receipt.durableUpTo == 5 && Set(receipt.quarantined) == [2, 3, 4])
    }
    let lane = try await lane()
    #expect(lane.quarantined == 4)
    #expect(lane.types == ["parcel.dispatched": 1, "parcel.teleported": 1])
    #expect(try await take(sender.batch([6])).durableUpTo == 6)
  }

  func followsTheChain() async throws {
    var events = sender.batch(1...9).events
    var link = Array(SHA256.hash(data: Event.origin(sender.epoch, .records)))
    for index in events.indices {
      link = Array(SHA256.hash(data: link + events[index].canonical))
      events[index].chain = link
    }
    _ = try await take(events[5...].map { .event($0) })
    _ = try await take(events[..<5].map { .event($0) })
    #expect(try await lane().durableUpTo == 9)
    #expect(try await lane().chainBreaks == 0)
    // One row was changed on the card, with everything after it as it was.
    var forged = sender.event(10, grams: 1)
    forged.chain = link
    _ = try await take([.event(forged)])
    _ = try await take([.event(forged)])
    #expect(try await lane().chainBreaks == 1)
    // The same row with another history is a fork.
    events[8].chain[0] ^= 1
    #expect(try await take([.event(events[8])]).conflicts == [9])
    // A row whose chain is not known contradicts nothing.
    #expect(try await take(sender.batch([9])).conflicts.isEmpty)
  }

  func knowsItsStations() async throws {
    let (old, new) = (StationKey().publicKey, StationKey().publicKey)
    let epoch = sender.epoch
    func admit(_ key: VerificationKey, _ epoch: Epoch) async throws -> Admission {
      try await store.admit(key, for: sender.site, epoch: epoch, at: 7)
    }
    #expect(try await admit(old, epoch) == .unknown(isNoted: true))
    #expect(try await admit(old, epoch) == .unknown(isNoted: true))
    #expect(try await store.keys().map(\.times) == [2])
    _ = try await store.change(sender.site, .approve(old), at: 8)
    #expect(try await admit(old, epoch) == .granted)
    _ = try await take(sender.batch(1...2))
    await #expect(throws: HubError.self) {
      _ = try await store.change(sender.site, .approve(new), at: 9)
    }
    let states = try await store.change(sender.site, .replace(new), at: 9).map(\.state)
    #expect(states.sorted { $0.rawValue < $1.rawValue } == [.approved, .replaced])
    #expect(try await admit(new, Epoch(5)) == .granted, "the new box has an epoch of its own")
    #expect(try await admit(old, epoch) == .granted, "what the old box had begun may still come")
    #expect(try await admit(old, Epoch(6)) == .replaced)
    _ = try await store.change(sender.site, .revoke(old), at: 10)
    #expect(try await admit(old, epoch) == .revoked)
    #expect(try await admit(new, Epoch(5)) == .granted)
    _ = try await store.change(sender.site, .revoke(nil), at: 11)
    #expect(try await admit(new, Epoch(5)) == .revoked)
    await #expect(throws: HubError.self) {
      _ = try await store.change(.test("XX99"), .revoke(nil), at: 12)
    }
  }

  func boundsWhoKnocks() async throws {
    var noted = 0
    for _ in 0..<20 {
      let answer = try await store.admit(
        StationKey().publicKey,
        for: .test("QQ01"),
        epoch: Epoch(1),
        at: 1
      )
      if answer == .unknown(isNoted: true) { noted += 1 }
    }
    #expect(noted == 8)
    for site in 0..<80 {
      for _ in 0..<8 {
        _ = try await store.admit(
          StationKey().publicKey,
          for: .test("Q\(site + 100)"),
          epoch: Epoch(1),
          at: 1
        )
      }
    }
    #expect(try await store.keys().count { $0.state == .pending } == 500)
  }
}
