import ArgumentParser
import Domain

/// `yizhan devices`: what the daemon works with, and what is plugged in.
struct DevicesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "devices",
    abstract: say("设备：程序在用的，和插在机器上的", "devices in use, and what is plugged in"),
    discussion: say(
      "例子：\n  yizhan devices\n  yizhan devices --json\n驿站程序没运行时，仍列出插着的设备。\n"
        + "退出码：1 有设备不正常；3 连不上；4 没有权限。",
      "Examples:\n  yizhan devices\n  yizhan devices --json\n"
        + "What is plugged in is shown even while the daemon is down.\n"
        + "Exit codes: 1 a device is not ready; 3 daemon not reachable; 4 no permission."
    )
  )

  @OptionGroup var daemon: DaemonOptions

  func run() throws {
    let inventory = Inventory.read()
    var devices: [JSON]?
    var failure: Failure?
    do {
      devices = try daemon.ask("Devices")["devices"]?.array ?? []
    } catch {
      failure = error
    }
    if daemon.json {
      Terminal.line(json(devices, inventory).text)
    } else {
      let tables = [
        devices.map { DeviceView.table($0, say) }, inventory.map { DeviceView.table($0, say) },
      ].compactMap(\.self)
      if !tables.isEmpty { Terminal.line(tables.joined(separator: "\n\n")) }
    }
    if let failure { throw failure.told(say) }
    if DeviceView.hasTrouble(devices ?? []) { throw Ending.trouble }
  }

  private func json(_ devices: [JSON]?, _ inventory: [InventoryItem]?) -> JSON {
    .object([
      "devices": devices.map { .array($0) } ?? .null,
      "inventory": inventory.map { .array($0.map(\.json)) } ?? .null,
    ])
  }
}
