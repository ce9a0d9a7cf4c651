extension SimulatedScale {
  /// What a scale is connected by; the raw value is the name that profiles have for the protocol.
  package enum Wire: String, Hashable, Sendable, CaseIterable {
    case hid = "hid-pos"
    case mtSICS = "mt-sics"
    case toledo8217 = "toledo-8217"
    case nciSCP01 = "nci-scp01"
    case toledoContinuous = "toledo-continuous"
    case cas22 = "cas-22"
    case cas18 = "cas-18"
    case cas10 = "cas-10"
    case casPOS = "cas-pos"
    case and
    case stGS = "st-gs"
    case ohaus
    case sbi16 = "sbi-16"
    case sbi22 = "sbi-22"
    case shuangjie
    case kern
    case adam
    case xk3190Continuous = "xk3190-continuous"
    case xk3190EqualsA = "xk3190-equals-a"
    case xk3190EqualsB = "xk3190-equals-b"
    case xk3190EqualsC = "xk3190-equals-c"
    case xk3190Command = "xk3190-command"
    case xk3190A12 = "xk3190-a12"
    case xk3190A12E = "xk3190-a12e"
    case bcdFF = "bcd-ff"

    /// Whether it sends weights without being asked.
    package var streams: Bool {
      switch self {
      case .hid, .toledoContinuous, .cas22, .cas18, .cas10, .and, .stGS, .xk3190Continuous,
        .xk3190EqualsA, .xk3190EqualsB, .xk3190EqualsC, .xk3190A12, .xk3190A12E, .bcdFF:
        true
      case .mtSICS, .toledo8217, .nciSCP01, .casPOS, .ohaus, .sbi16, .sbi22, .shuangjie, .kern,
        .adam, .xk3190Command:
        false
      }
    }

    /// How what comes in is cut into requests.
    var hearing: RequestReader.Cut {
      switch self {
      case .hid, .xk3190Continuous, .xk3190EqualsA, .xk3190EqualsB, .xk3190EqualsC, .xk3190A12E,
        .bcdFF:
        .deaf
      case .toledo8217, .toledoContinuous, .casPOS, .kern, .xk3190A12: .letters
      case .cas22, .cas18, .cas10, .stGS: .pairs
      case .mtSICS, .nciSCP01, .and, .ohaus, .adam: .lines
      case .sbi16, .sbi22, .shuangjie: .escapes
      case .xk3190Command: .frames
      }
    }
  }
}

/// Cuts the bytes that a scale is sent into requests.
struct RequestReader: Sendable {
  /// Where one request ends.
  enum Cut: Hashable, Sendable {
    /// It listens to nothing.
    case deaf
    /// Each byte is one, but for `<…` up to a tab.
    case letters
    /// Two letters, or one sign.
    case pairs
    /// What stands before CR or LF.
    case lines
    /// ESC and the letter after it.
    case escapes
    /// STX to ETX.
    case frames
  }

  /// Longer requests are forgotten.
  private static let longest = 64

  let cut: Cut
  private var held: [UInt8] = []

  init(cut: Cut) {
    self.cut = cut
  }

  /// Takes one byte.
  ///
  /// - Returns: The request that ends with it.
  mutating func take(_ byte: UInt8) -> [UInt8]? {
    if held.count >= Self.longest { held = [] }
    switch cut {
    case .deaf: return nil
    case .letters:
      if held.isEmpty, byte != 0x3C { return [byte] }
      held.append(byte)
      return byte == 0x09 ? takeHeld() : nil
    case .pairs:
      guard (0x41...0x5A).contains(byte) else {
        held = []
        return byte > 0x20 ? [byte] : nil
      }
      held.append(byte)
      return held.count == 2 ? takeHeld() : nil
    case .lines:
      guard byte == 0x0D || byte == 0x0A else {
        held.append(byte)
        return nil
      }
      return held.isEmpty ? nil : takeHeld()
    case .escapes:
      guard held.isEmpty else {
        held.append(byte)
        return takeHeld()
      }
      if byte == 0x1B { held = [byte] }
      return nil
    case .frames:
      if byte == 0x02 { held = [] }
      guard byte == 0x02 || !held.isEmpty else { return nil }
      held.append(byte)
      return byte == 0x03 ? takeHeld() : nil
    }
  }

  private mutating func takeHeld() -> [UInt8] {
    defer { held = [] }
    return held
  }
}
