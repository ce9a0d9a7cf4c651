import Glibc
import Synchronization

/// A disk in memory under one folder, for every SQLite database that is opened there.
///
/// SQLite finds it by the folder of a file's path, so that the code under test is what ships: see
/// ``SQLitePlug``. Other calls of the system, such as the lock beside a ledger, go to the real
/// folder of that name. A disk lives from one power-on to the next: after a power cut everything
/// fails, and a new one with what is left takes its place.
package final class SimulatedDisk: Sendable {
  /// The folder, without a slash at its end.
  package let folder: String

  private let state: Mutex<State>

  fileprivate struct State {
    var medium: Medium
    var faults = DiskFaults()
    var counts: [DiskFault: Int] = [:]
    var isOff = false
    var operations = 0
    /// Everything that was done, where somebody wants to replay it.
    var log: [DiskOperation]?
    var random: SeededRandom
  }

  /// What the handles of a file have locked.
  let locks = FileLocks()

  /// Puts a disk under a folder, in the place of one that was there.
  ///
  /// - Parameters:
  ///   - medium: What it holds.
  ///   - folder: A real folder.
  ///   - seed: Of how much of a failed write gets through.
  ///   - isRecording: Whether operations are kept for ``log``.
  package init(
    _ medium: Medium = Medium(),
    at folder: String,
    seed: UInt64 = 0,
    isRecording: Bool = false
  ) {
    self.folder = Self.resolved(folder)
    state = Mutex(
      State(medium: medium, log: isRecording ? [] : nil, random: SeededRandom(seed: seed))
    )
    SQLitePlug.mount(self)
  }

  /// SQLite names its files without symbolic links.
  private static func resolved(_ folder: String) -> String {
    guard let path = unsafe realpath(folder, nil) else { return folder }
    defer { unsafe free(path) }
    return unsafe String(cString: path)
  }

  deinit { SQLitePlug.unmount(folder) }

  /// What it holds now, unsynced changes included; a copy.
  package var medium: Medium { state.withLock { $0.medium } }

  /// Everything that was done so far; empty without recording.
  package var log: [DiskOperation] { state.withLock { $0.log ?? [] } }

  /// How many operations there were.
  package var operations: Int { state.withLock { $0.operations } }

  /// How often it really did something wrong.
  package var counts: [DiskFault: Int] { state.withLock { $0.counts } }

  /// How many calls it refused, or cut short by a power cut.
  package var refusals: Int { counts.values.reduce(0, +) }

  /// Whether the power is gone.
  package var isOff: Bool { state.withLock { $0.isOff } }

  /// What it does wrong from now on.
  package var faults: DiskFaults { state.withLock { $0.faults } }

  /// Changes what it does wrong from now on.
  package func setFaults(_ change: (inout DiskFaults) -> Void) {
    state.withLock { change(&$0.faults) }
  }

  /// Cuts the power between two operations.
  package func cutPower() { state.withLock { $0.isOff = true } }
}

/// Why a call of a program was refused.
enum DiskRefusal: Error {
  case off, full, badWrite, badSync
}

/// What SQLite asks for; every call is one operation or none.
extension SimulatedDisk {
  func find(_ name: String) -> Int? {
    state.withLock { $0.isOff ? nil : $0.medium.file(name) }
  }

  func make(_ name: String) throws(DiskRefusal) -> Int {
    try state.withLock { state throws(DiskRefusal) in
      try state.carryOut(.create(name))
      guard let file = state.medium.file(name) else { throw .off }
      return file
    }
  }

  func size(of file: Int) throws(DiskRefusal) -> Int {
    try state.withLock { state throws(DiskRefusal) in
      if state.isOff { throw .off }
      return state.medium.size(of: file)
    }
  }

  /// - Returns: How many bytes there were.
  func read(
    _ file: Int,
    from offset: Int,
    into target: UnsafeMutableRawBufferPointer
  ) throws(DiskRefusal) -> Int {
    try state.withLock { state throws(DiskRefusal) in
      if state.isOff { throw .off }
      return unsafe state.medium.read(file, from: offset, into: target)
    }
  }

  func write(_ bytes: [UInt8], to file: Int, at offset: Int) throws(DiskRefusal) {
    try state.withLock { state throws(DiskRefusal) in
      try state.write(bytes, to: file, at: offset)
    }
  }

  func resize(_ file: Int, to size: Int) throws(DiskRefusal) {
    try state.withLock { state throws(DiskRefusal) in
      try state.carryOut(.resize(file: file, to: size))
    }
  }

  /// Forces a file to the medium, and its name where that is not safe yet.
  func sync(_ file: Int, isNew: Bool) throws(DiskRefusal) {
    try state.withLock { state throws(DiskRefusal) in
      if !state.isOff, state.faults.badSyncs > 0 {
        state.faults.badSyncs -= 1
        state.counts[.badSync, default: 0] += 1
        let seed = state.random.next()
        try state.carryOut(.failSync(file: file, seed: seed))
        throw .badSync
      }
      try state.carryOut(.sync(file: file))
      if isNew { try state.carryOut(.syncNames) }
    }
  }

  func delete(_ name: String, isSynced: Bool) throws(DiskRefusal) {
    try state.withLock { state throws(DiskRefusal) in
      try state.carryOut(.delete(name))
      if isSynced { try state.carryOut(.syncNames) }
    }
  }
}

extension SimulatedDisk.State {
  mutating func carryOut(_ operation: DiskOperation) throws(DiskRefusal) {
    if isOff { throw .off }
    let isLast = faults.operationsUntilPowerCut == 0
    faults.operationsUntilPowerCut? -= 1
    operations += 1
    switch operation {
    case .sync, .syncNames:
      // A power cut in the middle leaves what it was about to keep to fate.
      if !isLast, !faults.liesAboutSync { perform(operation) }
    case .create, .write, .resize, .delete, .failSync: perform(operation)
    }
    guard isLast else { return }
    isOff = true
    counts[.powerCut, default: 0] += 1
    throw .off
  }

  mutating func write(_ bytes: [UInt8], to file: Int, at offset: Int) throws(DiskRefusal) {
    if !isOff, faults.fullWrites > 0 {
      faults.fullWrites -= 1
      counts[.full, default: 0] += 1
      throw .full
    }
    if !isOff, faults.badWrites > 0 {
      faults.badWrites -= 1
      counts[.badWrite, default: 0] += 1
      try writePart(of: bytes, to: file, at: offset)
      throw .badWrite
    }
    try carryOut(.write(file: file, at: offset, bytes))
  }

  /// What gets through of a write that is answered with an error.
  private mutating func writePart(
    of bytes: [UInt8],
    to file: Int,
    at offset: Int
  ) throws(DiskRefusal) {
    let count = Int.random(in: 0...bytes.count, using: &random)
    if count > 0 {
      try carryOut(.write(file: file, at: offset, Array(bytes.prefix(count))))
    }
  }

  private mutating func perform(_ operation: DiskOperation) {
    medium.apply(operation)
    log?.append(operation)
  }
}
