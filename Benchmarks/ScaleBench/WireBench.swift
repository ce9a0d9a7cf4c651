import Agent
import Domain
import Drivers
import Glibc
import LinuxIO
import Station
import Synchronization

/// A stable frame on the wire → the intent of the parcel's label, handed to the ledger.
///
/// The scale is a pseudo terminal; what reads it, decodes it and decides is the station's own.
struct WireBench {
  private let scale: Int32
  private let commits: Int32

  /// Weighs parcel after parcel, and prints p50 and p99 in microseconds.
  static func run(_ count: Int) throws {
    let bench = try WireBench()
    let times = bench.weigh(count).sorted()
    print("\(times[count / 2] / 1000) \(times[count * 99 / 100] / 1000)")
  }

  private init() throws {
    let terminal = try PseudoTerminal()
    let config = try ConfigLoader(search: SearchPath(tree: "Devices"))
      .load(yaml: Self.yaml(node: terminal.path), file: "bench.yaml")
    var ends: [Int32] = [0, 0]
    guard unsafe pipe(&ends) == 0 else { throw PortError.vanished }
    let sink = CommitSink(commits: ends[1])
    let reactor = Reactor(sink: sink)
    sink.reactor.withLock { $0 = reactor }
    let core = StationCore(
      wiring: Wiring(config),
      machine: nil,
      workflow: Workflow(plan: config.plan, site: config.site, epoch: Epoch(1))
    )
    try PrivateThread.start("bench") { try? reactor.run(NoLines(), core: core) }
    reactor.post(.recovered(nextSerial: 1, doubts: []))
    reactor.post(.printer(.ready))
    let opener = SerialOpener(
      role: "scale",
      at: .path(terminal.path),
      line: config.scale.connection.line ?? SerialLine(baud: 9600)
    )
    let session = ScaleSession(
      opener: DeviceOpener(opener),
      profile: config.scale.profile,
      line: config.scale.connection.line,
      now: { MonotonicClock.now() },
      pause: { try? await Task.sleep(for: $0) }
    )
    Self.start(session, sink)
    (scale, commits) = (terminal.master, ends[0])
  }

  /// On the shared pool, as in the daemon; this thread only waits.
  private static func start(_ session: ScaleSession, _ sink: CommitSink) {
    Task { await session.run { sink.scale($0) } }
  }

  /// Weighs and takes away, and times each frame that decides in nanoseconds.
  private func weigh(_ count: Int) -> [Int64] {
    // The first frame after the opening is not used.
    usleep(300_000)
    for _ in 0..<3 { send("ST", "0.000") }
    var times: [Int64] = []
    while times.count < count {
      let kilograms = "\(1 + times.count % 7).\(100 + times.count % 900)"
      // In motion the same weight is shown already: the next frame is the second that agrees.
      send("US", kilograms)
      let begin = MonotonicClock.now()
      send("ST", kilograms, pause: 0)
      times.append(nextCommit() - begin.nanoseconds)
      for _ in 0..<2 { send("ST", "0.000") }
      // The intent is withdrawn.
      _ = nextCommit()
    }
    return times
  }

  private func send(_ state: String, _ kilograms: String, pause microseconds: UInt32 = 5000) {
    let bytes = Array("\(state),GS,+   \(kilograms)  kg\r\n".utf8)
    _ = unsafe write(scale, bytes, bytes.count)
    usleep(microseconds)
  }

  /// When the core next hands something to the ledger.
  private func nextCommit() -> Int64 {
    var time: Int64 = 0
    _ = unsafe read(commits, &time, 8)
    return time
  }

  private static func yaml(node: String) -> String {
    """
    site: SM017
    name: 测试
    scale: {profile: bison-acs, serial: {device: \(node)}}
    printer: {profile: tsc-te244}
    label: {template: dispatch-76x130}
    panel:
      buttons:
        go: {line: BTN_GO}
        cancel: {line: BTN_CANCEL}
      lamps: {green: {line: G}, amber: {line: A}, red: {line: R}}
    jobs:
      dispatch: {button: go, steps: [weigh, label]}
    """
  }
}

/// Where the scale is plugged in: the bench holds the other end.
private struct PseudoTerminal {
  let master: Int32
  let path: String

  init() throws {
    master = unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    var lock: Int32 = 0
    var number: Int32 = 0
    // TIOCSPTLCK and TIOCGPTN (asm-generic/ioctls.h).
    guard unsafe ioctl(master, 0x4004_5431, &lock) == 0,
      unsafe ioctl(master, 0x8004_5430, &number) == 0
    else { throw PortError.io(operation: "openpt", errno: errno) }
    path = "/dev/pts/\(number)"
  }
}

/// No button is pressed and no lamp is looked at.
private struct NoLines: LineBank {
  var descriptors: [Int32] { [] }
  mutating func take(from descriptor: Int32, into edges: inout [Edge]) throws(PortError) -> Bool {
    throw .vanished
  }
  mutating func levels() throws(PortError) -> [Bool] { [false, false] }
  mutating func set(_ output: Int, _ active: Bool) throws(PortError) {}
  mutating func release() {}
}

/// Stamps what is handed to the ledger, and says at once that it is on disk.
private final class CommitSink: ReactorSink {
  let reactor = Mutex<Reactor?>(nil)
  private let board = StatusBoard()
  private let commits: Int32

  init(commits: Int32) {
    self.commits = commits
  }

  func commit(_ token: Int, _ entries: [Entry]) {
    var time = MonotonicClock.now().nanoseconds
    post(.committed(token))
    _ = unsafe write(commits, &time, 8)
  }

  func print(_ intent: Intent) {}
  func lookUp(_ waybill: String) {}
  func notice(_ notice: StationCore.Notice, at now: Instant) { board.notice(notice) }

  /// As the daemon's desk does it.
  func scale(_ event: ScaleEvent) {
    switch event {
    case .state(.ready): post(.scale(.ready))
    case .state: post(.scale(.absent))
    case .reading(let reading):
      board.reading(reading)
      post(.reading(reading))
    case .answer, .hint: break
    }
  }

  private func post(_ event: StationEvent) { reactor.withLock { $0 }?.post(event) }
}
