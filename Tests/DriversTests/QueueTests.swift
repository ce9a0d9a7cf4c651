import Domain
import Drivers
import Testing

@Sendable private func atOnce(_ limit: Duration) async {}

struct BellTests {
  @Test(.timeLimit(.minutes(5)))
  func `a ring before the wait is not lost, and several count as one`() async {
    let isPatient = Box(true)
    let bell = Bell { limit in if isPatient.value { await forever(limit) } }
    bell.ring()
    bell.ring()
    bell.ring()
    #expect(await bell.wait(within: .seconds(1)))
    isPatient.change { $0 = false }
    #expect(await !bell.wait(within: .seconds(1)))
  }

  @Test(.timeLimit(.minutes(5)))
  func `a time-out ends the wait, and only that one`() async {
    let bell = Bell(sleep: atOnce)
    for _ in 0..<100 { #expect(await !bell.wait(within: .zero)) }
    bell.ring()
    #expect(await bell.wait(within: .zero))
    #expect(await !bell.wait(within: .zero))
  }

  @Test(.timeLimit(.minutes(5)))
  func `a cancelled wait ends without a ring`() async {
    let bell = Bell(sleep: forever)
    for _ in 0..<100 {
      await withTaskGroup(of: Bool.self) { group in
        group.addTask { await bell.wait(within: .seconds(1)) }
        await Task.yield()
        group.cancelAll()
        for await rang in group { #expect(!rang) }
      }
    }
    bell.ring()
    #expect(await bell.wait(within: .seconds(1)))
  }

  @Test(.timeLimit(.minutes(5)))
  func `a ring wakes whoever sleeps, again and again`() async {
    let bell = Bell(sleep: forever)
    for _ in 0..<500 {
      async let rang = bell.wait(within: .seconds(1))
      await Task.yield()
      bell.ring()
      #expect(await rang)
    }
  }

  @Test(.timeLimit(.minutes(5)))
  func `rings and time-outs that race end every wait`() async {
    let bell = Bell(sleep: { _ in await Task.yield() })
    await withTaskGroup { group in
      for _ in 0..<4 {
        group.addTask {
          for _ in 0..<500 {
            bell.ring()
            await Task.yield()
          }
        }
      }
      for _ in 0..<500 { _ = await bell.wait(within: .zero) }
    }
    // Whatever is left of the race is at most one ring.
    _ = await bell.wait(within: .zero)
    #expect(await !bell.wait(within: .zero))
  }
}

struct PrintQueueTests {
  private static func job(_ number: Int) throws -> PrintJob {
    let site = try #require(SiteID("SM017"))
    let parcel = ParcelNumber(site: site, epoch: Epoch(1), serial: number)
    return PrintJob(.action(ActionID(parcel: parcel, action: .label, copy: 1)), bytes: [])
  }

  @Test(.timeLimit(.minutes(5)))
  func `jobs come out in order, and one too many is refused`() async throws {
    let queue = PrintQueue(bell: Bell(sleep: atOnce))
    for number in 1...PrintQueue.capacity {
      let isTaken = queue.submit(try Self.job(number))
      #expect(isTaken)
    }
    let isTaken = queue.submit(try Self.job(99))
    #expect(!isTaken)
    for number in 1...PrintQueue.capacity {
      #expect(await queue.next(within: .zero) == (try Self.job(number)))
    }
    #expect(queue.takeWaiting() == nil)
    #expect(await queue.next(within: .zero) == nil)
  }

  @Test(.timeLimit(.minutes(5)))
  func `of many submitters at once no job is lost or doubled`() async throws {
    let queue = PrintQueue(bell: Bell(sleep: forever))
    let jobs = try (1...400).map { try Self.job($0) }
    var taken: [PrintJob] = []
    await withTaskGroup { group in
      for lane in 0..<4 {
        group.addTask {
          for index in stride(from: lane, to: jobs.count, by: 4) {
            while !queue.submit(jobs[index]) { await Task.yield() }
          }
        }
      }
      while taken.count < jobs.count {
        if let job = await queue.next(within: .seconds(1)) { taken.append(job) }
      }
    }
    #expect(taken.count == jobs.count)
    #expect(Set(taken) == Set(jobs))
  }
}
