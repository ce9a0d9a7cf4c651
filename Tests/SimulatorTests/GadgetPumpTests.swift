import Domain
import Drivers
import Foundation
import Simulator
import Testing

/// Pseudo-terminals stand for the nodes of USB gadgets, plain files for gpio-sim.
struct GadgetPumpTests {
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
      .wire(folder: folder.appending(path: name).path, activeLow: low)
    }
    let logPath = folder.appending(path: "log").path
    let log = unsafe open(logPath, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    defer { close(log) }
    let (scale, printer) = (try PseudoTerminal(), try PseudoTerminal())
    var bench = Bench()
    bench.scale.place(grams: 777)
    let pump = GadgetPump(
      bench,
      paths: .init(
        scale: scale.path,
        printer: .node(printer.path),
        inputs: ["machine.guard-closed": line("guard", low: true)],
        outputs: ["machine.start": line("start"), "lamp-green": line("lamp", low: true)]
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

  /// A log in a file of its own.
  private final class Log {
    let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    let descriptor: Int32

    init() { descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600) }

    deinit {
      close(descriptor)
      _ = unsafe unlink(path)
    }

    var text: String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
  }

  @Test(.timeLimit(.minutes(5)))
  func `carries a serial scale's questions and answers, raw, and lives through an unplug`() throws {
    let log = Log()
    let scale = try PseudoTerminal(isRaw: false)
    var bench = Bench(scale: SimulatedScale(.init(wire: .mtSICS)))
    bench.scale.place(grams: 777)
    let pump = GadgetPump(
      bench,
      paths: .init(serialScale: .node(scale.path)),
      log: BenchLog(descriptor: log.descriptor)
    )
    var answers: [UInt8] = []
    var looks = 0
    let isWeighed = run(pump, seconds: 20) {
      // Not before it has been opened: until then a terminal sends back what it gets.
      looks += 1
      if looks % 40 == 0 { _ = scale.write(Array("SI\r\n".utf8)) }
      answers += scale.read()
      return String(decoding: answers, as: UTF8.self).contains("S S      0.777 kg\r\n")
    }
    #expect(isWeighed, "\(String(decoding: answers.suffix(60), as: UTF8.self))")
    #expect(!String(decoding: answers, as: UTF8.self).contains("SI"), "nothing is echoed")
    #expect(log.text.contains(#""event":"scale-order""#))
    scale.unplug()
    #expect(run(pump, seconds: 10) { log.text.contains("scale-unplugged") })
  }

  @Test(.timeLimit(.minutes(5)))
  func `carries the reports of a scanner, and passes over a keyboard that cannot be made`() throws {
    let log = Log()
    let scanner = try PseudoTerminal()
    var ends: [Int32] = [0, 0]
    try #require(unsafe pipe(&ends) == 0)
    defer { for end in ends { close(end) } }
    let orders = Array("scan YT1234567890123\nscanner 2 scan SF1234567890123\n".utf8)
    _ = unsafe write(ends[1], orders, orders.count)
    let wedge = SimulatedScanner(.init(wire: .wedge))
    let pump = GadgetPump(
      Bench(scanners: [SimulatedScanner(), wedge]),
      paths: .init(scanner: scanner.path, wedge: log.path),
      orders: ends[0],
      log: BenchLog(descriptor: log.descriptor)
    )
    var reports: [UInt8] = []
    let hasCome = run(pump, seconds: 20) {
      reports += scanner.read()
      return reports.count >= 64 && log.text.contains("scan-sent")
    }
    #expect(hasCome)
    #expect(reports.count == 64)
    #expect(reports.starts(with: [0x02, 0x0F] + Array("]C0YT1234567890123".utf8)))
    #expect(!log.text.contains("scanner-plugged"), "a file is no keyboard")
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

  @Test(.timeLimit(.minutes(5)))
  func `a chip that comes later gets the levels of its contacts`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    let log = Log()
    let pump = GadgetPump(
      Bench(),
      paths: .init(inputs: ["machine.guard-closed": .wire(folder: folder.path, activeLow: false)]),
      log: BenchLog(descriptor: log.descriptor)
    )
    _ = run(pump, seconds: 0.3) { false }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let pull = folder.appending(path: "pull")
    try Data().write(to: pull)
    #expect(run(pump, seconds: 10) { (try? Data(contentsOf: pull)) == Data("pull-up".utf8) })
  }

  @Test(.timeLimit(.minutes(5)))
  func `serves a board behind a pseudo terminal of its own, to one station after another`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let log = Log()
    let link = folder.appending(path: "board").path
    let pump = GadgetPump(
      Bench(),
      paths: .init(
        board: .init(ModbusShelf.board("modbus-relay-8"), at: .link(link)),
        inputs: ["machine.guard-closed": .board(3)],
        outputs: ["machine.start": .board(1)]
      ),
      log: BenchLog(descriptor: log.descriptor)
    )
    // Reading the inputs, and a pulse of 200 ms on channel 1, as devices' manuals have them.
    let read: [UInt8] = [0x01, 0x02, 0x00, 0x00, 0x00, 0x08, 0x79, 0xCC]
    let pulse = try ModbusRequest.writeCoil(at: 0x0200, value: 2).frame(to: 1)
    for station in 1...2 {
      let near = unsafe open(link, O_RDWR | O_NOCTTY | O_NONBLOCK)
      try #require(near >= 0)
      var answer: [UInt8] = []
      // What is sent before the far end is raw may be changed on its way: asked again.
      var looks = 0
      let isRead = run(pump, seconds: 20) {
        if looks % 40 == 20 { _ = unsafe write(near, read, read.count) }
        looks += 1
        var chunk = [UInt8](repeating: 0, count: 64)
        let count = unsafe Foundation.read(near, &chunk, chunk.count)
        answer += chunk.prefix(max(0, count))
        return answer.suffix(6).prefix(4).elementsEqual([0x01, 0x02, 0x01, 0x04])
      }
      #expect(isRead, "station \(station) got \(answer)")
      _ = unsafe write(near, pulse, pulse.count)
      let starts = "\"active\":true,\"at\":"
      let hasPulsed = run(pump, seconds: 20) {
        log.text.split(separator: "\n")
          .count { $0.contains(starts) && $0.contains("machine.start") } == station
      }
      #expect(hasPulsed, "\(log.text)")
      // As a daemon that is killed.
      close(near)
      _ = run(pump, seconds: 0.3) { false }
    }
  }
}
