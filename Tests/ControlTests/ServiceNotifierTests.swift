import Agent
import Glibc
import Testing

@Suite(.timeLimit(.minutes(5)))
struct ServiceNotifierTests {
  /// A socket like the service manager's.
  final class Manager {
    let path: String
    private let socket: Int32

    init(_ path: String) throws {
      self.path = path
      socket = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
      try #require(RawSocket.bind(socket, path) == 0)
    }

    deinit {
      close(socket)
      unsafe unlink(path)
    }

    func next() -> String? {
      var buffer = [UInt8](repeating: 0, count: 4096)
      let count = unsafe read(socket, &buffer, buffer.count)
      return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }
  }

  @Test(arguments: [Place.fresh(), "@yizhan-notify-\(getpid())"])
  func `every message arrives as one datagram`(path: String) throws {
    let manager = try Manager(path)
    let notifier = ServiceNotifier(socket: path)
    #expect(notifier.ready())
    #expect(notifier.status("待机\n第二行"))
    #expect(notifier.alive())
    #expect(notifier.stopping())
    #expect(manager.next() == "READY=1")
    #expect(manager.next() == "STATUS=待机 第二行", "a line break would begin another assignment")
    #expect(manager.next() == "WATCHDOG=1")
    #expect(manager.next() == "STOPPING=1")
  }

  @Test
  func `without a manager nothing is sent and nothing fails`() {
    #expect(!ServiceNotifier(socket: nil).ready())
    #expect(!ServiceNotifier(socket: "").ready())
    #expect(!ServiceNotifier(socket: "relative").ready())
    #expect(!ServiceNotifier(socket: "/nowhere/notify").ready())
    #expect(!ServiceNotifier(socket: "/" + String(repeating: "x", count: 200)).ready())
  }

  @Test
  func `a manager that does not read never holds up the daemon`() throws {
    let manager = try Manager(Place.fresh())
    let notifier = ServiceNotifier(socket: manager.path)
    let sent = (0..<10_000).prefix { _ in notifier.alive() }
    #expect(sent.count < 10_000)
    #expect(manager.next() == "WATCHDOG=1")
  }

  @Test
  func `the watchdog counts only where it is meant for this process`() {
    let watchdog = { (usec: String?, pid: String?) in
      ServiceNotifier(
        socket: "@x",
        watchdogMicroseconds: usec,
        watchdogProcess: pid,
        process: 42
      ).watchdog
    }
    #expect(watchdog("30000000", nil) == .seconds(30))
    #expect(watchdog("30000000", "42") == .seconds(30))
    #expect(watchdog("30000000", "43") == nil)
    #expect(watchdog(nil, nil) == nil)
    #expect(watchdog("0", nil) == nil)
    #expect(watchdog("-5", nil) == nil)
    #expect(watchdog("soon", nil) == nil)
    #expect(ServiceNotifier(socket: nil, watchdogMicroseconds: "1000").watchdog == nil)
  }
}
