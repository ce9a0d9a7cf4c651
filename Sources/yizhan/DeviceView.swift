package import Domain

/// How devices are shown: those the daemon works with, and those that are plugged in.
package enum DeviceView {
  /// Whether one of the daemon's devices wants attention; one that is being opened does not yet.
  package static func hasTrouble(_ devices: [JSON]) -> Bool {
    devices.contains { device in
      ["absent", "degraded", "failed"].contains(device["state"]?.string ?? "")
    }
  }

  /// The daemon's devices.
  package static func table(_ devices: [JSON], _ say: Speech) -> String {
    guard !devices.isEmpty else { return say("没有配置设备", "no device is configured") }
    let rows = devices.map { device in
      [
        Words.role(device["role"]?.string ?? "?", say),
        Words.state(device["state"]?.string ?? "?", say),
        device["detail"]?.string ?? "",
      ]
    }
    return Terminal.table(
      [say("设备", "DEVICE"), say("状态", "STATE"), say("说明", "DETAIL")],
      rows
    )
  }

  /// What is plugged into the box.
  package static func table(_ items: [InventoryItem], _ say: Speech) -> String {
    guard !items.isEmpty else { return say("没有发现设备", "nothing is plugged in") }
    let rows = items.map { item in
      [
        item.kind, item.code, item.port,
        item.isAccessible ? say("可用", "yes") : say("无权限", "no"),
        [item.name, item.hint].filter { !$0.isEmpty }.joined(separator: say("；", "; ")),
      ]
    }
    return Terminal.table(
      [
        say("种类", "KIND"), "ID", say("接口", "PORT"), say("可用", "ACCESS"),
        say("名称", "NAME"),
      ],
      rows
    )
  }
}
