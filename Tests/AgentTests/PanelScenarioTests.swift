import Agent
import Domain
import Drivers
import Foundation
import Simulator
import Station
import Testing

/// The panel of a whole station: presses of every kind, the pedal, lamps and the beeper.
struct PanelScenarioTests {
  private func withStation(
    _ item: MachineScenarioTests.Case? = nil,
    _ body: (inout VirtualStation) throws -> Void
  ) throws {
    let folder = try Fixture.folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    var station = try VirtualStation(
      config: item.map { try Fixture.config(machine: $0.machine) } ?? Fixture.config(),
      seed: 11,
      folder: folder,
      machine: item?.model ?? SimulatedMachine.Model()
    )
    try station.reach(.idle)
    try body(&station)
  }

  private func gestures(_ station: VirtualStation) -> [Gesture] {
    station.notices.compactMap { if case .gesture(let gesture) = $0 { gesture } else { nil } }
  }

  private func presses(_ station: VirtualStation) -> [Button] {
    station.notices.compactMap { if case .pressed(let button) = $0 { button } else { nil } }
  }

  @Test func `the pedal is another GO, from the scale to the green lamp`() throws {
    try withStation { station in
      station.order("place 1234")
      try station.reach(.readyToPrint)
      station.order("press pedal")
      station.advance(.milliseconds(60))
      #expect(station.core.workflow.meaning == .printing, "it counts before the foot is lifted")
      try station.reach(.readyToSeal)
      station.order("press pedal")
      try station.reach(.done)
      #expect(station.bench.machine.actuations == 1)
      #expect(presses(station) == [.go, .go])
    }
  }

  @Test func `CANCEL counts when it is let go, GO when it goes down`() throws {
    try withStation { station in
      station.order("place 1234")
      try station.reach(.readyToPrint)
      station.order("press cancel 400")
      station.advance(.milliseconds(390))
      #expect(station.core.workflow.meaning == .readyToPrint)
      station.advance(.milliseconds(60))
      try station.reach(.clearScale)
      #expect(presses(station) == [.cancel])
    }
  }

  @Test func `a slow hand on CANCEL still voids, once it lets go`() throws {
    try withStation { station in
      station.order("place 1234")
      try station.reach(.readyToPrint)
      station.order("press cancel 1500")
      station.advance(.milliseconds(1400))
      #expect(station.core.workflow.meaning == .readyToPrint)
      station.advance(.milliseconds(200))
      try station.reach(.clearScale)
      #expect(presses(station) == [.cancel])
    }
  }

  @Test(arguments: [200, 1500])
  func `an emergency stop is reset when CANCEL is let go, long or short`(held: Int) throws {
    try withStation { station in
      station.order("estop press")
      try station.reach(.emergencyStop)
      station.order("estop release")
      try station.reach(.resetNeeded)
      station.order("press cancel \(held)")
      station.advance(.milliseconds(Int64(held) - 20))
      #expect(station.core.workflow.meaning == .resetNeeded)
      station.advance(.milliseconds(100))
      #expect(station.core.workflow.meaning == .idle)
      #expect(station.bench.machine.actuations == 0)
    }
  }

  @Test func `a long CANCEL at rest switches the machine off, and is no CANCEL besides`() throws {
    try withStation { station in
      let before = station.notices.count
      station.order("press cancel 1500")
      station.advance(.seconds(2))
      #expect(presses(station).isEmpty)
      #expect(gestures(station) == [.press(.cancel), .long(.cancel), .longEnded(.cancel)])
      let beeps = station.notices.dropFirst(before).compactMap { notice in
        if case .beep(let beep) = notice { beep } else { nil }
      }
      #expect(beeps == [.long], "done, and nothing refused")
      #expect(!station.bench.machine.closed.contains(.start))
    }
  }

  @Test func `a long CANCEL at rest lets a hot machine cool, and GO heats it again`() throws {
    try withStation(MachineScenarioTests.cases[0]) { station in
      station.press(.go)
      #expect(station.bench.machine.closed == [.heaterEnable])
      station.advance(.seconds(20))
      station.order("press cancel 1500")
      station.advance(.milliseconds(990))
      #expect(station.bench.machine.closed == [.heaterEnable])
      station.advance(.milliseconds(100))
      #expect(station.bench.machine.closed.isEmpty)
      station.advance(.seconds(2))
      station.test(.walk)
      station.press(.go)
      #expect(station.bench.machine.closed.isEmpty, "a press that ends the lamp test heats nothing")
      station.press(.go)
      #expect(station.bench.machine.closed == [.heaterEnable])
    }
  }

  @Test func `a button that is held is reported, hinders nothing, and acts again later`() throws {
    try withStation { station in
      station.order("hold again")
      station.advance(.seconds(29))
      #expect(station.core.workflow.meaning == .idle)
      station.advance(.seconds(2))
      #expect(station.core.workflow.meaning == .buttonStuck)
      #expect(gestures(station).last == .stuck(.again))
      station.order("place 1234")
      try station.reach(.readyToPrint)
      station.press(.go)
      try station.reach(.readyToSeal)
      station.order("remove")
      station.press(.go)
      try station.reach(.done)
      station.advance(.seconds(5))
      station.order("release again")
      station.advance(.seconds(1))
      #expect(gestures(station).last == .freed(.again))
      #expect(presses(station) == [.go, .go], "a stuck button never acts")
      station.press(.again)
      #expect(presses(station) == [.go, .go, .again])
    }
  }

  @Test(arguments: ["go", "pedal"])
  func `what is down when the station starts prints nothing`(key: String) throws {
    try withStation { station in
      station.order("place 1234")
      try station.reach(.readyToPrint)
      station.order("remove")
      try station.reach(.idle)
      station.order("hold \(key)")
      station.advance(.milliseconds(1))
      let before = presses(station).count
      station.advance(.milliseconds(100))
      #expect(presses(station).count == before + 1)
      try station.crash()
      station.order("place 1234")
      station.advance(.seconds(10))
      #expect(station.labels.isEmpty)
      #expect(presses(station).count == before + 1)
      station.order("remove")
      try station.reach(.buttonStuck)
      station.order("release \(key)")
      try station.reach(.idle)
    }
  }

  @Test func `AGAIN and CANCEL held together light one lamp after another, then all`() throws {
    try withStation { station in
      _ = station.bench.takeOutputChanges()
      station.order("press again 3300")
      station.order("press cancel 3300")
      station.advance(.seconds(3))
      #expect(lampTest(station).isEmpty)
      var lit: [Set<String>] = []
      var beeps = 0
      for _ in 0..<7000 {
        station.advance(.milliseconds(1))
        guard station.core.lampTest != nil else { continue }
        let now = Set(
          station.bench.outputs.filter { $0.value }.keys.filter { $0.hasPrefix("lamp") }
        )
        if lit.last != now { lit.append(now) }
        beeps += station.bench.takeOutputChanges().count { $0.role == "beeper" && $0.active }
      }
      let lamps = ["lamp-green", "lamp-amber", "lamp-red", "lamp-link"]
      #expect(lit == lamps.map { [$0] } + [Set(lamps)])
      #expect(beeps == 5)
      #expect(lampTest(station).last == true, "it ends by itself")
      #expect(presses(station).isEmpty, "neither button acts for itself")
      #expect(station.bench.machine.actuations == 0)
      #expect(station.core.workflow.meaning == .idle)
    }
  }

  @Test func `a press ends the lamp test, and does nothing else`() throws {
    for key in ["go", "pedal", "again", "cancel"] {
      try withStation { station in
        station.order("place 700")
        try station.reach(.readyToPrint)
        station.press(.cancel)
        station.order("remove")
        try station.reach(.idle)
        let before = presses(station)
        station.test(.walk)
        station.advance(.milliseconds(300))
        #expect(station.core.lampTest != nil)
        station.order("press \(key)")
        station.advance(.milliseconds(400))
        #expect(station.core.lampTest == nil)
        #expect(presses(station) == before, "\(key) acted")
        #expect(station.bench.outputs["lamp-red"] != true)
        station.order("press \(key)")
        station.advance(.milliseconds(400))
        #expect(presses(station).count == before.count + 1, "\(key) acts as ever afterwards")
      }
    }
  }

  @Test func `no lamp is tested with a parcel in hand or during an alarm`() throws {
    try withStation { station in
      station.order("place 700")
      try station.reach(.readyToPrint)
      #expect(station.test(.walk) == false)
      station.press(.cancel)
      station.order("remove")
      try station.reach(.idle)
      #expect(station.test(.lamp(.red)) == true)
      station.advance(.milliseconds(50))
      #expect(station.bench.outputs["lamp-red"] == true)
      station.order("estop press")
      station.advance(.milliseconds(50))
      #expect(station.core.lampTest == nil, "an alarm ends it")
      #expect(station.test(.lamp(.green)) == false)
      station.advance(.milliseconds(50))
      #expect(station.bench.outputs["lamp-green"] != true)
    }
  }

  @Test func `a parcel that is weighed ends the lamp test`() throws {
    try withStation { station in
      #expect(station.test(.all) == true)
      station.order("place 900")
      try station.reach(.readyToPrint)
      station.advance(.milliseconds(20))
      #expect(station.core.lampTest == nil)
      #expect(station.bench.outputs["lamp-red"] != true)
    }
  }

  @Test func `at night only alarms sound, and the lamps go on as ever`() throws {
    try withStation { station in
      station.quiet(true)
      _ = station.bench.takeOutputChanges()
      station.order("place 1234")
      try station.reach(.readyToPrint)
      station.press(.go)
      try station.reach(.readyToSeal)
      station.press(.go)
      try station.reach(.done)
      station.advance(.seconds(1))
      let changes = station.bench.takeOutputChanges()
      #expect(!changes.contains { $0.role == "beeper" })
      #expect(changes.contains { $0.role == "lamp-green" && $0.active })
      station.order("estop press")
      station.advance(.seconds(1))
      let alarm = station.bench.takeOutputChanges().filter { $0.role == "beeper" }
      #expect(alarm.count { $0.active } == 3, "\(alarm)")
      station.order("estop release")
      try station.reach(.resetNeeded)
      station.quiet(false)
      _ = station.bench.takeOutputChanges()
      station.press(.go)
      station.advance(.seconds(1))
      #expect(
        station.bench.takeOutputChanges().contains { $0.role == "beeper" },
        "by day it sounds"
      )
    }
  }

  @Test func `a stack light shows what the panel shows, at the same instant`() throws {
    try withStation { station in
      station.order("place 1234")
      try station.reach(.readyToPrint)
      _ = station.bench.takeOutputChanges()
      station.advance(.seconds(3))
      let changes = station.bench.takeOutputChanges()
      let panel = changes.filter { $0.role == "lamp-green" }.map(\.at)
      #expect(panel.count >= 5)
      #expect(changes.filter { $0.role == "stack-green" }.map(\.at) == panel)
    }
  }

  private func lampTest(_ station: VirtualStation) -> [Bool] {
    station.notices.compactMap { if case .lampTest(_, let isOver) = $0 { isOver } else { nil } }
  }
}
