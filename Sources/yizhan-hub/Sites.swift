import ArgumentParser
import Domain
import Hub

struct Sites: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the sites and what they delivered.",
    discussion: "Example: yizhan-hub sites --json --store hub.sqlite"
  )

  @OptionGroup var store: StoreOptions

  @Flag(help: "Print JSON.")
  var json = false

  func run() async throws {
    try await carryOut {
      let sites = try await store.open(readOnly: true).sites()
      if json {
        print(JSON.object(["sites": .array(sites.map(\.json))]).text)
      } else {
        for line in Self.table(sites) { print(line) }
      }
    }
  }

  private static func table(_ sites: [SiteView]) -> [String] {
    let heads = ["SITE", "UP", "UP kg", "DOWN", "DOWN kg", "EVENTS", "ODD", "LAST SEEN"]
    let rows = sites.map { site in
      [
        site.site.text, String(site.up.parcels), Mass(grams: site.up.grams).kilograms,
        String(site.down.parcels), Mass(grams: site.down.grams).kilograms,
        String(site.lanes.reduce(0) { $0 + $1.types.values.reduce(0, +) }),
        String(site.lanes.reduce(0) { $0 + $1.odd }), site.lastSeen,
      ]
    }
    return Table.lines([heads] + rows)
  }
}

/// Rows with columns as wide as their widest cell.
enum Table {
  static func lines(_ rows: [[String]]) -> [String] {
    let widths = (rows.first ?? []).indices.map { column in
      rows.map { $0[column].count }.max() ?? 0
    }
    return rows.map { row in
      zip(row, widths).map { cell, width in
        cell + String(repeating: " ", count: width - cell.count)
      }.joined(separator: "  ")
    }
  }
}
