package import Domain
import Glibc

/// What happens on a bench, as JSON lines for a test to read.
package struct BenchLog {
  private let descriptor: Int32
  private let decode: (Page) -> String?

  /// Sets up a log.
  ///
  /// - Parameters:
  ///   - descriptor: Where the lines go; it is not closed.
  ///   - decode: Reads the code on a label; what it returns is written with the label.
  package init(descriptor: Int32, decode: @escaping (Page) -> String? = { _ in nil }) {
    self.descriptor = descriptor
    self.decode = decode
  }

  /// Writes one line: the event, its time in nanoseconds of the monotonic clock, and its fields.
  package func write(_ event: String, at instant: Instant, _ fields: [String: JSON] = [:]) {
    let own: [String: JSON] = [
      "event": .string(event), "at": .int(Int(instant.nanoseconds)),
    ]
    var line = JSON.object(fields.merging(own) { $1 }).canonical[...]
    line.append(0x0A)
    while !line.isEmpty {
      let count = unsafe line.withUnsafeBytes { bytes in
        unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count)
      }
      // A log that nobody can take must not stop the bench.
      guard count > 0 || errno == EINTR else { return }
      line = line.dropFirst(max(0, count))
    }
  }

  /// Bytes as pairs of hexadecimal digits.
  static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { String(0x100 + Int($0), radix: 16).dropFirst() }.joined(separator: " ")
  }

  /// Writes down a label.
  package func write(_ label: PrintedLabel) {
    var fields: [String: JSON] = [
      "serial": .int(label.serialNumber), "dots": .int(label.page.blackDots),
      "width": .int(label.page.width), "height": .int(label.page.height),
      "complete": .bool(label.isComplete),
    ]
    if let code = decode(label.page) { fields["code"] = .string(code) }
    write("label", at: label.at, fields)
  }
}
