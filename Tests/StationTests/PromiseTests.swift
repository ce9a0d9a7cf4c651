import Domain
import Station
import TestSupport
import Testing

struct PromiseTests {
  /// What may happen out of turn.
  static let surprises: [Village.Move] =
    Button.allCases.map { .press($0) } + [
      .weigh(.zero, 0), .weigh(.stable, 500), .weigh(.stable, 501), .weigh(.stable, 10),
      .weigh(.stable, 31_000), .weigh(.moving, 400), .weigh(.negative, -20), .weigh(.under, nil),
      .weigh(.over, nil), .weigh(.stale, nil), .weigh(.fault, nil), .scale(.absent),
      .printer(.absent), .printer(.degraded), .hinder(.emergencyStop), .hinder(.resetNeeded),
      .hinder(.guardOpen), .hinder(.notReady), .hinder(nil), .saved, .unsaved, .unsaved,
      .label(.notStarted), .label(.unknown), .label(.unknown), .label(.printed(.accepted)),
      .sealed, .sealFailed(certain: true), .sealFailed(certain: false), .tick,
      .scanner(.absent), .scanner(.ready), .lookedUp, .scan(.unusable), .scan(.carrier("yto")),
      .scan(.waybill("YT0000000000001", candidates: ["yto"])),
      .scan(.waybill("300000000001", candidates: ["sto", "zto"])),
      .scan(.waybill("NOBODYS1", candidates: [])),
      .restart(landed: true), .restart(landed: false),
    ]

  /// What a willing worker and healthy devices do next.
  private static func expected(_ village: Village, _ dice: inout Dice) -> Village.Move {
    if village.saving != nil { return .saved }
    if village.printing != nil { return .label(.printed(.statusSequence)) }
    if village.sealing != nil { return .sealed }
    if village.looking != nil { return .lookedUp }
    switch village.meaning {
    case .idle: return .weigh(.stable, 500)
    case .scanFirst:
      return .scan(.waybill("YT\(dice.roll(1...30))", candidates: ["yto"]))
    case .askCarrier: return [.press(.go), .scan(.carrier("zto"))][dice.roll(0...1)]
    case .scannerTrouble: return .scanner(.ready)
    case .scannedBefore, .scanAgain: return .tick
    case .done: return [.press(.again), .weigh(.zero, 0), .weigh(.stable, 600)][dice.roll(0...2)]
    case .readyToPrint, .readyToSeal, .askLabel, .askSeal: return .press(.go)
    case .cannotSave: return .tick
    case .resetNeeded, .emergencyStop, .guardOpen, .machineTrouble: return .hinder(nil)
    case .printerTrouble: return .printer(.ready)
    case .scaleTrouble: return [.scale(.ready), .weigh(.zero, 0)][dice.roll(0...1)]
    default: return .weigh(.zero, 0)
    }
  }

  @Test(
    .timeLimit(.minutes(2)),
    arguments: [
      Plan(closing: .seal), Plan(closing: nil), Plan(scans: true, closing: .seal),
      Plan(scans: true, closing: nil),
    ]
  )
  func `no walk breaks a promise, and from everywhere buttons lead home`(_ plan: Plan) throws {
    let seed = UInt64.random(in: 0 ... .max)
    var dice = Dice(seed: seed)
    var done = 0
    var given = 0
    for round in 0..<2000 {
      var village = try #require(Village(plan: plan))
      village.play(.scale(.ready), .printer(.ready), .scanner(.ready), .hinder(nil))
      var path: [Village.Move] = []
      for _ in 0..<dice.roll(1...80) {
        let isSurprise = dice.roll(0...2) == 0
        let move =
          isSurprise
          ? Self.surprises[dice.roll(0...Self.surprises.count - 1)]
          : Self.expected(village, &dice)
        path.append(move)
        village.make(move)
      }
      let isHome = village.comesHome(by: round % 2 == 0 ? .go : .cancel)
      guard village.violations.isEmpty, isHome, village.inDoubt.isEmpty else {
        Issue.record("seed \(seed): \(village.violations), home \(isHome), after \(path)")
        return
      }
      done += village.dispatched.count
      given += village.voided.count
    }
    #expect(done > 1000, "seed \(seed)")
    #expect(given > 500, "seed \(seed)")
  }

  /// Everything that changes the course, for trying all orders.
  static let choices: [Village.Move] = [
    .press(.go), .press(.again), .press(.cancel), .weigh(.zero, 0), .weigh(.stable, 500),
    .scale(.absent), .printer(.absent), .hinder(.resetNeeded), .saved, .unsaved, .tick,
    .label(.unknown), .label(.notStarted), .sealed, .sealFailed(certain: false),
    .restart(landed: true),
  ]

  @Test(.timeLimit(.minutes(2)), arguments: Stop.allCases)
  func `from every stop, no order of three events breaks a promise`(_ stop: Stop) throws {
    let start = try #require(stop.village)
    var tried = 0
    for first in Self.choices {
      var one = start
      one.make(first)
      for second in Self.choices {
        var two = one
        two.make(second)
        for third in Self.choices {
          var three = two
          three.make(third)
          tried += 1
          let isHome = three.comesHome(by: .go)
          guard three.violations.isEmpty, isHome, three.inDoubt.isEmpty else {
            Issue.record("\(three.violations), home \(isHome): \([first, second, third])")
            return
          }
        }
      }
    }
    #expect(tried == 4096)
  }
}
