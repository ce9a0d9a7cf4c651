import Domain
import Drivers
import Simulator
import Synchronization
import Testing

/// What the simulated scanner sends, read by the driver of the same name.
struct SimulatedScannerTests {
  typealias Wire = SimulatedScanner.Wire

  /// A scanner at one end, the driver's decoder at the other.
  private struct Reader {
    var scanner: SimulatedScanner
    private var decoder: any ScannerProtocol
    private(set) var scans: [Scan] = []
    private(set) var dropped = 0

    init(_ model: SimulatedScanner.Model) throws(PortError) {
      scanner = SimulatedScanner(model)
      let profile = ScannerProfile(
        id: "simulated",
        maker: "",
        model: "",
        scannerProtocol: model.wire.rawValue
      )
      decoder = try profile.decoder(descriptor: scanner.descriptor)
    }

    var texts: [String] { scans.map { String(decoding: $0.bytes, as: UTF8.self) } }

    mutating func run(for time: Duration) {
      let end = scanner.now + time
      while scanner.now < end {
        scanner.advance(to: scanner.now + .milliseconds(1))
        while let piece = scanner.takePiece() { take(decoder.receive(piece, at: scanner.now)) }
        if let deadline = decoder.deadline, deadline <= scanner.now {
          take(decoder.receive([], at: scanner.now))
        }
      }
    }

    private mutating func take(_ outputs: [ScannerOutput]) {
      for output in outputs {
        switch output {
        case .scan(let scan): scans.append(scan)
        case .dropped: dropped += 1
        }
      }
    }
  }

  @Test func `has a wire for every protocol of the drivers`() {
    #expect(Set(Wire.allCases.map(\.rawValue)) == Set(ScannerProtocols.all.map { $0.identifier }))
  }

  @Test(
    arguments: Wire.allCases,
    [
      "YT1234567890123", "1", "https://example.invalid/p?k5=V~a|b&c={d}[e]<f>\"g'h`",
      String(repeating: "A", count: 56), String(repeating: "b", count: 57),
      String(repeating: "C", count: 112) + "end",
    ]
  )
  func `a code arrives as it was read`(wire: Wire, text: String) throws {
    var reader = try Reader(.init(wire: wire))
    reader.scanner.scan(text, .qr)
    reader.run(for: .seconds(8))
    #expect(reader.texts == [text])
    #expect(reader.dropped == 0)
    if wire == .hid { #expect(reader.scans.first?.symbology == "]Q1") }
  }

  @Test(arguments: Wire.allCases)
  func `two codes one right behind the other stay two`(wire: Wire) throws {
    var reader = try Reader(.init(wire: wire))
    reader.scanner.scan("SF1234567890123")
    reader.scanner.scan("JT0006968326954")
    reader.run(for: .seconds(3))
    #expect(reader.texts == ["SF1234567890123", "JT0006968326954"])
    #expect(reader.scanner.scans == 2)
    #expect(reader.scanner.lastText == "JT0006968326954")
  }

  @Test(arguments: [Wire.serial, .wedge])
  func `a scanner without a suffix is understood after a pause`(wire: Wire) throws {
    var reader = try Reader(.init(wire: wire, suffix: []))
    reader.scanner.scan("462598779470531")
    reader.run(for: .seconds(1))
    #expect(reader.texts == ["462598779470531"])
  }

  @Test(arguments: [Wire.serial, .wedge])
  func `an AIM identifier before the text is told apart from it`(wire: Wire) throws {
    var reader = try Reader(.init(wire: wire, sendsSymbology: true))
    reader.scanner.scan("YT1234567890123")
    reader.run(for: .seconds(1))
    #expect(reader.texts == ["YT1234567890123"])
    #expect(reader.scans.first?.symbology == "]C0")
  }

  @Test(arguments: [20, 40, 140])
  func `what a person types is no code`(milliseconds: Int) throws {
    var reader = try Reader(.init(wire: .wedge, typingPace: .milliseconds(milliseconds)))
    reader.scanner.type("1234567")
    reader.run(for: .seconds(5))
    // Somebody slow presses single keys, each of which might be all.
    #expect(reader.texts.allSatisfy { $0.utf8.count == 1 }, "\(reader.texts)")
    reader.scanner.scan("YT1234567890123")
    reader.run(for: .seconds(1))
    #expect(reader.texts.last == "YT1234567890123")
  }

  @Test(arguments: Wire.allCases)
  func `two scanners at once do not mix`(wire: Wire) throws {
    var first = try Reader(.init(wire: wire))
    var second = try Reader(.init(wire: wire))
    first.scanner.scan("YT1111111111111")
    second.scanner.scan("YT2222222222222")
    for _ in 0..<500 {
      first.run(for: .milliseconds(1))
      second.run(for: .milliseconds(1))
    }
    #expect(first.texts == ["YT1111111111111"])
    #expect(second.texts == ["YT2222222222222"])
  }

  @Test(arguments: Wire.allCases)
  func `a plug pulled in the middle of a scan leaves no half of it`(wire: Wire) throws {
    let long = String(repeating: "7", count: 100)
    var reader = try Reader(.init(wire: wire))
    reader.scanner.scan(long)
    reader.run(for: .milliseconds(8))
    #expect(reader.scanner.isSending)
    reader.scanner.unplug()
    reader.scanner.scan("YT1234567890123")
    #expect(!reader.scanner.isSending, "without a plug it reads nothing")
    var again = try Reader(.init(wire: wire))
    again.scanner = reader.scanner
    again.scanner.plug()
    again.run(for: .seconds(1))
    #expect(again.scans.isEmpty)
    again.scanner.scan("YT1234567890123")
    again.run(for: .seconds(1))
    #expect(again.texts == ["YT1234567890123"])
    #expect(again.scanner.unpluggings == 1)
  }

  @Test(arguments: [
    ("aB", [42]), ("AB", [42]), ("Ab", [42]), ("YT12", [42]), ("A1B", [42, 42]), ("12", []),
  ])
  func `shift goes down once for all capitals in a row`(text: String, shifts: [UInt16]) {
    var scanner = SimulatedScanner(.init(wire: .wedge))
    scanner.scan(text)
    scanner.advance(to: .zero + .seconds(1))
    var downs: [UInt16] = []
    while let events = scanner.takePiece() {
      #expect(events.count == 48, "each change is followed by the end of its report")
      if events[20] == 1 { downs.append(UInt16(events[18]) | UInt16(events[19]) << 8) }
    }
    #expect(downs.filter { $0 == 42 } == shifts)
    #expect(downs.last == 28)
    #expect(scanner.nextEvent == nil)
  }

  @Test func `types with the codes of the kernel's table`() {
    var scanner = SimulatedScanner(.init(wire: .wedge))
    scanner.scan("YT12")
    scanner.advance(to: .zero + .seconds(1))
    var keys: [String] = []
    while let events = scanner.takePiece() {
      keys.append("\(events[18])\(events[20] == 1 ? "↓" : "↑")")
    }
    #expect(keys.joined(separator: " ") == "42↓ 21↓ 21↑ 20↓ 20↑ 42↑ 2↓ 2↑ 3↓ 3↑ 28↓ 28↑")
  }

  @Test func `reports as Honeywell's scanners do`() {
    var scanner = SimulatedScanner()
    scanner.scan("YT1234567890123")
    scanner.scan(String(repeating: "A", count: 56) + "BBBB", .qr)
    scanner.advance(to: .zero + .seconds(1))
    let zeros = { (count: Int) in [UInt8](repeating: 0, count: count) }
    var reports: [[UInt8]] = []
    while let report = scanner.takePiece() { reports.append(report) }
    let letters = [UInt8](repeating: 0x41, count: 56)
    #expect(
      reports == [
        [0x02, 0x0F] + Array("]C0YT1234567890123".utf8) + zeros(41) + [0x6A, 0, 0],
        [0x02, 0x38] + Array("]Q1".utf8) + letters + [0x73, 0, 1],
        [0x02, 0x04] + Array("]Q1BBBB".utf8) + zeros(52) + [0x73, 0, 0],
      ]
    )
  }
}

/// Scanners of a whole station behind the ports of the drivers.
struct SimulatedScannerPortTests {
  private final class Recorder: Sendable {
    private let texts = Mutex<[String]>([])
    private let states = Mutex<[DeviceState]>([])
    var scans: [String] { texts.withLock { $0 } }
    var devices: [DeviceState] { states.withLock { $0 } }

    func record(_ event: ScannerEvent) {
      switch event {
      case .scan(let scan):
        texts.withLock { $0.append(String(decoding: scan.bytes, as: UTF8.self)) }
      case .state(let state): states.withLock { $0.append(state) }
      case .dropped(let reason): texts.withLock { $0.append("dropped: " + reason) }
      }
    }
  }

  @Test(.timeLimit(.minutes(5)))
  func `sessions of two scanners scan, lose a plug and find it again`() async throws {
    let time = VirtualTime()
    let wires: [SimulatedScanner.Wire] = [.hid, .wedge]
    let bench = Bench(scanners: wires.map { SimulatedScanner(.init(wire: $0)) })
    let station = try SimulatedStation(bench, time: time.source)
    let recorders = wires.map { _ in Recorder() }
    let sessions = wires.indices.map { index in
      ScannerSession(
        opener: DeviceOpener(station.scanner(index)),
        profile: ScannerProfile(
          id: "simulated",
          maker: "",
          model: "",
          scannerProtocol: wires[index].rawValue
        ),
        now: time.source.now,
        pause: time.source.sleep
      )
    }
    func work(_ orders: String...) async {
      for order in orders { station.change { #expect($0.perform(order) == true) } }
      await time.run(for: .seconds(2), step: .milliseconds(5)) { station.advance() }
    }
    await withTaskGroup(of: Void.self) { group in
      for index in wires.indices {
        let (session, recorder) = (sessions[index], recorders[index])
        group.addTask { await session.run { recorder.record($0) } }
      }
      await work()
      await work("scan YT1234567890123", "scanner 2 scan SF1234567890123")
      await work("scan ]Q1 https://example.invalid/?a=b c")
      await work("scanner unplug", "scan YT0000000000000", "scanner 2 scan JT0006968326954")
      await work("scanner plug")
      await work("scan YT3333333333333")
      group.cancelAll()
      time.advance(by: .seconds(4000))
    }
    #expect(
      recorders[0].scans == [
        "YT1234567890123", "https://example.invalid/?a=b c", "YT3333333333333",
      ]
    )
    #expect(recorders[1].scans == ["SF1234567890123", "JT0006968326954"])
    #expect(recorders[0].devices.contains(.absent))
    #expect(!recorders[1].devices.contains(.absent))
    #expect(recorders[0].devices.filter { $0 == .ready }.count == 2)
  }

  @Test func `a scanner that is not there cannot be opened`() async throws {
    let station = try SimulatedStation(Bench(scanners: []))
    await #expect(throws: PortError.absent) { try await station.scanner(0).open() }
  }
}
