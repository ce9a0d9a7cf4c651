import Agent
import ArgumentParser
import Domain
import Drivers
import Glibc
import LinuxIO
import StrictYAML
import Synchronization

/// `yizhan capture`: what a device sends.
struct CaptureCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "capture",
    abstract: say("看设备发来的字节，并写成样本", "what a device sends, and samples for its profile"),
    discussion: say(
      """
      例子：
        yizhan capture scale
        yizhan capture /dev/ttyUSB0 --baud 2400 --framing 7E1
        yizhan capture 1-1.3 --protocol st-gs --seconds 30
        yizhan capture 0922:8003 --output 抓包.bin
        yizhan capture /dev/ttyUSB0 --ask "57 0D"       （先问一句：W 回车）
      DEVICE：scale、scanner、scanner-2（按 station.yaml），/dev 节点，USB 口 1-1.3，或 厂商:产品。
      只看不写，除非给了 --ask。串口被驿站程序占用时先 `systemctl stop yizhand`。
      退出码：0 收到了字节；1 没有收到或设备打不开；64 命令写错。
      """,
      """
      Examples:
        yizhan capture scale
        yizhan capture /dev/ttyUSB0 --baud 2400 --framing 7E1
        yizhan capture 1-1.3 --protocol st-gs --seconds 30
        yizhan capture 0922:8003 --output capture.bin
        yizhan capture /dev/ttyUSB0 --ask "57 0D"       (ask first: W and CR)
      DEVICE: scale, scanner, scanner-2 (of station.yaml), a /dev node, a USB port as 1-1.3, or
      vendor:product. Nothing is ever written to it but what --ask says. Where the daemon holds the
      line, stop it first: `systemctl stop yizhand`.
      Exit codes: 0 bytes came; 1 none came, or the device cannot be opened; 64 wrong usage.
      """
    )
  )

  @Argument(
    help: ArgumentHelp(say("哪个设备", "which device"), valueName: "device"),
    completion: .custom { _, _, _ in CaptureCommand.names }
  )
  var device: String

  @Option(
    name: .customLong("protocol"),
    help: ArgumentHelp(say("边看边按这个协议读", "read it by this protocol"), valueName: "protocol"),
    completion: Completions.protocols
  )
  var name: String?

  @OptionGroup var options: FormatOptions

  @Option(help: ArgumentHelp(say("波特率", "bits a second of a serial line")))
  var baud: Int?

  @Option(
    help: ArgumentHelp(say("数据位、校验、停止位：8N1、7E1", "data bits, parity, stop bits: 8N1, 7E1")),
    completion: .list(["8N1", "8E1", "7E1", "7O1", "7N2"])
  )
  var framing: String?

  @Flag(help: ArgumentHelp(say("看 HID 报告，即使它也是键盘", "HID reports, even of a keyboard")))
  var hid = false

  @Option(help: ArgumentHelp(say("几秒，1 到 86400", "how many seconds, 1 to 86400")))
  var seconds = 10

  @Option(
    help: ArgumentHelp(say("先发送这些字节（十六进制）", "send these bytes first"), valueName: "hex")
  )
  var ask: String?

  @Option(
    help: ArgumentHelp(say("原始字节存到文件", "write the raw bytes to a file"), valueName: "file"),
    completion: .file()
  )
  var output: String?

  @Option(
    help: ArgumentHelp(say("配置文件", "the station's config"), valueName: "file"),
    completion: .file(extensions: ["yaml"])
  )
  var config = ConfigLoader.installedFile

  func validate() throws {
    guard (1...86_400).contains(seconds) else {
      throw ValidationError(say("--seconds 必须是 1 到 86400", "--seconds must be from 1 to 86400"))
    }
    guard baud.map({ (50...4_000_000).contains($0) }) ?? true else {
      throw ValidationError(say("--baud 必须是 50 到 4000000", "--baud must be from 50 to 4000000"))
    }
  }

  func run() async throws {
    do throws(Failure) {
      let question = try ask.map { (ask) throws(Failure) in
        try HexReader.bytes(ask, of: "--ask", say)
      }
      let target = try target()
      Interrupt.begin()
      Terminal.complain(target.words)
      try await CaptureRun(target: target, seconds: seconds, ask: question, output: output).run()
    } catch {
      throw error.told(say)
    }
  }

  /// The device, and as what its bytes are read.
  private func target() throws(Failure) -> CaptureTarget {
    let format = try options.format(name)
    guard let name = DeviceName(device) else {
      throw .usage(
        say("不认识设备 \(device)", "\(device) is no device"),
        hint: say(
          "写 scale、scanner、/dev/ttyUSB0、1-1.3 或 0922:8003；`yizhan devices` 列出插着的",
          "write scale, scanner, /dev/ttyUSB0, 1-1.3 or 0922:8003; see `yizhan devices`"
        )
      )
    }
    switch name {
    case .scale, .scanner: return try configured(name, format)
    case .node, .port, .code: break
    }
    guard let route = CaptureRoute(name, among: PluggedDevice.all(), prefersHID: hid) else {
      throw Failure.trouble(
        say("\(device) 没有插着，或不会发字节", "\(device) is not there, or sends no bytes"),
        hint: say("看 `yizhan devices`", "see `yizhan devices`")
      )
    }
    return CaptureTarget(route: route, format: format, line: try line(format?.line))
  }

  /// A device as station.yaml has it.
  private func configured(_ name: DeviceName, _ wanted: CaptureFormat?) throws(Failure)
    -> CaptureTarget
  {
    let config: StationConfig
    do throws(Problems) {
      config = try ConfigLoader(search: options.search.path).load(file: self.config)
    } catch {
      throw Failure.trouble(
        error.all.first.map { Terminal.plain($0.description) } ?? self.config,
        hint: say("先 `yizhan config check`，或直接写设备节点", "run `yizhan config check`, or name a node")
      )
    }
    if case .scanner(let index) = name {
      guard config.scanners.indices.contains(index) else {
        throw Failure.trouble(
          say("station.yaml 里没有这把扫码枪", "station.yaml has no such scanner"),
          hint: say("加上 scanners，或直接写设备节点", "add it to `scanners`, or name a node")
        )
      }
      let scanner = config.scanners[index]
      return CaptureTarget(
        scanner,
        format: wanted ?? .scanner(scanner.profile),
        line: try line(scanner.connection.line)
      )
    }
    return CaptureTarget(
      config.scale,
      format: wanted ?? .scale(config.scale.profile),
      line: try line(config.scale.connection.line)
    )
  }

  /// The serial line: what is said here, else what is usual for the device.
  private func line(_ usual: SerialLine?) throws(Failure) -> SerialLine {
    let usual = usual ?? SerialLine(baud: 9600)
    let line = SerialLine(baud: baud ?? usual.baud, framing: framing ?? usual.framing)
    guard var line else {
      throw .usage(
        say("--framing 不能是 \(framing ?? "")", "--framing cannot be \(framing ?? "")"),
        hint: say("写数据位、校验、停止位，例如 7E1", "write data bits, parity and stop bits, as 7E1")
      )
    }
    line.isRS485 = usual.isRS485
    return line
  }

  /// What the shell offers for DEVICE.
  private static var names: [String] {
    let plugged = DeviceInventory.devices().filter { $0.kind != .printer && $0.kind != .gpio }
    return ["scale", "scanner"] + plugged.map(\.node) + plugged.compactMap(\.usb?.port)
  }
}

/// Notes that somebody wants to stop.
enum Interrupt {
  private static let flag = Atomic(false)

  static var isThere: Bool { flag.load(ordering: .relaxed) }

  /// From now on Ctrl-C is noted, and no longer ends the process.
  static func begin() {
    flag.store(false, ordering: .relaxed)
    for number in [SIGINT, SIGTERM] {
      _ = signal(number) { _ in Interrupt.flag.store(true, ordering: .relaxed) }
    }
  }
}
