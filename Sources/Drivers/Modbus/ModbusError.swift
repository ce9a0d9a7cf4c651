package import Domain

/// Why a request had no good answer.
package enum ModbusError: Error, Hashable, Sendable {
  /// More items, or fewer, than the function can name.
  case tooMany(Int, ModbusFunction)
  /// The items would reach beyond address 65535.
  case beyondEnd(start: UInt16, count: Int)
  /// A read was to go to address 0, where all listen and none answers.
  case readOfAll
  /// Nothing came back; with an echo the adaptor at least has sent.
  case silence(hasEcho: Bool)
  /// Bytes came, enough for an answer, and no checksum in them is right.
  case wrongChecksum([UInt8])
  /// An answer began and did not end.
  case cutShort([UInt8])
  /// Only a device of another address answered.
  case otherAddress(UInt8)
  /// The answer is to something that was not asked.
  case otherAnswer([UInt8])
  /// What came back may be the adaptor's echo of the request, or the device's answer to it.
  case perhapsEcho
  /// The device refuses.
  case exception(ModbusException)
  case port(PortError)
}

extension ModbusError {
  /// Whether the device may have done what was asked of it all the same.
  package var leavesDoubt: Bool {
    switch self {
    case .tooMany, .beyondEnd, .readOfAll: false
    // Those of code 5 say that it is being done.
    case .exception(let exception): exception.code == 5
    case .silence, .wrongChecksum, .cutShort, .otherAddress, .otherAnswer, .perhapsEcho, .port: true
    }
  }

  /// The error as a person needs it.
  package func trouble(attempted: String, device: String) -> Trouble {
    let words = words
    return Trouble(
      attempted: attempted,
      device: device,
      cause: words.cause.en,
      remedy: words.remedy.en
    )
  }

  /// Cause and next step.
  package var words: (cause: Text, remedy: Text) {
    switch self {
    case .tooMany, .beyondEnd, .readOfAll: requestWords
    case .exception(let exception): (exception.title, exception.remedy)
    case .port(let error): Self.portWords(error)
    case .silence, .wrongChecksum, .cutShort, .otherAddress, .otherAnswer, .perhapsEcho: lineWords
    }
  }

  private var requestWords: (cause: Text, remedy: Text) {
    switch self {
    case .tooMany(let count, let function):
      (
        Text(
          zh: "\(function.title.zh)一次 1 到 \(function.most) 个，不是 \(count) 个",
          en: "one request can \(function.title.en) 1 to \(function.most) at a time, not \(count)"
        ),
        Text(zh: "分几次", en: "ask in several steps")
      )
    case .beyondEnd(let start, let count):
      (
        Text(
          zh: "从 \(start) 起 \(count) 个，超出了地址 65535",
          en: "\(count) from \(start) on reach beyond address 65535"
        ),
        Text(zh: "减少数量，或改起始地址", en: "ask for fewer, or begin lower")
      )
    default:
      (
        Text(zh: "地址 0 是广播，没有设备回答", en: "address 0 is for all, and nobody answers there"),
        Text(zh: "写设备自己的地址", en: "name the device's own address")
      )
    }
  }

  private var lineWords: (cause: Text, remedy: Text) {
    switch self {
    case .silence(let hasEcho): Self.silenceWords(hasEcho)
    case .wrongChecksum(let bytes):
      (
        Text(
          zh: "收到 \(bytes.count) 字节，校验都不对：\(Self.hex(bytes))",
          en: "\(bytes.count) bytes came and no checksum is right: \(Self.hex(bytes))"
        ),
        Text(
          zh: "总是这样：对调 A、B 线，或核对波特率和校验位",
          en: "if it is always so: swap A and B, or check speed and parity"
        )
      )
    case .cutShort(let bytes):
      (
        Text(zh: "回答不完整：\(Self.hex(bytes))", en: "the answer breaks off: \(Self.hex(bytes))"),
        Text(
          zh: "查线和终端电阻；慢的设备把 reply-within 调大",
          en: "check the cable and its terminators; for a slow device raise `reply-within`"
        )
      )
    case .otherAddress(let address):
      (
        Text(zh: "回答的是地址 \(address) 的设备", en: "a device of address \(address) answers instead"),
        Text(
          zh: "核对拨码或 address；一条线上地址不能相同",
          en: "check its switches or `address`; no two devices of one line may share an address"
        )
      )
    case .otherAnswer(let bytes):
      (
        Text(
          zh: "答非所问：\(Self.hex(bytes))",
          en: "the answer is to another question: \(Self.hex(bytes))"
        ),
        Text(
          zh: "型号文件可能不对；也可能线上有另一个主机",
          en: "the profile may not fit; or another master is on the line"
        )
      )
    default:
      (
        Text(
          zh: "分不清是设备的回答，还是转接线的回声",
          en: "it cannot be told whether the device answered, or the adaptor heard itself"
        ),
        Text(zh: "读回状态再看", en: "read the state back")
      )
    }
  }

  private static func silenceWords(_ hasEcho: Bool) -> (cause: Text, remedy: Text) {
    (
      hasEcho
        ? Text(zh: "没有回答，只有自己的回声", en: "no answer, only the echo of the request")
        : Text(zh: "没有回答", en: "no answer"),
      Text(
        zh: "查板的电源、A/B 线和地址",
        en: "check the device's power, its wires A and B, and its address"
      )
    )
  }

  private static func portWords(_ error: PortError) -> (cause: Text, remedy: Text) {
    let trouble = error.trouble(attempted: "", device: "")
    return switch error {
    case .absent, .vanished:
      (
        Text(zh: "转接线不在了", en: "its serial adaptor is not there"),
        Text(
          zh: "插好转接线，会自动恢复；`yizhan devices` 可以看",
          en: "plug the adaptor in; it is picked up by itself. `yizhan devices` shows it"
        )
      )
    default:
      (
        Text(zh: trouble.cause, en: trouble.cause), Text(zh: trouble.remedy, en: trouble.remedy)
      )
    }
  }

  /// The first bytes as pairs of digits.
  private static func hex(_ bytes: [UInt8]) -> String {
    let shown = bytes.prefix(16).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
    return shown.joined(separator: " ").uppercased() + (bytes.count > 16 ? " …" : "")
  }
}
