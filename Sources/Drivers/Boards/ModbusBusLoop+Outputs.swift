internal import Domain

extension ModbusBusLoop {
  /// Carries out what is wanted of an output.
  ///
  /// A board that does not answer now gets nothing: when it comes back all of it is off anyway, and
  /// what somebody wanted to start then is not started later.
  mutating func perform(_ output: Int, _ active: Bool) throws(PortError) {
    let found = members.indices.first { members[$0].outputs.contains { $0.index == output } }
    guard let index = found, members[index].isUp,
      let wired = members[index].outputs.first(where: { $0.index == output })
    else { return }
    guard active else {
      members[index].on[wired.number] = nil
      members[index].held[wired.number] = nil
      return try set(index, wired.number, false)
    }
    let now = bus.now()
    switch wired.drive {
    case .switched:
      members[index].on[wired.number] = .init(nanoseconds: .max)
      try set(index, wired.number, true)
    case .pulsed(let length):
      members[index].on[wired.number] = now + length + Self.grace
      _ = try give(Int(length.milliseconds), index, wired.number)
    case .held:
      guard let length = members[index].profile.outputs?.hold,
        members[index].held[wired.number] == nil
      else { return }
      members[index].on[wired.number] = now + .milliseconds(length) + Self.grace
      guard try give(length, index, wired.number) else { return }
      members[index].on[wired.number] = .init(nanoseconds: .max)
      members[index].held[wired.number] = Self.hold(length, since: now)
    }
  }

  /// Switches a relay; to say so again does no harm, and so it is tried again.
  private mutating func set(_ index: Int, _ channel: Int, _ isOn: Bool) throws(PortError) {
    let order = isOn ? BoardOrder.on(channel) : .off(channel)
    guard let request = members[index].profile.requests(order).first else { return }
    do {
      _ = try ask(request, index, tries: 3)
    } catch .port(let error) {
      throw error
    } catch .exception(let exception) {
      members[index].on[channel] = nil
      refused(index, channel, exception)
    } catch {
      // An answer alone may have been lost, again and again.
      if try readBack(index, channel) == isOn { return }
      lose(index, error, "relay \(channel) to switch \(isOn ? "on" : "off")")
    }
  }

  /// Has the board give a pulse, once: a lost answer does not mean a lost command.
  ///
  /// - Returns: Whether it is known to have been given.
  private mutating func give(_ pulse: Int, _ index: Int, _ channel: Int) throws(PortError) -> Bool {
    let profile = members[index].profile
    let own = profile.requests(.pulse(channel, milliseconds: pulse)).first
    guard let request = own ?? profile.requests(.on(channel)).first else { return false }
    do {
      _ = try ask(request, index, tries: 1)
      return true
    } catch .port(let error) {
      throw error
    } catch .exception(let exception) where exception.code != 5 {
      refused(index, channel, exception)
    } catch {
      if try readBack(index, channel) == true { return true }
      guard members[index].isUp else { return false }
      let words = error.words
      tell(
        index,
        .degraded(
          reason: trouble(
            index,
            "pulsing relay \(channel)",
            "whether it happened is unknown (\(words.cause.en)); it is not sent again",
            "look at the machine, then decide; \(words.remedy.en)"
          )
        )
      )
    }
    return false
  }

  /// Reads whether a relay is on; `nil` where the board does not tell, or is lost.
  private mutating func readBack(_ index: Int, _ channel: Int) throws(PortError) -> Bool? {
    guard let reading = members[index].profile.outputs?.reading else { return nil }
    guard let reply = try request([reading.request], index, tries: 3) else { return nil }
    return reading.isOn(channel, reply)
  }

  private mutating func refused(_ index: Int, _ channel: Int, _ exception: ModbusException) {
    tell(
      index,
      .degraded(
        reason: trouble(
          index,
          "switching relay \(channel)",
          exception.title.en,
          exception.remedy.en
        )
      )
    )
  }

  // MARK: What is held

  /// Before the end of a pulse nothing more is sent in this time: it could come too late.
  private static let margin = Duration.milliseconds(100)

  private static func hold(_ length: Int, since begun: Instant) -> BoardMember.Hold {
    let length = Duration.milliseconds(length)
    return BoardMember.Hold(isSureUntil: begun + length, due: begun + length / 3)
  }

  /// Gives each relay that is held its next pulse while the one before still runs.
  ///
  /// Nothing here closes a contact anew. Where a pulse may have ended, by a line that was dead or
  /// a board that does not lengthen a pulse by another (no maker says whether his does), no other
  /// is given: a motor that stopped would start again by itself.
  mutating func renew() throws(PortError) {
    let now = bus.now()
    for index in members.indices {
      for (channel, hold) in members[index].held.sorted(by: { $0.key < $1.key })
      where hold.due <= now {
        try renew(index, channel, hold)
      }
    }
  }

  private mutating func renew(_ index: Int, _ channel: Int, _ hold: BoardMember.Hold)
    throws(PortError)
  {
    let profile = members[index].profile
    guard members[index].held[channel] != nil, let reading = profile.outputs?.reading,
      let length = profile.outputs?.hold,
      let pulse = profile.requests(.pulse(channel, milliseconds: length)).first
    else { return }
    let late = hold.isSureUntil - Self.margin
    guard bus.now() < late else { return try letGo(index, channel, Self.lateness) }
    let isOn: Bool
    let begun: Instant
    do throws(ModbusError) {
      isOn = reading.isOn(channel, try ask(reading.request, index, tries: 1)) == true
      begun = bus.now()
      if isOn, begun < late {
        _ = try ask(pulse, index, tries: 1)
        members[index].held[channel] = Self.hold(length, since: begun)
        return
      }
    } catch .port(let error) {
      throw error
    } catch .exception(let exception) {
      return try letGo(index, channel, (exception.title.en, exception.remedy.en))
    } catch {
      // What is held may be told so again at once, while it is.
      members[index].held[channel]?.due = bus.now()
      return
    }
    try letGo(index, channel, isOn ? Self.lateness : Self.fall)
  }

  private static let lateness = (
    cause: "the line carried nothing for too long, and the contact fell off",
    remedy: "look at the wires A and B; a board that holds contacts is best alone on its line"
  )
  private static let fall = (
    cause: "it fell off, though its pulse was lengthened in time",
    remedy: "look at the board's supply; if it happens each time, the board cannot hold contacts:"
      + " use a GPIO line"
  )

  private mutating func letGo(
    _ index: Int,
    _ channel: Int,
    _ why: (cause: String, remedy: String)
  ) throws(PortError) {
    members[index].on[channel] = nil
    members[index].held[channel] = nil
    tell(
      index,
      .degraded(reason: trouble(index, "holding relay \(channel)", why.cause, why.remedy))
    )
    try set(index, channel, false)
  }
}
