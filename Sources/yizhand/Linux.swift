import Agent
import Drivers
import LinuxIO
import Uplink

extension Hardware where Printer == USBPrinterOpener, Bank == GPIOLineBank {
  /// The real devices of a config.
  static func linux(_ config: StationConfig) -> Self {
    Hardware(
      scale: .linux(config.scale),
      scanners: config.scanners.map { .linux($0) },
      printer: USBPrinterOpener(
        role: "printer",
        matching: config.printer.identities,
        isUnidirectional: config.printer.profile.isUnidirectional,
        staysDetached: config.printer.profile.staysDetached
      ),
      lines: { wiring in
        try GPIOLineBank(
          inputs: wiring.inputs.map(\.line),
          outputs: wiring.outputs.map(\.line),
          consumer: "yizhand"
        )
      },
      watchForPlugs: { plugged in
        guard let events = try? DeviceEvents() else { return }
        for await event in events.events(of: ["hidraw", "tty", "input", "usb"]) {
          // A node comes after its USB device, and is not to be tried before.
          plugged(event.subsystem == "usb" ? .printer : .device)
        }
      }
    )
  }
}

extension HTTPUplink {
  convenience init(hub: StationConfig.HubAddress) {
    self.init(Settings(url: hub.url, authorityFile: hub.certificateFile))
  }
}

extension StationConfig.Printer {
  /// What the profile says of the model, narrowed by what station.yaml says of this one.
  fileprivate var identities: [USBMatch] { profile.usb.narrowed(by: usb) }
}
