// What a scale does when it is asked for something, as its maker's manual has it. Where a manual is
// silent on the answer, there is none.

extension SimulatedScale.Model {
  /// What it says of itself when it gets power.
  var greeting: [UInt8]? { wire == .mtSICS ? line("I4 A \"1234567\"") : nil }
}

extension SimulatedScale {
  /// Does what it is asked for; what it does not know it passes over, or says so.
  mutating func obey(_ request: [UInt8]) {
    let text = String(decoding: request, as: UTF8.self)
    switch model.wire {
    case .hid, .xk3190Continuous, .xk3190EqualsA, .xk3190EqualsB, .xk3190EqualsC, .xk3190A12E,
      .bcdFF:
      break
    case .mtSICS: obeySICS(text)
    case .toledo8217: obey8217(text)
    case .nciSCP01: obeyNCI(text)
    case .toledoContinuous: obeyKeys(text, zero: "Z", tare: "T", clear: "C")
    case .cas22, .cas18, .cas10: obeyKeys(text, zero: "ZE", tare: "TR", clear: nil)
    case .casPOS: obeyTill(text)
    case .and: obeyKeys(text, zero: "Z", tare: "T", clear: nil, weigh: "Q")
    case .stGS: obeyBench(text)
    case .ohaus: obeyOhaus(text)
    case .sbi16, .sbi22: obeySartorius(text)
    case .shuangjie: obeyKeys(text, zero: nil, tare: "\u{1B}t", clear: nil, weigh: "\u{1B}p")
    case .kern:
      guard text == "s" else { return obeyKeys(text, zero: nil, tare: "t", clear: nil, weigh: "w") }
      sendWeightAtRest()
    case .adam: obeyAdam(text)
    case .xk3190Command: obeyFrame(request)
    case .xk3190A12: obeyKeys(text, zero: "Z", tare: "T", clear: nil, weigh: "R")
    }
  }

  /// The keys of its panel, by wire; nothing is answered but a weight.
  private mutating func obeyKeys(
    _ text: String,
    zero: String?,
    tare: String?,
    clear: String?,
    weigh: String? = nil
  ) {
    switch text {
    case zero: _ = takeZero()
    case tare: _ = takeTare()
    case clear: presetTare(grams: 0)
    case weigh: sendWeight(current)
    default: break
    }
  }

  /// Adam prints at rest only.
  private mutating func obeyAdam(_ text: String) {
    guard text == "P" else { return obeyKeys(text, zero: "Z", tare: "T", clear: nil) }
    sendWeightAtRest()
  }

  private mutating func obeyBench(_ text: String) {
    switch text {
    case "%": habit = .everyWeight
    case "#": habit = .everyRest(last: nil)
    default: obeyKeys(text, zero: "MZ", tare: "MT", clear: "CT")
    }
  }

  /// Mettler Toledo 8217: single letters, and an echo that tills use to find the scale.
  private mutating func obey8217(_ text: String) {
    let fields = FrameFields(display: current, decimals: model.decimals)
    switch text {
    case "W": sendWeight(current)
    case "H":
      if let frame = model.toledo8217(fields, extraDigit: true) { send(frame) }
    case "Z", "T", "C":
      let refusal = text == "Z" ? takeZero() : text == "T" ? takeTare() : nil
      if text == "C" { presetTare(grams: 0) }
      let now = FrameFields(display: current, decimals: model.decimals)
      guard var status = model.toledo8217Status(now) else { return }
      // Outside the range in which it may be zeroed.
      if text == "Z", refusal == .above || refusal == .below { status[2] |= 0x08 }
      send(status)
    case "E", "F":
      isEchoing = text == "E"
      send([0x02] + Array(text.utf8) + [0x0D])
    case "A": send([0x02, 0x0D])
    case "B": send([0x40])
    default: break
    }
  }

  /// NCI SCP-01: a letter and CR; each is answered with the status at least.
  private mutating func obeyNCI(_ text: String) {
    let isWeight = text == "W" || text == "H"
    switch text {
    case "W": sendWeight(current)
    case "H":
      let fields = FrameFields(display: current, decimals: model.decimals)
      if let frame = model.nci(fields, extraDigit: true) { send(frame) }
    case "Z": _ = takeZero()
    case "S", "U": break
    default: return send([0x0A, 0x3F, 0x0D, 0x03])
    }
    guard !isWeight else { return }
    send(model.nciStatus(FrameFields(display: current, decimals: model.decimals)))
  }

  /// CAS at a till: ENQ is answered by ACK, DC1 by the weight.
  private mutating func obeyTill(_ text: String) {
    switch text {
    case "\u{05}": send([0x06])
    case "\u{11}": sendWeight(current)
    default: obeyKeys(text, zero: "<ZK>\t", tare: "<TK>\t", clear: nil)
    }
  }

  private mutating func obeyOhaus(_ text: String) {
    switch text {
    case "IP", "P": sendWeight(current)
    case "SP": sendWeightAtRest()
    case "CP": habit = .everyWeight
    case "0P": habit = .none
    case "V": send(model.line("Sr 1.00"))
    case "Z", "T": obeyKeys(text, zero: "Z", tare: "T", clear: nil)
    default: send(model.line("ES"))
    }
  }

  /// Sartorius SBI: ESC and a letter.
  private mutating func obeySartorius(_ text: String) {
    switch text {
    case "\u{1B}P": sendWeight(current)
    // Near zero the one key sets the zero, beyond it tares.
    case "\u{1B}T": if takeZero() != nil { _ = takeTare() }
    case "\u{1B}U": _ = takeTare()
    case "\u{1B}V": _ = takeZero()
    case "\u{1B}S": restart()
    default: break
    }
  }

  /// Yaohua command mode: STX, letter of the scale, order, XOR, ETX.
  private mutating func obeyFrame(_ frame: [UInt8]) {
    guard frame.count == 6, frame[1] == model.address else { return }
    let order = Unicode.Scalar(frame[2])
    // Only with the right checksum in it is the answer's frame the question's.
    guard frame == model.xk3190Reply(order, []) else { return }
    let now = current
    guard now.status != .fault else { return }
    let grams: Int
    switch order {
    case "A": return send(frame)
    case "B": grams = now.grams + now.tare
    case "C": grams = now.tare
    case "D": grams = now.grams
    case "0":
      if takeZero() == nil { send(frame) }
      return
    case "T":
      if takeTare() == nil { send(frame) }
      return
    default: return
    }
    guard now.status != .overLimit, now.status != .underLimit else { return }
    let display = Display(status: grams < 0 ? .underZero : .stable, grams: grams)
    let isText = fault == .overloadText
    let fields = FrameFields(display: display, decimals: model.decimals, isText: isText)
    send(model.xk3190Reply(order, model.xk3190Data(fields)))
  }
}
