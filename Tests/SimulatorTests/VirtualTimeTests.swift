import Domain
import Simulator
import Testing

struct VirtualTimeTests {
  @Test(.timeLimit(.minutes(5)))
  func `wakes a sleeper when its time has come and not before`() async {
    let time = VirtualTime()
    await withTaskGroup(of: Instant.self) { group in
      group.addTask {
        await time.sleep(.seconds(2))
        return time.now
      }
      await time.run(for: .seconds(5), step: .milliseconds(500)) {}
      let woken = await group.next()
      // It may run a step late, but never early.
      #expect(woken.map { $0 >= .zero + .seconds(2) && $0 <= .zero + .seconds(5) } == true)
    }
  }

  @Test(.timeLimit(.minutes(5)))
  func `lets a cancelled sleeper go although the clock stands still`() async {
    let time = VirtualTime(at: .zero + .seconds(9))
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await time.sleep(.seconds(1000)) }
      for _ in 0..<10 { await Task.yield() }
      group.cancelAll()
    }
    #expect(time.now == .zero + .seconds(9))
  }
}
