import Domain
import Drivers
import Foundation
import Station
import Testing

/// Lists that must name everything there is.
struct RegistryTests {
  @Test func `every scale protocol has its line in the list`() throws {
    let conformers = try Self.conformers(to: "ScaleProtocol", under: "Sources/Drivers/Scales")
    #expect(conformers == Set(ScaleProtocols.all.map { String(describing: $0) }))
  }

  @Test func `every label language has its line in the list`() throws {
    let conformers = try Self.conformers(to: "LabelLanguage", under: "Sources/Drivers/Printers")
    #expect(conformers == Set(LabelLanguages.all.map { String(describing: $0) }))
  }

  @Test func `the README prints the table of lamps as it is in the code`() throws {
    let readme = try SourceTree.text("README.md")
    for meaning in Meaning.allCases {
      let row = meaning.row
      let cells = [
        meaning.rawValue, row.green.rawValue, row.amber.rawValue, row.red.rawValue,
        row.beep.rawValue, row.text.zh, row.text.en,
      ]
      let line = "| " + cells.joined(separator: " | ") + " |"
      #expect(readme.contains(line), "the README lacks: \(line)")
    }
  }

  @Test func `every test that the README calls to witness exists`() throws {
    // They stand in the rows of a table: elsewhere a quotation is a quotation.
    let rows = try SourceTree.text("README.md").split(separator: "\n").filter { $0.hasPrefix("|") }
    let witnesses = rows.flatMap { row in
      row.split(separator: "“").dropFirst().compactMap { $0.split(separator: "”").first }
    }
    #expect(witnesses.count >= 10)
    let tests = try SourceTree.files(under: "Tests").map(\.text)
    for witness in witnesses {
      #expect(tests.contains { $0.contains("func `\(witness)`") }, "no test is called: \(witness)")
    }
  }

  @Test func `lamps tell apart what a worker must tell apart`() {
    var seen: [[Rhythm]: Meaning] = [:]
    for meaning in Meaning.allCases {
      let row = meaning.row
      let rhythms = [row.green, row.amber, row.red]
      if let other = seen[rhythms] {
        Issue.record("\(meaning.rawValue) looks like \(other.rawValue)")
      }
      seen[rhythms] = meaning
    }
  }

  private static func conformers(to name: String, under folder: String) throws -> Set<String> {
    var found: Set<String> = []
    for file in try SourceTree.files(under: folder) {
      for line in file.lines where line.text.contains(": \(name) {") {
        let words = line.text.split(whereSeparator: { $0 == " " || $0 == ":" })
        guard let kind = words.firstIndex(where: { $0 == "struct" || $0 == "enum" }) else {
          continue
        }
        found.insert(String(words[kind + 1]))
      }
    }
    return found
  }
}
