import Domain
import Drivers
import StrictYAML

extension StationDecoder {
  private enum Level: String, CaseIterable {
    case high
    case low
  }

  /// An input line; `nil` where there is none.
  mutating func input(_ key: String, of fields: Fields, role: String, debounce: Int)
    -> StationConfig.Input?
  {
    guard let line = fields.optionalFields(key) else { return nil }
    let settle = line.milliseconds("debounce", in: 0...1000, default: debounce)
    guard let spec = spec(line, role: role, isInput: true) else { return nil }
    return StationConfig.Input(line: spec, debounceMilliseconds: settle)
  }

  /// An output line; `nil` where there is none.
  mutating func output(_ key: String, of fields: Fields, role: String) -> LineSpec? {
    fields.optionalFields(key).flatMap { spec($0, role: role, isInput: false) }
  }

  /// The output that keeps a hardware watchdog relay closed.
  mutating func heartbeat(_ fields: Fields) -> StationConfig.HeartbeatLine? {
    let period = fields.period("rate", in: 1...5, default: 2)
    if fields.has("board") {
      fields.report(
        at: "board",
        "a board on RS-485 cannot make the pulses: its line may die while the station lives",
        remedy: "use a GPIO line"
      )
    }
    return spec(fields, role: "heartbeat", isInput: false).map {
      StationConfig.HeartbeatLine(line: $0, period: period)
    }
  }

  private mutating func spec(_ fields: Fields, role: String, isInput: Bool) -> LineSpec? {
    let isOnBoard = fields.has("board")
    let address = isOnBoard ? boardLine(fields, isInput: isInput) : address(fields)
    let level: Level? = fields.choice("active", default: .high)
    let bias: LineSpec.Bias? = fields.choice("bias", default: .asIs)
    fields.finish()
    guard let address else { return nil }
    if let holder = hold(address, for: fields.path) {
      fields.report(
        at: ["line", "offset", "channel", "input"].first { fields.has($0) },
        "the \(isOnBoard ? "line" : "GPIO line") \(Self.words(address)) is used twice, "
          + "first by `\(holder)`",
        remedy: isOnBoard
          ? "give each its own" : "give each its own line; `yizhan gpio list` shows them"
      )
    }
    if isOnBoard { checkBoardLine(fields, isInput: isInput, isLow: level == .low) }
    return LineSpec(
      role: role,
      address: address,
      activeLow: level == .low,
      bias: bias ?? .asIs
    )
  }

  private func address(_ fields: Fields) -> LineSpec.Address? {
    let name = fields.optionalString("line")
    let chip = fields.optionalString("chip")
    let offset = fields.optionalInt("offset", in: 0...65_535)
    let hasOffset = fields.has("offset")
    switch (name, chip) {
    case (let name?, nil) where !name.isEmpty && !hasOffset: return .name(name)
    case (nil, let chip?) where !chip.isEmpty && hasOffset:
      return offset.map { .offset(chip: chip, $0) }
    default:
      fields.report(
        "`\(fields.path)` does not say which line it is",
        remedy: "write either `line: NAME`, or `chip: NAME` and `offset: NUMBER`, or of a board "
          + "`board: ID` and `channel: NUMBER` or `input: NUMBER`"
      )
      return nil
    }
  }

  private static func words(_ address: LineSpec.Address) -> String {
    switch address {
    case .name(let name): "`\(name)`"
    case .offset(let chip, let offset): "`\(chip)` \(offset)"
    case .input(let board, let number): "`\(board)` input \(number)"
    case .channel(let board, let number): "`\(board)` channel \(number)"
    }
  }
}
