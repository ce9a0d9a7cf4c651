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
  private static let gap = Duration.milliseconds(100)
  /// Slower than this on average, between four keys or more, is a hand.
  private static let slowest = Duration.milliseconds(30)
  private static let longest = 4296
  /// Fewer keys say nothing about the pace.
  private static let fewest = 4

  private let settings: ScannerSettings
  private var isShifted: Set<UInt16> = []
  private var altDigits: [UInt8]?
  private var text: [UInt8] = []
  private var times: (first: Instant, last: Instant, keys: Int)?
  private var fault: String?
  /// The kernel has lost events: everything up to the next report is worthless.
  private var isDropping = false
  private var rest: [UInt8] = []
  package private(set) var deadline: Instant?

  package init(_ settings: ScannerSettings) {
    self.settings = settings
  }

  package mutating func receive(_ bytes: [UInt8], at now: Instant) -> [ScannerOutput] {
    var outputs: [ScannerOutput] = []
    if bytes.isEmpty, let deadline, deadline <= now {
      // A few keys without a suffix are a hand on the keyboard, not worth a word.
      if let times, times.keys < Self.fewest { forget() } else { finish(at: now, &outputs) }
    }
    rest += bytes
    var head = 0
    while rest.count - head >= InputEvent.size {
      let event = InputEvent(rest[head..<head + InputEvent.size])
      head += InputEvent.size
      take(event, at: now, &outputs)
    }
    rest.removeFirst(head)
    if !bytes.isEmpty { deadline = times == nil ? nil : now + Self.gap }
    return outputs
  }

  private mutating func take(
    _ event: InputEvent,
    at now: Instant,
    _ outputs: inout [ScannerOutput]
  ) {
    if event.type == InputEvent.sync {
      if event.code == InputEvent.dropped {
        isDropping = true
        isShifted = []
        altDigits = nil
        fault = "the kernel lost keys: scan again"
        if times == nil { times = (event.at, event.at, 0) }
      } else {
        isDropping = false
      }
      return
    }
    guard event.type == InputEvent.key, !isDropping, event.value != 2 else { return }
    let isDown = event.value == 1
    if KeyMap.shifts.contains(event.code) {
      if isDown { isShifted.insert(event.code) } else { isShifted.remove(event.code) }
    } else if event.code == KeyMap.leftAlt {
      alt(isDown, at: event.at)
    } else if isDown {
      press(event, at: now, &outputs)
    }
  }

  private mutating func press(
    _ event: InputEvent,
    at now: Instant,
    _ outputs: inout [ScannerOutput]
  ) {
    if KeyMap.ends.contains(event.code) { return finish(at: now, &outputs) }
    times = (times?.first ?? event.at, event.at, (times?.keys ?? 0) + 1)
    if altDigits != nil, let digit = KeyMap.keypadDigit(event.code) {
      altDigits?.append(digit)
    } else if let byte = KeyMap.byte(event.code, isShifted: !isShifted.isEmpty) {
      append(byte)
    } else {
      fault = "key \(event.code) is none of the US layout: set the scanner to it"
    }
  }

  /// Alt held down over three or four digits of the keypad stands for the character of that code.
  private mutating func alt(_ isDown: Bool, at instant: Instant) {
    defer { altDigits = isDown ? [] : nil }
    guard !isDown, let digits = altDigits, !digits.isEmpty else { return }
    let code = digits.prefix(5).reduce(0) { $0 * 10 + Int($1) }
    guard digits.count <= 4, let byte = UInt8(exactly: code) else {
      fault = "Alt and \(digits.count) digits are no character"
      return
    }
    // Its digits may have been given up with what stood before them.
    times = times ?? (instant, instant, 1)
    append(byte)
  }

  private mutating func append(_ byte: UInt8) {
    guard text.count < Self.longest else {
      fault = "a scan of more than \(Self.longest) bytes"
      return
    }
    text.append(byte)
  }

  private mutating func forget() {
    text.removeAll(keepingCapacity: true)
    if altDigits != nil { altDigits = [] }
    fault = nil
    times = nil
    deadline = nil
  }

  private mutating func finish(at now: Instant, _ outputs: inout [ScannerOutput]) {
    defer { forget() }
    if let fault {
      outputs.append(.dropped(reason: fault))
      return
    }
    guard !text.isEmpty, let times else { return }
    // The kernel's own stamps: how long this program took to look does not count.
    let span = times.last.nanoseconds &- times.first.nanoseconds
    guard times.keys < Self.fewest || span / Int64(times.keys - 1) <= Self.slowest.nanoseconds
    else {
      outputs.append(.dropped(reason: "typed by hand, not scanned"))
      return
    }
    let (code, symbology) = AIMPrefix.split(settings.stripped(text))
    outputs.append(.scan(Scan(bytes: code, symbology: symbology, at: now)))
  }
}

/// `struct input_event` of a 64-bit kernel (linux/input.h): time, type, code, value.
struct InputEvent: Hashable, Sendable {
  static let size = 24
  static let sync: UInt16 = 0
  static let key: UInt16 = 1
  /// SYN_DROPPED: the reader was too slow, and events are lost.
  static let dropped: UInt16 = 3

  let at: Instant
  let type: UInt16
  let code: UInt16
  /// 1 down, 0 up, 2 repeated by the kernel.
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
  /// Enter, Enter of the keypad, Tab.
  static let ends: Set<UInt16> = [28, 96, 15]

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
