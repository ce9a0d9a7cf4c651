import Agent
import Domain
import Drivers
import Foundation
import Glibc
import Ledger
import Logging
import ServiceLifecycle
import Simulator
import Station
import Synchronization
import Testing

/// A station whose disk takes no writes when it starts.
struct StandbyTests {
  /// A file system in memory, so that a test can make it read-only.
  private struct Disk {
    let folder: URL

    init() throws {
      folder = try Fixture.folder()
      try #require(unsafe mount("tmpfs", folder.path, "tmpfs", 0, "size=64m") == 0)
    }

    func remount(readOnly: Bool) throws {
      let flags = UInt(MS_REMOUNT) | (readOnly ? UInt(MS_RDONLY) : 0)
      try #require(unsafe mount("tmpfs", folder.path, "tmpfs", flags, "") == 0)
    }

    func remove() {
      _ = unsafe umount2(folder.path, 2)
      try? FileManager.default.removeItem(at: folder)
    }
  }

  /// What a client was told.
  private final class Answer: Sendable {
    let status = Mutex<JSON?>(nil)
  }

  private static func until(_ condition: () async throws -> Bool) async throws {
    for _ in 0..<3000 {
      if try await condition() { return }
      try await Task.sleep(for: .milliseconds(10))
    }
    Issue.record("it never came about")
  }

  @Test(
    .enabled(if: geteuid() == 0, "mounting a tmpfs asks for root"),
    .timeLimit(.minutes(2)),
    arguments: [false, true]
  )
  func `a disk that takes no writes is shown and told, and the station starts once it does`(
    hasLedger: Bool
  ) async throws {
    let disk = try Disk()
    defer { disk.remove() }
    let sockets = try Fixture.folder()
    defer { try? FileManager.default.removeItem(at: sockets) }
    var config = try Fixture.config()
    config.stateDirectory = disk.folder.path
    config.controlSocket = sockets.appending(path: "control.sock").path
    if hasLedger { try StationAgent.open(config).ledger.close() }
    try disk.remount(readOnly: true)
    let error = try #require(throws: LedgerError.self) { try StationAgent.open(config) }
    #expect(error.kind == .readOnly)

    let wiring = Wiring(config)
    let lines = try SimulatedLines(
      inputs: wiring.inputs.map(\.line.role),
      outputs: wiring.outputs.map(\.line.role),
      levels: ["machine.estop-ok": true, "machine.guard-closed": true]
    )
    let standby = StandbyAgent(
      config: config,
      error: error,
      lines: { _, _ in lines.bank },
      notifier: ServiceNotifier(socket: nil),
      logger: Logger(label: "standby") { _ in SwiftLogNoOpLogHandler() },
      interval: .milliseconds(50)
    )
    let socket = config.controlSocket
    try await withThrowingTaskGroup(of: Void.self) { group in
      for service in standby.services { group.addTask { try await service.run() } }
      try await Self.until {
        await standby.reactor.ask { $0.workflow.meaning } == .noLedger
          && lines.outputLevels["lamp-amber"] == true
      }
      // Every button says no, and nothing of the machine moves.
      for button in Button.allCases { standby.reactor.post(.pressed(button)) }
      standby.reactor.post(.scale(.ready))
      standby.reactor.post(.printer(.ready))
      let now = MonotonicClock.now()
      standby.reactor.post(.reading(Reading(state: .zero, mass: .zero, at: now)))
      standby.reactor.post(.reading(Reading(state: .stable, mass: Mass(grams: 500), at: now)))
      standby.reactor.post(.pressed(.go))
      #expect(await standby.reactor.ask { $0.workflow.meaning } == .noLedger)
      #expect(lines.outputLevels.allSatisfy { !$0.key.hasPrefix("machine.") || !$0.value })
      try await Self.until { FileManager.default.fileExists(atPath: socket) }
      // It blocks, and the pool has answers to give.
      let answer = Answer()
      try await PrivateThread.run("standby-client") {
        guard var client = try? ControlClient(path: socket) else { return }
        let status = try? client.call("Status")["status"]
        answer.status.withLock { $0 = status }
      }
      let status = answer.status.withLock(\.self)
      #expect(status?["meaning"]?["id"]?.string == "no-ledger")
      #expect(status?["ledger"]?["error"]?.string?.contains("remount") == true)
      #expect(status?["hint"]?["role"]?.string == "ledger")
      #expect(standby.watch.opening == nil)
      try disk.remount(readOnly: false)
      try await Self.until { standby.watch.opening != nil }
      group.cancelAll()
      while (try? await group.next()) != nil {}
    }
    #expect(lines.outputLevels.values.allSatisfy { !$0 })
    let ledger = try #require(standby.watch.opening).ledger
    try ledger.append([.started(version: "test", inDoubt: 0)])
    try ledger.close()
  }
}
