/// A button of the panel (按钮).
package enum Button: String, Hashable, Sendable, CaseIterable {
  /// 确认: do the next step; of a question: it is fine, go on.
  case go
  /// 再来: print or seal once more.
  case again
  /// 取消: give the parcel up; after an emergency stop: reset.
  case cancel

  /// Its own contact.
  package var key: PanelKey {
    switch self {
    case .go: .go
    case .again: .again
    case .cancel: .cancel
    }
  }
}

/// A contact that a person presses: a button of the panel, or the pedal (脚踏开关).
package enum PanelKey: String, Hashable, Sendable, CaseIterable {
  case go
  case again
  case cancel
  /// Pressed with the foot: another GO.
  case pedal

  /// The button that it stands for.
  package var button: Button {
    switch self {
    case .go, .pedal: .go
    case .again: .again
    case .cancel: .cancel
    }
  }

  /// Whether a press counts before it is known how long it will be.
  ///
  /// GO is what a worker waits for a hundred times a day, and nothing longer begins with it; the
  /// others count when they are let go, so that something longer can take the place of a press.
  package var actsAtOnce: Bool { button == .go }
}
