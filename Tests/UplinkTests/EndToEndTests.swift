import Domain
import Foundation
import Hub
import Ledger
import Testing
import Uplink

/// A station's ledger, an uplink and a hub, as they work together.
struct EndToEndTests {
  /// The loop of a station, without its waits.
  private static func drain(_ ledger: Ledger, over uplink: some Uplink, limit: Int = 7) async throws
  {
    let site = try SiteID.test()
    for lane in Lane.allCases {
      while true {
        let events = try ledger.pending(lane, limit: limit)
        if events.isEmpty { break }
        let batch = Batch(site: site, epoch: ledger.epoch, lane: lane, events: events)
        let receipt = try await uplink.deliver(batch)
        try ledger.acknowledge(lane, durableUpTo: receipt.durableUpTo)
      }
    }
  }

  private static func record(_ serials: ClosedRange<Int>, in ledger: Ledger) throws {
    let site = try SiteID.test()
    for serial in serials {
      let number = ParcelNumber(site: site, epoch: ledger.epoch, serial: serial)
      let mass = Mass(grams: 100 * serial)
      let id = ActionID(parcel: number, action: .label, copy: 1)
      try ledger.append([.intent(Intent(id: id, mass: mass))])
      try ledger.append([
        .outcome(id, .done, .counter),
        .dispatched(
          Parcel(
            number: number,
            mass: mass,
            direction: .up,
            stage: .collect,
            labelCopy: 1,
            sealed: false
          )
        ),
        .device(role: "scale", state: "ready", detail: "包裹 \(serial)"),
      ])
    }
  }

  /// What the hub must show when it holds everything.
  private static func expect(_ ledger: Ledger, at store: String, parcels: Int) async throws {
    let view = try await view(store, .test())
    let grams = (1...parcels).reduce(0) { $0 + 100 * $1 }
    #expect(view.up == Traffic(parcels: parcels, grams: grams))
    let marks = Dictionary(uniqueKeysWithValues: view.lanes.map { ($0.lane, $0.durableUpTo) })
    #expect(marks[.records] == Int64(3 * parcels) && marks[.telemetry] == Int64(parcels))
    #expect(view.lanes.allSatisfy { $0.conflicts == 0 && $0.quarantined == 0 })
    for lane in Lane.allCases {
      let position = try ledger.position(lane)
      #expect(position.pending == 0)
    }
  }

  @Test(.timeLimit(.minutes(5)))
  func `a hub that restarts in mid-run loses and doubles nothing`() async throws {
    let scratch = try Scratch()
    let ledger = try scratch.ledger()
    try Self.record(1...10, in: ledger)
    let port = try await withHub(scratch.store) { port in
      let events = try ledger.pending(.records, limit: 11)
      let batch = Batch(
        site: try .test(),
        epoch: ledger.epoch,
        lane: .records,
        events: events
      )
      // The answer is not acknowledged: as if it had been lost.
      _ = try await HTTPUplink.to(port).deliver(batch)
      return port
    }
    let uplink = HTTPUplink.to(port)
    await #expect(throws: UplinkError.self) { try await Self.drain(ledger, over: uplink) }
    try Self.record(11...20, in: ledger)
    try await withHub(scratch.store, port: port) { _ in
      try await Self.drain(ledger, over: uplink)
    }
    try await Self.expect(ledger, at: scratch.store, parcels: 20)
  }

  @Test(.timeLimit(.minutes(5)))
  func `a hub restored from an old copy goes back, and the station fills it again`() async throws {
    let scratch = try Scratch()
    let ledger = try scratch.ledger()
    try Self.record(1...10, in: ledger)
    try await withHub(scratch.store) { try await Self.drain(ledger, over: HTTPUplink.to($0)) }
    let old = scratch.path + "/old.sqlite"
    try Self.copyStore(scratch.store, old)
    try Self.record(11...20, in: ledger)
    try await withHub(scratch.store) { try await Self.drain(ledger, over: HTTPUplink.to($0)) }
    try await Self.expect(ledger, at: scratch.store, parcels: 20)
    try Self.record(21...21, in: ledger)
    try await withHub(old) { port in
      let events = try ledger.pending(.records)
      let batch = Batch(
        site: try .test(),
        epoch: ledger.epoch,
        lane: .records,
        events: events
      )
      let receipt = try await HTTPUplink.to(port).deliver(batch)
      #expect(receipt.durableUpTo == 30, "the hub claims what it lost")
      try await Self.drain(ledger, over: HTTPUplink.to(port))
    }
    try await Self.expect(ledger, at: old, parcels: 21)
  }

  private static func copyStore(_ from: String, _ to: String) throws {
    for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: from + suffix) {
      try FileManager.default.copyItem(atPath: from + suffix, toPath: to + suffix)
    }
  }

  @Test func `nothing but a hub is believed`() async throws {
    let sender = try Sender()
    for (answer, isExpected) in [
      ("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>", { $0.isBadAnswer }),
      (
        "HTTP/1.1 302 Found\r\nLocation: http://portal/\r\nContent-Length: 0\r\n\r\n",
        { $0.isBadAnswer }
      ),
      (
        "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",
        { $0 == .refused(status: 500, detail: "") }
      ),
      (
        "HTTP/1.1 503 Busy\r\nRetry-After: 17\r\nContent-Length: 0\r\n\r\n",
        { $0 == .busy(retryAfter: .seconds(17)) }
      ),
      (
        "HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n"
          + String(repeating: "x", count: 300_000),
        { $0.isBadAnswer }
      ),
    ] as [(String, (UplinkError) -> Bool)] {
      let server = try OneShotServer(answer)
      do throws(UplinkError) {
        _ = try await HTTPUplink.to(server.port).deliver(sender.batch([1]))
        Issue.record("it was believed: \(answer.prefix(20))")
      } catch { #expect(isExpected(error), "\(error)") }
    }
  }

  @Test(.timeLimit(.minutes(5)))
  func `a silent server is given up, and a cancelled delivery ends`() async throws {
    let server = try OneShotServer(nil)
    var settings = HTTPUplink.Settings(url: "http://127.0.0.1:\(server.port)")
    settings.totalTimeout = .milliseconds(300)
    let impatient = HTTPUplink(settings, key: .test)
    let batch = try Sender().batch([1])
    await #expect(throws: UplinkError.timedOut) { try await impatient.deliver(batch) }
    let patient = HTTPUplink.to(server.port)
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        await #expect(throws: UplinkError.cancelled) { try await patient.deliver(batch) }
      }
      try? await Task.sleep(for: .milliseconds(100))
      group.cancelAll()
    }
  }

  @Test(.timeLimit(.minutes(5)))
  func `HTTPS works with the hub's own authority and with no other`() async throws {
    let scratch = try Scratch()
    let (certificate, key) = (scratch.path + "/cert.pem", scratch.path + "/key.pem")
    try Certificate.make(certificate, key)
    let files = HubApplication.TLSFiles(certificate: certificate, key: key)
    try await withHub(scratch.store, tls: files) { port in
      let url = "https://127.0.0.1:\(port)"
      let believer = HTTPUplink(.init(url: url, authorityFile: certificate), key: .test)
      let receipt = try await believer.deliver(Sender().batch(1...2))
      #expect(receipt.durableUpTo == 2)
      await #expect(throws: UplinkError.self) {
        try await HTTPUplink(.init(url: url), key: .test).deliver(Sender().batch([3]))
      }
    }
    #expect(try await view(scratch.store, .test()).lanes.map(\.durableUpTo) == [2])
  }
}

extension UplinkError {
  fileprivate var isBadAnswer: Bool {
    if case .badAnswer = self { true } else { false }
  }
}
