import Domain
import Drivers
import Labels

/// How profiles are shown.
package struct ProfileView: Sendable {
  /// The maker and the model, or a name.
  package let title: String
  /// What it speaks: a protocol, a language.
  package let speech: String
  /// What it is connected by, as `9600 8N1` or USB identities.
  package let connection: String
  /// Further facts for `profile show`: name in Chinese and English, and value.
  private let facts: [(name: Text, value: String)]

  /// Takes the facts of a profile.
  package init(_ profile: AnyProfile) {
    switch profile {
    case .scale(let scale): self.init(scale)
    case .scanner(let scanner): self.init(scanner)
    case .printer(let printer): self.init(printer)
    case .machine(let machine): self.init(machine)
    case .board(let board): self.init(board)
    case .controller(let controller): self.init(controller)
    case .carrier(let rule): self.init(rule)
    case .label(let template): self.init(template)
    }
  }

  private init(_ scale: ScaleProfile) {
    title = "\(scale.maker) \(scale.model)"
    speech = scale.scaleProtocol
    connection = Self.connection(scale.line, scale.usb)
    var facts: [(name: Text, value: String)] = []
    if let unit = scale.settings.unit {
      facts.append((Text(zh: "单位", en: "unit"), unit.rawValue))
    }
    if let poll = scale.poll {
      facts.append((Text(zh: "问询间隔", en: "asked every"), "\(poll.milliseconds) ms"))
    }
    let rule = scale.stability
    facts.append(
      (
        Text(zh: "没有稳定标志时", en: "without a sign of rest"),
        "\(rule.frames) / \(rule.duration.milliseconds) ms"
      )
    )
    facts.append((Text(zh: "多久没数据算断", en: "stale after"), "\(scale.silence.milliseconds) ms"))
    facts.append((Text(zh: "样本", en: "samples"), "\(scale.samples.count)"))
    self.facts = facts
  }

  private init(_ scanner: ScannerProfile) {
    title = "\(scanner.maker) \(scanner.model)"
    speech = scanner.scannerProtocol
    connection = Self.connection(scanner.line, scanner.usb)
    var facts = [(name: Text(zh: "样本", en: "samples"), value: "\(scanner.samples.count)")]
    if !scanner.settings.prefix.isEmpty {
      facts.append((Text(zh: "去掉的前缀", en: "prefix taken off"), scanner.settings.prefix.hex))
    }
    self.facts = facts
  }

  private init(_ printer: PrinterProfile) {
    title = "\(printer.maker) \(printer.model)"
    speech = printer.language
    connection = Self.connection(nil, printer.usb)
    facts = [
      (Text(zh: "打印头", en: "head"), "\(printer.headDots) @ \(printer.dotsPerInch) dpi"),
      (Text(zh: "状态", en: "status"), printer.answersStatus ? "query" : "none"),
    ]
  }

  private init(_ machine: MachineProfile) {
    title = "\(machine.maker) \(machine.model)"
    speech = machine.kind.rawValue
    connection = MachineSignal.allCases.filter { machine.debounce[$0] != nil }
      .map { $0.rawValue + (machine.required.contains($0) ? "*" : "") }.joined(separator: " ")
    let outputs = machine.outputs.keys.map(\.rawValue).sorted().joined(separator: " ")
    facts = [
      (Text(zh: "种类", en: "kind"), "\(machine.kind.text.zh) / \(machine.kind.text.en)"),
      (Text(zh: "输出", en: "outputs"), outputs),
      (Text(zh: "启动脉冲", en: "pulse"), "\(machine.timing.pulse) ms"),
      (Text(zh: "一次最长", en: "longest cycle"), "\(machine.timing.longest) ms"),
    ]
  }

  private init(_ board: BoardProfile) {
    title = "\(board.maker) \(board.model)"
    speech = "modbus"
    connection = Self.connection(board.line, board.usb)
    let pulse = board.outputs?.pulse?.lengths
    facts = [
      (Text(zh: "地址", en: "address"), "\(board.address)"),
      (Text(zh: "继电器", en: "relays"), "\(board.outputs?.count ?? 0)"),
      (Text(zh: "输入", en: "inputs"), "\(board.inputs?.count ?? 0)"),
      (Text(zh: "板上脉冲", en: "own pulses"), pulse ?? "-"),
      (Text(zh: "样本", en: "samples"), "\(board.samples.count)"),
    ]
  }

  private init(_ controller: ControllerProfile) {
    title = "\(controller.maker) \(controller.model)"
    speech = controller.speech.rawValue
    connection = Self.connection(controller.line, controller.usb)
    facts = [
      (Text(zh: "地址", en: "address"), "\(controller.address)"),
      (Text(zh: "寄存器已证实", en: "confirmed"), controller.isUnconfirmed ? "no" : "yes"),
      (Text(zh: "样本", en: "samples"), "\(controller.samples.count)"),
    ]
  }

  private init(_ rule: CarrierRule) {
    title = "\(rule.name.zh) \(rule.name.en)"
    speech = ""
    connection = ""
    facts = [(Text(zh: "号码样式", en: "forms"), "\(rule.forms.count)")]
  }

  private init(_ template: LabelTemplate) {
    title = template.name
    speech = ""
    connection = ""
    let (width, height) = (Self.millimetres(template.width), Self.millimetres(template.height))
    facts = [(Text(zh: "尺寸", en: "size"), "\(width) × \(height) mm")]
  }

  /// Names and values for a list; what is empty is left out.
  package func pairs(_ say: Speech) -> [(String, String)] {
    let head = [
      (say("型号", "model"), title), (say("协议", "speaks"), speech),
      (say("连接", "connection"), connection),
    ]
    return head.filter { !$0.1.isEmpty } + facts.map { (say($0.name), $0.value) }
  }

  private static func connection(_ line: SerialLine?, _ usb: [USBMatch]) -> String {
    let codes = usb.map { match in
      "\(match.vendor.map { $0.hex } ?? "*"):\(match.product.map { $0.hex } ?? "*")"
    }
    let wire = line.map { ["\($0.baud) \($0.framing)" + ($0.isRS485 ? " RS-485" : "")] } ?? []
    return (wire + codes).joined(separator: ", ")
  }

  private static func millimetres(_ micrometres: Int) -> String {
    micrometres % 1000 == 0 ? "\(micrometres / 1000)" : "\(Double(micrometres) / 1000)"
  }
}
