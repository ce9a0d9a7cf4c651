import Domain
import Drivers
import Glibc
import LinuxIO
import Synchronization
import Testing

private func monotonic() -> Instant {
  var time = timespec()
  _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
  return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
}

// Lines under load, lines that go away, and lines that others want.

extension RigTests {
  /// Opens what the outside world puts on a line of gpio-sim.
  private static func pull(_ folder: Substring) throws -> Int32 {
    let descriptor = unsafe open("\(folder)/pull", O_WRONLY | O_CLOEXEC)
    try #require(descriptor >= 0, "\(folder): errno \(errno)")
    return descriptor
  }

  /// The edges that have arrived, and when each round of changes began.
  private final class Traffic: Sendable {
    let seen: Mutex<[[Bool]]>
    let starts = Mutex<[Instant]>([])
    let isOver = Mutex(false)

    init(lines: Int) { seen = Mutex(Array(repeating: [], count: lines)) }

    /// Changes all lines at once, every sixteen milliseconds, up and down in turn.
    ///
    /// gpio-sim itself drops a change while its interrupt for the last one has not been served, as
    /// happens where the guest has to wait for its processors. So edges of the last round that have
    /// not arrived are waited for; one that was lost never arrives.
    func drive(_ pulls: [Int32], rounds: Int) {
      defer { isOver.withLock { $0 = true } }
      var next = monotonic()
      for round in 0..<rounds {
        let end = monotonic() + .seconds(10)
        while seen.withLock({ lines in lines.contains { $0.count < round } }) {
          guard monotonic() < end else { return }
          usleep(100)
        }
        starts.withLock { $0.append(monotonic()) }
        let text = round % 2 == 0 ? "pull-up" : "pull-down"
        for pull in pulls { _ = unsafe write(pull, text, text.utf8.count) }
        next = max(next + .milliseconds(16), monotonic())
        while monotonic() < next { usleep(100) }
      }
    }
  }

  @Test func `a thousand edges a second on sixteen lines arrive to the last one`() throws {
    let names = (0..<16).map { "EDGE\($0)" }
    let shown = try Rig.run("gpio_up rigmany \(names.joined(separator: " "))")
    defer { _ = try? Rig.run("gpio_down rigmany") }
    let pulls = try shown.split(separator: "\n").map { try Self.pull($0.split(separator: " ")[1]) }
    defer { for pull in pulls { close(pull) } }
    let bank = try GPIOLineBank(
      inputs: names.map { LineSpec(role: $0, address: .name($0), activeLow: false) },
      outputs: []
    )
    let rounds = 200
    let traffic = Traffic(lines: names.count)
    try PrivateThread.start("rig-edges") { traffic.drive(pulls, rounds: rounds) }

    var hasLost = false
    var silence = 0
    while !traffic.isOver.withLock(\.self) || silence < 10 {
      var polls = bank.descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      silence = unsafe poll(&polls, nfds_t(polls.count), 50) == 0 ? silence + 1 : 0
      for ready in polls where ready.revents & Int16(POLLIN) != 0 {
        let batch = try bank.edges(of: ready.fd)
        hasLost = hasLost || batch.lost
        traffic.seen.withLock { for edge in batch.edges { $0[edge.input].append(edge.active) } }
      }
    }
    #expect(!hasLost)
    for (name, edges) in zip(names, traffic.seen.withLock(\.self)) {
      #expect(edges.count == rounds, "\(name)")
      #expect(edges.enumerated().allSatisfy { $0.element == ($0.offset % 2 == 0) }, "\(name)")
    }
    #expect(try bank.levels() == names.map { _ in false })
    // The load was what the title says, if only in a stretch that the guest was left alone.
    let starts = traffic.starts.withLock(\.self)
    let fastest = try #require(zip(starts, starts.dropFirst(12)).map { $1 - $0 }.min())
    #expect(fastest < .milliseconds(12 * 16 * 5 / 4), "12 rounds of 16 edges took \(fastest)")
  }

  @Test func `a chip that is unplugged is noticed, and its lines are had again when it is back`()
    async throws
  {
    try Rig.run("gpio_up rigstays GO; gpio_up riggoes RELAY LAMP; gpio_pull GO up")
    defer { _ = try? Rig.run("gpio_down rigstays; gpio_down riggoes") }
    let go = LineSpec(role: "go", address: .name("GO"), activeLow: false)
    let relay = LineSpec(role: "relay", address: .name("RELAY"), activeLow: false)
    let lamp = LineSpec(role: "lamp", address: .name("LAMP"), activeLow: false)
    let bank = try GPIOLineBank(inputs: [go], outputs: [relay, lamp])
    try bank.check()
    try bank.set(0, true)
    #expect(try Rig.run("gpio_value RELAY") == "1")

    let events = try DeviceEvents()
    var nudges = events.events(of: ["gpio"]).makeAsyncIterator()
    try Rig.run("gpio_down riggoes")
    // What udev still has to tell of the chip's coming may be told first.
    var nudge = await nudges.next()
    while let next = nudge, next.action != "remove" { nudge = await nudges.next() }
    #expect(nudge?.action == "remove")
    // The inputs are on another chip: they say nothing of it.
    #expect(try bank.levels() == [true])
    #expect(throws: PortError.vanished) { try bank.check() }
    #expect(throws: PortError.vanished) { try bank.set(1, true) }
    bank.release()
    #expect(throws: LineFault.lineMissing(name: "RELAY").trouble(relay)) {
      try GPIOLineBank(inputs: [go], outputs: [relay, lamp])
    }

    // Back, and off: nobody's last level is kept.
    try Rig.run("gpio_up riggoes RELAY LAMP")
    let again = try GPIOLineBank(inputs: [go], outputs: [relay, lamp])
    #expect(try Rig.run("gpio_value RELAY; gpio_value LAMP") == "0\n0")
    try again.set(0, true)
    #expect(try Rig.run("gpio_value RELAY") == "1")
    again.release()
    #expect(try Rig.run("gpio_value RELAY") == "0")
  }

  @Test func `nobody else can take or change an output that is held`() throws {
    try Rig.run("gpio_up righeld START LAMP")
    defer { _ = try? Rig.run("gpio_down righeld") }
    let specs = ["START", "LAMP"].map {
      LineSpec(role: $0, address: .name($0), activeLow: false)
    }
    let bank = try GPIOLineBank(inputs: [], outputs: specs)
    try bank.set(1, true)
    #expect(throws: LineFault.busy(consumer: "yizhand").trouble(specs[0])) {
      try GPIOLineBank(inputs: [], outputs: specs)
    }
    // Another process, with the tool that technicians know; root may no more than anybody.
    let chip = try #require(GPIOInventory.chips().first { $0.label == "righeld" }).name
    #expect(try Rig.run("if gpioset \(chip) 0=1 2>/dev/null; then echo taken; fi") == "")
    #expect(try Rig.run("if gpioget \(chip) 0 2>/dev/null; then echo taken; fi") == "")
    #expect(try Rig.run("gpio_value START; gpio_value LAMP") == "0\n1")
    bank.release()
  }

  @Test func `a watcher takes what is free, tells what is not, and sees a contact move`() throws {
    try Rig.run("gpio_up rigwatch BTN HELD OUT; gpio_pull BTN up")
    defer { _ = try? Rig.run("gpio_down rigwatch") }
    let held = LineSpec(role: "held", address: .name("HELD"), activeLow: false)
    let out = LineSpec(role: "out", address: .name("OUT"), activeLow: false)
    let holder = try GPIOLineBank(inputs: [held], outputs: [out], consumer: "holder")
    try holder.set(0, true)
    let chips = GPIOInventory.chips()
    let lines = ChipLine.all(of: chips).filter { $0.label == "rigwatch" }
    #expect(lines.filter(\.isFreeInput).map(\.line.name) == ["BTN"])
    #expect(lines.map { $0.address(among: chips) }.first == .name("BTN"))

    // Even asked for all of them, it gets one, and harms none.
    let watcher = LineWatcher(lines, bias: .pullUp)
    #expect(watcher.lines.map(\.line.name) == ["BTN"])
    #expect(watcher.refusals.map(\.line.line.name) == ["HELD", "OUT"])
    #expect(watcher.refusals.allSatisfy { $0.trouble.cause == "it is in use by holder" })
    #expect(try Rig.run("gpio_value OUT") == "1")
    // gpio-sim takes the pull that was asked for, as a real chip does.
    #expect(try watcher.levels() == [true])
    try Rig.run("gpio_pull BTN down; sleep 0.05; gpio_pull BTN up")
    var edges: [Bool] = []
    for _ in 0..<100 where edges.count < 2 {
      edges += try watcher.edges(within: .milliseconds(20)).map(\.active)
    }
    #expect(edges == [false, true])
    holder.release()
  }
}
