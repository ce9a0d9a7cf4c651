/// Two banks as one: lines of GPIO chips, and lines of boards.
package struct JoinedLineBank<Chips: LineBank, Boards: LineBank>: LineBank {
  /// Where the lines of a request are, in its order.
  private struct Places {
    /// For each line, whether it is on a board, and its index there.
    let lines: [(isOnBoard: Bool, index: Int)]
    /// For each line of a bank, its index in the request.
    let ofChips: [Int]
    let ofBoards: [Int]

    init(_ specs: [LineSpec]) {
      var (lines, ofChips, ofBoards): ([(Bool, Int)], [Int], [Int]) = ([], [], [])
      for (index, spec) in specs.enumerated() {
        if spec.isOnBoard {
          lines.append((true, ofBoards.count))
          ofBoards.append(index)
        } else {
          lines.append((false, ofChips.count))
          ofChips.append(index)
        }
      }
      self.lines = lines.map { (isOnBoard: $0.0, index: $0.1) }
      (self.ofChips, self.ofBoards) = (ofChips, ofBoards)
    }
  }

  private var chips: Chips
  private var boards: Boards
  private let inputs: Places
  private let outputs: Places

  /// Shares the lines out by their addresses.
  ///
  /// - Parameters:
  ///   - inputs: The lines to watch, in the order that edges and levels will have.
  ///   - outputs: The lines to drive, in the order that ``set(_:_:)`` will use.
  ///   - chips: Takes those of GPIO chips, inputs and outputs.
  ///   - boards: Takes those of boards, after the chips: they wait for nobody.
  /// - Throws: What either of them throws.
  package init<Failure: Error>(
    inputs: [LineSpec],
    outputs: [LineSpec],
    chips: ([LineSpec], [LineSpec]) throws(Failure) -> Chips,
    boards: ([LineSpec], [LineSpec]) throws(Failure) -> Boards
  ) throws(Failure) {
    self.inputs = Places(inputs)
    self.outputs = Places(outputs)
    self.chips = try chips(
      self.inputs.ofChips.map { inputs[$0] },
      self.outputs.ofChips.map { outputs[$0] }
    )
    self.boards = try boards(
      self.inputs.ofBoards.map { inputs[$0] },
      self.outputs.ofBoards.map { outputs[$0] }
    )
  }

  package var descriptors: [Int32] {
    inputs.ofBoards.isEmpty ? chips.descriptors : chips.descriptors + boards.descriptors
  }

  package mutating func take(from descriptor: Int32, into edges: inout [Edge]) throws(PortError)
    -> Bool
  {
    let isOnBoard = !inputs.ofBoards.isEmpty && boards.descriptors.contains(descriptor)
    let known = edges.count
    let hasLost =
      isOnBoard
      ? try boards.take(from: descriptor, into: &edges)
      : try chips.take(from: descriptor, into: &edges)
    for index in known..<edges.count {
      let input = edges[index].input
      edges[index].input = isOnBoard ? inputs.ofBoards[input] : inputs.ofChips[input]
    }
    return hasLost
  }

  package mutating func check() throws(PortError) {
    try chips.check()
    try boards.check()
  }

  package mutating func levels() throws(PortError) -> [Bool] {
    let (ofChips, ofBoards) = (try chips.levels(), try boards.levels())
    return inputs.lines.map { $0.isOnBoard ? ofBoards[$0.index] : ofChips[$0.index] }
  }

  package mutating func set(_ output: Int, _ active: Bool) throws(PortError) {
    guard outputs.lines.indices.contains(output) else { return }
    let place = outputs.lines[output]
    if place.isOnBoard {
      try boards.set(place.index, active)
    } else {
      try chips.set(place.index, active)
    }
  }

  package mutating func release() {
    // The chips at once; the boards take as long as their line.
    chips.release()
    boards.release()
  }
}
