import Agent
import Drivers
import LinuxIO
import Uplink

extension Hardware where Scale == HIDRawOpener, Printer == USBPrinterOpener, Bank == GPIOLineBank {
  /// The real devices of a config.
  static func linux(_ config: StationConfig) -> Self {
    Hardware(
      scale: HIDRawOpener(
        role: "scale",
        matching: config.scale.identities,
        usagePage: 0x8D
      ),
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
        for await event in events.events(of: ["hidraw", "usb"]) {
          // A scale's node comes after its USB device, and is not to be tried before.
          plugged(event.subsystem == "usb" ? .printer : .scale)
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

extension StationConfig.Scale {
  /// What the profile says of the model, narrowed by what station.yaml says of this one.
  fileprivate var identities: [USBMatch] { profile.usb.narrowed(by: usb) }
}

extension StationConfig.Printer {
  fileprivate var identities: [USBMatch] { profile.usb.narrowed(by: usb) }
}

extension [USBMatch] {
  fileprivate func narrowed(by own: USBMatch) -> [USBMatch] {
    let models = isEmpty ? [USBMatch()] : self
    return models.map { model in
      USBMatch(
        vendor: own.vendor ?? model.vendor,
        product: own.product ?? model.product,
        serialNumber: own.serialNumber ?? model.serialNumber,
        port: own.port ?? model.port
      )
    }
  }
}
