// Mettler Toledo MT-SICS, levels 0 and 1.

extension SimulatedScale {
  mutating func obeySICS(_ text: String) {
    let words = text.split(separator: " ").map(String.init)
    // Any command ends a repetition.
    habit = .none
    switch words.first {
    case "S": sendWeightAtRest()
    case "SI": sendWeight(current)
    case "SIR":
      habit = .everyWeight
      sendWeight(current)
    case "SR":
      habit = .everyRest(last: current.grams)
      sendWeight(current)
    case "Z", "ZI", "T", "TI", "TA", "TAC": obeySICS(words)
    case "@", "I4": send(model.line("I4 A \"1234567\""))
    case "I1": send(model.line("I1 A \"01\" \"2.30\" \"2.22\" \"\" \"\""))
    case "I2": send(model.line("I2 A \"Simulated \(Int(model.capacity)) g\""))
    case "I3": send(model.line("I3 A \"1.00\""))
    default: send(model.line("ES"))
    }
  }

  /// The orders that change zero or tare.
  private mutating func obeySICS(_ words: [String]) {
    let id = words[0]
    switch id {
    case "Z": send(model.line("Z \(letter(takeZero()) ?? "A")"))
    // Immediately means that it does not wait; what moves it refuses all the same.
    case "ZI": send(model.line("ZI \(letter(takeZero()) ?? "S")"))
    case "T", "TI":
      if let refused = letter(takeTare()) { return send(model.line("\(id) \(refused)")) }
      sendTare("\(id) S ")
    case "TA":
      guard words.count > 1 else { return sendTare("TA A ") }
      guard words.count == 3, words[2] == "kg", let kilograms = Double(words[1]),
        (0...model.capacity).contains(kilograms * 1000)
      else { return send(model.line("TA L")) }
      presetTare(grams: kilograms * 1000)
      sendTare("TA A ")
    default:
      presetTare(grams: 0)
      send(model.line("TAC A"))
    }
  }

  private mutating func sendTare(_ start: String) {
    let tare = Display(status: .stable, grams: current.tare)
    let fields = FrameFields(display: tare, decimals: model.decimals)
    send(model.line(start, fields.signed(10), then: " kg"))
  }

  private func letter(_ refusal: Refusal?) -> String? {
    switch refusal {
    case .moving: "I"
    case .above: "+"
    case .below: "-"
    case nil: nil
    }
  }
}
