import Drivers
import Glibc
import LinuxIO
import Testing

struct SystemTests {
  private let tree: FakeTree

  init() throws {
    tree = try FakeTree()
  }

  @Test func `a call that a signal interrupted is made again`() throws {
    var calls = 0
    let value = try System.call("read") { () -> Int in
      calls += 1
      guard calls < 4 else { return 7 }
      errno = EINTR
      return -1
    }
    #expect(value == 7)
    #expect(calls == 4)
  }

  @Test(arguments: [
    (EACCES, PortError.denied(path: "dev/x")),
    (EPERM, .denied(path: "dev/x")),
    (EBUSY, .busy(path: "dev/x")),
    (ENODEV, .vanished),
    (ENXIO, .vanished),
    (ENOENT, .absent),
    (EPIPE, .stalled),
    (EMFILE, .io(operation: "open", errno: EMFILE)),
  ])
  func `a failure keeps its cause`(code: Int32, expected: PortError) {
    #expect(throws: expected) {
      _ = try System.call("open", path: "dev/x") { () -> Int32 in
        errno = code
        return -1
      }
    }
  }

  @Test func `a file that is longer than a chunk is read whole, and no further than the bound`()
    throws
  {
    try tree.write("sys/long", [UInt8](repeating: 65, count: 5000))
    try tree.write("sys/endless", [UInt8](repeating: 65, count: 200_000))
    #expect(tree.sysfs.bytes("sys/long")?.count == 5000)
    #expect((tree.sysfs.bytes("sys/endless")?.count ?? 0) < 70_000)
    #expect(tree.sysfs.bytes("sys/none") == nil)
  }

  @Test func `names are sorted as people count`() throws {
    for name in ["hidraw10", "hidraw2", "hidraw0"] { try tree.write("sys/x/\(name)", "") }
    #expect(tree.sysfs.names(in: "sys/x") == ["hidraw0", "hidraw2", "hidraw10"])
    #expect(tree.sysfs.names(in: "sys/none").isEmpty)
  }

  @Test func `a text loses its line end, and an empty one stays empty`() throws {
    try tree.write("sys/a", "0922")
    try tree.write("sys/b", "")
    #expect(tree.sysfs.text("sys/a") == "0922")
    #expect(tree.sysfs.text("sys/b")?.isEmpty == true)
  }
}
