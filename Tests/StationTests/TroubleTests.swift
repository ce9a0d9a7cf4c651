import Domain
import Station
import Testing

struct PrinterTroubleTests {
  @Test(arguments: [Readiness.absent, .degraded])
  func `without a printer nothing is printed, and GO works when it is back`(
    _ readiness: Readiness
  ) throws {
    var village = try #require(Stop.armed.village)
    village.play(.printer(readiness))
    #expect(village.meaning == .printerTrouble)
    village.play(.press(.go))
    #expect(village.effects.contains(.beep(.triple)))
    #expect(village.printing == nil)
    village.play(.printer(.ready))
    #expect(village.meaning == .readyToPrint)
    village.play(.press(.go))
    #expect(village.printing != nil)
    #expect(village.violations == [])
  }

  @Test func `a label that was not begun is tried again as the same`() throws {
    var village = try #require(Stop.printing.village)
    let id = village.printing?.id
    village.play(.printer(.degraded), .label(.notStarted))
    #expect(village.meaning == .printerTrouble)
    village.play(.press(.go), .printer(.ready), .press(.go))
    #expect(village.printing?.id == id)
    #expect(village.violations == [])
  }

  @Test func `a label in doubt is out, if the worker says so`() throws {
    var village = try #require(Stop.askLabel.village)
    village.play(.press(.go))
    #expect(village.saving?.entries.first.map { "\($0)".contains("worker") } == true)
    village.make(.saved)
    #expect(village.meaning == .readyToSeal)
    #expect(village.violations == [])
  }

  @Test func `a label in doubt is printed once more as the next copy`() throws {
    var village = try #require(Stop.askLabel.village)
    let number = try #require(village.parcel)
    let first = ActionID(parcel: number, action: .label, copy: 1)
    village.play(.press(.again), .saved)
    #expect(village.printing?.id.copy == 2)
    #expect(village.outcomes == [first: .repeated])
    village.play(.label(.unknown), .press(.again), .saved)
    #expect(village.printing?.id.copy == 3)
    village.answer()
    village.play(.press(.go))
    village.answer()
    #expect(village.dispatched[number]?.labelCopy == 3)
    #expect(village.violations == [])
  }

  @Test(arguments: [Stop.armed, .labelHeld, .askLabel, .sealArmed, .askSeal])
  func `CANCEL gives the parcel up, and its number with it`(_ stop: Stop) throws {
    var village = try #require(stop.village)
    let number = try #require(village.parcel)
    village.play(.press(.cancel))
    #expect(village.meaning == .saving)
    village.make(.saved)
    #expect(village.voided == [number])
    #expect(village.inDoubt == [])
    #expect(village.meaning == .clearScale)
    #expect(village.violations == [])
    village.play(.weigh(.zero, 0), .weigh(.stable, 500))
    #expect(village.parcel != number)
  }

  @Test(arguments: [
    Stop.idle, .arming, .printing, .sealSaving, .sealing, .finishing, .done, .cannotSave,
  ])
  func `where nothing can be cancelled, CANCEL is refused`(_ stop: Stop) throws {
    var village = try #require(stop.village)
    let meaning = village.meaning
    village.play(.press(.cancel))
    #expect(village.effects == [.beep(.triple)])
    #expect(village.meaning == meaning)
  }

  @Test(arguments: [Stop.printing, .sealSaving, .sealing, .finishing, .cannotSave, .reprinting])
  func `while something is under way no press does anything`(_ stop: Stop) throws {
    for button in Button.allCases {
      var village = try #require(stop.village)
      village.play(.press(button))
      #expect(village.effects == [.beep(.triple)], "\(button)")
    }
  }

  @Test func `a label is printed once more before it is sealed, and the seal stays armed`() throws {
    var village = try #require(Stop.sealArmed.village)
    village.play(.press(.again), .saved)
    #expect(village.printing?.id.copy == 2)
    village.play(.label(.printed(.accepted)), .saved)
    #expect(village.meaning == .readyToSeal)
    village.play(.press(.go), .sealed, .saved)
    #expect(village.dispatched.values.map(\.labelCopy) == [2])
    #expect(village.outcomes.count == 3)
    #expect(village.violations == [])
  }

  @Test func `late news of another label change nothing`() throws {
    var village = try #require(Stop.sealArmed.village)
    village.play(.label(.unknown))
    #expect(village.meaning == .readyToSeal)
    #expect(village.effects == [])
  }
}

struct ReprintTests {
  @Test func `a finished parcel's label is printed again, as often as is asked for`() throws {
    var village = try #require(Stop.done.village)
    for copy in 2...5 {
      village.play(.press(.again))
      #expect(village.saving?.entries.map(\.type) == ["action.intent"])
      village.play(.saved)
      #expect(village.printing?.id.copy == copy)
      village.play(.label(.printed(.statusSequence)), .saved)
      #expect(village.meaning == .done)
    }
    #expect(village.dispatched.count == 1)
    #expect(village.outcomes.values.allSatisfy { $0 == .done })
    #expect(village.violations == [])
  }

  static let givenUp: [[Village.Move]] = [
    [.label(.notStarted), .press(.cancel), .saved],
    [.label(.unknown), .press(.cancel), .saved],
    [.label(.unknown), .press(.again), .saved, .label(.unknown), .press(.cancel), .saved],
    [.label(.unknown), .press(.again), .saved, .label(.notStarted), .press(.cancel), .saved],
    [
      .label(.unknown), .press(.again), .unsaved, .tick, .saved, .label(.unknown), .press(.go),
      .saved,
    ],
  ]

  @Test(arguments: givenUp)
  func `a reprint that is given up leaves the parcel as it was, and its copy is used up`(
    _ moves: [Village.Move]
  ) throws {
    var village = try #require(Stop.reprinting.village)
    for move in moves { village.make(move) }
    #expect(village.voided == [])
    #expect(village.inDoubt == [])
    #expect(village.violations == [])
    let highest = village.intents.map(\.id.copy).max() ?? 0
    village.play(.press(.again), .saved)
    #expect(village.printing?.id.copy == highest + 1)
    village.answer()
    #expect(village.meaning == .done)
    #expect(village.violations == [])
  }

  @Test func `there is nothing to print again at first`() throws {
    var village = try #require(Stop.idle.village)
    village.play(.press(.again))
    #expect(village.effects == [.beep(.triple)])
  }
}

struct MachineTroubleTests {
  static let hindrances: [(Hindrance, Meaning)] = [
    (.guardOpen, .guardOpen), (.notReady, .machineTrouble), (.emergencyStop, .emergencyStop),
    (.resetNeeded, .resetNeeded), (.cold, .machineWarming), (.noMaterial, .noMaterial),
  ]

  @Test(arguments: hindrances)
  func `a hindered machine is not started, and the panel says why`(
    _ hindrance: Hindrance,
    _ meaning: Meaning
  ) throws {
    var village = try #require(Stop.sealArmed.village)
    village.play(.hinder(hindrance))
    #expect(village.meaning == meaning)
    village.play(.press(.go))
    let effects: [Effect] =
      switch hindrance {
      case .cold: []
      case .notReady: [.resetController, .beep(.triple)]
      default: [.beep(.triple)]
      }
    #expect(village.effects == effects)
    #expect(village.sealing == nil)
    village.play(.hinder(nil), .press(.go))
    #expect(village.sealing != nil)
    #expect(village.violations == [])
  }

  @Test(arguments: Stop.allCases)
  func `an emergency stop is shown in every phase, and no button answers what is not shown`(
    _ stop: Stop
  ) throws {
    let calm = try #require(stop.village)
    var village = calm
    village.play(.hinder(.emergencyStop))
    guard stop != .cannotSave else {
      #expect(village.meaning == .cannotSave)
      return
    }
    #expect(village.meaning == .emergencyStop)
    for button in Button.allCases {
      village.play(.press(button))
      #expect(village.effects == [.beep(.triple)], "\(button)")
    }
    village.play(.hinder(.resetNeeded))
    #expect(village.meaning == .resetNeeded)
    village.play(.press(.go))
    #expect(village.effects == [.beep(.triple)])
    village.play(.press(.cancel))
    #expect(village.effects == [.resetMachine])
    village.play(.hinder(nil))
    #expect(village.meaning == calm.meaning)
    #expect(village.intents == calm.intents)
    #expect(village.violations == [])
  }

  @Test(arguments: [(true, Outcome.failed), (false, .repeated)])
  func `a failed cycle asks, and sealing once more is another attempt`(
    _ isCertain: Bool,
    _ outcome: Outcome
  ) throws {
    var village = try #require(Stop.sealing.village)
    let seal = village.sealing
    village.play(.sealFailed(certain: isCertain))
    #expect(village.meaning == .askSeal)
    village.play(.press(.again), .saved)
    #expect(seal.flatMap { village.outcomes[$0] } == outcome)
    #expect(village.meaning == .readyToSeal)
    village.play(.press(.go), .sealed, .saved)
    #expect(village.meaning == .done)
    #expect(village.violations == [])
  }

  @Test func `what the worker sees to be sealed is sealed`() throws {
    var village = try #require(Stop.askSeal.village)
    village.play(.press(.go), .saved)
    #expect(village.meaning == .done)
    #expect(village.dispatched.values.map(\.sealed) == [true])
    #expect(village.violations == [])
  }

  @Test func `a machine that moves by itself finishes nothing`() throws {
    for stop in Stop.allCases where stop != .sealing {
      var village = try #require(stop.village)
      let meaning = village.meaning
      village.play(.sealed, .sealFailed(certain: true))
      #expect(village.meaning == meaning, "\(stop)")
      #expect(village.effects == [], "\(stop)")
    }
  }
}

struct SavingTroubleTests {
  static let saving: [Stop] = [.arming, .sealSaving, .finishing]

  @Test(arguments: saving)
  func `a commit that fails is tried again, one try at a time, and nothing goes on before`(
    _ stop: Stop
  ) throws {
    var village = try #require(stop.village)
    let entries = village.saving?.entries
    for _ in 0..<3 {
      let saved = village.saving
      village.make(.unsaved)
      #expect(village.meaning == .cannotSave)
      #expect(village.saving == nil)
      let due = try #require(village.workflow.deadline)
      #expect(due == village.now + .seconds(5))
      village.make(.tick)
      #expect(village.saving?.entries == entries)
      #expect(village.saving?.token == saved?.token)
      #expect(village.meaning == .cannotSave)
      // While that try is under way there is no other.
      #expect(village.workflow.deadline == nil)
      village.make(.tick)
      #expect(village.effects == [])
    }
    village.make(.saved)
    #expect(village.meaning != .cannotSave)
    #expect(village.workflow.deadline == nil)
    #expect(village.violations == [])
  }

  @Test func `the alarm sounds once, not with every try`() throws {
    var village = try #require(Stop.finishing.village)
    village.make(.unsaved)
    #expect(village.effects == [.beep(.triple)])
    village.play(.tick, .unsaved)
    #expect(village.effects == [])
  }

  @Test func `answers to other commits change nothing`() throws {
    var village = try #require(Stop.armed.village)
    village.play(.saved, .unsaved)
    #expect(village.meaning == .readyToPrint)
    #expect(village.workflow.deadline == nil)
  }

  @Test func `a stopped workflow does nothing more`() throws {
    let village = try #require(Stop.armed.village)
    var workflow = village.workflow
    #expect(!workflow.isBusy)
    #expect(workflow.handle(.stop, at: .zero) == [])
    #expect(workflow.meaning == .stopping)
    #expect(workflow.handle(.pressed(.go), at: .zero) == [])
    #expect(workflow.handle(.recovered(nextSerial: 1, doubts: []), at: .zero) == [])
    let busy = try Stop.allCases.filter { try #require($0.village).workflow.isBusy }
    #expect(
      busy == [.arming, .printing, .sealSaving, .sealing, .finishing, .reprinting, .cannotSave]
    )
  }
}
