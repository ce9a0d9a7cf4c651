internal import Domain

/// A board as the loop of its bus sees it.
struct BoardMember {
  /// A line of the station on this board.
  struct Wired: Hashable, Sendable {
    /// Its index in the bank.
    var index: Int
    /// Its number on the board, from 1.
    var number: Int
    var activeLow = false
    var drive = LineSpec.Drive.switched
  }

  /// A relay that is held on by pulses, each given before the last has ended.
  struct Hold: Hashable, Sendable {
    /// Until when the pulse lasts that was given for certain.
    var isSureUntil: Instant
    /// When the next is due.
    var due: Instant
  }

  let board: ModbusBoard
  let inputs: [Wired]
  let outputs: [Wired]
  /// Whether it answers, and all its outputs were off once since.
  var isUp = false
  var due = Instant.zero
  /// When its outputs are to be looked at again.
  var watchDue = Instant.zero
  var retry = RetryPause()
  /// The channels that are to be on, and until when.
  var on: [Int: Instant] = [:]
  /// Those of them that are held.
  var held: [Int: Hold] = [:]
  var told: DeviceState?

  /// Finds the lines of a board among all lines of a bank.
  init(_ board: ModbusBoard, _ inputs: [LineSpec], _ outputs: [LineSpec]) {
    self.board = board
    self.inputs = inputs.indices.compactMap { index in
      guard case .input(board.id, let number) = inputs[index].address else { return nil }
      return Wired(index: index, number: number, activeLow: inputs[index].activeLow)
    }
    self.outputs = outputs.indices.compactMap { index in
      guard case .channel(board.id, let number) = outputs[index].address else { return nil }
      return Wired(index: index, number: number, drive: outputs[index].drive)
    }
  }

  var profile: BoardProfile { board.profile }

  /// What is asked to learn whether it is there: something that changes nothing.
  var probe: ModbusRequest {
    profile.requests(.readInputs).first ?? profile.requests(.readOutputs).first
      ?? .read(.coils, start: 0, count: 1)
  }

  /// Whether it must answer the probe.
  var answersProbe: Bool { profile.inputs != nil || profile.outputs?.reading != nil }
}
