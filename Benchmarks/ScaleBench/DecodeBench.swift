import Agent
import Domain
import Drivers
import Foundation

/// Bytes that a decoder turns into readings in a second, good frames and pure noise.
struct DecodeBench {
  private static let chunk = 4096

  static func run() throws {
    for kind in ScaleProtocols.all {
      let corpus = try String(
        contentsOfFile: "Tests/Fuzz/corpus/\(kind.identifier).txt",
        encoding: .utf8
      )
      let (descriptor, frames) = frames(corpus)
      let codec = try kind.init(ScaleSettings(descriptor: descriptor))
      let good = kind.wire == .hid ? frames : pieces(frames.flatMap(\.self))
      let noise = kind.wire == .hid ? reports(like: frames[0].count) : pieces(noise(1 << 20))
      let rates = [good, noise].map { rate($0) { ScaleDecoder(codec, wire: kind.wire) } }
      print("\(kind.identifier) \(rates[0]) \(rates[1])")
    }
  }

  /// The good frames of a codec's corpus (Tests/Fuzz), and its report descriptor.
  private static func frames(_ corpus: String) -> (descriptor: [UInt8], frames: [[UInt8]]) {
    var descriptor: [UInt8] = []
    var frames: [[UInt8]] = []
    for line in corpus.split(separator: "\n") where !line.hasPrefix("#") {
      let words = line.split(separator: " ")
      let bytes = words.dropFirst().compactMap { UInt8($0, radix: 16) }
      switch words[0] {
      case "descriptor": descriptor = bytes
      case "-": break
      default: frames.append(bytes)
      }
    }
    return (descriptor, frames)
  }

  /// About a megabyte, cut without regard to frames.
  private static func pieces(_ bytes: [UInt8]) -> [[UInt8]] {
    var stream: [UInt8] = []
    while stream.count < 1 << 20 { stream += bytes }
    return stride(from: 0, to: stream.count, by: chunk).map { start in
      Array(stream[start..<min(stream.count, start + chunk)])
    }
  }

  private static func reports(like count: Int) -> [[UInt8]] {
    let bytes = noise(count * 1024)
    return (0..<1024).map { Array(bytes[$0 * count..<($0 + 1) * count]) }
  }

  /// The same noise every time.
  private static func noise(_ count: Int) -> [UInt8] {
    var state: UInt64 = 1
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(truncatingIfNeeded: state >> 56)
    }
  }

  /// MB/s, the best of five rounds.
  private static func rate(_ pieces: [[UInt8]], _ decoder: () -> ScaleDecoder) -> Int {
    var (best, sum) = (0, 0)
    for _ in 0..<5 {
      var decoder = decoder()
      var bytes = 0
      let start = MonotonicClock.now()
      var spent = Duration.zero
      repeat {
        for piece in pieces {
          sum &+= decoder.receive(piece, at: start).count
          bytes += piece.count
        }
        spent = MonotonicClock.now() - start
      } while spent < .milliseconds(100)
      best = max(best, Int(Int64(bytes) * 1000 / spent.nanoseconds))
    }
    precondition(sum >= 0)
    return best
  }
}

extension ScaleDecoder {
  /// On the line as its makers set it; every frame of a scale that tells nothing of rest counts.
  fileprivate init<Codec: ScaleProtocol>(_ codec: Codec, wire: ScaleWire) {
    let line: SerialLine? = if case .serial(let line) = wire { line } else { nil }
    self.init(codec, line: line, rule: StabilityRule(frames: 1, duration: .zero))
  }
}
