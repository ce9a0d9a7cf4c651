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

extension PrinterOpener {
  /// The printer of a config: on a serial line, or else on USB.
  static func linux(_ printer: StationConfig.Printer) -> PrinterOpener {
    let connection = printer.connection
    if let line = connection.line {
      let address = connection.node.map { SerialAddress.path($0) } ?? .usb([connection.usb])
      return PrinterOpener(
        SerialPrinterOpener(SerialOpener(role: "printer", at: address, line: line))
      )
    }
    return PrinterOpener(
      USBPrinterOpener(
        role: "printer",
        // What the profile says of the model, narrowed by what station.yaml says of this one.
        matching: printer.profile.usb.narrowed(by: connection.usb),
        isUnidirectional: printer.profile.isUnidirectional,
        staysDetached: printer.profile.staysDetached
      )
    )
  }
}
