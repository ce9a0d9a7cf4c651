import ArgumentParser
import Foundation
import Station

/// The worker of a running station, for the rig.
struct WorkerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "worker",
    abstract: "Be the worker of a running station: look at its panel, give orders to its bench.",
    discussion: """
      A hook is a shell command that runs once, when the panel first shows its meaning for its \
      parcel; the worker waits for its end.

      EXAMPLE
        yizhan-sim worker --orders /run/orders --log /run/bench.log --parcels 20 \\
          --hook '5:printing:unplug-printer' --hook '9:sealing:kill-daemon'
      """
  )

  @Option(help: "The pipe that `yizhan-sim bench` reads.")
  var orders: String

  @Option(help: "The log that `yizhan-sim bench` writes: the worker's eyes.")
  var log: String

  @Option(help: "The daemon's control socket.")
  var socket = "/run/yizhan/control.sock"

  @Option(help: "How many parcels to dispatch.")
  var parcels = 20

  @Option(help: "The seed of the weights.")
  var seed: UInt64 = 1

  @Option(help: "Seconds that the panel may stand still before the worker gives up.")
  var patience = 150

  @Option(help: "PARCEL:MEANING:SHELL COMMAND; repeatable.")
  var hook: [String] = []

  func run() throws {
    let watch = PanelWatch(path: socket)
    var worker = RigWorker(
      hands: try BenchHands(orders: orders, log: log),
      watch: watch,
      hooks: try hook.map(RigWorker.Hook.init),
      parcels: parcels,
      seed: seed,
      patience: .seconds(patience)
    )
    watch.start()
    do { try worker.run() } catch let failure as SmokeFailure {
      print("worker: FAILED: \(failure.reason)")
      throw ExitCode.failure
    }
    // The seconds are of the guest, which may be several times slower than the world.
    let seconds = worker.seconds.map { String(format: "%.1f", $0) }
    print("worker: \(parcels) parcels; seconds each: \(seconds.joined(separator: " "))")
  }
}

extension RigWorker.Hook {
  /// Reads `PARCEL:MEANING:SHELL COMMAND`.
  fileprivate init(_ text: String) throws {
    let parts = text.split(separator: ":", maxSplits: 2).map(String.init)
    guard parts.count == 3, let parcel = Int(parts[0]), let meaning = Meaning(rawValue: parts[1])
    else { throw ValidationError("`\(text)` is not PARCEL:MEANING:SHELL COMMAND") }
    self.init(parcel: parcel, meaning: meaning, command: parts[2])
  }
}

/// The worker's hands and eyes at the bench.
struct BenchHands {
  private let orders: FileHandle
  private(set) var seen: BenchRecord

  init(orders: String, log: String) throws {
    guard let file = FileHandle(forWritingAtPath: orders) else {
      throw ValidationError("\(orders) cannot be written")
    }
    self.orders = file
    seen = BenchRecord(path: log)
  }

  func order(_ order: String) throws {
    try orders.write(contentsOf: Data("\(order)\n".utf8))
  }

  mutating func look() throws { try seen.refresh() }
}
