import Domain
import Drivers

extension CaptureReader.Tally {
  /// All in one line.
  package func words(_ say: Speech) -> String {
    var total = say(
      "共 \(bytes) 字节，\(frames) 帧",
      "\(Words.count(bytes, "byte")), \(Words.count(frames, "frame"))"
    )
    if blanks > 0 { total += say("，另有 \(blanks) 帧没有读数", ", \(blanks) more without a reading") }
    guard strays > 0 else { return total }
    let first = firstStray.map { say("，从第 \($0 + 1) 个字节起", ", the first is byte \($0 + 1)") }
    let passed = say("；跳过 \(strays) 字节", "; \(Words.count(strays, "byte")) passed over")
    return total + passed + (first ?? "")
  }
}

extension CaptureReader {
  /// Prepares to read, and says what does not fit.
  init(_ format: CaptureFormat, rate: Int, _ say: Speech) throws(Failure) {
    do throws(PortError) {
      self = try CaptureReader(format, rate: rate)
    } catch {
      let trouble = error.trouble(attempted: "decode", device: format.name)
      throw .usage(
        "\(format.name): \(trouble.cause)",
        hint: say("核对 --descriptor 或型号里的描述符", "check --descriptor, or that of the profile")
      )
    }
  }
}

extension CaptureFormat {
  /// The format with data bits, parity and stop bits as they were on the wire.
  func framed(_ framing: String?, _ say: Speech) throws(Failure) -> CaptureFormat {
    guard let framing else { return self }
    guard let line = SerialLine(baud: 9600, framing: framing) else {
      throw .usage(
        say("--line 不能是 \(framing)", "--line cannot be \(framing)"),
        hint: say("写数据位、校验、停止位，例如 7E1", "write data bits, parity and stop bits, as 7E1")
      )
    }
    guard self.line != nil else {
      throw .usage(
        say("\(name) 不走串口，没有 --line", "\(name) has no serial line, and no --line"),
        hint: say("去掉 --line", "leave it out")
      )
    }
    var format = self
    format.line = line
    return format
  }
}

extension HexReader {
  /// Whether bytes are rather the text of bytes.
  package static func isLikely(_ bytes: [UInt8]) -> Bool {
    var reader = HexReader()
    guard let read = try? reader.take(bytes) + reader.finish() else { return false }
    return read.count >= 4
  }
}

extension Failure {
  /// Bytes that are frames, none of which has a reading.
  package init(blankFrames format: CaptureFormat, _ say: Speech) {
    self = .trouble(
      say("是 \(format.name) 的帧，但没有读数", "frames of \(format.name), and no reading among them"),
      hint: say(
        "皮重、握手、别的地址、单独的状态都不是重量：让秤发毛重或净重",
        "a tare, a handshake, another address or a bare status is no weight: have gross or net sent"
      )
    )
  }

  /// Bytes in which no frame was found, and what might be tried next.
  package init(noFrames format: CaptureFormat, in bytes: [UInt8], isHexText: Bool, _ say: Speech) {
    let name = format.name
    self = .trouble(
      bytes.isEmpty
        ? say("没有收到字节", "not a single byte came")
        : say("没有一帧 \(name)", "not a single frame of \(name)"),
      hint: ""
    )
    guard !bytes.isEmpty else {
      hint = say(
        "看电源和线；秤要设成连续发送，或用 yizhan capture --ask",
        "check power and cable; set the scale to send by itself, or use yizhan capture --ask"
      )
      return
    }
    guard !isHexText else {
      hint = say(
        "这像是十六进制文字：加上 --stdin-hex",
        "this looks like hexadecimal text: add --stdin-hex"
      )
      return
    }
    let finds = ProtocolSearch(bytes, besides: format).finds.map { $0.words(say) }
    guard finds.isEmpty else {
      hint = finds.joined(separator: say("；", "; "))
      return
    }
    hint =
      format.line == nil
      ? say(
        "别的协议也读不出：报告不全，或要用 --descriptor 给出它的描述符",
        "no other protocol reads it either: a report is cut, or it needs its own --descriptor"
      )
      : say(
        "别的协议也读不出：多半是波特率或校验不对",
        "no other protocol reads it either: most likely the baud or the parity is wrong"
      )
  }
}

/// What `yizhan decode --list` shows.
package enum ProtocolList {
  /// Names, kinds, lines and titles.
  package static func table(_ say: Speech) -> String {
    Terminal.table(
      [say("协议", "PROTOCOL"), say("种类", "KIND"), say("线路", "LINE"), say("说明", "TITLE")],
      BusProtocol.entries.map { [$0.name, say($0.kind), $0.wire, say($0.title)] }
    )
  }

  /// One JSON document a line.
  package static var json: String {
    BusProtocol.entries.map { entry in
      JSON.object([
        "name": .string(entry.name), "kind": .string(entry.kind.en), "wire": .string(entry.wire),
        "zh": .string(entry.title.zh), "en": .string(entry.title.en),
      ]).text
    }.joined(separator: "\n")
  }
}
