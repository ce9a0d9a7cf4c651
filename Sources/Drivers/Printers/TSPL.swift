package import Domain

/// TSPL/TSPL2, the language of TSC printers and of most label printers sold in China.
///
/// Source: TSC, TSPL/TSPL2 Programming Language; Gprinter GP-2120T manual, p. 30 (`ESC !?`).
/// Only commands that every clone knows are sent: one unknown command makes some drop the job.
package enum TSPL: LabelLanguage {
  package static let identifier = "tspl"
  package static let announcedAs = ["TSPL", "TSPL2", "XPP"]

  /// A job that prints one label.
  ///
  /// `BITMAP` takes 0 for black, rows padded with 1s; `CLS` must follow `SIZE`.
  package static func job(_ page: Page, on media: Media, settings: PrinterSettings) -> [UInt8] {
    // A first empty line ends whatever half a line an aborted job has left in the printer.
    let head = [
      "",
      "SIZE \(millimetres(media.width)) mm,\(millimetres(media.height)) mm",
      media.gap == 0 ? "GAP 0,0" : "GAP \(millimetres(media.gap)) mm,0 mm",
      "DIRECTION \(settings.upsideDown ? 1 : 0),0",
      "REFERENCE 0,0",
      "DENSITY \(settings.density)",
      "SPEED \(settings.speed)",
      "CLS",
    ]
    var out = Array(head.map { $0 + "\r\n" }.joined().utf8)
    out.append(contentsOf: "BITMAP 0,0,\(page.stride),\(page.height),0,".utf8)
    out.reserveCapacity(out.count + page.bytes.count + 16)
    for byte in page.bytes { out.append(~byte) }
    out.append(contentsOf: "\r\nPRINT 1,1\r\n".utf8)
    return out
  }

  /// Zeros end a `BITMAP` whose data broke off, and mean nothing between two commands; the image
  /// that they went into is cleared.
  package static func recovery(afterJobOf bytes: Int) -> [UInt8] {
    [UInt8](repeating: 0, count: bytes) + Array("\r\nCLS\r\n".utf8)
  }

  /// `ESC !?`, answered at once, also in error.
  package static let statusQuery: [UInt8]? = [0x1B, 0x21, 0x3F]
  package static let statusLength = 1

  /// Reads the one byte that answers `ESC !?`.
  package static func status(_ answer: [UInt8]) -> PrinterStatus? {
    guard answer.count == 1, let bits = answer.first else { return nil }
    let meanings: [(UInt8, PrinterStatus.Complaint)] = [
      (0x01, .headOpen), (0x02, .paperJam), (0x04, .paperOut), (0x08, .ribbonOut),
      (0x10, .paused), (0x40, .headOpen), (0x80, .other),
    ]
    let complaints = meanings.filter { bits & $0.0 != 0 }.map(\.1)
    return PrinterStatus(complaints: Set(complaints), printing: bits & 0x20 != 0)
  }

  private static func millimetres(_ micrometres: Int) -> String {
    let (whole, rest) = micrometres.quotientAndRemainder(dividingBy: 1000)
    guard rest != 0 else { return "\(whole)" }
    var digits = String(String(1000 + rest).dropFirst())
    while digits.last == "0" { digits.removeLast() }
    return "\(whole).\(digits)"
  }
}
