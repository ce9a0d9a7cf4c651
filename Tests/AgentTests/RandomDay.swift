import Agent
import Domain
import Drivers
import Simulator
import Station

/// A day of a worker, a technician and fate, all of them drawn from one seed.
struct RandomDay {
  private var random: SeededRandom

  init(seed: UInt64) {
    random = SeededRandom(seed: seed)
  }

  mutating func play(_ station: inout VirtualStation, steps: Int) throws {
    for _ in 0..<steps {
      switch Int.random(in: 0..<112, using: &random) {
      case 0..<20: station.order("place \(Int.random(in: 5...9000, using: &random))")
      case 20..<28: station.order("remove")
      case 28..<32 where station.core.workflow.plan.scans:
        // Few numbers, so that some come twice.
        station.scan("YT\(Int.random(in: 100_000...100_012, using: &random))", "yto")
      case 28..<32: station.order("remove")
      case 32..<62: station.press(.go)
      case 62..<68: station.press(.again)
      case 68..<73: station.press(.cancel)
      case 73..<78:
        station.order("guard \(Bool.random(using: &random) ? "open" : "close")")
      case 78..<82:
        station.order("estop \(Bool.random(using: &random) ? "press" : "release")")
      case 82..<87:
        station.printing = VirtualStation.Printing.allCases.randomElement(using: &random) ?? .works
      case 87..<91:
        let fault = SimulatedMachine.Fault.allCases.randomElement(using: &random) ?? .none
        station.order("machine \(fault.rawValue)")
      case 91..<94: station.isDiskFull.toggle()
      case 94..<96:
        let orders = ["machine hot", "machine cool", "material 0", "material 9", "machine by-hand"]
        station.order(orders.randomElement(using: &random) ?? "machine cool")
      case 96..<98: try station.restart()
      case 98..<102: try station.crash()
      case 102..<106: spoilDisk(station)
      case 106..<109: setClock(&station)
      default:
        let operations = Int.random(in: 0..<80, using: &random)
        station.disk.setFaults { $0.operationsUntilPowerCut = operations }
      }
      station.advance(.milliseconds(Int64.random(in: 1...1500, using: &random)))
      if station.isDown { try station.crash() }
    }
  }

  private mutating func spoilDisk(_ station: VirtualStation) {
    let count = Int.random(in: 1...4, using: &random)
    let isSync = Bool.random(using: &random)
    station.disk.setFaults { faults in
      if isSync { faults.badSyncs = count } else { faults.badWrites = count }
    }
  }

  /// Milliseconds of a year.
  private static let year: Int64 = 365 * 86_400_000

  private mutating func setClock(_ station: inout VirtualStation) {
    let today = 54 * Self.year
    switch Int.random(in: 0..<3, using: &random) {
    case 0:
      station.tally.add("clock: back to 1970")
      station.clock.set(toMilliseconds: 0, .none)
    case 1:
      station.tally.add("clock: forward by years")
      let years = Int64.random(in: 1...30, using: &random)
      let quality: ClockQuality = Bool.random(using: &random) ? .rtc : .ntp
      station.clock.set(toMilliseconds: today + years * Self.year, quality)
    default:
      station.tally.add("clock: put right")
      station.correctClock(toMilliseconds: today, Bool.random(using: &random) ? .ntp : .hub)
    }
  }

  /// Mends everything and answers every question, as a patient worker would.
  ///
  /// - Returns: Whether the station came to rest with nothing in hand.
  mutating func settle(_ station: inout VirtualStation) throws -> Bool {
    station.mendDisk()
    if station.isDown { try station.crash() }
    station.mendDisk()
    station.printing = .works
    let orders = [
      "machine none", "machine reset", "machine cool", "material 99", "guard close",
      "estop release", "remove",
    ]
    for order in orders { station.order(order) }
    for _ in 0..<40 {
      station.advance(.seconds(7))
      switch station.core.workflow.meaning {
      case .idle, .done, .scanFirst:
        return station.core.workflow.parcel == nil
          || station.core.workflow.meaning == .done
      case .machineTrouble: station.order("machine reset")
      case .resetNeeded: station.press(.cancel)
      default: station.press(.go)
      }
    }
    return false
  }
}
