import Domain
import Drivers
import StrictYAML

/// A serial line that several devices share, as far as the file has named them.
struct SharedBus {
  /// Where it is: a node, or a USB device.
  var connection: StationConfig.Connection
  /// What is spoken on it, as the first of its devices does.
  var speech: ControllerProfile.Speech
  /// Who is on it, by address.
  var members: [UInt8: String]
  /// Who named it first.
  var owner: String
}

extension StationDecoder {
  mutating func boards(_ fields: Fields?) -> [StationConfig.Board] {
    guard let fields else { return [] }
    var boards: [StationConfig.Board] = []
    for id in fields.keys {
      let board = fields.fields(id)
      let profile = profile(board, store.boards, "board")
      let address = board.modbusAddress(default: profile?.address ?? 1)
      let poll = board.milliseconds("poll", in: 10...5000, default: 50)
      let connection = shared(board, profile?.line, profile?.usb ?? [], .modbus, address)
      board.finish()
      guard let profile else { continue }
      boards.append(
        StationConfig.Board(
          id: id,
          profile: profile,
          connection: connection,
          address: address,
          pollMilliseconds: poll
        )
      )
    }
    fields.finish()
    return boards
  }

  mutating func controllers(_ fields: Fields?) -> [StationConfig.Controller] {
    guard let fields else { return [] }
    var controllers: [StationConfig.Controller] = []
    for id in fields.keys {
      let controller = fields.fields(id)
      let profile = profile(controller, store.controllers, "controller")
      let address = controller.modbusAddress(default: profile?.address ?? 1)
      let speech = profile?.speech ?? .modbus
      let connection = shared(controller, profile?.line, profile?.usb ?? [], speech, address)
      let allowed = controller.optionalFields("setpoint").flatMap(setpoint)
      controller.finish()
      if speech == .aibus, !AIBUSRequest.addresses.contains(Int(address)) {
        controller.report(
          at: "address",
          "a controller of AIBUS has an address from 0 to 80",
          remedy: "set it on the controller, and write it here"
        )
      }
      guard let profile else { continue }
      controllers.append(
        StationConfig.Controller(
          id: id,
          profile: profile,
          connection: connection,
          address: address,
          allowed: allowed
        )
      )
    }
    fields.finish()
    return controllers
  }

  private func setpoint(_ fields: Fields) -> ClosedRange<Temperature>? {
    let least = Temperature(thousandths: fields.thousandths("least", in: -50_000...500_000))
    let greatest = Temperature(thousandths: fields.thousandths("greatest", in: -50_000...500_000))
    fields.finish()
    guard least <= greatest else {
      fields.report(
        at: "least",
        "`least` (\(least)) is above `greatest` (\(greatest))",
        remedy: "exchange or correct them"
      )
      return nil
    }
    return least...greatest
  }

  // MARK: Lines that are shared

  /// How a device is connected to a line that it may share with others.
  private mutating func shared(
    _ fields: Fields,
    _ usual: SerialLine?,
    _ known: [USBMatch],
    _ speech: ControllerProfile.Speech,
    _ address: UInt8
  ) -> StationConfig.Connection {
    var connection = StationConfig.Connection(usb: usb(fields), line: usual)
    let serial = fields.optionalFields("serial")
    if let serial {
      connection.node = serial.optionalPath("device")
      connection.line = SerialLine(serial, usual: usual ?? SerialLine(baud: 9600))
    }
    guard connection.node != nil || connection.usb != USBMatch() || !known.isEmpty else {
      if serial?.has("device") != true, fields.has("profile") {
        fields.report(
          at: "profile",
          "nothing says which serial port it is plugged into",
          remedy: "add `usb: { port: 1-1.3 }` of its adaptor, or `serial: { device: /dev/ttyS1 }`; "
            + "`yizhan devices` shows them"
        )
      }
      return connection
    }
    if connection.node != nil, connection.usb != USBMatch() {
      fields.report(
        at: "serial",
        "`device` names a port, and `usb` another",
        remedy: "keep one of them"
      )
    }
    join(fields, connection, speech, address)
    return connection
  }

  /// Puts a device on its line, and sees whether it gets on with those that are there.
  private mutating func join(
    _ fields: Fields,
    _ connection: StationConfig.Connection,
    _ speech: ControllerProfile.Speech,
    _ address: UInt8
  ) {
    let found = buses.firstIndex { $0.connection.isSamePort(as: connection) }
    guard let found else {
      let port = connection.node ?? connection.usb.port
      if let port, let holder = hold(serialPort: port, for: fields.path) {
        fields.report(
          at: connection.node == nil ? "usb" : "serial",
          "`\(port)` is used by `\(holder)` already",
          remedy: "put boards and controllers on a line of their own"
        )
      }
      buses.append(
        SharedBus(
          connection: connection,
          speech: speech,
          members: [address: fields.path],
          owner: fields.path
        )
      )
      return
    }
    let bus = buses[found]
    if bus.connection.line != connection.line {
      fields.report(
        at: "serial",
        "it is on the line of `\(bus.owner)`, which has another speed or framing",
        remedy: "set all devices of one line alike"
      )
    }
    if bus.speech != speech {
      fields.report(
        at: "profile",
        "`\(bus.owner)` on the same line speaks \(bus.speech.rawValue), and this \(speech.rawValue)",
        remedy: "give it a line of its own"
      )
    }
    if let holder = bus.members[address] {
      fields.report(
        at: fields.has("address") ? "address" : "profile",
        "`\(holder)` on the same line has the address \(address) already",
        remedy: "set another address on one of them, and write it here as `address:`"
      )
    }
    buses[found].members[address] = fields.path
  }

  // MARK: Lines of boards

  /// Where a line is that names a board.
  func boardLine(_ fields: Fields, isInput: Bool) -> LineSpec.Address? {
    let id = fields.string("board")
    let input = fields.optionalInt("input", in: 1...64)
    let channel = fields.optionalInt("channel", in: 1...64)
    for key in ["line", "chip", "offset"] where fields.has(key) {
      _ = fields.optionalString(key)
      fields.report(at: key, "a line of a board has no `\(key)`", remedy: "remove it, or `board`")
    }
    let (key, other) = isInput ? ("input", "channel") : ("channel", "input")
    if fields.has(other) {
      fields.report(
        at: other,
        isInput
          ? "a channel of a board is an output, and cannot be read as an input"
          : "an input of a board cannot be switched",
        remedy: "write `\(key): NUMBER`"
      )
      return nil
    }
    guard let board = boards.first(where: { $0.id == id }) else {
      fields.report(
        at: "board",
        "there is no board `\(id)`",
        remedy: boards.isEmpty
          ? "describe it first: boards: { \(id): { profile: modbus-relay-8, usb: { port: 1-1.3 } } }"
          : Suggestion.remedy(for: id, among: boards.map(\.id))
      )
      return nil
    }
    let count = (isInput ? board.profile.inputs?.count : board.profile.outputs?.count) ?? 0
    guard count > 0 else {
      fields.report(
        at: "board",
        "a board of profile `\(board.profile.id)` has no \(isInput ? "inputs" : "channels")",
        remedy: "use another board"
      )
      return nil
    }
    guard let number = isInput ? input : channel else {
      if !fields.has(key) {
        fields.report("`\(key)` is missing", remedy: "add `\(key): NUMBER`, from 1 to \(count)")
      }
      return nil
    }
    guard number <= count else {
      fields.report(
        at: key,
        "the board `\(id)` has the \(key)s 1 to \(count), not \(number)",
        remedy: "correct it"
      )
      return nil
    }
    return isInput ? .input(ofBoard: id, number) : .channel(ofBoard: id, number)
  }

  func checkBoardLine(_ fields: Fields, isInput: Bool, isLow: Bool) {
    if fields.has("bias") {
      fields.report(
        at: "bias",
        "a board has resistors of its own, and none that can be set",
        remedy: "remove `bias`"
      )
    }
    if !isInput, isLow {
      fields.report(
        at: "active",
        "a relay that is on at rest would drop, or stay, whenever the board is lost",
        remedy: "use the other contact of the relay, and remove `active`"
      )
    }
  }

  /// A contact of a machine on a board must fall off by itself if the line dies.
  func checkBoardContact(_ line: LineSpec, _ key: String, _ fields: Fields) {
    guard case .channel(let id, _) = line.address,
      let board = boards.first(where: { $0.id == id })
    else { return }
    guard case .pulsed(let length) = line.drive else {
      guard board.profile.outputs?.hold == nil else { return }
      fields.report(
        at: key,
        "`\(key)` is held, and the board `\(id)` would keep it on when the line is cut or the"
          + " daemon dies",
        remedy: "use a board with pulses of its own of about a second that tells which relays are"
          + " on, as modbus-relay-8, or a GPIO line, best with a watchdog relay behind it"
      )
      return
    }
    guard let pulse = board.profile.outputs?.pulse else {
      fields.report(
        at: key,
        "the board `\(id)` times no pulses: if the line is cut the contact would stay closed",
        remedy: "use a board that does, as modbus-relay-8, or a GPIO line"
      )
      return
    }
    let milliseconds = Int(length.milliseconds)
    guard pulse.value(milliseconds: milliseconds) == nil else { return }
    fields.report(
      at: key,
      "the machine wants a pulse of \(milliseconds) ms; the board `\(id)` makes \(pulse.lengths)",
      remedy: "use another board, or a machine profile with such a pulse"
    )
  }
}

extension MachineProfile {
  /// How an output is driven, so that a board can be told of it.
  func drive(of output: MachineOutput) -> LineSpec.Drive {
    switch output {
    case .start: drive == .pulse ? .pulsed(.milliseconds(timing.pulse)) : .held
    case .reset: .pulsed(.milliseconds(timing.reset))
    case .heaterEnable, .motorRun: .held
    }
  }
}

extension StationConfig.Connection {
  /// Whether it is the same port of the box.
  package func isSamePort(as other: Self) -> Bool {
    node == other.node && (node != nil || usb == other.usb)
  }
}
