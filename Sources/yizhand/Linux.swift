import Agent
import Drivers
import LinuxIO
import Uplink

extension Hardware where Scale == HIDRawOpener, Printer == USBPrinterOpener, Bank == GPIOLineBank {
  /// The real devices of a config.
  static func linux(_ config: StationConfig) -> Self {
    Hardware(
      scale: HIDRawOpener(
        role: "scale", matching: config.scale.identities, usagePage: 0x8D),
      printer: USBPrinterOpener(
        role: "printer", matching: config.printer.identities,
        isUnidirectional: config.printer.profile.isUnidirectional,
        staysDetached: config.printer.profile.staysDetached),
      lines: { wiring in
        try GPIOLineBank(
          inputs: wiring.inputs.map(\.line), outputs: wiring.outputs.map(\.line),
          consumer: "yizhand")
      },
      watchForPlugs: { plugged in
        for await _ in DeviceEvents() { plugged() }
      }
    )
  }
}

extension HTTPUplink {
  convenience init(hub: StationConfig.HubAddress) {
    self.init(Settings(url: hub.url, authorityFile: hub.certificateFile))
  }
}
