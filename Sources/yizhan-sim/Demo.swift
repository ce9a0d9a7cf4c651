import Agent
import ArgumentParser
import Domain
import Drivers
import Foundation
import Hub
import Ledger
import Logging
import Simulator

/// A station in the terminal: keys are the buttons, the screen is the panel.
struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "A whole station on simulated devices with a hub, driven from the keyboard."
  )

  @OptionGroup var options: SiteOptions

  @Option(help: "The seed of settling, noise and bounce.")
  var seed = UInt64.random(in: 1...UInt64(UInt32.max))

  func run() async throws {
    let terminal: Terminal
    do { terminal = try Terminal() } catch {
      throw ValidationError("\(error); without a terminal, `make smoke` runs a script")
    }
    defer { terminal.close() }
    var logger = Logger(label: "demo") { _ in SwiftLogNoOpLogHandler() }
    logger.logLevel = .critical
    let folder = try await SimulatedSite.run(options, seed: seed, logger: logger) { site in
      try await DemoSession(site: site, terminal: terminal, seed: seed).run()
      return site.folder
    }
    terminal.close()
    print("Ledger, hub and printed labels: \(folder.path)")
  }
}

/// What the player has done and seen so far.
struct DemoSession: Sendable {
  let site: SimulatedSite
  let terminal: Terminal
  let archive: LabelArchive
  let seed: UInt64
  /// Without a word on it, the county's language.
  let isEnglish = ProcessInfo.processInfo.environment["LANG"]?.hasPrefix("en") ?? false

  init(site: SimulatedSite, terminal: Terminal, seed: UInt64) {
    self.site = site
    self.terminal = terminal
    self.seed = seed
    archive = LabelArchive(folder: site.folder.appending(path: "labels"))
  }

  static let keys: [ScreenModel.KeyHelp] = [
    .init("␣", "确认", "GO"), .init("a", "再来", "AGAIN"), .init("c", "取消", "CANCEL"),
    .init("v", "脚踏", "pedal"), .init("C", "长按取消", "long CANCEL"),
    .init("t", "试灯", "lamp test"), .init("w", "卡住/松开再来", "AGAIN sticks"),
    .init("n", "扫运单", "scan"), .init("k", "公司卡", "card"), .init("d", "扫旧单", "old scan"),
    .init("p", "放包裹", "parcel on"), .init("r", "取走", "take off"),
    .init("l", "断/通链路", "link"), .init("f", "缺纸/装纸", "paper"),
    .init("o", "开/关盖", "head"), .init("u", "拔/插打印机", "printer usb"),
    .init("s", "拔/插秤", "scale usb"), .init("x", "拔/插枪", "scanner usb"),
    .init("g", "护罩", "guard"), .init("e", "急停", "e-stop"),
    .init("j", "卡机", "jam"), .init("q", "退出", "quit"),
  ]

  func run() async throws {
    var story = DemoStory(waybills: WaybillSource(seed: seed))
    let watch = site.agent.board.events()
    try await withThrowingTaskGroup(of: Void.self) { group in
      let news = DemoNews()
      group.addTask { for await event in watch { news.take(event) } }
      while true {
        let input = terminal.input()
        if input.signal != nil || input.hasEnded { break }
        if input.keys.contains(where: isQuit) { break }
        for key in input.keys { act(on: key, &story) }
        await draw(&story, news)
        try await Task.sleep(for: .milliseconds(80))
      }
      group.cancelAll()
    }
  }

  private func isQuit(_ key: Key) -> Bool {
    key == .character("q") || key == .control("c")
  }

  private func act(on key: Key, _ story: inout DemoStory) {
    switch key {
    case .enter, .character(" "): order("press go")
    case .character("a"): order("press again")
    case .character("c"): order("press cancel")
    case .character("v"): order("press pedal")
    case .character("C"): order("press cancel 1200")
    case .character("t"): for button in ["again", "cancel"] { order("press \(button) 3200") }
    case .character("w"):
      order(story.isStuck ? "release again" : "hold again")
      story.isStuck.toggle()
    case .character("n"): order("scan \(story.waybills.next())")
    case .character("k"): order("scan \(WaybillSource.card)")
    case .character("d"): order("scan \(story.waybills.issued.first ?? story.waybills.clear())")
    case .character("x"):
      order(story.bench?.isScannerPlugged == true ? "scanner unplug" : "scanner plug")
    case .character("p"):
      let grams = Int.random(in: 60...8000)
      order("place \(grams)")
    case .character("r"): order("remove")
    case .character("l"):
      site.link.isCut.toggle()
      if !site.link.isCut { site.agent.syncNow.ring() }
    case .character("f"): order(story.bench?.labelsLeft == 0 ? "paper 50" : "paper 0")
    case .character("o"): order(story.bench?.isHeadOpen == true ? "printer close" : "printer open")
    case .character("u"):
      order(story.bench?.isPrinterPlugged == true ? "printer unplug" : "printer plug")
    case .character("s"): order(story.bench?.isScalePlugged == true ? "scale unplug" : "scale plug")
    case .character("g"): order(story.bench?.isGuardClosed == true ? "guard open" : "guard close")
    case .character("e"):
      order(story.bench?.isStopPressed == true ? "estop release" : "estop press")
    case .character("j"):
      order(story.isJammed ? "machine reset" : "machine jam")
      story.isJammed.toggle()
      if !story.isJammed { order("machine none") }
    default: break
    }
  }

  private func order(_ order: String) {
    site.station.change { _ = $0.perform(order) }
  }

  private func draw(_ story: inout DemoStory, _ news: DemoNews) async {
    let look = site.station.look { BenchLook($0) }
    if let label = look.lastLabel, label.serialNumber != story.lastLabel {
      story.lastLabel = label.serialNumber
      archive.save(label.page)
    }
    story.bench = look
    let hub = try? await site.hub.site(site.config.site)
    let records = try? await site.agent.journal.perform { ledger throws(LedgerError) in
      try ledger.position(.records)
    }
    var model = ScreenModel()
    model.site = "\(site.config.site) \(site.config.name)"
    model.clock = Self.clock()
    model.keys = Self.keys
    model.isEnglish = isEnglish
    model.messages = news.messages
    news.fill(&model)
    look.fill(&model)
    model.records.isLinkUp = !site.link.isCut
    if let records {
      model.records.last = records.last
      model.records.acknowledged = records.acknowledged
      model.records.backlog = Int(records.pending)
    }
    if let hub {
      model.records.hubParcels = hub.up.parcels
      model.records.hubRecords = hub.lanes.filter { $0.lane == .records }
        .reduce(0) { $0 + Int($1.durableUpTo) }
      model.records.hubAlarms = hub.lanes.reduce(0) { $0 + $1.conflicts + $1.quarantined }
    }
    let (columns, rows) = terminal.size
    terminal.draw(Screen.render(model, columns: columns, rows: rows))
  }

  static func clock() -> String {
    let formatter = DateFormatter()
    formatter.dateFormat = "HH:mm:ss"
    return formatter.string(from: Date())
  }
}
