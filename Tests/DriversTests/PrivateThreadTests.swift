import Drivers
import Glibc
import Testing

struct PrivateThreadTests {
  /// The policy and priority of the calling thread.
  private static func scheduling() -> (policy: Int32, priority: Int32) {
    var policy: Int32 = -1
    var parameters = sched_param()
    _ = unsafe pthread_getschedparam(pthread_self(), &policy, &parameters)
    return (policy, parameters.sched_priority)
  }

  /// Whether this process may have the priority at all, found out without the code under test.
  private static func maySchedule() async throws -> Bool {
    let answer = Box(false)
    try await PrivateThread.run("probe") {
      var parameters = sched_param()
      parameters.sched_priority = 2
      let code = unsafe pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters)
      answer.change { $0 = code == 0 }
    }
    return answer.value
  }

  @Test func `a thread has the priority that it is started with, where it may`() async throws {
    let seen = Box<(policy: Int32, priority: Int32, isRealTime: Bool)?>(nil)
    try await PrivateThread.run("reflex", priority: 2) {
      let (policy, priority) = Self.scheduling()
      seen.change { $0 = (policy, priority, PrivateThread.isRealTime) }
    }
    let found = try #require(seen.value)
    if try await Self.maySchedule() {
      #expect(found == (SCHED_FIFO, 2, true))
    } else {
      #expect(found == (SCHED_OTHER, 0, false))
    }
  }

  @Test func `a thread without a priority is ordinary`() async throws {
    let isRealTime = Box(true)
    try await PrivateThread.run("plain") { isRealTime.change { $0 = PrivateThread.isRealTime } }
    #expect(!isRealTime.value)
  }
}
