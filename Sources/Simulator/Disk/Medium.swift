/// One step of a program on a disk, in the order in which the disk is asked.
package enum DiskOperation: Hashable, Sendable {
  /// Makes an empty file; files are numbered as they are made.
  case create(String)
  case write(file: Int, at: Int, [UInt8])
  case resize(file: Int, to: Int)
  /// Forces a file to the medium.
  case sync(file: Int)
  /// Fails to. As on Linux, what did not reach the medium is taken for written from then on: no
  /// later sync makes up for it, and only programs still read it.
  case failSync(file: Int, seed: UInt64)
  case delete(String)
  /// Forces the directory to the medium.
  case syncNames
}

/// What a disk holds, and what of it a power cut may still take.
///
/// A value: a copy is a cloned card, a backup, or another fate of the same moment. What has not
/// been synced is kept as a list of changes. In a power cut each 512-byte sector of each of them is
/// kept or lost by itself, so that they reach the medium in any order, whole, torn or not at all.
/// Names are kept in the order in which they changed, as by the journal of ext4 and f2fs.
package struct Medium: Sendable {
  /// What reaches the medium whole or not at all, in bytes.
  package static let sectorBytes = 512

  fileprivate enum Change {
    case write(at: Int, [UInt8])
    case resize(Int)
  }

  private enum NameChange {
    case link(String, Int)
    case unlink(String)
  }

  fileprivate struct File {
    /// What programs read.
    var content: [UInt8] = []
    /// What no power cut can take.
    var durable: [UInt8] = []
    var unsynced: [Change] = []
  }

  private var files: [File] = []
  private var names: [String: Int] = [:]
  private var durableNames: [String: Int] = [:]
  private var unsyncedNames: [NameChange] = []

  /// An empty disk, or one with files that are safe on it, by name.
  package init(files contents: [String: [UInt8]] = [:]) {
    for (name, bytes) in contents.sorted(by: { $0.key < $1.key }) {
      names[name] = files.count
      files.append(File(content: bytes, durable: bytes))
    }
    durableNames = names
  }

  /// What a program that copies every file gets: as it is read, and safe.
  package func copied() -> Medium {
    Medium(files: names.mapValues { files[$0].content })
  }

  /// The number of the file of that name.
  package func file(_ name: String) -> Int? { names[name] }

  /// What a program reads of a file.
  package func content(of file: Int) -> [UInt8] { files[file].content }

  /// How long a file is, in bytes.
  package func size(of file: Int) -> Int { files[file].content.count }

  /// How many operations a power cut could undo.
  package var unsyncedCount: Int {
    files.reduce(unsyncedNames.count) { $0 + $1.unsynced.count }
  }

  /// Copies the bytes from an offset on, as many as there are and fit.
  ///
  /// - Returns: How many there were.
  func read(_ file: Int, from offset: Int, into target: UnsafeMutableRawBufferPointer) -> Int {
    unsafe files[file].content.withUnsafeBytes { source in
      let count = min(max(0, source.count - offset), target.count)
      if count > 0, let from = source.baseAddress, let to = target.baseAddress {
        unsafe to.copyMemory(from: from.advanced(by: offset), byteCount: count)
      }
      return count
    }
  }

  /// Carries an operation out, as programs see it.
  package mutating func apply(_ operation: DiskOperation) {
    switch operation {
    case .create(let name):
      names[name] = files.count
      unsyncedNames.append(.link(name, files.count))
      files.append(File())
    case .write(let file, let offset, let bytes):
      files[file].content.put(bytes, from: 0, count: bytes.count, at: offset)
      files[file].unsynced.append(.write(at: offset, bytes))
    case .resize(let file, let size):
      files[file].content.resize(to: size)
      files[file].unsynced.append(.resize(size))
    case .sync(let file): files[file].sync()
    case .failSync(let file, let seed):
      var (losses, random) = (Losses(), SeededRandom(seed: seed))
      files[file].settle(Fate(using: &random), &losses, &random)
    case .delete(let name):
      names[name] = nil
      unsyncedNames.append(.unlink(name))
    case .syncNames:
      durableNames = names
      unsyncedNames = []
    }
  }

  /// What a power cut did to what had not been synced.
  package struct Losses: Hashable, Sendable {
    package var kept = 0
    package var torn = 0
    package var lost = 0

    package init() {}
  }

  /// Cuts the power: afterwards everything that is left is safe.
  @discardableResult
  package mutating func losePower(using random: inout some RandomNumberGenerator) -> Losses {
    var losses = Losses()
    names = durableNames
    for change in unsyncedNames.prefix(Int.random(in: 0...unsyncedNames.count, using: &random)) {
      switch change {
      case .link(let name, let file): names[name] = file
      case .unlink(let name): names[name] = nil
      }
    }
    durableNames = names
    unsyncedNames = []
    let fate = Fate(using: &random)
    for index in files.indices {
      files[index].settle(fate, &losses, &random)
      files[index].forget()
    }
    return losses
  }

  /// How a disk treats what it was given and not told to keep.
  fileprivate struct Fate {
    /// How many of a hundred sectors are kept.
    var percent: Int
    /// Whether what was given first is kept first, as far as it goes.
    var isInOrder: Bool

    init(using random: inout some RandomNumberGenerator) {
      percent = [0, 10, 50, 90, 100].randomElement(using: &random) ?? 50
      isInOrder = Int.random(in: 0..<4, using: &random) == 0
    }

    func keeps(using random: inout some RandomNumberGenerator) -> Bool {
      Int.random(in: 0..<100, using: &random) < percent
    }
  }
}

extension Medium.File {
  mutating func sync() {
    for change in unsynced {
      switch change {
      case .write(let offset, let bytes):
        durable.put(bytes, from: 0, count: bytes.count, at: offset)
      case .resize(let size): durable.resize(to: size)
      }
    }
    unsynced = []
  }

  /// Only the medium is left.
  mutating func forget() { content = durable }

  /// Lets fate decide what of the changes reaches the medium; nothing more of them will.
  mutating func settle(
    _ fate: Medium.Fate,
    _ losses: inout Medium.Losses,
    _ random: inout some RandomNumberGenerator
  ) {
    let whole = Int.random(in: 0...unsynced.count, using: &random)
    for (index, change) in unsynced.enumerated() {
      switch change {
      case .write(let offset, let bytes):
        let (kept, lost) = durable.put(bytes, at: offset) {
          fate.isInOrder && index != whole ? index < whole : fate.keeps(using: &random)
        }
        switch (kept, lost) {
        case (_, 0): losses.kept += 1
        case (0, _): losses.lost += 1
        default: losses.torn += 1
        }
        // The new length may be known before the bytes are there.
        if durable.count < offset + bytes.count, Bool.random(using: &random) {
          durable.resize(to: offset + bytes.count)
        }
      case .resize(let size):
        if fate.isInOrder ? index < whole : fate.keeps(using: &random) {
          durable.resize(to: size)
          losses.kept += 1
        } else {
          losses.lost += 1
        }
      }
    }
    unsynced = []
  }
}

extension [UInt8] {
  fileprivate mutating func resize(to size: Int) {
    if size < count {
      removeLast(count - size)
    } else if size > count {
      append(contentsOf: [UInt8](repeating: 0, count: size - count))
    }
  }

  /// Puts so many bytes from a start on; by a copy of memory, for this is done all the time.
  fileprivate mutating func put(_ bytes: [UInt8], from start: Int, count: Int, at offset: Int) {
    guard count > 0 else { return }
    if offset + count > self.count { resize(to: offset + count) }
    precondition(start + count <= bytes.count)
    unsafe withUnsafeMutableBytes { target in
      unsafe bytes.withUnsafeBytes { source in
        guard let to = target.baseAddress, let from = source.baseAddress else {
          return
        }
        unsafe to.advanced(by: offset)
          .copyMemory(from: from.advanced(by: start), byteCount: count)
      }
    }
  }

  /// Puts those of the sectors that are chosen.
  ///
  /// - Returns: How many there were of either kind.
  fileprivate mutating func put(
    _ bytes: [UInt8],
    at offset: Int,
    where isKept: () -> Bool
  ) -> (kept: Int, lost: Int) {
    var (kept, lost, start) = (0, 0, 0)
    while start < bytes.count {
      let sector = (offset + start) / Medium.sectorBytes
      let end = Swift.min(bytes.count, (sector + 1) * Medium.sectorBytes - offset)
      if isKept() {
        put(bytes, from: start, count: end - start, at: offset + start)
        kept += 1
      } else {
        lost += 1
      }
      start = end
    }
    return (kept, lost)
  }
}
