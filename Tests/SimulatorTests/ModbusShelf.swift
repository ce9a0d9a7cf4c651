import Domain
import Drivers
import Glibc
import Simulator
import Synchronization

/// The profiles that are shipped, and stations on simulated lines.
enum ModbusShelf {
  static let root = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }

  static let boards: [BoardProfile] = files("boards").compactMap {
    try? BoardProfile(yaml: $0.text, file: $0.name)
  }

  static let controllers: [ControllerProfile] = files("controllers").compactMap {
    try? ControllerProfile(yaml: $0.text, file: $0.name)
  }

  static func board(_ id: String) -> BoardProfile {
    boards.first { $0.id == id } ?? boards[0]
  }

  private static func files(_ kind: String) -> [(name: String, text: String)] {
    let folder = "\(root)/Devices/\(kind)"
    guard let stream = unsafe opendir(folder) else { return [] }
    defer { unsafe _ = closedir(stream) }
    var files: [(String, String)] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) {
        unsafe String(decoding: $0.prefix(while: { $0 != 0 }), as: UTF8.self)
      }
      guard name.hasSuffix(".yaml") else { continue }
      let descriptor = unsafe open("\(folder)/\(name)", O_RDONLY)
      defer { close(descriptor) }
      var bytes = [UInt8](repeating: 0, count: 65_536)
      let count = unsafe read(descriptor, &bytes, bytes.count)
      files.append((name, String(decoding: bytes[..<max(0, count)], as: UTF8.self)))
    }
    return files.sorted { $0.0 < $1.0 }
  }
}

/// A station's side of a simulated line, driven turn by turn.
struct BusBench {
  let line: SimulatedModbusLine
  let orders = BusOrders()
  let news: LineNews
  let told = Told()
  var loop: ModbusBusLoop

  /// What was told of the boards, in order.
  final class Told: Sendable {
    private let list = Mutex<[(board: String, state: DeviceState)]>([])
    func add(_ board: String, _ state: DeviceState) { list.withLock { $0.append((board, state)) } }
    var states: [DeviceState] { list.withLock { $0.map(\.state) } }
    var words: [String] { states.map(\.word) }
  }

  /// One board with all its inputs and outputs.
  init(
    _ profile: BoardProfile,
    drive: LineSpec.Drive = .switched,
    _ change: (inout SimulatedBus) -> Void = { _ in }
  ) {
    var bus = SimulatedBus(boards: [SimulatedBoard(profile)])
    change(&bus)
    let line = SimulatedModbusLine(bus)
    let inputs = (0..<(profile.inputs?.count ?? 0)).map { index in
      LineSpec(role: "in", address: .input(ofBoard: "relays", index + 1), activeLow: false)
    }
    let outputs = (0..<(profile.outputs?.count ?? 0)).map { index in
      LineSpec(
        role: "out",
        address: .channel(ofBoard: "relays", index + 1),
        activeLow: false,
        drive: drive
      )
    }
    self.line = line
    news = LineNews(count: inputs.count)
    let told = told
    loop = ModbusBusLoop(
      line.modbusBus([
        ModbusBoard(
          id: "relays",
          profile: profile,
          address: profile.address,
          poll: .milliseconds(50)
        )
      ]),
      inputs: inputs,
      outputs: outputs,
      orders: orders,
      news: news,
      report: { told.add($0, $1) }
    )
  }

  /// Lets the loop work for so long.
  mutating func run(for time: Duration) {
    let end = line.now + time
    while line.now < end {
      let pause = loop.turn()
      line.advance(by: max(.milliseconds(1), min(pause, end - line.now)))
    }
  }

  var relays: [Bool] { line.change { bus, now in bus.boards[0].relays(at: now) } }
  var closings: [Int] { line.change { bus, _ in bus.boards[0].closings } }
  var actuations: [Int] { line.change { bus, _ in bus.boards[0].actuations } }

  /// What is wrong with the next answers, in turn.
  func fail(_ faults: SimulatedBus.Fault...) {
    line.change { bus, _ in bus.faults = faults }
  }

  func count(of frame: [UInt8]) -> Int {
    line.change { bus, _ in bus.requests.count { $0 == frame } }
  }
}
