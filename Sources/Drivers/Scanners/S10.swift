/// The number of an international postal item (UPU S10-12): two letters, eight digits, a check
/// digit, the country.
package enum S10 {
  private static let weights = [8, 6, 4, 2, 3, 5, 9, 7]

  /// The check digit of eight digits (UPU S10-12, annex A): modulo 11, 10 becomes 0 and 11 becomes 5.
  ///
  /// - Returns: `nil` for anything but eight digits.
  package static func checkDigit(of serial: String) -> Int? {
    let digits = serial.utf8.map { Int($0) - 0x30 }
    guard digits.count == 8, digits.allSatisfy({ (0...9).contains($0) }) else { return nil }
    let sum = zip(digits, weights).reduce(0) { $0 + $1.0 * $1.1 }
    let check = 11 - sum % 11
    return check == 10 ? 0 : check == 11 ? 5 : check
  }

  /// Whether a number has this form and its check digit is right.
  package static func isValid(_ number: String) -> Bool {
    let bytes = Array(number.utf8)
    let isLetter = { (byte: UInt8) in (0x41...0x5A).contains(byte) }
    guard bytes.count == 13, (bytes[0..<2] + bytes[11...]).allSatisfy(isLetter) else {
      return false
    }
    let check = checkDigit(of: String(decoding: bytes[2..<10], as: UTF8.self))
    return check == Int(bytes[10]) - 0x30
  }
}
