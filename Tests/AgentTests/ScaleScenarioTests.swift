import Agent
import Domain
import Drivers
import Foundation
import Ledger
import Simulator
import Station
import Testing

/// Whole stations with scales of other kinds and with scanners, on a virtual clock.
struct ScaleScenarioTests {
  private func withStation(
    _ config: StationConfig,
    scale: SimulatedScale.Model = SimulatedScale.Model(),
    seed: UInt64 = 7,
    _ body: (inout VirtualStation) throws -> Void
  ) throws {
    let folder = try Fixture.folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    var station = try VirtualStation(config: config, seed: seed, folder: folder, scale: scale)
    try body(&station)
  }

  private func dispatched(_ station: VirtualStation) throws -> [JSON] {
    try station.ledger.reader.tail(10_000, lane: .records)
      .filter { $0.type == "parcel.dispatched" }.map { try JSON(parsing: $0.body) }
  }

  /// A model of scale for each way of saying what it weighs, with its simulated wire.
  static let kinds: [(profile: String, wire: SimulatedScale.Wire)] = [
    ("bison-acs", .stGS), ("yaohua-xk3190-a9", .xk3190Continuous),
    ("yaohua-xk3190-a26", .xk3190EqualsA), ("yaohua-xk3190-a12e", .xk3190A12E),
    ("cas-ci-400", .cas22),
  ]

  @Test(arguments: kinds)
  func `a parcel is weighed on it to the gram, and only when it is at rest`(
    _ kind: (profile: String, wire: SimulatedScale.Wire)
  ) throws {
    var model = SimulatedScale.Model()
    model.wire = kind.wire
    let serial = "\(kind.profile), usb: {port: 1-1}"
    try withStation(Fixture.config(closing: nil, scale: serial), scale: model) { station in
      try station.reach(.idle)
      for grams in [1234, 560] {
        station.order("place \(grams)")
        try station.reach(.readyToPrint)
        station.press(.go)
        try station.reach(.done)
        station.order("remove")
        station.advance(.seconds(3))
      }
      #expect(try dispatched(station).map { $0["grams"] } == [.int(1234), .int(560)])
    }
  }

  @Test func `a waybill goes to disk with its parcel, and is not taken again after a restart`()
    throws
  {
    try withStation(Fixture.config(closing: nil, scans: true)) { station in
      try station.reach(.scanFirst)
      station.scan("YT1234567890123", "yto")
      station.order("place 900")
      try station.reach(.readyToPrint)
      station.press(.go)
      try station.reach(.done)
      let record = try #require(try dispatched(station).first)
      #expect(record["waybill"] == .string("YT1234567890123"))
      #expect(record["carrier"] == .string("yto"))
      station.order("remove")
      try station.crash()
      try station.reach(.scanFirst)
      station.scan("YT1234567890123", "yto")
      #expect(station.core.workflow.meaning == .scannedBefore)
      try station.reach(.scanFirst)
    }
  }

  @Test func `a power cut with a scanned parcel in hand loses neither scan nor weight`() throws {
    try withStation(Fixture.config(closing: nil, scans: true)) { station in
      try station.reach(.scanFirst)
      station.scan("300000000001", "sto", "zto")
      #expect(station.core.workflow.meaning == .askCarrier)
      station.scan(card: "zto")
      station.order("place 900")
      try station.reach(.readyToPrint)
      station.printing = .losesAnswer
      station.press(.go)
      station.advance(.milliseconds(20))
      try station.crash()
      try station.reach(.askLabel)
      station.printing = .works
      station.press(.again)
      try station.reach(.done)
      let record = try #require(try dispatched(station).first)
      #expect(record["waybill"] == .string("300000000001"))
      #expect(record["carrier"] == .string("zto"))
      #expect(record["grams"] == .int(900))
    }
  }

  /// Faults of the wire under which no weight may be taken; two scales on one line and glued halves
  /// are the session's to find, see SerialSessionTests.
  static let faults: [SimulatedScale.Fault] = [
    .silent, .stuckMoving, .faultStatus, .wrongBaud, .overloadText,
  ]

  @Test(arguments: faults)
  func `with a fault on the wire nothing is weighed, and nothing is invented`(
    _ fault: SimulatedScale.Fault
  ) throws {
    var model = SimulatedScale.Model()
    model.wire = .stGS
    let serial = "bison-acs, usb: {port: 1-1}"
    try withStation(Fixture.config(closing: nil, scale: serial), scale: model) { station in
      try station.reach(.idle)
      station.bench.scale.fault = fault
      station.order("place 1234")
      station.advance(.seconds(10))
      #expect(station.core.workflow.meaning != .readyToPrint)
      // Mended, it goes on once the scale has been empty.
      station.bench.scale.fault = .none
      station.order("remove")
      station.advance(.seconds(3))
      station.order("place 700")
      try station.reach(.readyToPrint)
      #expect(station.core.workflow.mass == Mass(grams: 700))
    }
  }
}
