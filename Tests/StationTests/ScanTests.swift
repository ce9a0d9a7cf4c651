import Domain
import Station
import Testing

struct ScanTests {
  private static let plan = Plan(scans: true, closing: nil)

  /// A station that waits for a scan.
  private static func village(_ plan: Plan = plan) throws -> Village {
    var village = try #require(Village(plan: plan))
    village.play(.scale(.ready), .printer(.ready), .scanner(.ready), .weigh(.zero, 0))
    return village
  }

  private static func waybill(_ text: String, _ candidates: String...) -> Village.Move {
    .scan(.waybill(text, candidates: candidates))
  }

  @Test func `nothing is weighed before it is scanned, and the scan is on disk with it`() throws {
    var village = try Self.village()
    #expect(village.meaning == .scanFirst)
    village.make(.weigh(.stable, 500))
    #expect(village.meaning == .scanFirst)
    #expect(village.saving == nil)
    village.play(Self.waybill("YT1234567890123", "yto"), .lookedUp)
    let number = try #require(village.parcel)
    let shipment = Shipment(waybill: "YT1234567890123", carrier: "yto")
    let id = ActionID(parcel: number, action: .label, copy: 1)
    #expect(
      village.saving?.entries == [
        .intent(Intent(id: id, mass: Mass(grams: 500), shipment: shipment))
      ]
    )
    village.play(.saved, .press(.go), .label(.printed(.accepted)), .saved)
    #expect(village.dispatched[number]?.shipment == shipment)
    #expect(village.meaning == .done)
    #expect(village.violations == [])
  }

  @Test func `a parcel may also be scanned first and weighed after`() throws {
    var village = try Self.village()
    village.play(Self.waybill("YT1", "yto"), .lookedUp)
    #expect(village.effects == [.beep(.short)])
    #expect(village.meaning == .idle)
    village.play(.weigh(.moving, 300), .weigh(.stable, 500), .saved)
    #expect(village.meaning == .readyToPrint)
  }

  @Test func `a number that was taken before is refused until its parcel is given up`() throws {
    var village = try Self.village()
    village.play(Self.waybill("YT1", "yto"), .lookedUp, .weigh(.stable, 500), .saved, .press(.go))
    village.play(.label(.printed(.accepted)), .saved, .weigh(.zero, 0))
    village.play(Self.waybill("YT1", "yto"), .lookedUp)
    #expect(village.meaning == .scannedBefore)
    #expect(village.effects == [.beep(.triple)])
    village.make(.weigh(.stable, 700))
    #expect(village.saving == nil)
    village.make(.tick)
    #expect(village.meaning == .scanFirst)

    village.play(.weigh(.zero, 0), Self.waybill("YT2", "yto"), .lookedUp, .weigh(.stable, 800))
    village.play(.saved, .press(.cancel), .saved, .weigh(.zero, 0))
    #expect(village.meaning == .scanFirst)
    village.play(Self.waybill("YT2", "yto"), .lookedUp, .weigh(.stable, 800))
    #expect(village.saving != nil)
    #expect(village.violations == [])
  }

  @Test func `a number that fits several couriers or none asks, and is never guessed`() throws {
    for candidates in [["sto", "zto"], []] {
      var village = try Self.village()
      let scan = Village.Move.scan(.waybill("300000000001", candidates: candidates))
      village.play(scan, .lookedUp, .weigh(.stable, 500))
      #expect(village.meaning == .askCarrier)
      #expect(village.saving == nil)

      var carded = village
      carded.make(.scan(.carrier("zto")))
      #expect(Self.shipment(carded) == Shipment(waybill: "300000000001", carrier: "zto"))
      var open = village
      open.make(.press(.go))
      #expect(Self.shipment(open) == Shipment(waybill: "300000000001", carrier: nil))
      village.make(.press(.cancel))
      #expect(village.meaning == .scanFirst)
    }
  }

  @Test func `a card corrects the courier of a scan, and without a scan means nothing`() throws {
    var village = try Self.village()
    village.make(.scan(.carrier("zto")))
    #expect(village.meaning == .scanAgain)
    village.play(Self.waybill("YT1", "yto"), .lookedUp, .scan(.carrier("jt")))
    village.make(.weigh(.stable, 500))
    #expect(Self.shipment(village) == Shipment(waybill: "YT1", carrier: "jt"))
  }

  @Test func `a misread code asks for another scan, for a while`() throws {
    var village = try Self.village()
    village.make(.scan(.unusable))
    #expect(village.meaning == .scanAgain)
    #expect(village.effects == [.beep(.double)])
    village.make(Self.waybill("YT1", "yto"))
    #expect(village.meaning == .scanFirst)
    village.make(.lookedUp)
    #expect(village.meaning == .idle)
  }

  @Test func `a scan outlives a parcel that was lifted off, and CANCEL forgets it`() throws {
    var village = try Self.village()
    village.play(Self.waybill("YT1", "yto"), .lookedUp, .weigh(.stable, 500), .saved)
    village.play(.weigh(.zero, 0), .saved)
    #expect(village.meaning == .idle)
    village.make(.press(.cancel))
    #expect(village.meaning == .scanFirst)
  }

  @Test func `a scan with a parcel in hand is refused with a beep`() throws {
    var village = try Self.village()
    village.play(Self.waybill("YT1", "yto"), .lookedUp, .weigh(.stable, 500), .saved)
    village.make(Self.waybill("YT2", "yto"))
    #expect(village.effects == [.beep(.triple)])
    #expect(village.looking == nil)
  }

  @Test func `an answer of the ledger that nobody waits for changes nothing`() throws {
    var village = try Self.village()
    village.play(Self.waybill("YT1", "yto"), .press(.cancel), .lookedUp, .weigh(.stable, 500))
    #expect(village.meaning == .scanFirst)
    #expect(village.saving == nil)
  }

  @Test func `without a scanner the panel says so, once it is needed`() throws {
    var village = try Self.village()
    village.make(.scanner(.absent))
    #expect(village.meaning == .scannerTrouble)
    village.make(.scanner(.ready))
    village.play(Self.waybill("YT1", "yto"), .lookedUp, .scanner(.absent))
    #expect(village.meaning == .idle)
  }

  @Test func `the label read back proves that it came out`() throws {
    var village = try #require(Village(plan: Plan(closing: nil)))
    village.play(.scale(.ready), .printer(.ready), .weigh(.zero, 0), .weigh(.stable, 500), .saved)
    let number = try #require(village.parcel)
    village.play(.press(.go), .label(.unknown))
    #expect(village.meaning == .askLabel)
    let site = try #require(Village.site)
    let other = ParcelNumber(site: site, epoch: Village.epoch, serial: 999)
    village.make(.scan(.parcel(other)))
    #expect(village.meaning == .askLabel)
    village.make(.scan(.parcel(number)))
    let id = ActionID(parcel: number, action: .label, copy: 1)
    #expect(village.saving?.entries.first == .outcome(id, .done, .scanBack))
  }

  @Test func `a parcel that must weigh 5 kg is taken only near that`() throws {
    let expected = Plan.Expected(mass: Mass(grams: 5000), tolerance: Mass(grams: 50))
    let plan = Plan(closing: nil, expected: expected)
    for (grams, fits) in [(4949, false), (4950, true), (5050, true), (5051, false)] {
      var village = try #require(Village(plan: plan))
      village.play(.scale(.ready), .printer(.ready), .weigh(.zero, 0), .weigh(.stable, grams))
      #expect((village.saving != nil) == fits, "\(grams) g")
      if !fits { #expect(village.meaning == .offWeight) }
    }
  }

  @Test func `after a restart the parcel in doubt still has its waybill`() throws {
    var village = try Self.village()
    village.play(Self.waybill("YT1", "yto"), .lookedUp, .weigh(.stable, 500), .saved, .press(.go))
    village.play(.restart(landed: true), .scale(.ready), .printer(.ready), .press(.again), .saved)
    village.play(.label(.printed(.accepted)), .saved)
    let shipments = village.dispatched.values.map(\.shipment)
    #expect(shipments == [Shipment(waybill: "YT1", carrier: "yto")])
    #expect(village.violations == [])
  }

  private static func shipment(_ village: Village) -> Shipment? {
    guard case .intent(let intent)? = village.saving?.entries.first else { return nil }
    return intent.shipment
  }
}
