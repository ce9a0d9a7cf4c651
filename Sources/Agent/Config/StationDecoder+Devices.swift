import Drivers
import Labels
import StrictYAML

extension StationDecoder {
  mutating func scale(_ fields: Fields) -> StationConfig.Scale? {
    let profile = profile(fields, store.scales, "scale")
    let connection = connection(fields, usual: profile?.line, known: profile?.usb ?? [])
    fields.finish()
    return profile.map { StationConfig.Scale(profile: $0, connection: connection) }
  }

  mutating func scanners(_ list: [Fields]) -> [StationConfig.Scanner] {
    var scanners: [StationConfig.Scanner] = []
    for fields in list {
      let profile = profile(fields, store.scanners, "scanner")
      let connection = connection(fields, usual: profile?.line, known: profile?.usb ?? [])
      fields.finish()
      guard let profile else { continue }
      if profile.wire == .keyboard, profile.usb.isEmpty, connection.usb == USBMatch() {
        // Any keyboard would do, and it would be taken away from whoever types on it.
        fields.report(
          at: "profile",
          "nothing says which keyboard is the scanner",
          remedy: "add `usb: { port: 1-1.3 }`, or its `id`; `yizhan devices` shows them"
        )
      }
      let scanner = StationConfig.Scanner(profile: profile, connection: connection)
      if scanners.contains(scanner) {
        fields.report(
          at: "profile",
          "two scanners are described alike, and cannot be told apart",
          remedy: "name the USB port of each: `usb: { port: 1-1.2 }`"
        )
      }
      scanners.append(scanner)
    }
    return scanners
  }

  /// How a device is connected; `usual` is its profile's serial line.
  private mutating func connection(_ fields: Fields, usual: SerialLine?, known: [USBMatch])
    -> StationConfig.Connection
  {
    var connection = StationConfig.Connection(usb: usb(fields), line: usual)
    guard let usual else { return connection }
    var namesNode = false
    if let serial = fields.optionalFields("serial") {
      connection.node = serial.optionalPath("device")
      namesNode = serial.has("device")
      connection.line = SerialLine(serial, usual: usual)
    }
    if let node = connection.node {
      if let holder = hold(serialPort: node, for: fields.path) {
        fields.report(
          at: "serial",
          "`\(node)` is used by `\(holder)` already",
          remedy: "give each device a port of its own"
        )
      }
      if connection.usb != USBMatch() {
        fields.report(
          at: "serial",
          "`device` names a port, and `usb` another",
          remedy: "keep one of them"
        )
      }
    } else if let port = connection.usb.port, let holder = hold(serialPort: port, for: fields.path)
    {
      fields.report(
        at: "usb",
        "the adaptor on `\(port)` is used by `\(holder)` already",
        remedy: "give each device an adaptor of its own"
      )
    } else if !namesNode, connection.usb == USBMatch(), known.isEmpty {
      // Nothing is ever tried out by writing to ports: what answers may print or tare.
      fields.report(
        at: "profile",
        "nothing says which serial port it is plugged into",
        remedy: "add `usb: { port: 1-1.3 }` of its adaptor, or `serial: { device: /dev/ttyS1 }`; "
          + "`yizhan devices` shows them"
      )
    }
    return connection
  }

  mutating func printer(_ fields: Fields, gap: Int) -> StationConfig.Printer? {
    let profile = profile(fields, store.printers, "printer")
    // What the profile knows of USB is the printer's own plug: the adaptor of a line has another.
    let connection =
      fields.has("serial")
      ? connection(fields, usual: SerialLine(baud: 9600), known: [])
      : connection(fields, usual: nil, known: profile?.usb ?? [])
    fields.finish()
    return profile.map { StationConfig.Printer(profile: $0, connection: connection, gap: gap) }
  }

  mutating func machine(_ fields: Fields) -> StationConfig.Machine? {
    let profile = profile(fields, store.machines, "machine")
    let outputs = outputs(fields.fields("outputs"), of: profile)
    let signals = signals(fields.fields("signals"), of: profile)
    fields.finish()
    return profile.map {
      StationConfig.Machine(profile: $0, outputs: outputs, signals: signals)
    }
  }

  private mutating func outputs(_ fields: Fields, of profile: MachineProfile?)
    -> [MachineOutput: LineSpec]
  {
    var outputs: [MachineOutput: LineSpec] = [:]
    for output in MachineOutput.allCases {
      let name = output.rawValue
      outputs[output] = self.output(name, of: fields, role: "machine.\(name)")
      guard let profile else { continue }
      outputs[output]?.drive = profile.drive(of: output)
      if let line = outputs[output] { checkBoardContact(line, name, fields) }
      let known = profile.outputs[output]
      if fields.has(name), known == nil {
        fields.report(
          at: name,
          "a machine of profile `\(profile.id)` has no contact `\(name)`",
          remedy: "remove it, or use the profile of a machine that has it"
        )
      }
      if !fields.has(name), known?.isRequired == true {
        fields.report(
          "the contact `\(name)` is missing, without which the machine cannot be driven",
          remedy: "wire it, and add `\(name): { line: … }`"
        )
      }
    }
    fields.finish()
    return outputs
  }

  private mutating func signals(_ fields: Fields, of profile: MachineProfile?)
    -> [MachineSignal: StationConfig.Input]
  {
    var signals: [MachineSignal: StationConfig.Input] = [:]
    for signal in MachineSignal.allCases {
      let name = signal.rawValue
      let debounce = profile?.debounce[signal]
      signals[signal] = input(name, of: fields, role: "machine.\(name)", debounce: debounce ?? 20)
      guard let profile else { continue }
      if fields.has(name), debounce == nil {
        fields.report(
          at: name,
          "a machine of profile `\(profile.id)` has no signal `\(name)`",
          remedy: "remove it, or use the profile of a machine that has it"
        )
      }
      if !fields.has(name), profile.required.contains(signal) {
        fields.report(
          "the signal `\(name)` is missing, without which the machine must not be driven",
          remedy: "wire it, and add `\(name): { line: … }`"
        )
      }
    }
    fields.finish()
    return signals
  }

  /// What is printed on, and with which template.
  mutating func label(_ fields: Fields) -> (template: LabelTemplate?, gap: Int, font: String) {
    let name = fields.string("template")
    let template = fields.has("template") ? template(name, fields) : nil
    let gap = fields.micrometres("gap", in: 0...20_000, default: 2000)
    let font = fields.path("font", default: "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc")
    requireFile(font, "font", fields, remedy: "apt install fonts-wqy-microhei")
    fields.finish()
    return (template, gap, font)
  }

  private mutating func template(_ name: String, _ fields: Fields) -> LabelTemplate? {
    for folder in search.labels {
      let file = "\(folder)/\(name).yaml"
      guard isReadableTemplate(file) else { continue }
      do throws(Problems) {
        return try LabelTemplate(yaml: (try? TextFile.read(file)) ?? "", file: file)
      } catch {
        fields.report(
          at: "template",
          "the template `\(name)` has mistakes",
          remedy: "correct \(file)"
        )
        add(foreign: error)
        return nil
      }
    }
    let files = search.labels.flatMap { (try? TextFile.names(in: $0)) ?? [] }
    let names = files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }
    fields.report(
      at: "template",
      "there is no label template `\(name)`",
      remedy: Suggestion.remedy(for: name, among: Array(Set(names)).sorted())
    )
    return nil
  }

  private func isReadableTemplate(_ file: String) -> Bool {
    !file.contains("/../") && TextFile.isReadable(file)
  }

  /// A label must not be wider than the head: what sticks out would simply not be printed.
  func compare(_ template: LabelTemplate, with printer: PrinterProfile, _ fields: Fields) {
    let density: DotDensity = printer.dotsPerInch == 300 ? .dpi300 : .dpi203
    let dots = density.edge(template.width)
    guard dots > printer.headDots else { return }
    fields.report(
      at: "template",
      "the template `\(template.name)` is \(dots) dots wide, "
        + "the head of `\(printer.id)` \(printer.headDots)",
      remedy: "use a narrower template, or a printer with a wider head"
    )
  }

  mutating func profile<Profile>(
    _ fields: Fields,
    _ shelf: ProfileStore.Shelf<Profile>,
    _ kind: String
  ) -> Profile? {
    let id = fields.string("profile")
    guard fields.has("profile") else { return nil }
    if let profile = shelf.sound[id] { return profile }
    if let problems = shelf.broken[id] {
      fields.report(
        at: "profile",
        "the profile `\(id)` has mistakes",
        remedy: "correct \(problems.all.first?.file ?? "it")"
      )
      add(foreign: problems)
    } else {
      fields.report(
        at: "profile",
        "there is no \(kind) profile `\(id)`",
        remedy: Suggestion.remedy(for: id, among: shelf.ids)
      )
    }
    return nil
  }

  func usb(_ fields: Fields) -> USBMatch {
    guard let usb = fields.optionalFields("usb") else { return USBMatch() }
    var match = USBMatch()
    if let code = usb.optionalString("id") {
      match = USBMatch(code: code) ?? match
      if match.vendor == nil {
        usb.report(
          at: "id",
          "`\(code)` is not a USB identity",
          remedy: "write it as `lsusb` does: 0922:8003"
        )
      }
    }
    match.serialNumber = usb.optionalString("serial")
    match.port = usb.optionalString("port")
    if let port = match.port, !USBMatch.isPort(port) {
      usb.report(
        at: "port",
        "`\(port)` is not a USB port",
        remedy: "write bus and ports as `yizhan devices` shows them: 1-1.3"
      )
    }
    usb.finish()
    return match
  }
}
