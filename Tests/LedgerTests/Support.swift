import Domain
import Foundation
import Ledger
import Synchronization

/// A directory that goes away with the value.
final class Scratch: Sendable {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "yizhan-ledger-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var file: String { path + "/ledger.sqlite" }

  func ledger() throws -> Ledger { try Ledger(path: file, now: Ticker().now) }
}

/// A clock that moves only when it is asked.
final class Ticker: Sendable {
  private let count = Mutex<Int64>(0)
  private let start: Int64

  init(hour: Int64 = 494_000) { start = hour * 3_600_000 }

  var now: @Sendable () -> Timestamp {
    { [self] in
      let count = count.withLock { count in
        count += 1
        return count
      }
      return Timestamp(
        boot: "boot-1",
        monotonic: Instant(nanoseconds: count * 1000),
        wallMilliseconds: start + count * 60_000,
        quality: .ntp
      )
    }
  }
}

/// SplitMix64, so that a failing seed can be run again.
struct Seeded: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

struct Missing: Error {}

/// Entries for the parcels of one ledger.
struct Desk {
  let site: SiteID
  let epoch: Epoch

  init(_ epoch: Epoch) throws {
    guard let site = SiteID("SM017") else { throw Missing() }
    self.site = site
    self.epoch = epoch
  }

  func number(_ serial: Int) -> ParcelNumber {
    ParcelNumber(site: site, epoch: epoch, serial: serial)
  }

  func id(_ serial: Int, _ action: PhysicalAction = .label, copy: Int = 1) -> ActionID {
    ActionID(parcel: number(serial), action: action, copy: copy)
  }

  func intent(
    _ serial: Int,
    _ action: PhysicalAction = .label,
    copy: Int = 1,
    grams: Int = 1234
  ) -> Entry {
    .intent(Intent(id: id(serial, action, copy: copy), mass: Mass(grams: grams)))
  }

  func dispatched(_ serial: Int, grams: Int = 1234, _ direction: Direction = .up) -> Entry {
    .dispatched(
      Parcel(
        number: number(serial),
        mass: Mass(grams: grams),
        direction: direction,
        stage: .collect,
        labelCopy: 1,
        sealed: true
      )
    )
  }

  /// The three transactions of an ordinary parcel.
  func walk(_ serial: Int, grams: Int = 1234) -> [[Entry]] {
    [
      [intent(serial, grams: grams)],
      [.outcome(id(serial), .done, .statusSequence), intent(serial, .seal, grams: grams)],
      [.outcome(id(serial, .seal), .done, .counter), dispatched(serial, grams: grams)],
    ]
  }
}

/// Every event of a lane, by way of `pending` from the start.
func everything(_ lane: Lane, in reader: LedgerReader) throws -> [Event] {
  try reader.tail(Int(reader.position(lane).last), lane: lane)
}
