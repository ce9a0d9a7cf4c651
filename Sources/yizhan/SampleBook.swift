import Domain
import Drivers

/// Samples for a profile, gathered from what a device sent.
package struct SampleBook: Sendable {
  private struct Entry {
    var bytes: [UInt8]
    var reading: Reading?
    var scan: Scan?
  }

  /// More of one kind teach nothing.
  private static let mostOfAKind = 4
  private static let longest = 256

  private let format: CaptureFormat?
  private var entries: [Entry] = []
  /// What came since the last pause or code.
  private var burst: [UInt8] = []

  /// Begins without any.
  package init(_ format: CaptureFormat?) {
    self.format = format
  }

  package var isEmpty: Bool { entries.isEmpty }

  /// Notes bytes as they come.
  mutating func note(_ bytes: [UInt8]) {
    // The events of a long code in keyboard mode are its longest form.
    burst += bytes.prefix(max(0, Self.longest * 96 - burst.count))
  }

  /// Notes that the device paused: without a format, each burst is taken for a frame.
  mutating func pause() {
    guard !burst.isEmpty, format == nil else { return }
    add(Entry(bytes: Array(burst.prefix(Self.longest))))
    burst = []
  }

  /// Notes what was understood.
  mutating func note(_ output: LiveDecoder.Output) {
    switch output {
    case .scale(.reading(let reading)): add(Entry(bytes: reading.raw, reading: reading))
    case .scale: break
    case .scanner(.scan(let scan)): add(Entry(bytes: burst, scan: scan))
    case .scanner(.dropped): break
    }
    burst = []
  }

  private mutating func add(_ entry: Entry) {
    if let index = entries.firstIndex(where: { $0.bytes == entry.bytes }) {
      // A repeated frame may only now have become stable.
      if entry.reading?.state != .moving { entries[index] = entry }
      return
    }
    let alike = entries.count { $0.reading?.state == entry.reading?.state }
    if alike < Self.mostOfAKind { entries.append(entry) }
  }

  /// The block for a profile, ready to paste.
  package func block(_ say: Speech) -> String {
    (["samples:"] + entries.map { line($0, say) }).joined(separator: "\n")
  }

  private func line(_ entry: Entry, _ say: Speech) -> String {
    if let reading = entry.reading, case .scale(let profile) = format {
      let grams = reading.mass.map { ", grams: \($0.grams)" } ?? ""
      let times = times(reading, profile).map { "times: \($0), " } ?? ""
      return "  - { bytes: \(entry.bytes.hex), \(times)state: \(reading.state.rawValue)\(grams) }"
    }
    if let scan = entry.scan, case .scanner(let profile) = format {
      let text = JSON.string(String(decoding: scan.bytes, as: UTF8.self)).text
      let symbology = scan.symbology.map { ", symbology: \"\($0)\"" } ?? ""
      let wire =
        profile.wire == .keyboard
        ? "keys: \(Self.keys(entry.bytes))" : "bytes: \(entry.bytes.hex)"
      return "  - { \(wire), scan: \(text)\(symbology) }"
    }
    return "  - { bytes: \(entry.bytes.hex), state: , grams: }  # "
      + say("当时显示多少？", "what did the display show?")
  }

  /// How often the frame must come to be read so; `nil` for once.
  private func times(_ reading: Reading, _ profile: ScaleProfile) -> Int? {
    let sample = { (times: Int) in
      ScaleSample(
        bytes: reading.raw,
        times: times,
        state: reading.state.rawValue,
        grams: reading.mass?.grams
      )
    }
    guard profile.mismatch(sample(1)) != nil else { return nil }
    return (2...20).first { profile.mismatch(sample($0)) == nil }
  }

  /// Input events as samples spell them: `28d 28u`.
  private static func keys(_ events: [UInt8]) -> String {
    stride(from: 0, to: events.count - 23, by: 24).compactMap { start in
      let number = { (offset: Int) in
        Int(events[start + offset]) | Int(events[start + offset + 1]) << 8
      }
      guard number(16) == 1, number(20) < 2 else { return nil }
      return "\(number(18))\(number(20) == 1 ? "d" : "u")"
    }.joined(separator: " ")
  }
}
