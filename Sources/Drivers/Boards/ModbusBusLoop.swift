internal import Domain

/// The work on one bus: looks at inputs, switches outputs, and minds boards that come and go.
///
/// A board that does not answer has only inactive inputs, and once it answers again everything on
/// it is switched off before anything else: what was on before is never switched on again by itself.
package struct ModbusBusLoop {
  /// How often outputs are looked at that nobody has touched.
  static let watch = Duration.seconds(2)
  /// A pulse may end so much later than asked for.
  static let grace = Duration.milliseconds(500)

  let bus: ModbusBus
  let orders: BusOrders
  let news: LineNews
  let report: BoardReport
  var members: [BoardMember]
  var master: ModbusMaster?
  private var retry = RetryPause()
  private var openDue = Instant.zero

  /// Prepares the work; nothing is opened yet.
  ///
  /// - Parameters:
  ///   - bus: The line and its boards.
  ///   - inputs: All inputs of the bank; those of other lines are left alone.
  ///   - outputs: All outputs of the bank.
  ///   - orders: What is wanted of the outputs.
  ///   - news: Takes the levels of the inputs.
  ///   - report: Takes the states of the boards.
  package init(
    _ bus: ModbusBus,
    inputs: [LineSpec],
    outputs: [LineSpec],
    orders: BusOrders,
    news: LineNews,
    report: @escaping BoardReport
  ) {
    self.bus = bus
    members = bus.boards.map { BoardMember($0, inputs, outputs) }
    self.orders = orders
    self.news = news
    self.report = report
  }

  /// Works until it is told to end, then switches everything off.
  consuming func run() {
    var pause = turn()
    orders.hasBegun()
    while !orders.isEnding {
      if pause > .zero { orders.wait(atMost: pause) }
      pause = turn()
    }
    finish()
    orders.isOver()
  }

  /// Does what is due.
  ///
  /// - Returns: How long nothing will be, if nobody wants anything.
  package mutating func turn() -> Duration {
    do throws(PortError) {
      guard try open() else { return max(.milliseconds(1), openDue - bus.now()) }
      for order in orders.take() { try perform(order.output, order.active) }
      for index in members.indices {
        try renew()
        guard members[index].due <= bus.now() else { continue }
        try look(index)
        // Whoever wants something waits for one board at most.
        if !orders.isEmpty { return .zero }
      }
    } catch {
      close(error)
    }
    let due = members.flatMap { [$0.due] + $0.held.values.map(\.due) }.min() ?? bus.now()
    return max(.zero, due - bus.now())
  }

  /// Switches everything off, once more even where it should be.
  package mutating func finish() {
    _ = orders.take()
    openDue = bus.now()
    do throws(PortError) {
      guard try open() else { return }
      for index in members.indices {
        if members[index].isUp {
          _ = try request(members[index].profile.requests(.allOff), index, tries: 3)
        } else {
          try bringUp(index)
        }
      }
    } catch {
      close(error)
    }
    master = nil
  }

  // MARK: The line

  private mutating func open() throws(PortError) -> Bool {
    guard master == nil else { return true }
    guard bus.now() >= openDue else {
      // What was wanted meanwhile is not kept for later.
      _ = orders.take()
      return false
    }
    do throws(PortError) {
      master = ModbusMaster(try bus.open(), baud: bus.baud)
    } catch {
      if retry.isNews(error) { throw error }
      openDue = bus.now() + retry.next()
      return false
    }
    for index in members.indices {
      members[index].due = bus.now()
      members[index].retry = RetryPause()
    }
    return true
  }

  /// Gives the line up until the next try.
  private mutating func close(_ error: PortError) {
    master = nil
    _ = orders.take()
    for index in members.indices {
      quiet(index)
      let place = device(index)
      tell(index, DeviceState(error, attempted: "talking to the board", device: place))
    }
    openDue = bus.now() + retry.next()
    for index in members.indices { members[index].due = openDue }
  }

  // MARK: Boards

  private mutating func look(_ index: Int) throws(PortError) {
    guard members[index].isUp else { return try bringUp(index) }
    let member = members[index]
    if let reading = member.profile.inputs?.reading, !member.inputs.isEmpty {
      guard let reply = try request([reading.request], index, tries: 3) else { return }
      publish(index, reading.levels(reply) ?? [])
    }
    if bus.now() >= member.watchDue { try watchOutputs(index) }
    let isIdle = member.inputs.isEmpty || member.profile.inputs == nil
    members[index].due = isIdle ? members[index].watchDue : bus.now() + member.board.poll
  }

  /// Finds a board, switches all of it off, and reads its inputs.
  private mutating func bringUp(_ index: Int) throws(PortError) {
    let member = members[index]
    guard let reply = try probe(index) else { return }
    if member.profile.outputs != nil {
      let isOff = try request(member.profile.requests(.allOff), index, tries: 3) != nil
      guard isOff else { return }
    }
    members[index].isUp = true
    members[index].on = [:]
    members[index].held = [:]
    members[index].retry = RetryPause()
    retry = RetryPause()
    if let reading = member.profile.inputs?.reading {
      publish(index, reading.levels(reply) ?? [])
    }
    members[index].due = bus.now() + member.board.poll
    members[index].watchDue = bus.now()
    tell(index, .ready)
    try watchOutputs(index)
  }

  /// Asks for something that changes nothing, which also teaches whether the adaptor hears itself.
  ///
  /// - Returns: `nil` where the board must answer and does not.
  private mutating func probe(_ index: Int) throws(PortError) -> ModbusReply? {
    let member = members[index]
    guard !member.answersProbe else { return try request([member.probe], index, tries: 1) }
    do {
      return try ask(member.probe, index, tries: 1)
    } catch .port(let error) {
      throw error
    } catch {
      return .bits([])
    }
  }

  /// Compares the outputs with what they should be.
  private mutating func watchOutputs(_ index: Int) throws(PortError) {
    members[index].watchDue = bus.now() + Self.watch
    guard let reading = members[index].profile.outputs?.reading else { return }
    guard let reply = try request([reading.request], index, tries: 3) else { return }
    let levels = reading.levels(reply) ?? []
    let now = bus.now()
    members[index].on = members[index].on.filter { $0.value > now }
    let strays = levels.indices.filter { levels[$0] && members[index].on[$0 + 1] == nil }
    guard let stray = strays.first else { return }
    tell(
      index,
      .degraded(
        reason: trouble(
          index,
          "watching its relays",
          "relay \(stray + 1) was on and should be off; it was switched off",
          "see whether another program or person switches it"
        )
      )
    )
    for stray in strays {
      _ = try request(members[index].profile.requests(.off(stray + 1)), index, tries: 3)
    }
  }

  private mutating func publish(_ index: Int, _ levels: [Bool]) {
    let now = bus.now()
    for wired in members[index].inputs where levels.indices.contains(wired.number - 1) {
      let active = levels[wired.number - 1] != wired.activeLow
      news.publish(input: wired.index, active: active, at: now)
    }
  }

  /// Takes all inputs of a board for inactive, the careful answer.
  private mutating func quiet(_ index: Int) {
    members[index].isUp = false
    members[index].on = [:]
    members[index].held = [:]
    let now = bus.now()
    for wired in members[index].inputs {
      news.publish(input: wired.index, active: false, at: now)
    }
  }

  // MARK: Requests

  /// Makes requests; where one fails the board is lost.
  ///
  /// - Returns: The last answer; `nil` where the board is lost.
  mutating func request(
    _ requests: [ModbusRequest],
    _ index: Int,
    tries: Int
  ) throws(PortError) -> ModbusReply? {
    var last: ModbusReply?
    for request in requests {
      do {
        last = try ask(request, index, tries: tries)
      } catch .port(let error) {
        throw error
      } catch {
        lose(index, error, "to \(request.function.title.en)")
        return nil
      }
    }
    return last
  }

  mutating func ask(_ request: ModbusRequest, _ index: Int, tries: Int) throws(ModbusError)
    -> ModbusReply
  {
    guard master != nil else { throw .port(.vanished) }
    let board = members[index].board
    let reply = try master?.ask(
      request,
      of: board.address,
      within: board.profile.replyWithin,
      tries: tries
    )
    guard let reply else { throw .port(.vanished) }
    return reply
  }

  /// Gives a board up until the next try; `attempted` is what was asked, as `to read inputs`.
  mutating func lose(_ index: Int, _ error: ModbusError, _ attempted: String) {
    quiet(index)
    members[index].due = bus.now() + members[index].retry.next()
    let trouble = error.trouble(attempted: "asking \(attempted)", device: device(index))
    tell(index, .failed(reason: trouble.description))
  }

  mutating func tell(_ index: Int, _ state: DeviceState) {
    guard members[index].told != state else { return }
    members[index].told = state
    report(members[index].board.id, state)
  }

  func device(_ index: Int) -> String {
    let board = members[index].board
    return "board \(board.id) (\(bus.label), address \(board.address))"
  }

  func trouble(_ index: Int, _ attempted: String, _ cause: String, _ remedy: String) -> String {
    Trouble(attempted: attempted, device: device(index), cause: cause, remedy: remedy).description
  }
}
