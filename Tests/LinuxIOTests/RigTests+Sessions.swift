import Domain
import Drivers
import Glibc
import LinuxIO
import Synchronization
import Testing

// The whole way of a weight and of a scan: gadget, kernel, port, session, protocol; each pulled
// out and put back while the session goes on.

/// What a session has told, in short words.
private final class Told: Sendable {
  private let words = Mutex<[String]>([])

  func note(_ word: String) { words.withLock { if $0.last != word { $0.append(word) } } }

  /// Waits until a word has been told after the first `count` ones.
  ///
  /// - Returns: How many have been told by then.
  func wait(for word: String, after count: Int = 0) async throws -> Int {
    for _ in 0..<400 {
      let seen = words.withLock { $0 }
      if let index = seen.dropFirst(count).firstIndex(of: word) { return index + 1 }
      try await Task.sleep(for: .milliseconds(50))
    }
    Issue.record("`\(word)` was not told after \(words.withLock { $0.dropFirst(count) })")
    return count
  }
}

extension RigTests {
  /// A monotonic clock, as the daemon has it.
  private static let clock: @Sendable () -> Instant = {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  /// Runs a body while a scale's session goes on.
  private static func follow(
    _ opener: DeviceOpener,
    _ profile: ScaleProfile,
    _ body: (Told, ScaleSession) async throws -> Void
  ) async throws {
    let told = Told()
    let session = ScaleSession(
      opener: opener,
      profile: profile,
      now: clock,
      pause: { try? await Task.sleep(for: $0) }
    )
    let run = Task {
      await session.run { event in
        switch event {
        case .state(let state): told.note(state.word)
        case .reading(let reading):
          told.note("\(reading.state)" + (reading.mass.map { " \($0)" } ?? ""))
        case .answer, .hint: break
        }
      }
    }
    defer { run.cancel() }
    try await body(told, session)
    run.cancel()
    await run.value
  }

  private static func follow(
    _ opener: DeviceOpener,
    _ profile: ScannerProfile,
    _ body: (Told) async throws -> Void
  ) async throws {
    let told = Told()
    let session = ScannerSession(
      opener: opener,
      profile: profile,
      now: clock,
      pause: { try? await Task.sleep(for: $0) }
    )
    let run = Task {
      await session.run { event in
        switch event {
        case .state(let state): told.note(state.word)
        case .scan(let scan): told.note(String(decoding: scan.bytes, as: UTF8.self))
        case .dropped(let reason): told.note("dropped: \(reason)")
        }
      }
    }
    defer { run.cancel() }
    try await body(told)
    run.cancel()
    await run.value
  }

  /// Sends frames ten times a second while a body runs.
  private static func sending(
    _ frame: [UInt8],
    to gadget: Int32,
    _ body: () async throws -> Int
  ) async throws -> Int {
    let sender = Task {
      while !Task.isCancelled {
        _ = unsafe Glibc.write(gadget, frame, frame.count)
        try? await Task.sleep(for: .milliseconds(100))
      }
    }
    let count = try await body()
    sender.cancel()
    await sender.value
    return count
  }

  @Test func `a USB scale is weighed with, pulled out and put back`() async throws {
    let node = try Rig.run("scale_up rigscale")
    let profile = ScaleProfile(id: "rig", maker: "", model: "", scaleProtocol: "hid-pos")
    let opener = HIDRawOpener(
      role: "scale",
      matching: [USBMatch(serialNumber: "RIG-rigscale")],
      usagePage: 0x8D
    )
    try await Self.follow(DeviceOpener(opener), profile) { told, session in
      var count = 0
      for isLast in [false, true] {
        let gadget = try Rig.open(node)
        count = try await Self.sending([3, 4, 3, 0xFD, 0xD2, 0x04], to: gadget) {
          try await told.wait(for: "stable 1234 g", after: count)
        }
        // Its control report zeroes it, and a zero proves that it did.
        let answer = Task { await session.perform(.zero) }
        #expect(try await Rig.read(gadget, upTo: 2) == [2, 2])
        count = try await Self.sending([3, 2, 3, 0xFD, 0, 0], to: gadget) {
          #expect(await answer.value == .done)
          return try await told.wait(for: "zero 0 g", after: count)
        }
        try Rig.run("unplug rigscale")
        close(gadget)
        count = try await told.wait(for: "absent", after: count)
        if !isLast { try Rig.run("plug rigscale") }
      }
    }
  }

  @Test func `a serial scale is weighed with, pulled out and put back`() async throws {
    let node = try Rig.run("acm_up sessionacm")
    let profile = ScaleProfile(
      id: "rig",
      maker: "",
      model: "",
      scaleProtocol: "xk3190-continuous",
      line: SerialLine(baud: 9600)
    )
    let opener = SerialOpener(
      role: "scale",
      at: .usb([USBMatch(serialNumber: "RIG-sessionacm")]),
      line: SerialLine(baud: 9600)
    )
    // +12.345: §4.1 of the manual's format, with its checksum.
    let frame: [UInt8] = [
      0x02, 0x2B, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x33, 0x31, 0x39, 0x03,
    ]
    try await Self.follow(DeviceOpener(opener), profile) { told, _ in
      var count = 0
      for isLast in [false, true] {
        try Rig.run("stty -F \(node) raw -echo")
        let gadget = try Rig.open(node)
        count = try await Self.sending(frame, to: gadget) {
          try await told.wait(for: "stable 12345 g", after: count)
        }
        count = try await told.wait(for: "stale", after: count)
        try Rig.run("unplug sessionacm")
        close(gadget)
        count = try await told.wait(for: "absent", after: count)
        if !isLast { try Rig.run("plug sessionacm") }
      }
    }
  }

  @Test func `a HID scanner is scanned with, pulled out and put back`() async throws {
    let node = try Rig.run("scanner_up rigscanner")
    let profile = ScannerProfile(
      id: "rig",
      maker: "",
      model: "",
      scannerProtocol: "hid-pos-scanner"
    )
    let opener = HIDRawOpener(
      role: "scanner",
      matching: [USBMatch(serialNumber: "RIG-rigscanner")],
      usagePage: 0x8C
    )
    try await Self.follow(DeviceOpener(opener), profile) { told in
      var count = 0
      for isLast in [false, true] {
        count = try await told.wait(for: "ready", after: count)
        // The kernel throws away what comes in the first 50 ms after the opening.
        try await Task.sleep(for: .milliseconds(200))
        let gadget = try Rig.open(node)
        let text = Array("YT1234567890123".utf8)
        let head: [UInt8] = [2, UInt8(text.count)] + Array("]C0".utf8)
        let padding = [UInt8](repeating: 0, count: 56 - text.count)
        try await Rig.write(gadget, head + text + padding + [0x6A, 0, 0])
        count = try await told.wait(for: "YT1234567890123", after: count)
        try Rig.run("unplug rigscanner")
        close(gadget)
        count = try await told.wait(for: "absent", after: count)
        if !isLast { try Rig.run("plug rigscanner") }
      }
    }
  }

  @Test func `a keyboard scanner is scanned with, pulled out and put back`() async throws {
    let profile = ScannerProfile(
      id: "rig",
      maker: "",
      model: "",
      scannerProtocol: "keyboard-wedge"
    )
    let match = USBMatch(vendor: 0x1EAB, product: 0x0C06)
    let opener = InputOpener(role: "scanner", matching: [match])
    try await Self.follow(DeviceOpener(opener), profile) { told in
      var count = 0
      for _ in 0..<2 {
        let keyboard = try VirtualKeyboard(vendor: 0x1EAB, product: 0x0C06, name: "Rig wedge")
        count = try await told.wait(for: "ready", after: count)
        try keyboard.type(VirtualKeyboard.scan)
        count = try await told.wait(for: "YT12", after: count)
        try keyboard.unplug()
        count = try await told.wait(for: "absent", after: count)
      }
    }
  }
}
