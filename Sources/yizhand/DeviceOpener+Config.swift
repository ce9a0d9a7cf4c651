import Agent
import Drivers
import LinuxIO

extension DeviceOpener {
  /// The scale of a config.
  static func linux(_ scale: StationConfig.Scale) -> DeviceOpener {
    let connection = scale.connection
    return DeviceOpener(
      role: "scale",
      by: connection.line.map { .serial($0, node: connection.node) } ?? .hid(page: 0x8D),
      models: scale.profile.usb,
      own: connection.usb
    )
  }

  /// A scanner of a config.
  static func linux(_ scanner: StationConfig.Scanner) -> DeviceOpener {
    let connection = scanner.connection
    let transport: DeviceTransport =
      switch scanner.profile.wire {
      case .hid: .hid(page: 0x8C)
      case .keyboard: .keyboard
      case .serial(let usual): .serial(connection.line ?? usual, node: connection.node)
      }
    return DeviceOpener(
      role: "scanner",
      by: transport,
      models: scanner.profile.usb,
      own: connection.usb
    )
  }
}
