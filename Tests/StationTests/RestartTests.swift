import Domain
import Station
import Testing

struct RestartTests {
  static let questions: [(Stop, Meaning)] = [
    (.idle, .scaleTrouble), (.armed, .askLabel), (.printing, .askLabel), (.labelHeld, .askLabel),
    (.askLabel, .askLabel), (.sealArmed, .askSeal), (.sealing, .askSeal), (.askSeal, .askSeal),
    (.done, .scaleTrouble), (.reprinting, .askLabel), (.finishing, .askSeal),
  ]

  @Test(arguments: questions)
  func `after a restart the worker is asked about what is in doubt`(
    _ stop: Stop,
    _ meaning: Meaning
  ) throws {
    var village = try #require(stop.village)
    village.make(.restart(landed: false))
    #expect(village.meaning == meaning)
    #expect(village.effects == [])
    #expect(village.printing == nil)
    #expect(village.sealing == nil)
  }

  @Test(arguments: Stop.allCases, Button.allCases)
  func `each answer leads home, and every intent gets its one outcome`(
    _ stop: Stop,
    _ button: Button
  ) throws {
    for landed in [false, true] {
      var village = try #require(stop.village)
      village.make(.restart(landed: landed))
      village.play(.scale(.ready), .printer(.ready), .hinder(nil))
      village.play(.press(button))
      village.answer()
      let isHome = village.comesHome(by: button == .cancel ? .cancel : .go)
      #expect(isHome)
      #expect(village.inDoubt == [])
      #expect(village.violations == [], "\(stop), \(button)")
    }
  }

  @Test func `a label printed once more and its armed seal are one question`() throws {
    var village = try #require(Stop.sealArmed.village)
    village.play(.press(.again), .saved)
    #expect(village.inDoubt.map(\.id.action) == [.seal, .label])
    village.play(.restart(landed: false))
    #expect(village.meaning == .askLabel)
    village.play(.scale(.ready), .printer(.ready), .press(.go), .saved)
    #expect(village.meaning == .readyToSeal)
    village.play(.press(.go), .sealed, .saved)
    #expect(village.dispatched.values.map(\.labelCopy) == [2])
    #expect(village.violations == [])
  }

  @Test func `a copy that came out before the restart is not used again`() throws {
    var village = try #require(Stop.sealArmed.village)
    village.play(.press(.again), .saved, .label(.printed(.accepted)), .saved)
    village.play(.restart(landed: false), .scale(.ready), .printer(.ready), .press(.again), .saved)
    village.play(.press(.again), .saved)
    #expect(village.printing?.id.copy == 3)
    #expect(village.violations == [])
  }

  @Test func `a parcel finished before is not counted twice for a reprint in doubt`() throws {
    var village = try #require(Stop.reprinting.village)
    village.play(.restart(landed: false), .press(.go))
    #expect(village.saving?.entries.map(\.type) == ["action.outcome"])
    village.make(.saved)
    #expect(village.dispatched.count == 1)
    #expect(village.violations == [])
  }

  @Test func `doubts of several parcels are asked one after the other`() throws {
    let site = try #require(SiteID("SM017"))
    var workflow = Workflow(plan: Plan(closing: .seal), site: site, epoch: Epoch(1))
    let doubts = [(1, PhysicalAction.seal), (2, .label)].map { serial, action in
      let number = ParcelNumber(site: site, epoch: Epoch(1), serial: serial)
      let id = ActionID(parcel: number, action: action, copy: 1)
      return Doubt(intent: Intent(id: id, mass: Mass(grams: 100)), parcelIsDone: false)
    }
    _ = workflow.handle(.recovered(nextSerial: 3, doubts: doubts), at: .zero)
    #expect(workflow.meaning == .askSeal)
    #expect(workflow.parcel == doubts[0].intent.id.parcel)
    _ = workflow.handle(.pressed(.go), at: .zero)
    _ = workflow.handle(.committed(1), at: .zero)
    #expect(workflow.meaning == .askLabel)
    #expect(workflow.parcel == doubts[1].intent.id.parcel)
    _ = workflow.handle(.pressed(.cancel), at: .zero)
    _ = workflow.handle(.committed(2), at: .zero)
    #expect(workflow.parcel == nil)
  }
}
