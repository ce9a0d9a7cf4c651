import Agent
import ArgumentParser
import Domain
import Drivers
import LinuxIO
import StrictYAML

/// Which device on which line a sub-command of `yizhan modbus` means.
struct ModbusOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      say("转接线：/dev/ttyUSB0，或 USB 口 1-1.3", "the adaptor: /dev/ttyUSB0, or its USB port 1-1.3"),
      valueName: "port"
    ),
    completion: .file()
  )
  var port: String?

  @Option(help: ArgumentHelp(say("波特率", "bits a second")))
  var baud = 9600

  @Option(
    help: ArgumentHelp(
      say("数据位、校验、停止位", "data bits, parity and stop bits"),
      valueName: "framing"
    ),
    completion: .list(["8N1", "8E1", "8N2", "8O1"])
  )
  var framing = "8N1"

  @Flag(help: ArgumentHelp(say("由内核切换 RS-485 方向", "the kernel switches the RS-485 direction")))
  var rs485 = false

  @Option(help: ArgumentHelp(say("设备地址，1 到 255", "the device's address, 1 to 255")))
  var address: Int?

  @Option(
    help: ArgumentHelp(
      say("station.yaml 里的板（代替以上各项）", "a board of station.yaml, instead of all of these"),
      valueName: "id"
    )
  )
  var board: String?

  @OptionGroup var station: StationFileOptions

  @Option(help: ArgumentHelp(say("等回答多少毫秒", "milliseconds to wait for an answer")))
  var timeout: Int?

  /// Finds out what is meant; `leastAddress` is 0 where all devices may be.
  func target(leastAddress: Int) throws(Failure) -> ModbusTarget {
    if let board {
      guard port == nil, address == nil else {
        throw .usage(
          say("--board 已经说明了线路和地址", "--board names line and address already"),
          hint: say("去掉 --port 和 --address", "leave out --port and --address")
        )
      }
      return try station.target(board: board, within: limit())
    }
    guard let port, let address else {
      throw .usage(
        say("没有说明是哪个设备", "it is not said which device is meant"),
        hint: say(
          "写 --port 1-1.3 --address 1，或 --board 名字",
          "write --port 1-1.3 --address 1, or --board ID"
        )
      )
    }
    guard (leastAddress...255).contains(address) else {
      throw .usage(
        say("地址 \(address) 不行", "\(address) is no address here"),
        hint: say("写 \(leastAddress) 到 255", "write \(leastAddress) to 255")
      )
    }
    guard var line = SerialLine(baud: baud, framing: framing), (50...4_000_000).contains(baud)
    else {
      throw .usage(
        say("线路 \(baud) \(framing) 不行", "\(baud) \(framing) is no line"),
        hint: say("例如 --baud 9600 --framing 8N1", "as --baud 9600 --framing 8N1")
      )
    }
    line.isRS485 = rs485
    return ModbusTarget(
      opener: SerialOpener(role: "modbus", at: try Self.place(port), line: line),
      baud: baud,
      address: UInt8(address),
      limit: try limit() ?? .milliseconds(500)
    )
  }

  private func limit() throws(Failure) -> Duration? {
    guard let timeout else { return nil }
    guard (10...10_000).contains(timeout) else {
      throw .usage(
        say("--timeout 不能是 \(timeout)", "--timeout cannot be \(timeout)"),
        hint: say("写 10 到 10000", "write 10 to 10000")
      )
    }
    return .milliseconds(timeout)
  }

  private static func place(_ text: String) throws(Failure) -> SerialAddress {
    switch DeviceName(text) {
    case .node(let node): .path(node)
    case .port(let port): .usb([USBMatch(port: port)])
    case .code(let match): .usb([match])
    case .scale, .scanner, nil:
      throw .usage(
        say("\(Terminal.plain(text)) 不是串口", "\(Terminal.plain(text)) is no serial port"),
        hint: say(
          "写 /dev/ttyUSB0，或 USB 口 1-1.3；`yizhan devices` 可以看",
          "write /dev/ttyUSB0, or a USB port as 1-1.3; `yizhan devices` shows them"
        )
      )
    }
  }
}

/// Where station.yaml is, and what is in it.
struct StationFileOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(say("配置文件", "the station's config"), valueName: "file"),
    completion: .file(extensions: ["yaml"])
  )
  var config = ConfigLoader.installedFile

  @OptionGroup var search: SearchOptions

  func load() throws(Failure) -> StationConfig {
    do throws(Problems) {
      return try ConfigLoader(search: search.path).load(file: config)
    } catch {
      throw .trouble(
        error.all.map { Terminal.plain($0.description) }.joined(separator: "\n"),
        hint: say("先改好：`yizhan config check`", "correct it first: `yizhan config check`")
      )
    }
  }

  func target(board id: String, within limit: Duration?) throws(Failure) -> ModbusTarget {
    let boards = try load().boards
    guard let board = boards.first(where: { $0.id == id }) else {
      throw Failure(missing: id, say("板", "board"), among: boards.map(\.id))
    }
    return ModbusTarget(
      board.connection,
      board.profile.usb,
      board.profile.line,
      role: "board \(id)",
      address: board.address,
      limit: limit ?? board.profile.replyWithin
    )
  }
}

/// A device on an RS-485 line.
struct ModbusTarget {
  let opener: SerialOpener
  let baud: Int
  let address: UInt8
  /// How long it may think.
  let limit: Duration

  init(opener: SerialOpener, baud: Int, address: UInt8, limit: Duration) {
    self.opener = opener
    self.baud = baud
    self.address = address
    self.limit = limit
  }

  /// A device of station.yaml.
  init(
    _ connection: StationConfig.Connection,
    _ models: [USBMatch],
    _ usual: SerialLine,
    role: String,
    address: UInt8,
    limit: Duration
  ) {
    let line = connection.line ?? usual
    self.init(
      opener: SerialOpener(
        role: role,
        at: connection.node.map { SerialAddress.path($0) }
          ?? .usb(models.narrowed(by: connection.usb)),
        line: line
      ),
      baud: line.baud,
      address: address,
      limit: limit
    )
  }

  /// Opens the line.
  func master() throws(Failure) -> ModbusMaster {
    do throws(PortError) {
      return ModbusMaster(try opener.openWire(), baud: baud)
    } catch {
      if case .busy = error {
        throw .trouble(
          say("线路正在用：\(opener.label)", "the line is in use: \(opener.label)"),
          hint: say(
            "驿站程序占着它：`sudo systemctl stop yizhand`，用完再启动",
            "the daemon holds it: `sudo systemctl stop yizhand`, and start it again afterwards"
          )
        )
      }
      throw Failure(ModbusError.port(error), on: opener.label, say)
    }
  }
}

extension Failure {
  /// A request that had no good answer.
  init(_ error: ModbusError, on device: String, _ say: Speech) {
    let words = error.words
    self = .trouble("\(device): \(say(words.cause))", hint: say(words.remedy))
  }

  /// A name that station.yaml does not have.
  init(missing id: String, _ kind: String, among names: [String]) {
    let known = names.joined(separator: say("、", ", "))
    self = .usage(
      say("station.yaml 里没有\(kind) \(id)", "station.yaml has no \(kind) \(id)"),
      hint: names.isEmpty
        ? say("先写进 station.yaml", "describe it in station.yaml first")
        : say("有：\(known)", "there are: \(known)")
    )
  }
}
