import Agent
import Domain
import Drivers
import Glibc
import Synchronization

/// An edge → an output, through the whole core on the reactor's thread, over pipes.
///
/// usage: EdgeBench start|estop [COUNT] [PAUSE_MICROSECONDS] [fifo]; prints p50, p99 and p99.9 in
/// microseconds, from before the edge is written to after the output is. `start` is a press to the
/// start contact: the intent is armed beforehand, so no disk is in the path, and contacts need no
/// rest, since a wait that is meant would only hide the one that is not. `estop` is a lost emergency
/// stop in the middle of a cycle to the start contact that is off. With `fifo` the threads have
/// the priorities of Benchmarks/edge.c.
@main
struct EdgeBench {
  static func main() async throws {
    let words = CommandLine.arguments.dropFirst()
    let numbers = words.compactMap { Int($0) }
    let isFIFO = words.contains("fifo")
    let count = numbers.first ?? 2000
    let reflex = words.contains("estop")
    let bench = try PipeStation(reflex: reflex, priority: isFIFO ? 50 : nil)
    let times = Mutex<[Int64]>([])
    try await PrivateThread.run("bench-hands", priority: isFIFO ? 49 : nil) {
      guard !isFIFO || PrivateThread.isRealTime else { return }
      let taken = bench.run(count, pauseMicroseconds: numbers.dropFirst().first ?? 1000)
      times.withLock { $0 = taken.sorted() }
    }
    let sorted = times.withLock(\.self)
    guard !sorted.isEmpty else {
      print("EdgeBench: SCHED_FIFO is refused; run as root")
      exit(1)
    }
    let shown = [500, 990, 999].map { thousandths in
      let time = sorted[sorted.count * thousandths / 1000]
      return "\(time / 1000).\(time % 1000 / 100)"
    }
    print(shown.joined(separator: " "))
    exit(0)
  }
}

/// When the output that is waited for was driven, in nanoseconds; 0 while it was not.
final class Answer: Sendable {
  let at = Atomic<Int64>(0)
}

/// Lines whose edges come from a pipe and whose start contact goes into another.
struct PipeBank: LineBank {
  let edges: Int32
  let start: Int32
  let startIndex: Int
  /// The level of the start contact that is waited for.
  let awaited: Bool
  let answer: Answer
  var inputs: [Bool]

  var descriptors: [Int32] { [edges] }

  mutating func take(from descriptor: Int32, into edges: inout [Edge]) throws(PortError) -> Bool {
    var byte: UInt8 = 0
    guard unsafe read(descriptor, &byte, 1) == 1 else { throw .vanished }
    let edge = Edge(input: Int(byte >> 1), active: byte & 1 == 1, at: MonotonicClock.now())
    inputs[edge.input] = edge.active
    edges.append(edge)
    return false
  }

  mutating func levels() throws(PortError) -> [Bool] { inputs }

  mutating func set(_ output: Int, _ active: Bool) throws(PortError) {
    guard output == startIndex, active == awaited else { return }
    var byte: UInt8 = 1
    _ = unsafe write(start, &byte, 1)
    answer.at.store(MonotonicClock.now().nanoseconds, ordering: .releasing)
  }

  mutating func release() {}
}
