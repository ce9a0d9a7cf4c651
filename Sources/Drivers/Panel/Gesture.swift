package import Domain

/// What somebody did with the keys of a panel (按法).
package enum Gesture: Hashable, Sendable {
  /// It went down.
  case press(PanelKey)
  /// It was let go within a second.
  case short(PanelKey)
  /// It has been down for a second.
  case long(PanelKey)
  /// It was let go after ``long(_:)``.
  case longEnded(PanelKey)
  /// The second of two short presses; see ``Gestures/Times/doubles``.
  case double(PanelKey)
  /// Two went down together; neither counts for itself any more.
  case chord(PanelKey, PanelKey)
  /// Both have been down for three seconds.
  case chordHeld(PanelKey, PanelKey)
  /// It does not come up: it counts for nothing until it has been up and at rest.
  case stuck(PanelKey)
  /// It came up and rests: it counts again.
  case freed(PanelKey)

  /// The name in one word, as the control socket carries it.
  package var word: String {
    switch self {
    case .press: "press"
    case .short: "short"
    case .long: "long"
    case .longEnded: "long-ended"
    case .double: "double"
    case .chord: "chord"
    case .chordHeld: "chord-held"
    case .stuck: "stuck"
    case .freed: "freed"
    }
  }

  /// The keys that took part.
  package var keys: [PanelKey] {
    switch self {
    case .press(let key), .short(let key), .long(let key), .longEnded(let key), .double(let key),
      .stuck(let key), .freed(let key):
      [key]
    case .chord(let first, let second), .chordHeld(let first, let second): [first, second]
    }
  }
}
