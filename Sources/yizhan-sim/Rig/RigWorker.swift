import Domain
import Foundation
import Simulator
import Station

/// A worker who does what the panel says, parcel after parcel.
struct RigWorker {
  struct Hook {
    var parcel: Int
    var meaning: Meaning
    var command: String
  }

  private var hands: BenchHands
  private let watch: PanelWatch
  private var hooks: [Hook]
  private let parcels: Int
  private let patience: Duration
  private var random: SeededRandom
  private var waybills: WaybillSource
  private let clock = ContinuousClock()

  private var dispatched: [String] = []
  /// How long each parcel took.
  private(set) var seconds: [Double] = []
  private var begun: ContinuousClock.Instant
  private var isLoaded = false
  /// The parcel that the panel showed last.
  private var parcel: String?
  /// What had come out before the last press that could bring a label or a seal, or before the
  /// parcel was first seen.
  private var labelsBefore = 0
  private var sealsBefore = 0

  init(
    hands: BenchHands,
    watch: PanelWatch,
    hooks: [Hook],
    parcels: Int,
    seed: UInt64,
    patience: Duration
  ) {
    self.hands = hands
    self.watch = watch
    self.hooks = hooks
    self.parcels = parcels
    self.patience = patience
    random = SeededRandom(seed: seed)
    waybills = WaybillSource(seed: seed &+ 1)
    begun = clock.now
  }

  /// Works until all parcels are dispatched.
  ///
  /// - Throws: ``SmokeFailure`` where the panel stands still, or a hook fails.
  mutating func run() throws {
    var since = clock.now
    var actedAt: ContinuousClock.Instant?
    var askedAt = clock.now
    while dispatched.count < parcels {
      Thread.sleep(forTimeInterval: 0.05)
      if clock.now - askedAt > .seconds(2) {
        watch.ask()
        askedAt = clock.now
      }
      for panel in watch.takeNews() {
        say(panel)
        if let meaning = panel.meaning { try runHook(for: meaning) }
        (since, actedAt) = (clock.now, nil)
      }
      let panel = watch.panel
      guard clock.now - since < patience else { throw standstill(panel) }
      guard let meaning = panel.meaning else { continue }
      // A press may be refused or lost: somebody who sees nothing happen presses again.
      if let last = actedAt, clock.now - last < .seconds(10) { continue }
      try act(on: meaning, panel.parcel)
      actedAt = clock.now
    }
  }

  private func standstill(_ panel: PanelWatch.Panel) -> SmokeFailure {
    SmokeFailure(
      reason: """
        the panel says \(panel.meaning?.rawValue ?? "nothing") for \(patience) without a change; \
        parcel \(dispatched.count + 1) of \(parcels), \(panel.parcel ?? "no number")
        """
    )
  }

  private func say(_ panel: PanelWatch.Panel) {
    let meaning = panel.meaning?.rawValue ?? "(no daemon)"
    tell("parcel \(dispatched.count + 1): \(meaning) \(panel.parcel ?? "")")
  }
}

extension RigWorker {
  /// Writes a line at once, also where the output is a file.
  private func tell(_ text: String) {
    FileHandle.standardOutput.write(Data("worker: \(text)\n".utf8))
  }
}

// MARK: What a person does

extension RigWorker {
  private mutating func act(on meaning: Meaning, _ parcel: String?) throws {
    if let parcel, parcel != self.parcel {
      // What came out for another parcel says nothing of this one.
      self.parcel = parcel
      try hands.look()
      (labelsBefore, sealsBefore) = (hands.seen.completeLabels, hands.seen.completed)
    }
    switch meaning {
    case .idle, .buttonStuck: try place()
    case .done: try finish(parcel)
    case .clearScale: isLoaded ? try remove() : try hands.order("tare")
    case .scanFirst, .scanAgain, .scannedBefore: try hands.order("scan \(waybills.next())")
    case .askCarrier: try hands.order("scan \(WaybillSource.card)")
    case .tooLight, .tooHeavy, .offWeight: try remove()
    case .readyToPrint:
      try hands.look()
      labelsBefore = hands.seen.completeLabels
      try press(.go)
    case .readyToSeal:
      if isLoaded { try remove() }
      try hands.look()
      sealsBefore = hands.seen.completed
      try press(.go)
    case .askLabel: try answerForLabel()
    case .askSeal: try answerForSeal()
    case .resetNeeded: try press(.cancel)
    case .starting, .weighing, .printing, .sealing, .saving, .scaleTrouble, .scannerTrouble,
      .printerTrouble, .guardOpen, .machineWarming, .noMaterial, .machineTrouble, .emergencyStop,
      .cannotSave, .noLedger, .stopping:
      break
    }
  }

  private mutating func place() throws {
    if isLoaded { try remove() }
    let grams = Int.random(in: 50...9000, using: &random)
    try hands.order("place \(grams)")
    isLoaded = true
  }

  private mutating func remove() throws {
    try hands.order("remove")
    isLoaded = false
    Thread.sleep(forTimeInterval: 0.1)
  }

  private func press(_ button: Button) throws {
    try hands.order("press \(button.rawValue) 200")
  }

  private mutating func finish(_ parcel: String?) throws {
    if let parcel, !dispatched.contains(parcel) {
      dispatched.append(parcel)
      let elapsed = clock.now - begun
      seconds.append(Double(elapsed.milliseconds) / 1000)
      begun = clock.now
    }
    if dispatched.count < parcels { try place() }
  }

  private mutating func answerForLabel() throws {
    let before = labelsBefore
    if try waits(upTo: .seconds(3), { $0.completeLabels > before }) { return try press(.go) }
    labelsBefore = hands.seen.completeLabels
    try press(.again)
  }

  private mutating func answerForSeal() throws {
    // A machine that runs is waited for; one that stands still has sealed or it has not.
    _ = try waits(upTo: .seconds(5)) { $0.completed == $0.actuations }
    try press(hands.seen.completed > sealsBefore ? .go : .again)
  }

  private mutating func waits(upTo limit: Duration, _ condition: (BenchRecord) -> Bool) throws
    -> Bool
  {
    let end = clock.now + limit
    while true {
      try hands.look()
      if condition(hands.seen) { return true }
      guard clock.now < end else { return false }
      Thread.sleep(forTimeInterval: 0.1)
    }
  }

  private mutating func runHook(for meaning: Meaning) throws {
    let parcel = dispatched.count + 1
    guard let index = hooks.firstIndex(where: { $0.parcel == parcel && $0.meaning == meaning })
    else { return }
    let hook = hooks.remove(at: index)
    tell("parcel \(parcel), \(meaning.rawValue): \(hook.command)")
    let shell = Process()
    shell.executableURL = URL(filePath: "/bin/sh")
    shell.arguments = ["-c", hook.command]
    try shell.run()
    shell.waitUntilExit()
    guard shell.terminationStatus == 0 else {
      throw SmokeFailure(reason: "the hook at parcel \(parcel), \(meaning.rawValue) failed")
    }
  }
}
