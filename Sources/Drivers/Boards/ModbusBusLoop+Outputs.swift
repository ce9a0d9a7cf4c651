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
      return try set(index, wired.number, false)
    }
    guard let pulse = wired.pulse else {
      members[index].on[wired.number] = .init(nanoseconds: .max)
      return try set(index, wired.number, true)
    }
    members[index].on[wired.number] = bus.now() + .milliseconds(pulse) + Self.grace
    try give(pulse, index, wired.number)
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
  private mutating func give(_ pulse: Int, _ index: Int, _ channel: Int) throws(PortError) {
    let profile = members[index].profile
    let own = profile.requests(.pulse(channel, milliseconds: pulse)).first
    guard let request = own ?? profile.requests(.on(channel)).first else { return }
    do {
      _ = try ask(request, index, tries: 1)
    } catch .port(let error) {
      throw error
    } catch .exception(let exception) where exception.code != 5 {
      refused(index, channel, exception)
    } catch {
      if try readBack(index, channel) == true { return }
      guard members[index].isUp else { return }
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
  }

  /// Reads whether a relay is on; `nil` where the board does not tell, or is lost.
  private mutating func readBack(_ index: Int, _ channel: Int) throws(PortError) -> Bool? {
    guard let reading = members[index].profile.outputs?.reading else { return nil }
    guard let reply = try request([reading.request], index, tries: 3) else { return nil }
    let levels = reading.levels(reply) ?? []
    return levels.indices.contains(channel - 1) ? levels[channel - 1] : nil
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
}
