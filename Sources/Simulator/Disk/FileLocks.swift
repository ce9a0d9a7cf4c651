import Synchronization

/// The locks and the shared memory of the open files of a disk, as the handles of one process
/// share them.
///
/// The rules are those of SQLite's `xLock` and `xShmLock`.
final class FileLocks: Sendable {
  /// How far a handle has locked a file, in the order of SQLite's numbers.
  enum Level: Int32, Comparable {
    case none, shared, reserved, pending, exclusive

    static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
  }

  private struct Slot {
    var shared: Set<Int> = []
    var exclusive: Int?

    func isFree(for handle: Int, exclusively: Bool) -> Bool {
      if let exclusive, exclusive != handle { return false }
      return !exclusively || shared.subtracting([handle]).isEmpty
    }
  }

  private struct File {
    var levels: [Int: Level] = [:]
    var slots: [Slot] = []
    var memory: SharedMemory?

    func others(than handle: Int) -> Level {
      levels.reduce(.none) { $1.key == handle ? $0 : max($0, $1.value) }
    }
  }

  private struct State {
    var files: [Int: File] = [:]
    var handles = 0
  }

  private let state = Mutex(State())

  func newHandle() -> Int {
    state.withLock { state in
      state.handles += 1
      return state.handles
    }
  }

  /// - Returns: Whether it was granted.
  func lock(_ file: Int, by handle: Int, _ level: Level) -> Bool {
    state.withLock { state in
      let others = state.files[file, default: File()].others(than: handle)
      let own = state.files[file]?.levels[handle] ?? .none
      guard own < level else { return true }
      let isGranted: Bool
      switch level {
      case .none: isGranted = true
      case .shared: isGranted = others < .pending
      case .reserved: isGranted = others < .reserved
      case .pending, .exclusive:
        isGranted = others == .none
        // Who waits for the last readers keeps new ones out.
        if !isGranted, others < .reserved {
          state.files[file]?.levels[handle] = .pending
        }
      }
      if isGranted { state.files[file, default: File()].levels[handle] = level }
      return isGranted
    }
  }

  func unlock(_ file: Int, by handle: Int, to level: Level) {
    state.withLock { $0.files[file]?.levels[handle] = level == .none ? nil : level }
  }

  func isReserved(_ file: Int) -> Bool {
    state.withLock { $0.files[file]?.levels.values.contains { $0 >= .reserved } ?? false }
  }

  /// The address of a region of the memory that the handles of a file share; `nil` where it is not
  /// there and shall not be made.
  func region(_ index: Int, of file: Int, for handle: Int, bytes: Int, isMade: Bool) -> UInt? {
    state.withLock { state in
      let memory = state.files[file]?.memory ?? SharedMemory()
      memory.users.insert(handle)
      state.files[file, default: File()].memory = memory
      return memory.region(index, bytes: bytes, isMade: isMade)
    }
  }

  /// Gives the shared memory up; it is gone with the last handle that used it.
  func leave(_ file: Int, handle: Int) {
    state.withLock { state in
      guard let memory = state.files[file]?.memory else { return }
      memory.users.remove(handle)
      if memory.users.isEmpty { state.files[file]?.memory = nil }
    }
  }

  /// - Returns: Whether it was granted.
  func lockSlots(_ slots: Range<Int>, of file: Int, by handle: Int, exclusively: Bool) -> Bool {
    state.withLock { state in
      var locked = state.files[file, default: File()].slots
      while locked.count < slots.upperBound { locked.append(Slot()) }
      guard slots.allSatisfy({ locked[$0].isFree(for: handle, exclusively: exclusively) }) else {
        return false
      }
      for slot in slots {
        if exclusively {
          locked[slot].exclusive = handle
        } else {
          locked[slot].shared.insert(handle)
        }
      }
      state.files[file, default: File()].slots = locked
      return true
    }
  }

  func unlockSlots(_ slots: Range<Int>, of file: Int, by handle: Int) {
    state.withLock { state in
      for slot in slots where slot < state.files[file]?.slots.count ?? 0 {
        state.files[file]?.slots[slot].shared.remove(handle)
        if state.files[file]?.slots[slot].exclusive == handle {
          state.files[file]?.slots[slot].exclusive = nil
        }
      }
    }
  }
}

/// The index of a write-ahead log, shared by the handles of one file.
@safe private final class SharedMemory {
  /// The handles that have it.
  var users: Set<Int> = []
  private var regions: [UnsafeMutableRawBufferPointer] = unsafe []

  func region(_ index: Int, bytes: Int, isMade: Bool) -> UInt? {
    guard unsafe isMade || index < regions.count else { return nil }
    while unsafe regions.count <= index {
      let region = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 16)
      unsafe region.initializeMemory(as: UInt8.self, repeating: 0)
      unsafe regions.append(region)
    }
    return unsafe regions[index].baseAddress.map { UInt(bitPattern: $0) }
  }

  deinit { unsafe regions.forEach { unsafe $0.deallocate() } }
}
