import Agent
import Domain
import Testing

struct HeartbeatTests {
  private static func at(_ milliseconds: Int) -> Instant { .zero + .milliseconds(milliseconds) }

  private static func advance(_ heartbeat: inout Heartbeat, _ milliseconds: Int)
    -> Heartbeat.Beat?
  {
    heartbeat.advance(to: at(milliseconds))
  }

  private static func live(_ heartbeat: inout Heartbeat, until end: Int, at now: Int) -> Bool {
    heartbeat.live(until: at(end), at: at(now))
  }

  private static func stop(_ heartbeat: inout Heartbeat) -> Bool { heartbeat.stop() }

  private static func beating(until end: Int) -> Heartbeat {
    var heartbeat = Heartbeat(period: .milliseconds(500))
    _ = heartbeat.live(until: at(end), at: at(0))
    return heartbeat
  }

  @Test func `nothing beats before the first sign of life`() {
    var heartbeat = Heartbeat(period: .milliseconds(500))
    #expect(heartbeat.deadline == nil)
    #expect(Self.advance(&heartbeat, 10_000) == nil)
  }

  @Test func `the line changes every half period, at its own rate however late the thread is`() {
    var heartbeat = Self.beating(until: 60_000)
    var changes: [Int] = []
    var levels: [Bool] = []
    for millisecond in stride(from: 0, through: 2000, by: 7) {
      guard case .drive(let level) = Self.advance(&heartbeat, millisecond) else { continue }
      changes.append(millisecond / 7 * 7)
      levels.append(level)
    }
    #expect(changes == [0, 252, 504, 756, 1001, 1253, 1505, 1750])
    #expect(levels == [true, false, true, false, true, false, true, false])
  }

  @Test func `a beat that is a period late is a lapse, and the line falls`() {
    var heartbeat = Self.beating(until: 60_000)
    #expect(Self.advance(&heartbeat, 0) == .drive(true))
    // Due at 250.
    #expect(Self.advance(&heartbeat, 751) == .lapsed(.late))
    #expect(!heartbeat.isBeating && heartbeat.hasLapsed)
    #expect(Self.advance(&heartbeat, 800) == nil)
  }

  @Test func `a beat less than a period late is made, and the next one is long enough to be seen`()
  {
    var heartbeat = Self.beating(until: 60_000)
    _ = Self.advance(&heartbeat, 0)
    #expect(Self.advance(&heartbeat, 740) == .drive(false))
    #expect(heartbeat.deadline == Self.at(865))
  }

  @Test func `a silent pool ends the beats when its last sign of life has run out`() {
    var heartbeat = Self.beating(until: 1000)
    var last: Heartbeat.Beat?
    for millisecond in 0...2000 {
      if let beat = Self.advance(&heartbeat, millisecond) { last = beat }
      if millisecond == 500 { #expect(!Self.live(&heartbeat, until: 1600, at: 500)) }
      if millisecond == 1599 { #expect(heartbeat.isBeating) }
      if millisecond == 1600 { #expect(last == .lapsed(.silent)) }
    }
    #expect(last == .lapsed(.silent))
  }

  @Test
  func `after a lapse the next sign of life begins anew, and one that came too late does not`() {
    var heartbeat = Self.beating(until: 1000)
    _ = Self.advance(&heartbeat, 0)
    _ = Self.advance(&heartbeat, 5000)
    #expect(!Self.live(&heartbeat, until: 5999, at: 6000))
    #expect(Self.live(&heartbeat, until: 9000, at: 6000))
    #expect(Self.advance(&heartbeat, 6000) == .drive(true))
    #expect(!heartbeat.hasLapsed)
  }

  @Test func `a stop tells whether the line is still up`() {
    var heartbeat = Self.beating(until: 1000)
    _ = Self.advance(&heartbeat, 0)
    #expect(Self.stop(&heartbeat))
    #expect(!Self.stop(&heartbeat))
    #expect(heartbeat.deadline == nil)
  }
}
