import Domain
import Labels

/// A reader of Code 128 written from the tables of ISO/IEC 15417, independent of Zint.
enum Code128Reader {
  private static let patterns: [String] = """
    212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232
    122132 122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122
    321221 312212 322112 322211 212123 212321 232121 111323 131123 131321 112313 132113 132311
    211313 231113 231311 112133 112331 132131 113123 113321 133121 313121 211331 231131 213113
    213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 111422
    121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111
    241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121
    412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 411131 211412
    211214 211232
    """
    .split(whereSeparator: \.isWhitespace).map(String.init)
  private static let stop = "2331112"

  struct Unreadable: Error {
    var why: String
  }

  /// The widths of bars and spaces along a row, in dots, beginning with a bar.
  static func runs(_ page: Page, from left: Int, to right: Int, row: Int) -> [Int] {
    var runs: [Int] = []
    var colour = true
    var length = 0
    for x in left..<right {
      if page[x, row] == colour {
        length += 1
      } else {
        runs.append(length)
        (colour, length) = (!colour, 1)
      }
    }
    return runs + [length]
  }

  /// Reads bars whose widths are whole modules, and checks the check character.
  static func read(_ runs: [Int], module: Int) throws(Unreadable) -> String {
    guard runs.allSatisfy({ $0 % module == 0 && (1...4).contains($0 / module) }) else {
      throw Unreadable(why: "a bar is not 1 to 4 modules wide")
    }
    let widths = runs.map { String($0 / module) }
    guard widths.count % 6 == 1, widths.suffix(7).joined() == stop else {
      throw Unreadable(why: "no stop pattern")
    }
    var values: [Int] = []
    for start in stride(from: 0, to: widths.count - 7, by: 6) {
      let pattern = widths[start..<start + 6].joined()
      guard let value = patterns.firstIndex(of: pattern) else {
        throw Unreadable(why: "\(pattern) is no pattern")
      }
      values.append(value)
    }
    let check = values.removeLast()
    let sum = values.enumerated().reduce(0) { $0 + max(1, $1.offset) * $1.element }
    guard sum % 103 == check else { throw Unreadable(why: "wrong check character") }
    return try text(of: values)
  }

  private static func text(of values: [Int]) throws(Unreadable) -> String {
    guard let start = values.first, (103...105).contains(start) else {
      throw Unreadable(why: "no start character")
    }
    var set = start - 103
    var text = ""
    for value in values.dropFirst() {
      switch (set, value) {
      case (2, 0..<100): text += (value < 10 ? "0" : "") + String(value)
      case (0...1, 0..<64), (1, 64..<95):
        text.unicodeScalars.append(Unicode.Scalar(UInt8(value + 32)))
      case (_, 99) where set != 2: set = 2
      case (_, 100) where set != 1: set = 1
      case (_, 101) where set != 0: set = 0
      default: throw Unreadable(why: "value \(value) in set \(set)")
      }
    }
    return text
  }
}
