import Domain
import Foundation
import Simulator
import Testing

/// Pseudo-terminals stand for the nodes of USB gadgets, plain files for gpio-sim.
struct GadgetPumpTests {
  private final class Node {
    let master: Int32
    let path: String

    init() throws {
      master = unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK)
      try #require(master >= 0)
      var (lock, number) = (Int32(0), Int32(0))
      // TIOCSPTLCK and TIOCGPTN: unlock the other end, and ask for its number.
      try #require(unsafe ioctl(master, 0x4004_5431, &lock) == 0)
      try #require(unsafe ioctl(master, 0x8004_5430, &number) == 0)
      // Through a link of its own, so that the pump never gets at somebody else's terminal that has
      // been given the same number later.
      path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
      try FileManager.default.createSymbolicLink(
        atPath: path,
        withDestinationPath: "/dev/pts/\(number)"
      )
      var settings = termios()
      unsafe cfmakeraw(&settings)
      try #require(unsafe tcsetattr(master, TCSANOW, &settings) == 0)
    }

    func unplug() {
      _ = unsafe unlink(path)
      close(master)
    }

    func read() -> [UInt8] {
      var bytes = [UInt8](repeating: 0, count: 4096)
      let count = unsafe Foundation.read(master, &bytes, bytes.count)
      return count > 0 ? Array(bytes.prefix(count)) : []
    }

    func write(_ bytes: [UInt8]) -> Int { unsafe Foundation.write(master, bytes, bytes.count) }
  }

  private func run(_ pump: GadgetPump, seconds: Double, until isDone: () -> Bool) -> Bool {
    let end = Date(timeIntervalSinceNow: seconds)
    var done = false
    pump.run {
      done = isDone()
      return done || Date() > end
    }
    return done
  }

  @Test(.timeLimit(.minutes(5)))
  func `carries weights, jobs, answers and levels, and lives through an unplug`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    for name in ["start", "guard", "lamp"] {
      let place = folder.appending(path: name)
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      try Data("0\n".utf8).write(to: place.appending(path: "value"))
      try Data().write(to: place.appending(path: "pull"))
    }
    func line(_ name: String, low: Bool = false) -> GadgetPump.Line {
      GadgetPump.Line(folder: folder.appending(path: name).path, activeLow: low)
    }
    let logPath = folder.appending(path: "log").path
    let log = unsafe open(logPath, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    defer { close(log) }
    let (scale, printer) = (try Node(), try Node())
    var bench = Bench()
    bench.scale.place(grams: 777)
    let pump = GadgetPump(
      bench,
      paths: .init(
        scale: scale.path,
        printer: printer.path,
        inputs: ["sealer.guard-closed": line("guard", low: true)],
        outputs: ["sealer.start": line("start"), "lamp-green": line("lamp", low: true)]
      ),
      log: BenchLog(descriptor: log) { "\($0.width)" }
    )

    var reports: [UInt8] = []
    let isStable = run(pump, seconds: 10) {
      reports += scale.read()
      return reports.suffix(6).elementsEqual([0x03, 0x04, 0x02, 0x00, 0x09, 0x03])
    }
    #expect(isStable, "no stable weight came: \(reports.suffix(12))")
    let pull = try String(contentsOf: folder.appending(path: "guard/pull"), encoding: .utf8)
    #expect(pull == "pull-down", "a closed guard on an active-low line is low")

    let job = Array("SIZE 2 mm,2 mm\r\nCLS\r\nPRINT 1,1\r\n\u{1B}!?".utf8)
    #expect(printer.write(job) == job.count)
    try Data("1\n".utf8).write(to: folder.appending(path: "start/value"))
    var answer: [UInt8] = []
    let isAnswered = run(pump, seconds: 10) {
      answer += printer.read()
      return !answer.isEmpty
    }
    #expect(isAnswered && answer == [0x20])
    func logged() -> String { (try? String(contentsOfFile: logPath, encoding: .utf8)) ?? "" }
    #expect(run(pump, seconds: 10) { logged().contains(#""completed":1"#) })
    scale.unplug()
    #expect(run(pump, seconds: 10) { logged().contains("scale-unplugged") })
    printer.unplug()
    let text = logged()
    for event in [
      #""code":"16""#, #""event":"printer-plugged""#, #""actuations":1"#,
      #""active":true,"at""#, #""role":"lamp-green""#,
    ] {
      #expect(text.contains(event), "the log lacks \(event)")
    }
    _ = run(pump, seconds: 0.3) { false }
    #expect(text.split(separator: "\n").allSatisfy { (try? JSON(parsing: Array($0.utf8))) != nil })
  }

  @Test(.timeLimit(.minutes(5)))
  func `takes orders from a pipe`() throws {
    var ends: [Int32] = [0, 0]
    try #require(unsafe pipe(&ends) == 0)
    let orders = Array("place 5\nnonsense\npress go".utf8)
    _ = unsafe write(ends[1], orders, orders.count)
    let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    let log = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    defer { _ = unsafe unlink(path) }
    let pump = GadgetPump(Bench(), paths: .init(), orders: ends[0], log: BenchLog(descriptor: log))
    _ = run(pump, seconds: 0.2) { false }
    close(ends[1])
    _ = run(pump, seconds: 0.1) { false }
    close(ends[0])
    close(log)
    let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 2, "half a line is no order")
    #expect(lines.first?.contains(#""order":"place 5","understood":true"#) == true)
    #expect(lines.last?.contains(#""understood":false"#) == true)
  }
}
