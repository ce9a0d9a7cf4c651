import Domain
import Drivers
import TestSupport
import Testing

struct DebouncerTests {
  private static func at(_ milliseconds: Int64) -> Instant { .zero + .milliseconds(milliseconds) }

  /// Plays edges through a debouncer that is asked whenever it wants to be, and no later.
  private static func play(_ edges: [(Int64, Bool)], settle: Int64) -> [(Int64, Bool)] {
    var debouncer = Debouncer(level: false, settle: .milliseconds(settle))
    var news: [(Int64, Bool)] = []
    for (time, active) in edges + [(1_000_000, true)] {
      while let deadline = debouncer.deadline, deadline <= at(time) {
        if let level = debouncer.advance(to: deadline) {
          news.append(((deadline - .zero).milliseconds, level))
        }
      }
      guard time < 1_000_000 else { break }
      if let level = debouncer.edge(active, at: at(time)) { news.append((time, level)) }
    }
    return news
  }

  @Test func `a press that bounces counts once, after its last bounce has stood`() {
    let edges: [(Int64, Bool)] = [
      (0, true), (2, false), (3, true), (5, false), (9, true), (100, false), (101, true),
      (104, false),
    ]
    let news = Self.play(edges, settle: 20)
    #expect(news.map(\.0) == [29, 124])
    #expect(news.map(\.1) == [true, false])
  }

  @Test func `a spike counts for nothing`() {
    var debouncer = Debouncer(level: true, settle: .milliseconds(20))
    #expect(debouncer.edge(false, at: Self.at(0)) == nil)
    #expect(debouncer.deadline == Self.at(20))
    #expect(debouncer.advance(to: Self.at(19)) == nil)
    #expect(debouncer.edge(true, at: Self.at(19)) == nil)
    #expect(debouncer.deadline == nil)
    #expect(debouncer.advance(to: Self.at(1000)) == nil)
    #expect(debouncer.level)
  }

  @Test func `without a settling time every change counts at once, and no repetition`() {
    var debouncer = Debouncer(level: false, settle: .zero)
    #expect(debouncer.edge(false, at: Self.at(0)) == nil)
    #expect(debouncer.edge(true, at: Self.at(0)) == true)
    #expect(debouncer.edge(true, at: Self.at(1)) == nil)
    #expect(debouncer.edge(false, at: Self.at(1)) == false)
    #expect(debouncer.deadline == nil)
  }

  @Test func `a press is not lost when its edges are read late and together`() {
    var debouncer = Debouncer(level: false, settle: .milliseconds(20))
    #expect(debouncer.edge(true, at: Self.at(0)) == nil)
    #expect(debouncer.edge(false, at: Self.at(50)) == true)
    #expect(debouncer.deadline == Self.at(70))
    #expect(debouncer.advance(to: Self.at(70)) == false)
    #expect(debouncer.deadline == nil)
  }

  @Test func `read late or in time, the levels come in the same order`() {
    let seed = UInt64.random(in: 0 ... .max)
    var dice = Dice(seed: seed)
    var presses = 0
    for _ in 0..<500 {
      var edges: [(Int64, Bool)] = []
      var time: Int64 = 0
      for index in 0..<dice.roll(0...12) {
        time += Int64(dice.roll(1...40))
        edges.append((time, index % 2 == 0))
      }
      let prompt = Self.play(edges, settle: 20)
      var late = Debouncer(level: false, settle: .milliseconds(20))
      var levels = edges.compactMap { late.edge($0.1, at: Self.at($0.0)) }
      if let level = late.advance(to: Self.at(time + 20)) { levels.append(level) }
      #expect(levels == prompt.map(\.1), "seed \(seed): \(edges)")
      #expect(zip(levels, levels.dropFirst()).allSatisfy { $0 != $1 }, "seed \(seed)")
      presses += levels.count
    }
    #expect(presses > 500)
  }
}

struct PanelTests {
  private static func at(_ milliseconds: Int64) -> Instant { .zero + .milliseconds(milliseconds) }

  /// Whether a step sequence is on at a time, counted millisecond by millisecond.
  private static func isOn(_ steps: [Int64], _ time: Int64) -> Bool {
    var line: [Bool] = []
    for (index, step) in steps.enumerated() {
      line += Array(repeating: index % 2 == 0, count: Int(step))
    }
    return time < line.count && line[Int(time)]
  }

  @Test(arguments: Rhythm.allCases, [0, 1_234_567] as [Int64])
  func `a lamp lights as its rhythm says, at every millisecond`(_ rhythm: Rhythm, _ start: Int64) {
    var panel = Panel()
    panel.show(rhythm, on: .amber, at: Self.at(start))
    #expect(panel.rhythm(of: .amber) == rhythm)
    #expect(panel.rhythm(of: .green) == .off)
    var lit = false
    for time in 0..<5000 as Range<Int64> {
      for change in panel.changes(at: Self.at(start + time)) {
        #expect(change.output == .lamp(.amber))
        #expect(change.active != lit)
        lit = change.active
      }
      let period = rhythm.cycle.reduce(0, +)
      let expected = period == 0 ? rhythm == .on : Self.isOn(rhythm.cycle, time % period)
      guard lit == expected else {
        Issue.record("\(rhythm) is \(lit) at \(time) ms")
        return
      }
    }
  }

  @Test(arguments: Beep.allCases)
  func `a beep sounds as its sequence says, then is silent`(_ beep: Beep) {
    var panel = Panel()
    panel.sound(beep, at: Self.at(10))
    var sounds = false
    for time in 0..<2000 as Range<Int64> {
      for change in panel.changes(at: Self.at(10 + time)) {
        #expect(change.output == .beeper)
        sounds = change.active
      }
      #expect(sounds == Self.isOn(beep.sequence, time), "\(beep) at \(time) ms")
    }
    #expect(panel.deadline(after: Self.at(2010)) == nil)
  }

  @Test(arguments: Rhythm.allCases, Beep.allCases)
  func `asked only when it wants to be, it misses no change`(_ rhythm: Rhythm, _ beep: Beep) {
    var prompt = Panel()
    var lazy = Panel()
    for lamp in [Lamp.green, .link] {
      prompt.show(rhythm, on: lamp, at: Self.at(3))
      lazy.show(rhythm, on: lamp, at: Self.at(3))
    }
    prompt.sound(beep, at: Self.at(5))
    lazy.sound(beep, at: Self.at(5))
    var due: Instant? = Self.at(5)
    for time in 5..<3000 as Range<Int64> {
      let changes = prompt.changes(at: Self.at(time))
      if let instant = due, instant <= Self.at(time) {
        #expect(lazy.changes(at: Self.at(time)) == changes)
        due = lazy.deadline(after: Self.at(time))
        if let due { #expect(due > Self.at(time)) }
      } else {
        #expect(changes.isEmpty, "\(rhythm), \(beep): missed at \(time) ms")
      }
    }
  }

  @Test func `deadlines lie ahead also between whole milliseconds`() {
    var panel = Panel()
    panel.show(.fast, on: .red, at: Instant(nanoseconds: 333))
    panel.sound(.triple, at: Instant(nanoseconds: 777))
    let seed = UInt64.random(in: 0 ... .max)
    var dice = Dice(seed: seed)
    for _ in 0..<5000 {
      let now = Instant(nanoseconds: Int64(dice.roll(0...900_000_000)))
      _ = panel.changes(at: now)
      let deadline = panel.deadline(after: now)
      #expect(deadline.map { $0 > now } == true, "seed \(seed), \(now)")
    }
  }

  @Test func `the same rhythm again does not restart it, another one does`() {
    var panel = Panel()
    panel.show(.slow, on: .green, at: Self.at(0))
    _ = panel.changes(at: Self.at(0))
    panel.show(.slow, on: .green, at: Self.at(400))
    #expect(panel.deadline(after: Self.at(400)) == Self.at(500))
    panel.show(.fast, on: .green, at: Self.at(400))
    #expect(panel.deadline(after: Self.at(400)) == Self.at(525))
    panel.show(.off, on: .green, at: Self.at(410))
    let changes = panel.changes(at: Self.at(410))
    #expect(changes.map(\.output) == [.lamp(.green)])
    #expect(changes.map(\.active) == [false])
    #expect(panel.deadline(after: Self.at(410)) == nil)
  }

  @Test func `a new sound cuts the old one off, and no sound does not`() {
    var panel = Panel()
    panel.sound(.long, at: Self.at(0))
    _ = panel.changes(at: Self.at(0))
    panel.sound(.none, at: Self.at(10))
    #expect(panel.changes(at: Self.at(399)).isEmpty)
    panel.sound(.short, at: Self.at(399))
    #expect(panel.changes(at: Self.at(400)).isEmpty)
    #expect(panel.changes(at: Self.at(479)).map(\.active) == [false])
  }
}

struct OnTimeLimitTests {
  private static func at(_ milliseconds: Int64) -> Instant { .zero + .milliseconds(milliseconds) }

  @Test func `an output that stays on runs out, counted from when it went on`() {
    var limit = OnTimeLimit(limits: [.milliseconds(300), nil, .milliseconds(100)])
    #expect(limit.deadline == nil)
    limit.note(0, true, at: Self.at(10))
    limit.note(1, true, at: Self.at(10))
    limit.note(0, true, at: Self.at(200))
    #expect(limit.deadline == Self.at(310))
    limit.note(2, true, at: Self.at(250))
    #expect(limit.expired(at: Self.at(309)) == [])
    #expect(limit.expired(at: Self.at(310)) == [0])
    #expect(limit.expired(at: Self.at(350)) == [0, 2])
    limit.note(0, false, at: Self.at(350))
    #expect(limit.expired(at: Self.at(99_999)) == [2])
    limit.note(2, false, at: Self.at(350))
    #expect(limit.deadline == nil)
    limit.note(0, true, at: Self.at(400))
    #expect(limit.deadline == Self.at(700))
  }
}
