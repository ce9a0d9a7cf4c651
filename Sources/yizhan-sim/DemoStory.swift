import Agent
import Domain
import Drivers
import Simulator
import Station
import Synchronization

/// What the player's keys need to remember.
struct DemoStory: Sendable {
  var bench: BenchLook?
  var waybills: WaybillSource
  var lastLabel = 0
  var isJammed = false
  /// Whether the AGAIN button is held down.
  var isStuck = false
}

/// The bench at one moment, as far as the screen shows it.
struct BenchLook: Sendable {
  var labelsLeft: Int
  var printed: Int
  var isPrinting: Bool
  var isHeadOpen: Bool
  var isPrinterPlugged: Bool
  var lastLabel: PrintedLabel?
  var isScalePlugged: Bool
  var load: Int
  var display: SimulatedScale.Display
  var isScannerPlugged: Bool
  var lastScan: String
  var isGuardClosed: Bool
  var isStopPressed: Bool
  var isSealing: Bool
  var sealProgress: Double
  var actuations: Int
  var outputs: [String: Bool]

  init(_ bench: Bench) {
    labelsLeft = bench.printer.labelsLeft
    printed = bench.printer.printedCount
    isPrinting = bench.printer.isPrinting
    isHeadOpen = bench.printer.isHeadOpen
    isPrinterPlugged = bench.printer.isPlugged
    lastLabel = bench.printer.labels.last
    isScalePlugged = bench.scale.isPlugged
    load = Int(bench.scale.load.rounded())
    display = bench.scale.display
    let scanner = bench.scanners.first
    isScannerPlugged = scanner?.isPlugged ?? false
    lastScan = scanner?.lastText ?? ""
    isGuardClosed = bench.machine.levels[.guardClosed] ?? false
    isStopPressed = bench.machine.levels[.estopOK] == false
    isSealing = bench.machine.isRunning
    sealProgress = bench.machine.progress
    actuations = bench.machine.actuations
    outputs = bench.outputs
  }

  func fill(_ model: inout ScreenModel) {
    model.scale.state = scaleState
    model.scale.display = isScalePlugged ? Mass(grams: display.grams).kilograms : "-----"
    model.scale.load = load > 0 ? "\(load) g" : ""
    model.scanner.state =
      isScannerPlugged ? .init("就绪", "ready", .good) : .init("已拔出", "unplugged", .bad)
    model.scanner.text = lastScan
    model.printer.state = printerState
    model.printer.labelsLeft = labelsLeft
    model.printer.printed = printed
    model.printer.label = lastLabel?.page
    model.sealer.state = sealerState
    model.sealer.progress = isSealing ? sealProgress : nil
    model.sealer.isGuardClosed = isGuardClosed
    model.sealer.isEmergencyStopPressed = isStopPressed
    model.sealer.actuations = actuations
    for index in model.lamps.indices {
      let lamp = Lamp.allCases[index]
      model.lamps[index].isLit = outputs["lamp-\(lamp.rawValue)"] ?? false
    }
    model.beep = outputs["beeper"] == true ? "♪" : ""
  }

  private var scaleState: ScreenModel.State {
    guard isScalePlugged else { return .init("已拔出", "unplugged", .bad) }
    return switch display.status {
    case .zero: .init("零位", "zero", .quiet)
    case .moving: .init("晃动", "moving", .warning)
    case .stable: .init("稳定", "stable", .good)
    case .underZero: .init("负值", "below zero", .warning)
    case .overLimit: .init("超重", "overload", .bad)
    case .underLimit: .init("欠载", "underload", .bad)
    case .fault, .needsCalibration, .needsZero: .init("故障", "fault", .bad)
    }
  }

  private var printerState: ScreenModel.State {
    if !isPrinterPlugged { return .init("已拔出", "unplugged", .bad) }
    if isHeadOpen { return .init("盖开", "head open", .bad) }
    if labelsLeft == 0 { return .init("缺纸", "paper out", .bad) }
    return isPrinting ? .init("出单中", "printing", .warning) : .init("就绪", "ready", .good)
  }

  private var sealerState: ScreenModel.State {
    if isStopPressed { return .init("急停", "e-stop", .bad) }
    if !isGuardClosed { return .init("护罩开", "guard open", .warning) }
    return isSealing ? .init("运行", "running", .warning) : .init("就绪", "ready", .good)
  }
}

/// What the daemon tells its watchers, kept for the screen.
final class DemoNews: Sendable {
  private struct State {
    var meaning = Meaning.starting
    var parcel = ""
    var messages: [ScreenModel.Message] = []
  }

  private let state = Mutex(State())

  var messages: [ScreenModel.Message] { state.withLock { $0.messages } }

  func take(_ event: JSON) {
    guard let kind = event["kind"]?.string else { return }
    let meaning = event["id"]?.string.flatMap { Meaning(rawValue: $0) }
    state.withLock { state in
      if kind == "meaning", let meaning {
        state.meaning = meaning
        state.parcel = event["parcel"]?.string ?? ""
      }
      guard let text = Self.words(kind, event, meaning) else { return }
      state.messages.append(
        .init(time: DemoSession.clock(), text: text, tone: Self.tone(kind, meaning))
      )
      if state.messages.count > 200 { state.messages.removeFirst(100) }
    }
  }

  func fill(_ model: inout ScreenModel) {
    let (meaning, parcel) = state.withLock { ($0.meaning, $0.parcel) }
    model.meaning = meaning.row.text
    model.meaningTone = Self.tone("meaning", meaning)
    model.parcel = parcel
    let rhythms: [Lamp: Rhythm] = [
      .green: meaning.row.green, .amber: meaning.row.amber, .red: meaning.row.red,
    ]
    model.lamps = Lamp.allCases.map { lamp in
      ScreenModel.LampView(
        name: Self.names[lamp] ?? Text(zh: "", en: ""),
        tone: Self.tones[lamp] ?? .plain,
        rhythm: rhythms[lamp]?.rawValue ?? ""
      )
    }
  }

  private static let names: [Lamp: Text] = [
    .green: Text(zh: "绿", en: "green"), .amber: Text(zh: "黄", en: "amber"),
    .red: Text(zh: "红", en: "red"), .link: Text(zh: "链", en: "link"),
  ]

  private static let tones: [Lamp: ScreenModel.Tone] = [
    .green: .good, .amber: .warning, .red: .bad, .link: .link,
  ]

  private static func words(_ kind: String, _ event: JSON, _ meaning: Meaning?) -> String? {
    switch kind {
    case "meaning": meaning.map { "\($0.row.text.zh) · \($0.row.text.en)" }
    case "scan": event["text"]?.string.map { "▥ \($0)" }
    case "hint":
      [event["role"], event["text"]].compactMap { $0?.string }.joined(separator: ": ")
    case "button": event["button"]?.string.map { "⏺ \($0)" }
    case "gesture":
      // A press that acted has its own line.
      ["short", "press"].contains(event["gesture"]?.string)
        ? nil
        : ([event["gesture"]?.string ?? ""] + (event["keys"]?.array ?? []).compactMap(\.string))
          .joined(separator: " ")
    case "device":
      [event["role"], event["state"], event["detail"]].compactMap { $0?.string }
        .joined(separator: " ")
    case "commit":
      event["type"]?.string.map { "💾 \($0) #\(event["sequence"]?.int ?? 0)" }
    case "sync":
      event["error"]?.string.map { "⇅ \($0)" }
    case "machine": event["fault"]?.string.map { "sealer: \($0)" }
    default: nil
    }
  }

  private static func tone(_ kind: String, _ meaning: Meaning?) -> ScreenModel.Tone {
    guard kind == "meaning", let meaning else { return kind == "commit" ? .quiet : .plain }
    if meaning.row.red != .off { return .bad }
    if meaning == .done { return .good }
    return meaning.row.amber != .off ? .warning : .good
  }
}
