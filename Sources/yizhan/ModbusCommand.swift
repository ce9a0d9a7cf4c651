import Agent
import ArgumentParser
import Domain
import Drivers
import LinuxIO

extension ModbusTable: ExpressibleByArgument {}

/// `yizhan modbus`: relay boards and temperature controllers, at the bench.
struct ModbusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "modbus",
    abstract: say("Modbus 继电器板和温控器：台上试", "relay boards and controllers, at the bench"),
    subcommands: [
      ModbusReadCommand.self, ModbusWriteCommand.self, ModbusControllerCommand.self,
    ]
  )
}

/// `yizhan modbus read`: asks, and changes nothing.
struct ModbusReadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "read",
    abstract: say("读线圈、输入、寄存器", "read coils, inputs or registers"),
    discussion: say(
      """
      例子：
        yizhan modbus read coils 0 8 --port 1-1.3 --address 1
        yizhan modbus read inputs 0 8 --board relays
        yizhan modbus read holding 0x2000 2 --port /dev/ttyUSB0 --framing 8E1 --address 1 --json
      起始是线上的地址，从 0 数；问不到就再问，最多三次。
      退出码：0 读到了；1 没有回答或拒绝；64 命令写错。
      """,
      """
      Examples:
        yizhan modbus read coils 0 8 --port 1-1.3 --address 1
        yizhan modbus read inputs 0 8 --board relays
        yizhan modbus read holding 0x2000 2 --port /dev/ttyUSB0 --framing 8E1 --address 1 --json
      START is the address on the wire, from 0. It is asked up to three times.
      Exit codes: 0 read; 1 no answer, or refused; 64 wrong usage.
      """
    )
  )

  @Argument(help: ArgumentHelp(say("读哪一种", "what is read"), valueName: "table"))
  var table: ModbusTable

  @Argument(help: ArgumentHelp(say("起始地址", "the first address"), valueName: "start"))
  var start: ModbusNumber

  @Argument(help: ArgumentHelp(say("几个", "how many"), valueName: "count"))
  var count = 1

  @OptionGroup var options: ModbusOptions

  @Flag(help: ArgumentHelp(say("输出 JSON", "write JSON")))
  var json = false

  func run() throws {
    try carryOut {
      let target = try options.target(leastAddress: 1)
      var master = try target.master()
      let values = try ModbusBench.read(table, start.word, count, of: target, &master)
      let view = ModbusValues(table: table, start: start.word, values: values)
      Terminal.line(json ? view.json(address: target.address).text : view.text(say))
    }
  }
}

/// `yizhan modbus write`: switches something, once.
struct ModbusWriteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "write",
    abstract: say("写线圈、寄存器（会动作！）", "write coils or registers (things move!)"),
    discussion: say(
      """
      例子：
        yizhan modbus write coils 0 on --board relays
        yizhan modbus write coils 0x0200 0x0007 --board relays     板上计时 700 毫秒
        yizhan modbus write holding 1 0x0100 --port 1-1.3 --address 1
        yizhan modbus write coils 0 off off off off --board relays --yes
      一个值用功能 05、06，几个用 0F、10。先说要做什么，同意了才写；只写一次，没有回答就读回。
      手上有包裹、机器里有手的时候不要用。
      退出码：0 写好了；1 拒绝，或不知道写了没有；64 命令写错。
      """,
      """
      Examples:
        yizhan modbus write coils 0 on --board relays
        yizhan modbus write coils 0x0200 0x0007 --board relays     700 ms, timed by the board
        yizhan modbus write holding 1 0x0100 --port 1-1.3 --address 1
        yizhan modbus write coils 0 off off off off --board relays --yes
      One value is written by function 05 or 06, several by 0F or 10. It says what it will do, and
      asks; it writes once, and reads back where no answer comes. Not with hands in a machine.
      Exit codes: 0 written; 1 refused, or not known whether; 64 wrong usage.
      """
    )
  )

  @Argument(help: ArgumentHelp(say("coils 或 holding", "coils or holding"), valueName: "table"))
  var table: ModbusTable

  @Argument(help: ArgumentHelp(say("起始地址", "the first address"), valueName: "start"))
  var start: ModbusNumber

  @Argument(
    help: ArgumentHelp(
      say("线圈：on、off 或 0x 数；寄存器：数", "coils: on, off or 0x…; registers: numbers"),
      valueName: "values"
    )
  )
  var values: [String]

  @OptionGroup var options: ModbusOptions

  @Flag(name: [.short, .long], help: ArgumentHelp(say("不再询问", "do not ask back")))
  var yes = false

  @Flag(help: ArgumentHelp(say("输出 JSON", "write JSON")))
  var json = false

  func run() throws {
    try carryOut {
      let request = try ModbusBench.request(table, start.word, values)
      let target = try options.target(leastAddress: 0)
      let frame: [UInt8]
      do throws(ModbusError) {
        frame = try request.frame(to: target.address)
      } catch {
        throw Failure(error, on: target.opener.label, say)
      }
      let plan = ModbusPlan(request: request, address: target.address, frame: frame)
      Terminal.complain(plan.words(say))
      guard yes || Terminal.agrees(say("现在写", "Write it now"), say) else {
        throw Failure.trouble(
          say("没有执行", "nothing was done"),
          hint: say("输入 y 同意，或加 --yes", "answer y, or add --yes")
        )
      }
      var master = try target.master()
      let outcome = try ModbusBench.write(request, to: target, &master)
      Terminal.line(json ? outcome.json(plan).text : outcome.text(say))
      if case .unknown = outcome { throw Ending.trouble }
    }
  }
}

/// `yizhan modbus controller`: a temperature controller of station.yaml.
struct ModbusControllerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "controller",
    abstract: say("温控器：看 PV、SV，改设定值", "a temperature controller: PV, SV, and setting it"),
    discussion: say(
      """
      例子：
        yizhan modbus controller sealer-heat
        yizhan modbus controller sealer-heat --set 150
      设定值只能在 station.yaml 的 setpoint 范围内；写一次，读回核对。
      退出码：0 读到或写好了；1 没有回答、不允许或没有写进去；64 命令写错。
      """,
      """
      Examples:
        yizhan modbus controller sealer-heat
        yizhan modbus controller sealer-heat --set 150
      A set value must lie in the `setpoint` of station.yaml; it is written once and read back.
      Exit codes: 0 read or set; 1 no answer, not allowed or not taken; 64 wrong usage.
      """
    )
  )

  @Argument(help: ArgumentHelp(say("station.yaml 里的名字", "its id in station.yaml"), valueName: "id"))
  var id: String

  @Option(help: ArgumentHelp(say("新的设定值，°C", "the new set value, °C"), valueName: "degrees"))
  var set: String?

  @OptionGroup var station: StationFileOptions

  @Flag(name: [.short, .long], help: ArgumentHelp(say("不再询问", "do not ask back")))
  var yes = false

  @Flag(help: ArgumentHelp(say("输出 JSON", "write JSON")))
  var json = false

  func run() throws {
    try carryOut {
      let wanted = try set.map { (text) throws(Failure) in try ModbusBench.temperature(text) }
      let controllers = try station.load().controllers
      guard let controller = controllers.first(where: { $0.id == id }) else {
        throw Failure(missing: id, say("温控器", "controller"), among: controllers.map(\.id))
      }
      let profile = controller.profile
      let target = ModbusTarget(
        controller.connection,
        profile.usb,
        profile.line,
        role: "controller \(id)",
        address: controller.address,
        limit: profile.replyWithin
      )
      if profile.isUnconfirmed {
        Terminal.complain(
          say(
            "注意：这个型号的寄存器没有在实物上证实，请与面板上的数对照",
            "note: the registers of this model are unconfirmed; compare them with its panel"
          )
        )
      }
      var session = ControllerSession(
        profile: profile,
        address: controller.address,
        allowed: controller.allowed
      )
      var master = try target.master()
      if let wanted { try change(wanted, target, &session, &master) }
      try show(target, session, &master)
    }
  }

  private func change(
    _ wanted: Temperature,
    _ target: ModbusTarget,
    _ session: inout ControllerSession,
    _ master: inout ModbusMaster
  ) throws {
    let question = say("把 \(id) 设为 \(wanted)", "Set \(id) to \(wanted)")
    guard yes || Terminal.agrees(question, say) else {
      throw Failure.trouble(
        say("没有执行", "nothing was done"),
        hint: say("输入 y 同意，或加 --yes", "answer y, or add --yes")
      )
    }
    do throws(ControllerSession.Refusal) {
      let outcome = try session.set(wanted, &master)
      Terminal.complain(
        outcome == .written
          ? say("已写入并读回", "set, and read back") : say("原来就是，没有写", "it was so before; not written")
      )
    } catch {
      let words = error.words
      throw Failure.trouble("\(target.opener.label): \(say(words.cause))", hint: say(words.remedy))
    }
  }

  private func show(
    _ target: ModbusTarget,
    _ session: ControllerSession,
    _ master: inout ModbusMaster
  ) throws {
    do throws(ModbusError) {
      let reading = try session.read(&master)
      Terminal.line(json ? reading.json(id).text : reading.words)
    } catch {
      throw Failure(error, on: target.opener.label, say)
    }
  }
}
