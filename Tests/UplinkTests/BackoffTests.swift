import Domain
import Testing
import Uplink

struct BackoffTests {
  @Test(arguments: 0..<20 as Range<UInt64>)
  func `waits stay between one second and five minutes and reach far`(seed: UInt64) {
    var (random, backoff) = (Seeded(seed), Backoff())
    var longest = Duration.zero
    for _ in 0..<200 {
      let wait = backoff.failed(using: &random)
      #expect(wait >= .seconds(1) && wait <= .seconds(300), "seed \(seed)")
      longest = max(longest, wait)
    }
    #expect(longest > .seconds(60), "seed \(seed)")
  }

  @Test func `what the hub asks for is obeyed, within an hour`() {
    var (random, backoff) = (Seeded(1), Backoff())
    #expect(backoff.failed(retryAfter: .seconds(900), using: &random) == .seconds(900))
    #expect(backoff.failed(retryAfter: .seconds(90_000), using: &random) == .seconds(3600))
  }

  @Test func `only a link that held for thirty seconds starts small again`() {
    var (random, worn) = (Seeded(2), Backoff())
    for _ in 0..<50 { _ = worn.failed(using: &random) }
    var flapping = worn
    flapping.succeeded(at: Instant(nanoseconds: 0))
    flapping.succeeded(at: Instant(nanoseconds: 29_000_000_000))
    var steady = worn
    steady.succeeded(at: Instant(nanoseconds: 0))
    steady.succeeded(at: Instant(nanoseconds: 30_000_000_000))
    var (one, two) = (Seeded(3), Seeded(3))
    let waits = (0..<20).map { _ in
      var (left, right) = (flapping, steady)
      return (left.failed(using: &one), right.failed(using: &two))
    }
    #expect(waits.allSatisfy { $0.1 <= .seconds(3) })
    #expect(waits.contains { $0.0 > .seconds(3) })
  }

  @Test func `stations that come back together spread over a minute`() throws {
    let splays = try (10..<94).map { Backoff.splay(try .test("SM\($0)")) }
    #expect(Set(splays).count > 80)
    #expect(splays.allSatisfy { $0 >= .zero && $0 < .seconds(60) })
    let busiest = Dictionary(grouping: splays) { $0.components.seconds }.values.map(\.count).max()
    #expect(busiest ?? 0 <= 5, "\(busiest ?? 0) sites come in one second")
    #expect(Backoff.splay(try .test(), most: .zero) == .zero)
  }

  @Test func `slowness halves the batch, success grows it back, other trouble leaves it`() {
    var size = BatchSize()
    size.note(.timedOut)
    #expect(size.current == 250)
    size.note(.refused(status: 413, detail: ""))
    size.note(.unreachable(cause: ""))
    size.note(.busy(retryAfter: nil))
    #expect(size.current == 125)
    for _ in 0..<20 { size.note(.timedOut) }
    #expect(size.current == 1)
    for _ in 0..<40 { size.note(nil) }
    #expect(size.current == BatchSize.most)
  }
}
