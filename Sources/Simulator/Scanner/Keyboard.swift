import Domain

/// The keys of a keyboard with a US layout, as Linux numbers them (`input-event-codes.h`).
package enum Keyboard {
  /// A key that goes down or comes up.
  struct Change: Hashable, Sendable {
    var key: UInt16
    var isDown: Bool

    /// The change as two records of `struct input_event`: the key, and the end of the report.
    func events(at instant: Instant) -> [UInt8] {
      Keyboard.event(at: instant, kind: 1, code: key, value: isDown ? 1 : 0)
        + Keyboard.event(at: instant, kind: 0, code: 0, value: 0)
    }
  }

  static let leftShift: UInt16 = 42
  static let enter: UInt16 = 28

  /// The rows of keys: the code of the first, and what they type without and with shift.
  private static let rows: [(first: UInt16, plain: String, shifted: String)] = [
    (2, "1234567890-=", "!@#$%^&*()_+"), (16, "qwertyuiop[]", "QWERTYUIOP{}"),
    (30, "asdfghjkl;'`", "ASDFGHJKL:\"~"), (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
    (57, " ", " "),
  ]

  private static let map: [Character: (key: UInt16, isShifted: Bool)] = {
    var map: [Character: (key: UInt16, isShifted: Bool)] = [:]
    for row in rows {
      for (offset, mark) in row.shifted.enumerated() {
        map[mark] = (row.first + UInt16(offset), true)
      }
      for (offset, mark) in row.plain.enumerated() {
        map[mark] = (row.first + UInt16(offset), false)
      }
    }
    map["\t"] = (15, false)
    return map
  }()

  /// All keys that it may press.
  static var codes: [UInt16] {
    Set(map.values.map(\.key) + [leftShift, enter]).sorted()
  }

  /// What is pressed and let go to type a text; characters without a key are left out.
  static func keys(for text: String, enters: Bool) -> [Change] {
    var changes: [Change] = []
    var isShifted = false
    func shift(_ wanted: Bool) {
      guard wanted != isShifted else { return }
      isShifted = wanted
      changes.append(Change(key: leftShift, isDown: wanted))
    }
    func press(_ key: UInt16) {
      changes += [Change(key: key, isDown: true), Change(key: key, isDown: false)]
    }
    for mark in text {
      guard let (key, needsShift) = map[mark] else { continue }
      shift(needsShift)
      press(key)
    }
    shift(false)
    if enters { press(enter) }
    return changes
  }

  /// One `struct input_event` of a 64-bit kernel: seconds, microseconds, kind, code, value.
  static func event(at instant: Instant, kind: UInt16, code: UInt16, value: Int32) -> [UInt8] {
    let (seconds, rest) = instant.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    return little(seconds) + little(rest / 1000) + little(kind) + little(code) + little(value)
  }

  private static func little<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
    (0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }
}
