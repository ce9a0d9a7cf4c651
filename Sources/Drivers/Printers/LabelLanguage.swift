package import Domain

/// The label stock in a printer.
package struct Media: Hashable, Sendable {
  /// Micrometres across.
  package var width: Int
  /// Micrometres in the direction of feed.
  package var height: Int
  /// Micrometres between two labels; 0 for continuous stock.
  package var gap: Int

  package init(width: Int, height: Int, gap: Int) {
    self.width = width
    self.height = height
    self.gap = gap
  }
}

/// What a printer says of itself.
package struct PrinterStatus: Hashable, Sendable {
  package enum Complaint: String, Hashable, Sendable, CaseIterable {
    case paperOut = "paper-out"
    case paperJam = "paper-jam"
    case ribbonOut = "ribbon-out"
    case headOpen = "head-open"
    case paused
    case other
  }

  /// What keeps it from printing; empty when nothing does.
  package var complaints: Set<Complaint>
  /// Whether it prints right now.
  package var printing: Bool

  package init(complaints: Set<Complaint> = [], printing: Bool = false) {
    self.complaints = complaints
    self.printing = printing
  }

  package var isReady: Bool { complaints.isEmpty && !printing }
}

/// A printer's language: a page in, bytes out; status bytes in, a status out.
///
/// A language is one file and one line in ``LabelLanguages/all``.
package protocol LabelLanguage: Sendable {
  /// The name that profiles use, as `tspl`.
  static var identifier: String { get }
  /// Names under which printers announce the language in the `CMD` field of their IEEE 1284 id.
  static var announcedAs: [String] { get }
  /// Writes the job that feeds one label with this page on it.
  static func job(_ page: Page, on media: Media, settings: PrinterSettings) -> [UInt8]
  /// The bytes that bring a printer back between two commands after a job of so many bytes that may
  /// have been cut anywhere; they print nothing.
  static func recovery(afterJobOf bytes: Int) -> [UInt8]
  /// The bytes that ask for the status, answered even in error; `nil` where there is no such thing.
  static var statusQuery: [UInt8]? { get }
  /// How many bytes the answer has.
  static var statusLength: Int { get }
  /// Reads an answer; `nil` where these bytes are no status.
  static func status(_ answer: [UInt8]) -> PrinterStatus?
}

/// What a profile sets for every job.
package struct PrinterSettings: Hashable, Sendable {
  /// 0 (light) to 15 (dark).
  package var density: Int
  /// Inches a second, as the makers count.
  package var speed: Int
  /// Whether the label leaves bottom first.
  package var upsideDown: Bool

  package init(density: Int = 8, speed: Int = 4, upsideDown: Bool = false) {
    self.density = density
    self.speed = speed
    self.upsideDown = upsideDown
  }
}

/// Every language that a printer's profile may name.
package enum LabelLanguages {
  package static let all: [any LabelLanguage.Type] = [TSPL.self]

  package static func named(_ identifier: String) -> (any LabelLanguage.Type)? {
    all.first { $0.identifier == identifier }
  }
}
