package import Domain

/// Scanners that type like a keyboard (键盘模式), read from the kernel's input events.
///
/// Neither the console's layout nor an input method has a say: the scanner must be set to the US
/// layout. Keys come every few milliseconds; whoever types slower than that is a person.
package struct KeyboardWedge: ScannerProtocol {
  package static let identifier = "keyboard-wedge"
  package static let title = Text(zh: "键盘模式扫码枪", en: "scanner in keyboard mode")
  package static let wire = ScannerWire.keyboard

  /// A scan without a suffix is done after so long without a key.
  private static let usualGap = Duration.milliseconds(100)
  /// Slower than this on average is a hand.
  private static let slowest = Duration.milliseconds(30)
  /// Fewer keys say nothing about the pace.
  private static let fewest = 4
  /// Nobody scans the next code sooner.
  private static let apart = Duration.milliseconds(500)
  private static let loss = "the kernel lost keys: scan again"

  private let gap: Duration
  private var heldShifts: Set<UInt16> = []
  private var altDigits: [UInt8]?
  private var text: CodeText
  /// When the keys of this code went down, by the kernel's own stamps.
  private var times: (first: Instant, last: Instant, keys: Int)?
  /// The kernel has lost events: everything up to the next report is worthless.
  private var isDropping = false
  private var rest: [UInt8] = []
  package private(set) var deadline: Instant?

  package init(_ settings: ScannerSettings) {
    gap = settings.gap ?? Self.usualGap
    text = CodeText(settings)
  }

  package mutating func receive(_ bytes: [UInt8], at now: Instant) -> [ScannerOutput] {
    guard !bytes.isEmpty else {
      guard let deadline, deadline <= now else { return [] }
      return pauseEnds(at: now)
    }
    var outputs: [ScannerOutput] = []
    rest += bytes
    var head = 0
    while rest.count - head >= InputEvent.size {
      outputs += take(InputEvent(rest[head..<head + InputEvent.size]), at: now)
      head += InputEvent.size
    }
    rest.removeFirst(head)
    return outputs
  }

  private mutating func take(_ event: InputEvent, at now: Instant) -> [ScannerOutput] {
    switch (event.type, event.code) {
    case (InputEvent.sync, InputEvent.dropped):
      isDropping = true
      heldShifts = []
      altDigits = nil
      text.fault = Self.loss
      deadline = now + gap
    case (InputEvent.sync, InputEvent.report): isDropping = false
    case (InputEvent.key, let key) where !isDropping && event.value != InputEvent.repeated:
      let isDown = event.value == InputEvent.down
      if KeyMap.shifts.contains(key) {
        if isDown { heldShifts.insert(key) } else { heldShifts.remove(key) }
      } else if key == KeyMap.leftAlt {
        return alt(isDown, at: now)
      } else if isDown, !KeyMap.locks.contains(key) {
        return press(event, at: now)
      }
    default: break
    }
    return []
  }

  private mutating func press(_ event: InputEvent, at now: Instant) -> [ScannerOutput] {
    var outputs: [ScannerOutput] = []
    // Where the loop was late, the stamps still tell one code from the next.
    if let times, event.at.nanoseconds(since: times.last) > Self.apart.nanoseconds {
      outputs = pauseEnds(at: now)
    }
    deadline = now + gap
    if let end = KeyMap.ends[event.code] { return outputs + append(end, at: now) }
    times = (times?.first ?? event.at, event.at, (times?.keys ?? 0) + 1)
    if altDigits != nil {
      if let digit = KeyMap.keypadDigit(event.code) {
        // Five are too many already; a key that is stuck must not fill the memory.
        if let count = altDigits?.count, count < 5 { altDigits?.append(digit) }
      } else {
        text.fault = text.fault ?? "Alt with a key that is no digit of the keypad"
      }
    } else if let byte = KeyMap.byte(event.code, isShifted: !heldShifts.isEmpty) {
      outputs += append(byte, at: now)
    } else {
      text.fault =
        text.fault ?? "key \(event.code) is none of the US layout: set the scanner to it"
    }
    return outputs
  }

  /// Alt held down over three or four digits of the keypad stands for the character of that code.
  private mutating func alt(_ isDown: Bool, at now: Instant) -> [ScannerOutput] {
    defer { altDigits = isDown ? [] : nil }
    guard !isDown, let digits = altDigits, !digits.isEmpty else { return [] }
    deadline = now + gap
    let code = digits.prefix(5).reduce(0) { $0 * 10 + Int($1) }
    guard (3...4).contains(digits.count), code < 0x80 else {
      text.fault = text.fault ?? "Alt and \(digits.count) digits are no character of ASCII"
      return []
    }
    return append(UInt8(code), at: now)
  }

  private mutating func append(_ byte: UInt8, at now: Instant) -> [ScannerOutput] {
    text.append(byte) ? finish(at: now) : []
  }

  private mutating func pauseEnds(at now: Instant) -> [ScannerOutput] {
    // A few keys without a suffix are a hand on the keyboard, not worth a word.
    let isHand = text.fault != Self.loss && (times?.keys ?? 0) < Self.fewest
    let outputs = finish(at: now)
    return isHand ? [] : outputs
  }

  private mutating func finish(at now: Instant) -> [ScannerOutput] {
    let isTyped = isTyped
    // Alt may still be held: its digits belonged to this code.
    altDigits = altDigits.map { _ in [] }
    times = nil
    deadline = nil
    guard let output = text.finish(at: now) else { return [] }
    guard case .scan = output, isTyped else { return [output] }
    return [.dropped(reason: "typed by hand, not scanned")]
  }

  /// Whether a person pressed the keys.
  private var isTyped: Bool {
    guard let times, times.keys >= Self.fewest else { return false }
    let span = times.last.nanoseconds(since: times.first)
    return span / Int64(times.keys - 1) > Self.slowest.nanoseconds
  }
}

extension Instant {
  /// The time from another instant to this one; stamps that make no sense are a very long time.
  fileprivate func nanoseconds(since other: Instant) -> Int64 {
    let (span, overflows) = nanoseconds.subtractingReportingOverflow(other.nanoseconds)
    return overflows ? .max : span
  }
}

/// `struct input_event` of a 64-bit kernel (linux/input.h): time, type, code, value.
struct InputEvent: Hashable, Sendable {
  static let size = 24
  /// EV_SYN and its codes SYN_REPORT and SYN_DROPPED: the reader was too slow, events are lost.
  static let sync: UInt16 = 0
  static let report: UInt16 = 0
  static let dropped: UInt16 = 3
  /// EV_KEY and its values.
  static let key: UInt16 = 1
  static let down: Int32 = 1
  static let repeated: Int32 = 2

  let at: Instant
  let type: UInt16
  let code: UInt16
  let value: Int32

  init(_ bytes: ArraySlice<UInt8>) {
    let number = { (offset: Int, count: Int) in
      (0..<count).reduce(UInt64(0)) { sum, index in
        sum | UInt64(bytes[bytes.startIndex + offset + index]) << UInt64(8 * index)
      }
    }
    let seconds = Int64(bitPattern: number(0, 8))
    let microseconds = Int64(bitPattern: number(8, 8))
    at = Instant(nanoseconds: seconds &* 1_000_000_000 &+ microseconds &* 1000)
    type = UInt16(truncatingIfNeeded: number(16, 2))
    code = UInt16(truncatingIfNeeded: number(18, 2))
    value = Int32(truncatingIfNeeded: number(20, 4))
  }
}

/// The US keyboard by the kernel's key codes (linux/input-event-codes.h).
enum KeyMap {
  static let shifts: Set<UInt16> = [42, 54]
  static let leftAlt: UInt16 = 56
  /// Caps, Num and Scroll Lock: they change no code of a key, only what others make of it.
  static let locks: Set<UInt16> = [58, 69, 70]
  /// Enter, Enter of the keypad and Tab, as the bytes that they stand for.
  static let ends: [UInt16: UInt8] = [28: 0x0D, 96: 0x0D, 15: 0x09]

  private static let rows: [(first: UInt16, plain: String, shifted: String)] = [
    (2, "1234567890-=", "!@#$%^&*()_+"), (16, "qwertyuiop[]", "QWERTYUIOP{}"),
    (30, "asdfghjkl;'`", "ASDFGHJKL:\"~"), (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
    (57, " ", " "), (71, "789-456+1230.", "789-456+1230."), (55, "*", "*"), (98, "/", "/"),
  ]

  private static let table: [UInt16: (plain: UInt8, shifted: UInt8)] = {
    var table: [UInt16: (plain: UInt8, shifted: UInt8)] = [:]
    for row in rows {
      for (index, pair) in zip(row.plain.utf8, row.shifted.utf8).enumerated() {
        table[row.first + UInt16(index)] = (pair.0, pair.1)
      }
    }
    return table
  }()

  /// The character of a key; `nil` for keys that type none.
  static func byte(_ code: UInt16, isShifted: Bool) -> UInt8? {
    table[code].map { isShifted ? $0.shifted : $0.plain }
  }

  /// The digit of a key of the keypad.
  static func keypadDigit(_ code: UInt16) -> UInt8? {
    guard (71...82).contains(code), let byte = table[code]?.plain else { return nil }
    return (0x30...0x39).contains(byte) ? byte - 0x30 : nil
  }
}
