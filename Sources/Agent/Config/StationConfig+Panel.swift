package import Domain
package import Drivers

extension StationConfig {
  /// What a panel may have beyond buttons, lamps and a beeper.
  package struct PanelExtras: Hashable, Sendable {
    /// A foot switch that is another GO.
    package var pedal: Input?
    /// The lamps of a stack light, which show the same as those of the panel.
    package var stack: [Lamp: LineSpec]
    package var stackBeeper: LineSpec?
    /// Sounds that go otherwise here than everywhere.
    package var beeps: [Beep: Cadence]
    package var quiet: QuietHours?

    package init(
      pedal: Input? = nil,
      stack: [Lamp: LineSpec] = [:],
      stackBeeper: LineSpec? = nil,
      beeps: [Beep: Cadence] = [:],
      quiet: QuietHours? = nil
    ) {
      self.pedal = pedal
      self.stack = stack
      self.stackBeeper = stackBeeper
      self.beeps = beeps
      self.quiet = quiet
    }
  }
}
