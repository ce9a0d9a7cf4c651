import Agent
import Domain
import Drivers
import LinuxIO
import Uplink

/// GPIO chips and boards on Modbus, as one.
typealias StationLineBank = JoinedLineBank<GPIOLineBank, ModbusLineBank>

extension Hardware where Printer == PrinterOpener, Bank == StationLineBank {
  /// The real devices of a config.
  static func linux(_ config: StationConfig) -> Self {
    Hardware(
      scale: .linux(config.scale),
      scanners: config.scanners.map { .linux($0) },
      printer: .linux(config.printer),
      lines: { wiring, report in
        try StationLineBank(
          inputs: wiring.inputs.map(\.line),
          outputs: wiring.outputs.map(\.line),
          consumer: "yizhand",
          buses: config.buses,
          report: report
        )
      },
      watchForPlugs: { plugged in
        guard let events = try? DeviceEvents() else { return }
        for await event in events.events(of: ["hidraw", "tty", "input", "usb", "gpio"]) {
          switch event.subsystem {
          case "gpio": plugged(.lines)
          // A node comes after its USB device, and is not to be tried before.
          case "usb": plugged(.printer)
          case "tty":
            plugged(.device)
            if config.printer.connection.line != nil { plugged(.printer) }
          default: plugged(.device)
          }
          // Anything may have happened.
          if event == .overflow { plugged(.lines) }
        }
      }
    )
  }
}

extension JoinedLineBank where Chips == GPIOLineBank, Boards == ModbusLineBank {
  /// Takes the lines of this box.
  init(
    inputs: [LineSpec],
    outputs: [LineSpec],
    consumer: String,
    buses: [ModbusBus],
    report: @escaping BoardReport
  ) throws(Trouble) {
    try self.init(
      inputs: inputs,
      outputs: outputs,
      chips: { (inputs, outputs) throws(Trouble) in
        try GPIOLineBank(inputs: inputs, outputs: outputs, consumer: consumer)
      },
      boards: { (inputs, outputs) throws(Trouble) in
        try ModbusLineBank(inputs: inputs, outputs: outputs, buses: buses, report: report)
      }
    )
  }
}

extension StationConfig {
  /// The serial lines with boards on them, each with all of its boards.
  var buses: [ModbusBus] {
    var groups: [[Board]] = []
    for board in boards {
      let place = groups.firstIndex { $0[0].connection.isSamePort(as: board.connection) }
      if let place { groups[place].append(board) } else { groups.append([board]) }
    }
    return groups.map { ModbusBus($0) }
  }
}

extension ModbusBus {
  fileprivate init(_ boards: [StationConfig.Board]) {
    let connection = boards[0].connection
    let line = connection.line ?? boards[0].profile.line
    let address =
      connection.node.map { SerialAddress.path($0) }
      ?? .usb(boards[0].profile.usb.narrowed(by: connection.usb))
    self.init(
      SerialOpener(role: boards.map(\.id).joined(separator: ", "), at: address, line: line),
      baud: line.baud,
      boards: boards.map { board in
        ModbusBoard(
          id: board.id,
          profile: board.profile,
          address: board.address,
          poll: .milliseconds(board.pollMilliseconds)
        )
      }
    )
  }
}

extension HTTPUplink {
  convenience init(hub: StationConfig.HubAddress, stateDirectory: String) {
    self.init(
      Settings(
        url: hub.url,
        authorityFile: hub.certificateFile,
        pin: hub.pin,
        proxy: hub.proxy
      ),
      key: Result { () throws(StationKeyError) in try StationKeyFile.load(stateDirectory) }
    )
  }
}
