import GRDBSQLite

/// One opening of a file of a simulated disk.
final class FileHandle {
  let disk: SimulatedDisk
  let file: Int
  let number: Int
  /// Whether its name is not safe yet.
  var isNew: Bool
  /// Whether the system would refuse to write through it.
  let isReadOnly: Bool

  init(disk: SimulatedDisk, file: Int, number: Int, isNew: Bool, isReadOnly: Bool) {
    (self.disk, self.file, self.number, self.isNew) = (disk, file, number, isNew)
    self.isReadOnly = isReadOnly
  }
}

/// What SQLite keeps of an open file: its own head, and our handle behind it.
@safe struct SimulatedFile {
  private var head: sqlite3_file
  private var handle: Unmanaged<FileHandle>

  private typealias Pointer = UnsafeMutablePointer<sqlite3_file>?

  static func begin(
    _ file: UnsafeMutablePointer<sqlite3_file>?,
    _ handle: FileHandle,
    _ methods: UnsafePointer<sqlite3_io_methods>
  ) {
    guard let file = UnsafeMutableRawPointer(file) else { return }
    unsafe file.initializeMemory(
      as: SimulatedFile.self,
      to: SimulatedFile(
        head: sqlite3_file(pMethods: methods),
        handle: Unmanaged.passRetained(handle)
      )
    )
  }

  private static func whole(_ file: Pointer) -> UnsafeMutablePointer<SimulatedFile> {
    guard let file = UnsafeMutableRawPointer(file) else {
      preconditionFailure("SQLite calls a method of no file")
    }
    return unsafe file.assumingMemoryBound(to: SimulatedFile.self)
  }

  /// Does something with the handle; a refusal becomes SQLite's code for it.
  private static func with(
    _ file: Pointer,
    or failure: Int32,
    _ body: (FileHandle) throws(DiskRefusal) -> Int32
  ) -> Int32 {
    let handle = unsafe whole(file).pointee.handle.takeUnretainedValue()
    do throws(DiskRefusal) { return try body(handle) } catch {
      switch error {
      case .full: return SQLITE_FULL
      case .badSync: return IOError.fsync
      case .off, .badWrite: return failure
      }
    }
  }

  static var methods: sqlite3_io_methods {
    var methods = sqlite3_io_methods()
    methods.iVersion = 2
    plugBytes(&methods)
    plugLocks(&methods)
    plugMemory(&methods)
    return methods
  }

  private static func plugBytes(_ methods: inout sqlite3_io_methods) {
    unsafe methods.xClose = { file in
      let handle = unsafe SimulatedFile.whole(file).pointee.handle.takeRetainedValue()
      handle.disk.locks.unlock(handle.file, by: handle.number, to: .none)
      handle.disk.locks.leave(handle.file, handle: handle.number)
      return SQLITE_OK
    }
    unsafe methods.xRead = { file, bytes, count, offset in
      unsafe SimulatedFile.with(file, or: IOError.read) { handle throws(DiskRefusal) in
        let target = unsafe UnsafeMutableRawBufferPointer(start: bytes, count: Int(count))
        let found = try unsafe handle.disk.read(handle.file, from: Int(offset), into: target)
        guard found < Int(count) else { return SQLITE_OK }
        for index in found..<Int(count) { unsafe target[index] = 0 }
        return IOError.shortRead
      }
    }
    unsafe methods.xWrite = { file, bytes, count, offset in
      unsafe SimulatedFile.with(file, or: IOError.write) { handle throws(DiskRefusal) in
        if handle.isReadOnly { throw .badWrite }
        let source = unsafe UnsafeRawBufferPointer(start: bytes, count: Int(count))
        try handle.disk.write(unsafe Array(source), to: handle.file, at: Int(offset))
        return SQLITE_OK
      }
    }
    unsafe methods.xTruncate = { file, size in
      unsafe SimulatedFile.with(file, or: IOError.truncate) { handle throws(DiskRefusal) in
        if handle.isReadOnly { throw .badWrite }
        try handle.disk.resize(handle.file, to: Int(size))
        return SQLITE_OK
      }
    }
    unsafe methods.xSync = { file, _ in
      unsafe SimulatedFile.with(file, or: IOError.fsync) { handle throws(DiskRefusal) in
        try handle.disk.sync(handle.file, isNew: handle.isNew)
        handle.isNew = false
        return SQLITE_OK
      }
    }
    unsafe methods.xFileSize = { file, size in
      unsafe SimulatedFile.with(file, or: IOError.fstat) { handle throws(DiskRefusal) in
        unsafe size?.pointee = Int64(try handle.disk.size(of: handle.file))
        return SQLITE_OK
      }
    }
  }

  private static func plugLocks(_ methods: inout sqlite3_io_methods) {
    unsafe methods.xLock = { file, level in
      unsafe SimulatedFile.with(file, or: IOError.lock) { handle throws(DiskRefusal) in
        let level = FileLocks.Level(rawValue: level) ?? .exclusive
        if handle.isReadOnly, level > .shared { throw .badWrite }
        let isGranted = handle.disk.locks.lock(handle.file, by: handle.number, level)
        return isGranted ? SQLITE_OK : SQLITE_BUSY
      }
    }
    unsafe methods.xUnlock = { file, level in
      unsafe SimulatedFile.with(file, or: IOError.lock) { handle in
        let level = FileLocks.Level(rawValue: level) ?? .none
        handle.disk.locks.unlock(handle.file, by: handle.number, to: level)
        return SQLITE_OK
      }
    }
    unsafe methods.xCheckReservedLock = { file, answer in
      unsafe SimulatedFile.with(file, or: IOError.lock) { handle in
        unsafe answer?.pointee = handle.disk.locks.isReserved(handle.file) ? 1 : 0
        return SQLITE_OK
      }
    }
    unsafe methods.xFileControl = { _, _, _ in SQLITE_NOTFOUND }
    unsafe methods.xSectorSize = { _ in 4096 }
    unsafe methods.xDeviceCharacteristics = { _ in SQLITE_IOCAP_POWERSAFE_OVERWRITE }
  }

  private static func plugMemory(_ methods: inout sqlite3_io_methods) {
    unsafe methods.xShmMap = { file, region, bytes, isMade, answer in
      unsafe SimulatedFile.with(file, or: IOError.memory) { handle in
        let address = handle.disk.locks.region(
          Int(region),
          of: handle.file,
          for: handle.number,
          bytes: Int(bytes),
          isMade: isMade != 0
        )
        unsafe answer?.pointee = unsafe address.flatMap {
          unsafe UnsafeMutableRawPointer(bitPattern: $0)
        }
        return SQLITE_OK
      }
    }
    unsafe methods.xShmLock = { file, first, count, flags in
      unsafe SimulatedFile.with(file, or: IOError.lock) { handle in
        let slots = Int(first)..<Int(first + count)
        let locks = handle.disk.locks
        guard flags & SQLITE_SHM_LOCK != 0 else {
          locks.unlockSlots(slots, of: handle.file, by: handle.number)
          return SQLITE_OK
        }
        let isGranted = locks.lockSlots(
          slots,
          of: handle.file,
          by: handle.number,
          exclusively: flags & SQLITE_SHM_EXCLUSIVE != 0
        )
        return isGranted ? SQLITE_OK : SQLITE_BUSY
      }
    }
    unsafe methods.xShmBarrier = { file in
      // Taking a lock is a barrier.
      _ = unsafe SimulatedFile.with(file, or: SQLITE_OK) { handle in
        handle.disk.locks.isReserved(handle.file) ? SQLITE_OK : SQLITE_OK
      }
    }
    unsafe methods.xShmUnmap = { file, _ in
      unsafe SimulatedFile.with(file, or: SQLITE_OK) { handle in
        handle.disk.locks.leave(handle.file, handle: handle.number)
        return SQLITE_OK
      }
    }
  }
}
