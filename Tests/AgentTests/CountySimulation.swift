import Agent
import Domain
import Foundation
import Ledger
import Simulator
import Uplink

/// A station, a bad network and the county's hub on virtual time, all of it drawn from one seed.
///
/// The station's core, ledger and workflow are the real ones, and so are the hub's store and the
/// wire format between them; what is played is the worker, fate, power, the disks, the network, a
/// hub that is set back to an old backup, and a card that is copied and runs a second time.
struct CountySimulation {
  /// A box, its worker, and what its sync has learnt.
  struct Box {
    var station: VirtualStation
    var day: RandomDay
    /// What in the hub's answers told of another history of its ledger.
    var alarm: String?

    mutating func play() throws { try day.play(&station, steps: 1) }
    mutating func settle() throws -> Bool { try day.settle(&station) }
  }

  /// The station, and after a while the twin that runs on a copy of its card.
  private(set) var boxes: [Box]
  private(set) var hub: VirtualHub
  /// Now and then gives an event up as if it had been purged, to see that this is found out.
  var forgets = false
  private let folder: URL
  private let seed: UInt64
  private var random: SeededRandom
  /// Batches that are in the network, how often they arrived, and the order in which they left.
  private var packets: [(batch: Batch, arrivals: Int)] = []
  private var newestArrival = -1
  /// For so many moves the link is still down.
  private var outage = 0
  /// The copy of the card, until it runs.
  private var copy: Medium?
  private let hasTwin: Bool
  private var tally = FaultTally()

  init(seed: UInt64, folder: URL) throws {
    self.folder = folder
    self.seed = seed
    random = SeededRandom(seed: seed &+ 1)
    hasTwin = Int.random(in: 0..<6, using: &random) == 0
    let own = try Self.make(folder, "station")
    let station = try VirtualStation(config: Self.config.get(), seed: seed, folder: own)
    boxes = [Box(station: station, day: RandomDay(seed: seed))]
    hub = try VirtualHub(folder: Self.make(folder, "hub"), seed: seed)
  }

  /// Read once for all seeds.
  private static let config = Result { try Fixture.config(scans: true) }

  private static func make(_ folder: URL, _ name: String) throws -> URL {
    let own = folder.appending(path: name)
    try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
    return own
  }

  /// How often each fault occurred so far.
  var faults: FaultTally {
    var all = tally
    all.add(hub.tally)
    for box in boxes { all.add(box.station.tally) }
    return all
  }

  /// So many moves of the worker and of fate, with the network working or failing in between.
  mutating func play(moves: Int) async throws {
    for move in 0..<moves {
      if hasTwin { try cloneCard(move, of: moves) }
      for index in boxes.indices {
        try boxes[index].play()
        try await act(index)
        if boxes[index].station.isDown { try boxes[index].station.crash() }
        try await hub.recover()
      }
    }
  }

  /// The card is copied while the box is off, and a while later the copy runs, too.
  private mutating func cloneCard(_ move: Int, of moves: Int) throws {
    if move == moves / 4 {
      try boxes[0].station.crash()
      copy = boxes[0].station.disk.medium
    }
    guard let copy, boxes.count == 1, move > moves / 4,
      Int.random(in: 0..<20, using: &random) == 0
    else { return }
    tally.add("card: a copy runs")
    let station = try VirtualStation(
      config: Self.config.get(),
      seed: seed &+ 4,
      folder: Self.make(folder, "twin"),
      medium: copy
    )
    boxes.append(Box(station: station, day: RandomDay(seed: seed &+ 4)))
  }

  private mutating func act(_ index: Int) async throws {
    guard !boxes[index].station.isDown else { return }
    let lane: Lane = Int.random(in: 0..<4, using: &random) == 0 ? .telemetry : .records
    if outage > 0 { outage -= 1 }
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<45: try await send(index, lane, isHeard: true)
    case 45..<52: try await send(index, lane, isHeard: false)
    case 52..<56:
      try await send(index, lane, isHeard: false)
      tally.add("station: power cut between sending and the answer")
      try boxes[index].station.crash()
    case 56..<60: packets.append((try batch(index, lane), 0))
    case 60..<63: if try !batch(index, lane).events.isEmpty { tally.add("network: request lost") }
    case 63..<76: try await deliverLate()
    case 76..<83: try await ask(index, lane)
    case 83..<87: hub.backUp()
    case 87..<89: try hub.restore()
    case 89..<94: hub.spoil()
    case 94..<96 where outage == 0:
      tally.add("network: down for a spell")
      outage = Int.random(in: 3...25, using: &random)
    default: break
    }
  }

  private func batch(_ index: Int, _ lane: Lane, limit: Int = 40) throws -> Batch {
    let ledger = boxes[index].station.ledger
    return Batch(
      site: VirtualStation.station,
      epoch: ledger.epoch,
      lane: lane,
      events: try ledger.pending(lane, limit: limit, maxBytes: SyncPolicy.mostBytes),
      oldest: try ledger.reader.oldest(lane)
    )
  }

  private mutating func send(_ index: Int, _ lane: Lane, isHeard: Bool) async throws {
    let limit = Int.random(in: 1...40, using: &random)
    var batch = try batch(index, lane, limit: limit)
    guard !batch.events.isEmpty else { return }
    if outage > 0 { return tally.add("network: request while it was down") }
    if forgets, batch.events.count > 1, Bool.random(using: &random) {
      batch.events.removeFirst()
      batch.oldest = batch.events[0].sequence
    }
    packets.append((batch, 1))
    newestArrival = packets.count - 1
    guard let receipt = try await hub.accept(batch) else { return }
    if isHeard { try accept(receipt, of: batch, index) } else { tally.add("network: answer lost") }
  }

  /// Late, doubled, in any order; the answer finds nobody.
  private mutating func deliverLate() async throws {
    guard outage == 0, let index = packets.indices.randomElement(using: &random) else { return }
    if packets[index].arrivals > 0 { tally.add("network: request doubled") }
    if index < newestArrival { tally.add("network: requests out of order") }
    packets[index].arrivals += 1
    newestArrival = max(newestArrival, index)
    _ = try await hub.accept(packets[index].batch)
  }

  private mutating func ask(_ index: Int, _ lane: Lane) async throws {
    guard outage == 0 else { return }
    var question = try batch(index, lane)
    question.events = []
    guard let receipt = try await hub.accept(question) else { return }
    try accept(receipt, of: question, index)
  }

  /// What the station does with an answer; it may go back.
  private mutating func accept(_ receipt: Receipt, of batch: Batch, _ index: Int) throws {
    let station = boxes[index].station
    let position = try station.ledger.position(receipt.lane)
    let forks = receipt.forks(last: position.last)
    if !forks.isEmpty { boxes[index].alarm = forks.joined(separator: ", ") }
    if receipt.durableUpTo < position.acknowledged { tally.add("station: rewound by the hub") }
    let refusals = station.disk.refusals
    do {
      try station.ledger.acknowledge(
        receipt.lane,
        durableUpTo: receipt.mark(for: batch, acknowledged: position.acknowledged)
      )
    } catch { guard station.isDown || station.disk.refusals > refusals else { throw error } }
  }

  /// Mends everything, lets the network work, and tells what is wrong then.
  mutating func violations() async throws -> [String] {
    var wrongs: [String] = []
    try await hub.mend()
    outage = 0
    for index in boxes.indices {
      if try !boxes[index].settle() {
        wrongs.append("station \(index) did not come to rest")
      }
      // What is recorded last finds out a history that only seemed to be the same.
      let entry = Entry.device(role: "scale", state: "ready", detail: "box \(index)")
      for entry in [entry, .started(version: "box \(index)", inDoubt: index)]
      where !boxes[index].station.keep([entry]) {
        wrongs.append("station \(index) keeps nothing more")
      }
    }
    for index in boxes.indices { try await bringHome(index) }
    for index in boxes.indices { try await bringHome(index) }
    wrongs += hub.wrongs
    for index in boxes.indices { wrongs += try violations(of: boxes[index].station) }
    wrongs += boxes.count == 1 ? try await lanes() + parcels() : try await forks()
    return wrongs
  }

  private mutating func bringHome(_ index: Int) async throws {
    try await drain(index)
    // A hub that was set back asks for more.
    for lane in Lane.allCases { try await ask(index, lane) }
    try await drain(index)
  }

  private mutating func drain(_ index: Int) async throws {
    for _ in 0..<1000 {
      for lane in Lane.allCases { try await send(index, lane, isHeard: true) }
      let left = try Lane.allCases.map { try boxes[index].station.ledger.position($0).pending }
      // One that is contradicted gets no further: it sends nothing more until it has a new epoch.
      if left == [0, 0] || boxes[index].alarm != nil { break }
    }
  }
}
