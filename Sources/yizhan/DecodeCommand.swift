import ArgumentParser
import Domain
import Drivers

/// `yizhan decode`: what captured bytes mean.
struct DecodeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decode",
    abstract: say("翻译抓到的字节：秤说了什么", "what captured bytes mean"),
    discussion: say(
      """
      例子：
        yizhan decode hid-pos --hex "03 04 03 FD D2 04"
        yizhan decode xk3190-continuous < 抓包.bin
        yizhan decode --profile yaohua-xk3190-a9 < 抓包.bin
        yizhan decode st-gs --stdin-hex < 抓包.txt
        yizhan decode modbus --hex "01 05 00 00 FF 00 8C 3A"
        yizhan decode --list
      每个读数一行 JSON：grams 克（没有重量为 null）、state 状态、raw 原始字节。
      modbus、aibus 每帧一行：地址、功能、方向、内容、异常的意思，crc 为 ok 或应有的值。
      回答、重新开机和总数写到标准错误。抓包没有时间：按每秒 --rate 帧算，不报稳定的协议
      同一重量到第五帧才算稳定。
      退出码：0 读到了；1 没有读数（会提示哪些协议能读）；64 命令写错。
      """,
      """
      Examples:
        yizhan decode hid-pos --hex "03 04 03 FD D2 04"
        yizhan decode xk3190-continuous < capture.bin
        yizhan decode --profile yaohua-xk3190-a9 < capture.bin
        yizhan decode st-gs --stdin-hex < capture.txt
        yizhan decode modbus --hex "01 05 00 00 FF 00 8C 3A"
        yizhan decode --list
      Each reading is a line of JSON: grams (null where there is no weight), state, raw bytes.
      Of modbus and aibus each frame is a line: address, function, direction, contents, what an
      exception means; crc is ok, or what it should be.
      Answers, restarts and totals go to standard error. A capture has no times: --rate frames are
      taken to come a second, and where a protocol has no sign of rest a weight counts as stable
      from its fifth frame on.
      Exit codes: 0 something was read; 1 no reading (protocols that can read it are told); 64 wrong
      usage.
      """
    )
  )

  @Argument(
    help: ArgumentHelp(say("协议，见 --list", "the protocol, see --list"), valueName: "protocol"),
    completion: Completions.decoders
  )
  var name: String?

  @Option(
    help: ArgumentHelp(
      say("字节，空格、逗号、冒号、0x 都可以；不写就从标准输入读", "the bytes; without it, standard input"),
      valueName: "hex"
    )
  )
  var hex: String?

  @Flag(help: ArgumentHelp(say("标准输入是十六进制文字", "standard input is hexadecimal text")))
  var stdinHex = false

  @Flag(help: ArgumentHelp(say("列出全部协议", "list all protocols")))
  var list = false

  @OptionGroup var options: FormatOptions

  @Option(
    help: ArgumentHelp(
      say("数据位、校验、停止位：8N1、7E1", "data bits, parity and stop bits: 8N1, 7E1"),
      valueName: "framing"
    ),
    completion: .list(["8N1", "8E1", "7E1", "7O1", "7N2"])
  )
  var line: String?

  @Option(help: ArgumentHelp(say("每秒几帧，1 到 1000", "frames a second, 1 to 1000")))
  var rate = 8

  @Flag(help: ArgumentHelp(say("--list 输出 JSON", "write JSON with --list")))
  var json = false

  func validate() throws {
    guard (1...1000).contains(rate) else {
      throw ValidationError(say("--rate 必须是 1 到 1000", "--rate must be from 1 to 1000"))
    }
    guard hex == nil || !stdinHex else {
      throw ValidationError(
        say("--hex 和 --stdin-hex 只写一个", "give only one of --hex and --stdin-hex")
      )
    }
    guard list || name != nil || options.profile != nil else {
      throw ValidationError(
        say("写上协议（见 --list）或 --profile", "name a protocol (see --list) or a --profile")
      )
    }
  }

  func run() throws {
    try carryOut {
      guard !list else {
        Terminal.line(json ? ProtocolList.json : ProtocolList.table(say))
        return
      }
      if let bus = name.flatMap(BusProtocol.init) { return try read(bus) }
      guard let format = try options.format(name)?.framed(line, say) else { return }
      try read(format)
    }
  }

  private func read(_ format: CaptureFormat) throws {
    var reader = try CaptureReader(format, rate: rate, say)
    var head: [UInt8] = []
    let take = { (bytes: [UInt8]) in
      head += bytes.prefix(max(0, ProtocolSearch.longest - head.count))
      reader.take(bytes).forEach(tell)
    }
    if let hex {
      take(try HexReader.bytes(hex, of: "--hex", say))
    } else {
      try input(take)
    }
    reader.finish().forEach(tell)
    Terminal.complain(reader.tally.words(say))
    let tally = reader.tally
    guard tally.frames == 0 else { return }
    guard tally.blanks == 0 || tally.strays > 0 else { throw Failure(blankFrames: format, say) }
    let isText = hex == nil && !stdinHex && HexReader.isLikely(head)
    throw Failure(noFrames: format, in: head, isHexText: isText, say)
  }

  private func read(_ bus: BusProtocol) throws {
    guard !options.isSet, line == nil else {
      throw Failure.usage(
        say("\(bus.rawValue) 没有这些设置", "\(bus.rawValue) has none of these settings"),
        hint: say("只写 --hex 或 --stdin-hex", "give only --hex or --stdin-hex")
      )
    }
    var capture = BusCapture(bus)
    var isText = hex == nil && !stdinHex
    let take = { (bytes: [UInt8]) in
      isText = isText && HexReader.isLikely(bytes)
      for frame in capture.take(bytes) { Terminal.line(frame.text) }
    }
    if let hex {
      take(try HexReader.bytes(hex, of: "--hex", say))
    } else {
      try input(take)
    }
    for frame in capture.finish() { Terminal.line(frame.text) }
    Terminal.complain(capture.tally.words(say))
    guard capture.tally.frames == 0 else { return }
    throw Failure.trouble(
      say("没有一帧 \(bus.rawValue)", "not a single frame of \(bus.rawValue)"),
      hint: isText
        ? say(
          "这像是十六进制文字：加上 --stdin-hex",
          "this looks like hexadecimal text: add --stdin-hex"
        )
        : say(
          "多半是波特率、校验位不对，或 A、B 接反",
          "most likely speed or parity is wrong, or A and B are swapped"
        )
    )
  }

  private func input(_ take: ([UInt8]) -> Void) throws {
    if StandardInput.isKeyboard {
      Terminal.complain(say("从键盘读，Ctrl-D 结束", "reading the keyboard; end with Ctrl-D"))
    }
    guard stdinHex else { return try StandardInput.read(take) }
    var digits = HexReader()
    do {
      try StandardInput.read { piece in take(try digits.take(piece)) }
      take(try digits.finish())
    } catch let mistake as HexReader.Mistake {
      throw Failure(mistake, in: say("标准输入", "standard input"), say)
    }
  }

  private func tell(_ item: CaptureReader.Item) {
    switch item {
    case .line(let line): Terminal.line(line)
    case .remark(let text): Terminal.complain(say(text))
    }
  }
}
