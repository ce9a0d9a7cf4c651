/// How bytes travel on a serial line (串口): speed and framing.
package struct SerialLine: Hashable, Sendable {
  package enum Parity: Character, Hashable, Sendable, CaseIterable {
    case none = "N"
    case even = "E"
    case odd = "O"
    case mark = "M"
    case space = "S"
  }

  /// Bits a second; any that the adaptor can make, not only the usual ones.
  package var baud: Int
  /// 7 or 8.
  package var dataBits: Int
  package var parity: Parity
  /// 1 or 2.
  package var stopBits: Int
  /// Whether the kernel must switch an RS-485 driver's direction.
  package var isRS485: Bool

  package init(
    baud: Int,
    dataBits: Int = 8,
    parity: Parity = .none,
    stopBits: Int = 1,
    isRS485: Bool = false
  ) {
    self.baud = baud
    self.dataBits = dataBits
    self.parity = parity
    self.stopBits = stopBits
    self.isRS485 = isRS485
  }

  /// Reads the usual short form of data bits, parity and stop bits, as `8N1` or `7E1`.
  package init?(baud: Int, framing: String) {
    let marks = Array(framing.uppercased())
    guard marks.count == 3, let parity = Parity(rawValue: marks[1]) else { return nil }
    guard let data = marks[0].wholeNumberValue, let stop = marks[2].wholeNumberValue else {
      return nil
    }
    guard (7...8).contains(data), (1...2).contains(stop) else { return nil }
    self.init(baud: baud, dataBits: data, parity: parity, stopBits: stop)
  }

  /// Data bits, parity and stop bits, as `7E1`.
  package var framing: String { "\(dataBits)\(parity.rawValue)\(stopBits)" }
}
