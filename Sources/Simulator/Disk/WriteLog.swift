/// What a disk was told, in the order in which it did it, and what is left when its power is cut.
///
/// QEMU's `blklogwrites` keeps such a log, in the format of the kernel's dm-log-writes
/// (`drivers/md/dm-log-writes.c`): a sector with the magic number, then for each request a sector
/// that says where, how much and of what kind, and behind it the bytes.
package struct WriteLog: Sendable {
  /// Bytes that went to one place of the disk.
  package struct Write: Hashable, Sendable {
    /// The first byte on the disk.
    package var offset: Int
    /// Where the bytes are in the log.
    package var bytes: Range<Int>
  }

  /// How much of what was not flushed has reached the medium nevertheless.
  package enum Luck: CaseIterable, Sendable {
    case nothing, everything
    /// Whole requests, any of them: a cache writes in its own order.
    case someRequests
    /// Any sectors of any requests: a request may be torn.
    case someSectors
  }

  /// What a disk with a write cache writes at once, in bytes.
  package static let sector = 512

  /// Up to the last flush that was answered: it is on the medium.
  package private(set) var flushed: [Write] = []
  /// Since then: it may be in the cache still.
  package private(set) var unflushed: [Write] = []
  /// How many flushes there were.
  package private(set) var flushes = 0

  private static let magic: UInt64 = 0x6A_7366_7773_6872
  private static let (flush, fua, discard): (UInt64, UInt64, UInt64) = (1, 2, 4)

  /// Reads a log, up to the request in which it breaks off.
  ///
  /// - Returns: `nil` where these bytes are no such log.
  package init?(_ log: [UInt8]) {
    let number = { (place: Int, width: Int) in
      log[place..<place + width].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    }
    guard log.count >= Self.sector, number(0, 8) == Self.magic, number(8, 8) == 1,
      number(24, 4) == UInt64(Self.sector)
    else { return nil }
    var place = Self.sector
    while place + Self.sector <= log.count {
      let (first, count, kind) = (number(place, 8), number(place + 8, 8), number(place + 16, 8))
      place += Self.sector
      // The log's own writes end in any order: a request that was under way has left a hole.
      guard kind | count > 0, count <= UInt64(Int.max) / 1024, first <= UInt64(Int.max) / 1024
      else { return }
      let write = Write(
        offset: Int(first) * Self.sector,
        bytes: place..<place + Int(count) * Self.sector
      )
      if kind & Self.flush != 0 { settle() }
      // What a discarded sector holds is anybody's guess; here, what it held.
      guard count > 0, kind & Self.discard == 0 else { continue }
      guard write.bytes.upperBound <= log.count else { return }
      place = write.bytes.upperBound
      if kind & Self.fua != 0 { flushed.append(write) } else { unflushed.append(write) }
    }
  }

  private mutating func settle() {
    flushes += 1
    flushed += unflushed
    unflushed = []
  }

  /// What is on the medium after the cut, in the order of its writing.
  package func survivors(_ luck: Luck, seed: UInt64) -> [Write] {
    var random = SeededRandom(seed: seed)
    return switch luck {
    case .nothing: flushed
    case .everything: flushed + unflushed
    case .someRequests: flushed + unflushed.filter { _ in Bool.random(using: &random) }
    case .someSectors:
      flushed + unflushed.flatMap(Self.sectors).filter { _ in Bool.random(using: &random) }
    }
  }

  private static func sectors(_ write: Write) -> [Write] {
    stride(from: 0, to: write.bytes.count, by: sector).map { start in
      let first = write.bytes.lowerBound + start
      return Write(offset: write.offset + start, bytes: first..<first + sector)
    }
  }
}
