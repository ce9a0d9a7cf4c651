import Domain
import Station
import Testing

/// Where the walk through a parcel can be met, and the moves that lead there.
enum Stop: String, CaseIterable {
  case idle, arming, armed, printing, labelHeld, askLabel, sealSaving, sealArmed, sealing, askSeal
  case finishing, done, reprinting, cannotSave

  var village: Village? {
    var village = Village()
    for move in moves { village?.make(move) }
    return village
  }

  private var moves: [Village.Move] {
    switch self {
    case .idle: [.scale(.ready), .printer(.ready), .hinder(nil), .weigh(.zero, 0)]
    case .arming: Stop.idle.moves + [.weigh(.stable, 500)]
    case .armed: Stop.arming.moves + [.saved]
    case .printing: Stop.armed.moves + [.press(.go)]
    case .labelHeld: Stop.printing.moves + [.label(.notStarted)]
    case .askLabel: Stop.printing.moves + [.label(.unknown)]
    case .sealSaving: Stop.printing.moves + [.label(.printed(.statusSequence))]
    case .sealArmed: Stop.sealSaving.moves + [.saved]
    case .sealing: Stop.sealArmed.moves + [.press(.go)]
    case .askSeal: Stop.sealing.moves + [.sealFailed(certain: false)]
    case .finishing: Stop.sealing.moves + [.sealed]
    case .done: Stop.finishing.moves + [.saved]
    case .reprinting: Stop.done.moves + [.press(.again), .saved]
    case .cannotSave: Stop.finishing.moves + [.unsaved]
    }
  }
}

struct DispatchTests {
  private static func entries(_ village: Village) -> [Entry] { village.saving?.entries ?? [] }

  static let meanings: [(Stop, Meaning)] = [
    (.idle, .idle), (.arming, .weighing), (.armed, .readyToPrint), (.printing, .printing),
    (.labelHeld, .readyToPrint), (.askLabel, .askLabel), (.sealSaving, .saving),
    (.sealArmed, .readyToSeal), (.sealing, .sealing), (.askSeal, .askSeal), (.finishing, .saving),
    (.done, .done), (.reprinting, .printing), (.cannotSave, .cannotSave),
  ]

  @Test(arguments: meanings)
  func `each stop of the walk has its meaning`(_ stop: Stop, _ meaning: Meaning) throws {
    let village = try #require(stop.village)
    #expect(village.meaning == meaning)
    #expect(village.violations == [])
    #expect(Self.meanings.count == Stop.allCases.count)
  }

  @Test func `a parcel is weighed, labelled, sealed and saved, in this order`() throws {
    var village = try #require(Stop.idle.village)
    village.make(.weigh(.stable, 500))
    let number = try #require(village.parcel)
    let label = ActionID(parcel: number, action: .label, copy: 1)
    let seal = ActionID(parcel: number, action: .seal, copy: 1)
    let intent = Intent(id: label, mass: Mass(grams: 500))
    #expect(Self.entries(village) == [.intent(intent)])
    village.play(.saved)
    #expect(village.effects == [.beep(.short)])
    village.play(.press(.go))
    #expect(village.effects == [.print(intent)])
    village.play(.label(.printed(.statusSequence)))
    #expect(
      Self.entries(village) == [
        .outcome(label, .done, .statusSequence), .intent(Intent(id: seal, mass: Mass(grams: 500))),
      ]
    )
    village.play(.saved, .press(.go))
    #expect(village.effects == [.startSealing])
    village.play(.sealed)
    let parcel = Parcel(
      number: number,
      mass: Mass(grams: 500),
      direction: .up,
      stage: .collect,
      labelCopy: 1,
      sealed: true
    )
    #expect(
      Self.entries(village) == [.outcome(seal, .done, .statusSequence), .dispatched(parcel)]
    )
    #expect(village.meaning != .done)
    village.play(.saved)
    #expect(village.effects == [.beep(.long)])
    #expect(village.meaning == .done)
    #expect(village.parcel == number)
    #expect(village.violations == [])
  }

  @Test func `a station that does not seal is done with the label`() throws {
    var village = try #require(Village(plan: Plan(closing: nil)))
    village.play(.scale(.ready), .printer(.ready), .weigh(.zero, 0), .weigh(.stable, 500), .saved)
    village.play(.press(.go), .label(.printed(.accepted)))
    #expect(Self.entries(village).map(\.type) == ["action.outcome", "parcel.dispatched"])
    village.play(.saved)
    #expect(village.meaning == .done)
    #expect(village.dispatched.values.map(\.sealed) == [false])
    #expect(village.violations == [])
  }

  @Test func `numbers do not repeat from parcel to parcel`() throws {
    var village = try #require(Stop.done.village)
    let first = village.parcel
    village.play(.weigh(.zero, 0), .weigh(.stable, 500))
    #expect(village.parcel != first)
    #expect(village.parcel != nil)
  }

  // MARK: Weight

  static let weights: [(Reading.State, Int?, Meaning)] = [
    (.moving, 500, .weighing), (.stable, 10, .tooLight), (.stable, 19, .tooLight),
    (.stable, 30_001, .tooHeavy), (.over, nil, .tooHeavy), (.under, nil, .clearScale),
    (.negative, -37, .clearScale), (.fault, nil, .scaleTrouble), (.stale, nil, .scaleTrouble),
    (.stable, 5, .idle), (.stable, -5, .idle), (.zero, 0, .idle), (.stable, nil, .clearScale),
  ]

  @Test(arguments: weights)
  func `a weight that cannot be trusted arms nothing and says why`(
    _ state: Reading.State,
    _ grams: Int?,
    _ meaning: Meaning
  ) throws {
    var village = try #require(Stop.idle.village)
    village.make(.weigh(state, grams))
    #expect(village.meaning == meaning)
    #expect(village.saving == nil)
    #expect(village.parcel == nil)
  }

  @Test(arguments: [20, 30_000])
  func `the bounds themselves are taken`(_ grams: Int) throws {
    var village = try #require(Stop.idle.village)
    village.make(.weigh(.stable, grams))
    #expect(village.saving != nil)
  }

  static let doubtful: [[Village.Move]] = [
    [.weigh(.negative, -3)], [.weigh(.under, nil)], [.scale(.absent), .scale(.ready)],
    [.scale(.degraded), .scale(.ready)],
  ]

  @Test(arguments: doubtful)
  func `after a doubtful zero only a zero seen anew will do`(_ moves: [Village.Move]) throws {
    var village = try #require(Stop.idle.village)
    for move in moves { village.make(move) }
    village.make(.weigh(.stable, 500))
    #expect(village.saving == nil)
    #expect(village.meaning == .clearScale)
    village.play(.weigh(.zero, 0), .weigh(.stable, 500))
    #expect(village.saving != nil)
  }

  static let gone: [[Village.Move]] = [[.weigh(.zero, 0)], [.weigh(.stable, 3)]]
  /// Back on the scale before the disk is done: it looks as if nothing had happened.
  static let returned = doubtful.map { $0 + [.weigh(.stable, 500)] }

  @Test(arguments: gone + doubtful)
  func `a parcel that is taken away before GO is withdrawn`(_ moves: [Village.Move]) throws {
    let village = try #require(Stop.armed.village)
    try Self.expectWithdrawal(of: village, by: moves)
  }

  @Test(arguments: gone + returned)
  func `so is one that is taken away while its intent is being saved`(
    _ moves: [Village.Move]
  ) throws {
    let village = try #require(Stop.arming.village)
    try Self.expectWithdrawal(of: village, by: moves + [.saved])
  }

  private static func expectWithdrawal(of village: Village, by moves: [Village.Move]) throws {
    var village = village
    let number = try #require(village.parcel)
    for move in moves { village.make(move) }
    #expect(entries(village).map(\.type) == ["action.outcome", "parcel.voided"])
    village.make(.saved)
    #expect(village.voided == [number])
    #expect(village.violations == [])
    #expect(village.parcel == nil)
  }

  @Test func `another weight before GO is the one that is printed`() throws {
    var village = try #require(Stop.armed.village)
    village.play(.weigh(.moving, 550), .weigh(.stable, 600))
    #expect(village.meaning == .weighing)
    village.play(.saved, .press(.go))
    #expect(village.printing?.mass == Mass(grams: 600))
    #expect(village.violations == [])
  }

  @Test(
    arguments: [(.moving, 500), (.over, nil), (.stale, nil), (.stable, 10)]
      as [(Reading.State, Int?)]
  )
  func `GO prints nothing while the weight is not the one on disk`(
    _ state: Reading.State,
    _ grams: Int?
  ) throws {
    var village = try #require(Stop.armed.village)
    village.play(.weigh(state, grams), .press(.go))
    #expect(village.effects.contains(.beep(.triple)))
    #expect(village.printing == nil)
    village.play(.weigh(.stable, 500), .press(.go))
    #expect(village.printing != nil)
  }

  @Test func `a parcel left on the scale is never taken twice`() throws {
    for stop in [Stop.done, .printing, .labelHeld, .askLabel, .sealArmed, .sealing, .askSeal] {
      var village = try #require(stop.village)
      let number = village.parcel
      let isHome = village.comesHome(by: .go, weighing: 500)
      #expect(isHome)
      village.play(.weigh(.moving, 480), .weigh(.stable, 500), .weigh(.stable, 501))
      #expect(village.saving == nil, "\(stop)")
      #expect(Set(village.intents.map(\.id.parcel)) == [number], "\(stop)")
      #expect(village.meaning == .clearScale, "\(stop)")
    }
  }

  @Test func `the green light ends with the first news of another load`() throws {
    for (state, grams, meaning) in Self.weights where state != .moving && meaning != .idle {
      var village = try #require(Stop.done.village)
      village.play(.weigh(.zero, 0), .weigh(.moving, 20))
      #expect(village.meaning == .done)
      village.make(.weigh(state, grams))
      #expect(village.meaning == meaning, "\(state)")
    }
    var village = try #require(Stop.done.village)
    village.play(.weigh(.stable, 500))
    #expect(village.meaning == .done)
    village.play(.scale(.absent))
    #expect(village.meaning == .scaleTrouble)
  }

  // MARK: GO while saving

  @Test func `GO waits for the disk, then prints`() throws {
    var village = try #require(Stop.arming.village)
    village.play(.press(.go))
    #expect(village.effects == [])
    #expect(village.printing == nil)
    village.make(.saved)
    #expect(village.printing != nil)
    #expect(village.violations == [])
  }

  static let revocations: [[Village.Move]] = [
    [.press(.cancel), .saved], [.weigh(.stable, 700), .saved, .saved],
    [.unsaved, .tick, .saved], [.unsaved, .press(.go), .tick, .saved],
    [.weigh(.zero, 0), .saved, .saved], [.weigh(.moving, 480), .saved],
  ]

  @Test(arguments: revocations)
  func `GO is forgotten when the world changes while it waits`(_ moves: [Village.Move]) throws {
    var village = try #require(Stop.arming.village)
    village.make(.press(.go))
    for move in moves { village.make(move) }
    village.make(.weigh(.stable, village.workflow.mass?.grams ?? 500))
    #expect(village.printing == nil)
    #expect(village.attempts.isEmpty)
    #expect(village.violations == [])
  }
}
