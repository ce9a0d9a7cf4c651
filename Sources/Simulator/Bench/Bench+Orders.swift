import Domain

extension Bench {
  /// The orders that ``perform(_:)`` takes.
  package static let orders = """
    place GRAMS | remove | tare | drift GRAMS | scale unplug|plug|none|silent|fault|moving|repeats
    press BUTTON [MILLISECONDS] | hold BUTTON | release BUTTON
    printer unplug|plug|off|jam|clear|open|close|mute|answer | paper LABELS | dies BYTES
    guard open|close | estop press|release
    sealer reset|none|jam|breakdown|lost-done|double-done|no-busy|deaf
    """

  /// Does what a worker, a technician or fate would do, said in a line of ``orders``.
  ///
  /// - Returns: Whether it understood.
  package mutating func perform(_ order: String) -> Bool {
    let words = order.split(separator: " ").map(String.init)
    guard let verb = words.first else { return false }
    let object = words.count > 1 ? words[1] : nil
    switch verb {
    case "place", "remove", "tare", "drift", "scale": return performScale(verb, object)
    case "press", "hold", "release":
      return performButton(verb, object, words.count > 2 ? Int(words[2]) : 120)
    case "printer", "paper", "dies": return performPrinter(verb, object)
    case "guard", "estop", "sealer": return performMachine(verb, object)
    default: return false
    }
  }

  private mutating func performScale(_ verb: String, _ object: String?) -> Bool {
    let grams = object.flatMap { Double($0) }.flatMap { $0.isFinite ? $0 : nil }
    switch (verb, object) {
    case ("remove", nil): scale.remove()
    case ("tare", nil): scale.tare()
    case ("scale", "unplug"): scale.unplug()
    case ("scale", "plug"): scale.plug()
    case ("scale", _):
      guard let fault = object.flatMap(SimulatedScale.Fault.init) else { return false }
      scale.fault = fault
    case ("place", _):
      guard let grams else { return false }
      scale.place(grams: grams)
    case ("drift", _):
      guard let grams else { return false }
      scale.drift(grams: grams)
    default: return false
    }
    return true
  }

  private mutating func performButton(_ verb: String, _ button: String?, _ time: Int?) -> Bool {
    guard let button, let time, time > 0 else { return false }
    switch verb {
    case "press": press(button, for: .milliseconds(time))
    case "hold": press(button, for: nil)
    default: release(button)
    }
    return true
  }

  private mutating func performPrinter(_ verb: String, _ object: String?) -> Bool {
    let count = object.flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil }
    switch (verb, object) {
    case ("printer", "unplug"): printer.unplug()
    case ("printer", "plug"): printer.plug()
    case ("printer", "off"): printer.powerOff()
    case ("printer", "jam"): printer.jamsNextLabel = true
    case ("printer", "clear"): printer.clearJam()
    case ("printer", "open"): printer.setHead(open: true)
    case ("printer", "close"): printer.setHead(open: false)
    case ("printer", "mute"): printer.answersStatus = false
    case ("printer", "answer"): printer.answersStatus = true
    case ("paper", _):
      guard let count else { return false }
      printer.load(labels: count)
    case ("dies", _):
      guard let count else { return false }
      printer.diesAfter = count
    default: return false
    }
    return true
  }

  private mutating func performMachine(_ verb: String, _ object: String?) -> Bool {
    switch (verb, object) {
    case ("guard", "open"): sealer.setGuard(closed: false)
    case ("guard", "close"): sealer.setGuard(closed: true)
    case ("estop", "press"): sealer.setEmergencyStop(pressed: true)
    case ("estop", "release"): sealer.setEmergencyStop(pressed: false)
    case ("sealer", "reset"): sealer.reset()
    case ("sealer", _):
      guard let fault = object.flatMap(SimulatedSealer.Fault.init) else { return false }
      sealer.fault = fault
    default: return false
    }
    return true
  }
}
