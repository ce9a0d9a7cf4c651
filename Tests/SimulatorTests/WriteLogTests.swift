import Simulator
import Testing

/// A disk's log, and what its cache may lose.
struct WriteLogTests {
  private enum Kind: UInt64 {
    case write = 0
    case flush = 1
    case fua = 2
    case discard = 4
  }

  private static func number(_ value: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  private static func padded(_ bytes: [UInt8]) -> [UInt8] {
    bytes + [UInt8](repeating: 0, count: WriteLog.sector - bytes.count)
  }

  private static let head = padded(
    number(0x6A_7366_7773_6872) + number(1) + number(0) + number(UInt64(WriteLog.sector))
  )

  /// A request on `count` sectors from `first` on, each of them full of `fill`.
  private static func request(_ kind: Kind, _ first: UInt64, _ count: Int, _ fill: UInt8 = 0)
    -> [UInt8]
  {
    let data = kind == .discard ? 0 : count * WriteLog.sector
    return padded(number(first) + number(UInt64(count)) + number(kind.rawValue) + number(0))
      + [UInt8](repeating: fill, count: data)
  }

  /// What a disk of zeros holds after the cut, one number a sector.
  private static func disk(
    _ log: [UInt8],
    _ luck: WriteLog.Luck,
    seed: UInt64 = 1
  ) throws -> [UInt8] {
    let writes = try #require(WriteLog(log))
    var disk = [UInt8](repeating: 0, count: 8 * WriteLog.sector)
    for write in writes.survivors(luck, seed: seed) {
      disk.replaceSubrange(write.offset..<write.offset + write.bytes.count, with: log[write.bytes])
    }
    let sectors = stride(from: 0, to: disk.count, by: WriteLog.sector).map { start in
      Set(disk[start..<start + WriteLog.sector])
    }
    #expect(sectors.allSatisfy { $0.count == 1 }, "a sector is never torn")
    return sectors.compactMap(\.first)
  }

  private static let log =
    head + request(.write, 0, 2, 1) + request(.flush, 0, 0) + request(.write, 1, 3, 2)
    + request(.fua, 5, 1, 3) + request(.discard, 0, 8) + request(.write, 6, 1, 4)

  @Test func `what was flushed is there, and the rest as luck will have it`() throws {
    #expect(try Self.disk(Self.log, .nothing) == [1, 1, 0, 0, 0, 3, 0, 0])
    #expect(try Self.disk(Self.log, .everything) == [1, 2, 2, 2, 0, 3, 4, 0])
    let requests = try Set((0..<64).map { try Self.disk(Self.log, .someRequests, seed: $0) })
    #expect(
      requests == [
        [1, 1, 0, 0, 0, 3, 0, 0], [1, 2, 2, 2, 0, 3, 0, 0], [1, 1, 0, 0, 0, 3, 4, 0],
        [1, 2, 2, 2, 0, 3, 4, 0],
      ]
    )
    let torn = try Set((0..<256).map { try Self.disk(Self.log, .someSectors, seed: $0) })
    #expect(torn.count == 16)
    #expect(torn.allSatisfy { $0[0] == 1 && [1, 2].contains($0[1]) && $0[5] == 3 })
    let writes = try #require(WriteLog(Self.log))
    #expect(writes.flushes == 1)
  }

  @Test func `the same seed loses the same`() throws {
    let once = try Self.disk(Self.log, .someSectors, seed: 7)
    #expect(try Self.disk(Self.log, .someSectors, seed: 7) == once)
  }

  @Test func `a log that breaks off is good up to there`() throws {
    let whole = try #require(WriteLog(Self.log))
    for length in stride(from: WriteLog.sector, through: Self.log.count, by: 100) {
      let cut = try #require(WriteLog(Array(Self.log.prefix(length))))
      #expect(whole.flushed.starts(with: cut.flushed) || cut.flushes == 0)
      #expect(cut.flushed.count + cut.unflushed.count <= 4)
    }
    let hole = Self.head + Self.request(.write, 3, 1, 9) + [UInt8](repeating: 0, count: 4096)
    #expect(try Self.disk(hole, .everything) == [0, 0, 0, 9, 0, 0, 0, 0])
  }

  @Test func `anything else is no log`() {
    #expect(WriteLog([]) == nil)
    #expect(WriteLog([UInt8](repeating: 0, count: 4096)) == nil)
  }
}
