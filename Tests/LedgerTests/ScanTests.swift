import Domain
import Ledger
import Testing

struct ScanTests {
  private static func ledger(_ scratch: Scratch) throws -> Ledger {
    let ledger = try scratch.ledger()
    let desk = try Desk(ledger.epoch)
    let shipment = Shipment(waybill: "YT1", carrier: "yto")
    for serial in 1...3 { for entries in desk.walk(serial) { try ledger.append(entries) } }
    try ledger.append([.intent(Intent(id: desk.id(4), mass: Mass(grams: 9), shipment: shipment))])
    try ledger.append([.outcome(desk.id(4), .withdrawn, .worker)])
    try ledger.append([.stopped(reason: "")])
    return ledger
  }

  private static func found(_ ledger: Ledger, _ change: (inout EventFilter) -> Void) throws
    -> [Int64]
  {
    var filter = EventFilter(lanes: [.records])
    change(&filter)
    var found: [Int64] = []
    try ledger.reader.scan(filter) { account in
      found.append(account.event.sequence)
      return true
    }
    return found
  }

  @Test func `events are found by parcel, waybill, type and time`() throws {
    let scratch = try Scratch()
    let ledger = try Self.ledger(scratch)
    let desk = try Desk(ledger.epoch)
    #expect(try Self.found(ledger) { _ in } == Array(1...17))
    #expect(try Self.found(ledger) { $0.parcel = desk.number(2).text } == Array(6...10))
    // Also the outcome, which itself does not tell the waybill.
    #expect(try Self.found(ledger) { $0.waybill = "YT1" } == [16, 17])
    #expect(try Self.found(ledger) { $0.waybill = "YT2" } == [])
    #expect(try Self.found(ledger) { $0.types = ["parcel."] } == [5, 10, 15])
    #expect(try Self.found(ledger) { $0.types = ["parcel"] } == [])
    #expect(try Self.found(ledger) { $0.lanes = [.telemetry] } == [1])
    let times = try everything(.records, in: ledger.reader).map(\.time.wallMilliseconds)
    #expect(
      try Self.found(ledger) {
        $0.from = times[5]
        $0.to = times[9]
      } == Array(6...8)
    )
  }

  @Test func `a scan stops when told to, and passes over what is purged`() throws {
    let scratch = try Scratch()
    let policy = SpacePolicy(ballastBytes: 4096, scarceBytes: 0, stepEvents: 5)
    var ledger = try Self.ledger(scratch)
    var seen = 0
    try ledger.reader.scan(EventFilter()) { _ in
      seen += 1
      return seen < 4
    }
    #expect(seen == 4)
    try ledger.acknowledge(.records, durableUpTo: 10)
    try ledger.close()
    ledger = try Ledger(path: scratch.file, policy: policy, now: Ticker(hour: 600_000).now)
    while try ledger.upkeep() {}
    #expect(try Self.found(ledger) { $0.types = ["parcel."] } == [15])
  }
}
