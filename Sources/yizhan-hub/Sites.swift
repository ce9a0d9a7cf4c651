import ArgumentParser
import Domain
import Hub

struct Sites: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the sites and what they delivered.",
    discussion: "Example: yizhan-hub sites --json --store hub.sqlite"
  )

  @Option(help: "The SQLite file of a hub, running or not.")
  var store: String

  @Flag(help: "Print JSON.")
  var json = false

  func run() async throws {
    do throws(HubError) {
      let sites = try await SQLiteHubStore(path: store, readOnly: true).sites()
      if json {
        print(JSON.object(["sites": .array(sites.map(\.json))]).text)
      } else {
        for line in Self.table(sites) { print(line) }
      }
    } catch {
      throw fail("\(error.attempted): \(error.cause)", remedy: error.remedy, code: 74)
    }
  }

  private static func table(_ sites: [SiteView]) -> [String] {
    let heads = ["SITE", "UP", "UP kg", "DOWN", "DOWN kg", "EVENTS", "ODD", "LAST SEEN"]
    let rows = sites.map { site in
      [
        site.site.text, String(site.up.parcels), Mass(grams: site.up.grams).kilograms,
        String(site.down.parcels), Mass(grams: site.down.grams).kilograms,
        String(site.lanes.reduce(0) { $0 + $1.types.values.reduce(0, +) }),
        String(site.lanes.reduce(0) { $0 + $1.conflicts + $1.quarantined }), site.lastSeen,
      ]
    }
    let all = [heads] + rows
    let widths = heads.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    return all.map { row in
      zip(row, widths).map { cell, width in
        cell + String(repeating: " ", count: width - cell.count)
      }.joined(separator: "  ")
    }
  }
}
