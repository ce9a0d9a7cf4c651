package import Domain

/// Everything that the demo shows, as plain values.
package struct ScreenModel: Hashable, Sendable {
  /// How good or bad something is, as a colour tells beside the words.
  package enum Tone: Hashable, Sendable {
    case quiet
    case plain
    case good
    case warning
    case bad
    case link
  }

  /// One lamp of the panel.
  package struct LampView: Hashable, Sendable {
    package var name: Text
    package var tone: Tone
    /// The rhythm in a word, as `slow`.
    package var rhythm: String
    package var isLit: Bool

    package init(name: Text, tone: Tone, rhythm: String = "off", isLit: Bool = false) {
      self.name = name
      self.tone = tone
      self.rhythm = rhythm
      self.isLit = isLit
    }
  }

  /// What a device says of itself.
  package struct State: Hashable, Sendable {
    package var text: Text
    package var tone: Tone

    package init(_ zh: String, _ en: String, _ tone: Tone = .plain) {
      text = Text(zh: zh, en: en)
      self.tone = tone
    }
  }

  /// The scale and what lies on it.
  package struct Scale: Hashable, Sendable {
    /// Digits, a sign and a point, as `1.234`; dashes where there is no weight.
    package var display = "-----"
    package var unit = "kg"
    package var state = State("无", "absent", .quiet)
    /// What lies on the pan, in words of its own; empty for nothing.
    package var load = ""

    package init() {}
  }

  /// The barcode scanner and what it read last.
  package struct Scanner: Hashable, Sendable {
    package var state = State("无", "absent", .quiet)
    /// The last code; empty before the first.
    package var text = ""

    package init() {}
  }

  /// The printer and its roll.
  package struct Printer: Hashable, Sendable {
    package var state = State("无", "absent", .quiet)
    package var labelsLeft = 0
    package var printed = 0
    /// The label that came out last, and its number.
    package var label: Page?
    package var labelName = ""

    package init() {}
  }

  /// The sealer and its conveyor.
  package struct Sealer: Hashable, Sendable {
    package var state = State("无", "absent", .quiet)
    /// How much of a cycle is over, 0 to 1; `nil` at rest.
    package var progress: Double?
    /// Whether a parcel lies before the jaws.
    package var isLoaded = false
    package var isGuardClosed = true
    package var isEmergencyStopPressed = false
    package var actuations = 0

    package init() {}
  }

  /// The station's ledger and how far the hub has it.
  package struct Records: Hashable, Sendable {
    package var last: Int64 = 0
    package var acknowledged: Int64 = 0
    package var backlog = 0
    package var isLinkUp = false
    package var hubRecords = 0
    package var hubParcels = 0
    package var hubAlarms = 0

    package init() {}
  }

  /// A line of the log.
  package struct Message: Hashable, Sendable {
    package var time: String
    package var text: String
    package var tone: Tone

    package init(time: String, text: String, tone: Tone = .plain) {
      self.time = time
      self.text = text
      self.tone = tone
    }
  }

  /// A key and what it does.
  package struct KeyHelp: Hashable, Sendable {
    package var key: String
    package var text: Text

    package init(_ key: String, _ zh: String, _ en: String) {
      self.key = key
      text = Text(zh: zh, en: en)
    }
  }

  package var site = ""
  package var clock = ""
  package var parcel = ""
  package var meaning = Text(zh: "", en: "")
  package var meaningTone = Tone.plain
  package var lamps: [LampView] = []
  /// The sound that is heard now; empty in silence.
  package var beep = ""
  package var scale = Scale()
  package var scanner = Scanner()
  package var printer = Printer()
  package var sealer = Sealer()
  package var records = Records()
  /// Newest last; as many as fit are shown.
  package var messages: [Message] = []
  package var keys: [KeyHelp] = []
  /// Which language stays where there is no room for both.
  package var isEnglish = false

  package init() {}
}
