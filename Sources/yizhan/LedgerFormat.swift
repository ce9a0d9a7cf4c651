import Agent
package import Domain
package import Ledger

/// An event of the ledger as a row of a table for other programs.
package enum LedgerFormat: String, CaseIterable {
  case csv, ndjson

  /// The columns of CSV.
  package static let columns = [
    "epoch", "lane", "sequence", "type", "time", "certainty", "boot", "monotonic", "wall", "clock",
    "chain", "parcel", "waybill", "carrier", "direction", "grams", "body",
  ]

  /// What stands above the rows; `nil` for nothing.
  package var heading: String? {
    self == .csv ? Self.columns.joined(separator: ",") : nil
  }

  /// One event on one line.
  package func line(_ account: Account) -> String {
    switch self {
    case .ndjson: Self.json(account).text
    case .csv: Self.fields(account).map(Self.quoted).joined(separator: ",")
    }
  }

  /// The event opened up, with its time as it is known by now beside the time as it was recorded.
  package static func json(_ account: Account) -> JSON {
    guard case .object(var fields) = account.event.json else { return account.event.json }
    fields["recorded"] = fields["time"]
    fields["time"] = .string(account.time.rfc3339)
    fields["certainty"] = .string(account.time.certainty.rawValue)
    fields["chain"] = .string(hex(account.event.chain))
    return .object(fields)
  }

  private static func fields(_ account: Account) -> [String] {
    let event = account.event
    let names = ["parcel", "waybill", "carrier", "direction", "grams"]
    return [
      event.epoch.description, event.lane.rawValue, String(event.sequence), event.type,
      account.time.rfc3339, account.time.certainty.rawValue, event.time.boot,
      String(event.time.monotonic.nanoseconds), event.time.rfc3339, event.time.quality.rawValue,
      hex(event.chain),
    ] + names.map { account.body?[$0].map { $0.string ?? $0.text } ?? "" } + [
      String(decoding: event.body, as: UTF8.self)
    ]
  }

  /// RFC 4180: what holds a comma, a quote or a line break stands in quotes.
  private static func quoted(_ field: String) -> String {
    let needsQuotes = field.utf8.contains { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }
    return needsQuotes ? "\"" + field.replacing("\"", with: "\"\"") + "\"" : field
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef")
    return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }
}
