import Domain
import Station
import Testing

/// What the workflow makes of the panel's own troubles, and of the longest press.
struct PanelMeaningTests {
  private func station(closing: PhysicalAction? = .seal, scans: Bool = false) throws -> Workflow {
    let site = try #require(SiteID("SM017"))
    var workflow = Workflow(
      plan: Plan(scans: scans, closing: closing),
      site: site,
      epoch: Epoch(7)
    )
    let start: [StationEvent] = [
      .recovered(nextSerial: 1, doubts: []), .scale(.ready), .printer(.ready), .scanner(.ready),
      .reading(Reading(state: .zero, mass: .zero, at: .zero)),
    ]
    for event in start { _ = workflow.handle(event, at: .zero) }
    return workflow
  }

  @Test(arguments: [false, true])
  func `a stuck button is told at rest, and hinders nothing`(scans: Bool) throws {
    var station = try station(scans: scans)
    let rest = station.meaning
    #expect(rest == (scans ? .scanFirst : .idle))
    #expect(station.handle(.buttonStuck(true), at: .zero) == [.beep(.double)])
    #expect(station.meaning == .buttonStuck)
    if scans {
      _ = station.handle(.scanned(.waybill("YT1", candidates: ["yto"])), at: .zero)
      _ = station.handle(.lookedUp("YT1", isKnown: false), at: .zero)
      #expect(station.meaning == .buttonStuck)
    }
    let effects = station.handle(
      .reading(Reading(state: .stable, mass: Mass(grams: 900), at: .zero)),
      at: .zero
    )
    #expect(effects.contains { if case .commit = $0 { true } else { false } }, "the work goes on")
    _ = station.handle(.committed(1), at: .zero)
    #expect(station.meaning == .readyToPrint)
    _ = station.handle(.pressed(.cancel), at: .zero)
    _ = station.handle(.committed(2), at: .zero)
    _ = station.handle(.reading(Reading(state: .zero, mass: .zero, at: .zero)), at: .zero)
    #expect(station.meaning == .buttonStuck)
    _ = station.handle(.buttonStuck(false), at: .zero)
    #expect(station.meaning == rest)
  }

  @Test func `other troubles are told before a stuck button`() throws {
    var station = try station()
    _ = station.handle(.buttonStuck(true), at: .zero)
    _ = station.handle(.scale(.absent), at: .zero)
    #expect(station.meaning == .scaleTrouble)
    _ = station.handle(.hindered(.emergencyStop), at: .zero)
    #expect(station.meaning == .emergencyStop)
  }

  @Test func `the machine is switched off at rest only`() throws {
    var station = try station()
    #expect(station.takesMachineOff)
    #expect(station.handle(.machineOff, at: .zero) == [.machineOff, .beep(.long)])
    for hindrance in [Hindrance.emergencyStop, .resetNeeded] {
      _ = station.handle(.hindered(hindrance), at: .zero)
      #expect(!station.takesMachineOff, "CANCEL is the reset here")
      #expect(station.handle(.machineOff, at: .zero) == [.beep(.triple)])
    }
    _ = station.handle(.hindered(nil), at: .zero)
    _ = station.handle(
      .reading(Reading(state: .stable, mass: Mass(grams: 900), at: .zero)),
      at: .zero
    )
    #expect(!station.takesMachineOff)
    #expect(station.handle(.machineOff, at: .zero) == [.beep(.triple)])
  }

  @Test func `a point without a machine has nothing to switch off`() throws {
    var station = try station(closing: nil)
    #expect(!station.takesMachineOff)
    #expect(station.handle(.machineOff, at: .zero) == [.beep(.triple)])
  }
}
