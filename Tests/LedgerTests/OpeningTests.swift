import Domain
import Foundation
import Glibc
import Ledger
import Testing

struct OpeningTests {
  private func kind(of body: () throws -> Void) -> LedgerError.Kind? {
    do { try body() } catch {
      #expect((error as? LedgerError)?.remedy.isEmpty == false)
      return (error as? LedgerError)?.kind
    }
    return nil
  }

  /// Writes a big-endian word into the header (SQLite file format, § 1.3).
  private func alter(_ path: String, at offset: UInt64, _ value: UInt8) throws {
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try file.seek(toOffset: offset)
    try file.write(contentsOf: Data([0, 0, 0, value]))
    try file.close()
  }

  @Test func `a second writer is refused until the first lets go`() throws {
    let scratch = try Scratch()
    let first = try scratch.ledger()
    #expect(kind { _ = try scratch.ledger() } == .inUse)
    try first.close()
    #expect(kind { _ = try scratch.ledger() } == nil)
  }

  @Test func `a new ledger is closed to strangers and has an epoch of its own`() throws {
    let (one, other) = (try Scratch(), try Scratch())
    #expect(try one.ledger().epoch != other.ledger().epoch)
    let ledger = try one.ledger()
    try ledger.append([.stopped(reason: "")])
    for suffix in ["", "-wal", "-shm"] {
      let attributes = try FileManager.default.attributesOfItem(atPath: one.file + suffix)
      let mode = attributes[.posixPermissions] as? Int
      #expect(mode.map { $0 & 0o027 } == 0, "\(suffix)")
    }
  }

  @Test func `each way in which a file is wrong has its own name, and the file stays as it was`()
    throws
  {
    let scratch = try Scratch()
    try scratch.ledger().close()
    try alter(scratch.file, at: 60, 99)
    #expect(kind { _ = try scratch.ledger() } == .newerSchema(found: 99, known: 4))
    #expect(kind { _ = try LedgerReader(path: scratch.file) } == .newerSchema(found: 99, known: 4))
    try alter(scratch.file, at: 68, 7)
    #expect(kind { _ = try scratch.ledger() } == .foreign)
    let text = Data("not a database, whatever its name says".utf8)
    let other = try Scratch()
    try text.write(to: URL(fileURLWithPath: other.file))
    #expect(kind { _ = try other.ledger() } == .corrupt)
    #expect(try Data(contentsOf: URL(fileURLWithPath: other.file)) == text)
    #expect(kind { _ = try LedgerReader(path: other.path + "/none") } == .unreachable)
    #expect(kind { _ = try Ledger(path: other.path + "/no/x", now: Ticker().now) } == .unreachable)
  }

  @Test func `a page that rots is found by the check`() throws {
    let scratch = try Scratch()
    let ledger = try scratch.ledger()
    let desk = try Desk(ledger.epoch)
    for serial in 1...50 { for entries in desk.walk(serial) { try ledger.append(entries) } }
    try ledger.close()
    var data = try Data(contentsOf: URL(fileURLWithPath: scratch.file))
    for offset in stride(from: 20 * 512, to: 60 * 512, by: 512) {
      data.replaceSubrange(offset..<offset + 64, with: repeatElement(0xA5, count: 64))
    }
    try data.write(to: URL(fileURLWithPath: scratch.file))
    var faults: [String] = []
    let refusal = kind { faults = try LedgerReader(path: scratch.file).integrityCheck() }
    #expect(refusal == .corrupt || !faults.isEmpty)
  }

  @Test(.enabled(if: geteuid() == 0, "mounting a tmpfs asks for root"))
  func `on a full disk the append fails whole, and works again once there is room`() throws {
    let scratch = try Scratch()
    let isMounted = unsafe mount("tmpfs", scratch.path, "tmpfs", 0, "size=512k") == 0
    try #require(isMounted)
    defer { _ = unsafe umount2(scratch.path, 2) }
    let ledger = try scratch.ledger()
    let desk = try Desk(ledger.epoch)
    let ballast = scratch.path + "/ballast"
    try Data(count: 200 * 1024).write(to: URL(fileURLWithPath: ballast))
    var (serial, found): (Int, LedgerError.Kind?) = (0, nil)
    while found == nil, serial < 2000 {
      serial += 1
      found = kind { try ledger.append([desk.intent(serial)]) }
    }
    #expect(found == .full)
    #expect(try ledger.position(.records).last == Int64(serial - 1))
    try FileManager.default.removeItem(atPath: ballast)
    #expect(try ledger.append([desk.intent(serial)]).map(\.sequence) == [Int64(serial)])
    #expect(try ledger.reader.integrityCheck() == [])
    try ledger.close()
  }
}
