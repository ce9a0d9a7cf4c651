import Domain
import Drivers
import Testing

struct DuplicateGuardTests {
  @Test func `the same beam twice is one scan, the same code later is another`() {
    var guardian = DuplicateGuard()
    #expect(guardian.note("A", at: .zero) == .fresh)
    #expect(guardian.note("A", at: .zero + .milliseconds(400)) == .echo)
    #expect(guardian.note("A", at: .zero + .milliseconds(1800)) == .echo)
    #expect(guardian.note("A", at: .zero + .milliseconds(3400)) == .fresh)
    #expect(guardian.note("B", at: .zero + .milliseconds(3500)) == .fresh)
    #expect(guardian.note("A", at: .zero + .milliseconds(3600)) == .fresh)
  }
}
