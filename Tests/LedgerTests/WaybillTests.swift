import Domain
import Foundation
import Ledger
import Testing

struct WaybillTests {
  private static let shipment = Shipment(waybill: "YT1234567890123", carrier: "yto")

  private static func intent(_ desk: Desk, _ serial: Int, _ shipment: Shipment?) -> Entry {
    .intent(Intent(id: desk.id(serial), mass: Mass(grams: 500), shipment: shipment))
  }

  @Test func `a waybill is known from its first intent on, until its parcel is given up`() throws {
    let scratch = try Scratch()
    let ledger = try scratch.ledger()
    let desk = try Desk(ledger.epoch)
    let waybill = Self.shipment.waybill
    #expect(try !ledger.reader.knows(waybill: waybill))
    try ledger.append([Self.intent(desk, 1, Self.shipment)])
    #expect(try ledger.reader.knows(waybill: waybill))
    #expect(try !ledger.reader.knows(waybill: "YT123456789012"))
    try ledger.append([
      .outcome(desk.id(1), .withdrawn, .worker), .voided(desk.number(1), reason: "lifted off"),
    ])
    #expect(try !ledger.reader.knows(waybill: waybill))
    try ledger.append([Self.intent(desk, 2, Self.shipment)])
    #expect(try ledger.reader.knows(waybill: waybill))
  }

  @Test func `the shipment of a parcel and of an action in doubt is read back`() throws {
    let scratch = try Scratch()
    let ledger = try scratch.ledger()
    let desk = try Desk(ledger.epoch)
    let open = Shipment(waybill: "300000000001", carrier: nil)
    try ledger.append([Self.intent(desk, 1, open)])
    #expect(try ledger.reader.recover(now: Ticker().now()).inDoubt.map(\.shipment) == [open])
    // The worker shows the courier's card afterwards.
    let named = Shipment(waybill: open.waybill, carrier: "zto")
    try ledger.append([Self.intent(desk, 1, named)])
    #expect(try ledger.reader.parcel(desk.number(1))?.shipment == named)
    try ledger.append([Self.intent(desk, 2, nil)])
    #expect(try ledger.reader.parcel(desk.number(2))?.shipment == nil)
  }

  @Test func `a file of schema 1 becomes one of today and keeps what it had`() throws {
    let scratch = try Scratch()
    let epoch = try #require(Epoch("00000000000abcde"))
    let desk = try Desk(epoch)
    let sql = try String(
      contentsOf: URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Schemas/1.sql"),
      encoding: .utf8
    )
    .replacingOccurrences(of: "PARCEL1", with: desk.number(1).text)
    .replacingOccurrences(of: "PARCEL2", with: desk.number(2).text)
    try runSQL(sql, on: scratch.file)

    let ledger = try scratch.ledger()
    #expect(ledger.epoch == epoch)
    let recovery = try ledger.reader.recover(now: Ticker().now())
    #expect(recovery.nextSerial == 3)
    #expect(recovery.inDoubt == [Intent(id: desk.id(2), mass: Mass(grams: 800))])
    #expect(try ledger.reader.parcel(desk.number(1))?.state == .done)
    #expect(try ledger.position(.records).last == 1)
    try ledger.append([Self.intent(desk, 3, Self.shipment)])
    #expect(try ledger.reader.knows(waybill: Self.shipment.waybill))
    #expect(try ledger.reader.integrityCheck() == [])
  }
}
