import Domain
import Foundation
import Ledger
import Testing

struct MigrationTests {
  /// Makes a file as an older version left it.
  static func file(ofSchema version: Int, in scratch: Scratch) throws {
    let script = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Schemas/\(version).sql")
    let sql = try String(contentsOf: script, encoding: .utf8)
    let epoch = try #require(Epoch("00000000000abcde"))
    let desk = try Desk(epoch)
    try runSQL(
      sql.replacingOccurrences(of: "PARCEL1", with: desk.number(1).text)
        .replacingOccurrences(of: "PARCEL2", with: desk.number(2).text),
      on: scratch.file
    )
  }

  @Test(arguments: [1, 2, 4])
  func `a file of any shipped schema becomes one of today, chained and whole`(version: Int) throws {
    let scratch = try Scratch()
    try Self.file(ofSchema: version, in: scratch)
    let before = try rows(of: scratch.file)
    let ledger = try scratch.ledger()
    #expect(try rows(of: scratch.file) == before)
    let desk = try Desk(ledger.epoch)
    let recovery = try ledger.reader.recover(now: Ticker().now())
    #expect(recovery.inDoubt == [Intent(id: desk.id(2), mass: Mass(grams: 800))])
    #expect(try ledger.reader.parcel(desk.number(1))?.state == .done)
    try ledger.append([desk.intent(recovery.nextSerial)])
    let verification = try ledger.reader.verify()
    #expect(verification.isSound, "\(verification)")
    #expect(verification.lanes.first?.events == Int64(before.count) + 1)
  }

  @Test func `an older file is chained as another program computes it`() throws {
    let (old, made) = (try Scratch(), try Scratch())
    try Self.file(ofSchema: 2, in: old)
    try Self.file(ofSchema: 4, in: made)
    let (migrated, expected) = (try old.ledger(), try made.ledger())
    for lane in Lane.allCases {
      let events = try everything(lane, in: migrated.reader)
      #expect(events == (try everything(lane, in: expected.reader)))
      #expect(events.allSatisfy { $0.chain.count == 32 })
    }
  }

  @Test func `a migration cut short is taken up again`() throws {
    let scratch = try Scratch()
    try Self.file(ofSchema: 4, in: scratch)
    let whole = try rows(of: scratch.file, "SELECT seq, hex(chain) FROM records")
    // As a kill between two steps leaves it: the columns are there, the later links are not.
    try runSQL(
      "UPDATE records SET chain = x'' WHERE seq > 3; UPDATE telemetry SET chain = x'';"
        + "PRAGMA user_version = 3;",
      on: scratch.file
    )
    let reading = #expect(throws: LedgerError.self) { try LedgerReader(path: scratch.file) }
    #expect(reading?.kind == .olderSchema(found: 3))
    try scratch.ledger().close()
    #expect(try rows(of: scratch.file, "SELECT seq, hex(chain) FROM records") == whole)
    #expect(try LedgerReader(path: scratch.file).verify().isSound)
  }

  private func rows(
    of file: String,
    _ sql: String = "SELECT seq, type, body, boot, monotonic, wall, quality FROM records"
  ) throws -> [String] {
    try runSQL(sql, on: file).split(separator: "\n").map(String.init)
  }
}

/// Has the sqlite3 program work on a file.
@discardableResult
func runSQL(_ sql: String, on file: String) throws -> String {
  let process = Process()
  process.executableURL = URL(filePath: "/usr/bin/sqlite3")
  process.arguments = ["-bail", file]
  let (input, output) = (Pipe(), Pipe())
  process.standardInput = input
  process.standardOutput = output
  try process.run()
  input.fileHandleForWriting.write(Data(sql.utf8))
  try input.fileHandleForWriting.close()
  let text = try output.fileHandleForReading.readToEnd() ?? Data()
  process.waitUntilExit()
  #expect(process.terminationStatus == 0)
  return String(decoding: text, as: UTF8.self)
}
