import GRDBSQLite
import Glibc
import Synchronization

/// Where SQLite is plugged into simulated disks: a VFS that becomes the default one.
///
/// Files in the folder of a ``SimulatedDisk`` are that disk's; all others, and every call that is
/// about none of them, are handed on to the VFS that was the default before. What a disk says of
/// itself is what SQLite's `unix` VFS says of every file, for else SQLite would take other steps
/// than on a real box: sectors of 4 KiB and `POWERSAFE_OVERWRITE`. So a write torn by a power cut
/// leaves bytes beside it alone, and no write to the log is padded. Of a good card or eMMC this is
/// true; what a bad one spoils beside a write is found by the chain and left to the salvage.
package enum SQLitePlug {
  /// Whom a folder belongs to; a disk that nobody uses any more is forgotten.
  private struct Mount {
    weak var disk: SimulatedDisk?
  }

  private static let mounts = Mutex<[String: Mount]>([:])

  /// The VFS that was the default before, and ours; made once and never freed.
  @safe private struct Systems: @unchecked Sendable {
    // Neither is changed after it was made, and SQLite itself calls them from any thread.
    let unix: UnsafeMutablePointer<sqlite3_vfs>
    let methods: UnsafePointer<sqlite3_io_methods>
  }

  private static let systems: Systems = {
    guard let unix = unsafe sqlite3_vfs_find(nil) else {
      preconditionFailure("SQLite has no default VFS")
    }
    let methods = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
    unsafe methods.initialize(to: SimulatedFile.methods)
    let vfs = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
    unsafe vfs.initialize(to: unix.pointee)
    unsafe plug(vfs, unix)
    unsafe sqlite3_vfs_register(vfs, 1)
    return unsafe Systems(unix: unix, methods: UnsafePointer(methods))
  }()

  private static func plug(
    _ vfs: UnsafeMutablePointer<sqlite3_vfs>,
    _ unix: UnsafeMutablePointer<sqlite3_vfs>
  ) {
    unsafe vfs.pointee.zName = UnsafePointer(strdup("yizhan-simulated"))
    unsafe vfs.pointee.pNext = nil
    let size = unsafe max(unix.pointee.szOsFile, Int32(MemoryLayout<SimulatedFile>.size))
    unsafe vfs.pointee.szOsFile = size
    unsafe vfs.pointee.xOpen = { _, name, file, flags, outFlags in
      unsafe SQLitePlug.open(name, file, flags, outFlags)
    }
    unsafe vfs.pointee.xDelete = { _, name, isSynced in
      unsafe SQLitePlug.delete(name, isSynced)
    }
    unsafe vfs.pointee.xAccess = { _, name, flags, answer in
      unsafe SQLitePlug.access(name, flags, answer)
    }
  }

  static func mount(_ disk: SimulatedDisk) {
    _ = systems
    mounts.withLock { $0[disk.folder] = Mount(disk: disk) }
  }

  static func unmount(_ folder: String) {
    mounts.withLock { if $0[folder]?.disk == nil { $0[folder] = nil } }
  }

  /// The disk that a path lies on, and the name there.
  private static func find(_ path: UnsafePointer<CChar>?) -> (SimulatedDisk, String)? {
    guard let path = unsafe path else { return nil }
    let text = unsafe String(cString: path)
    guard let slash = text.lastIndex(of: "/") else { return nil }
    let folder = String(text[..<slash])
    guard let disk = mounts.withLock({ $0[folder]?.disk }) else { return nil }
    return (disk, String(text[text.index(after: slash)...]))
  }

  private static func open(
    _ path: UnsafePointer<CChar>?,
    _ file: UnsafeMutablePointer<sqlite3_file>?,
    _ flags: Int32,
    _ outFlags: UnsafeMutablePointer<Int32>?
  ) -> Int32 {
    guard let (disk, name) = unsafe find(path) else {
      return unsafe systems.unix.pointee.xOpen(systems.unix, path, file, flags, outFlags)
    }
    unsafe file?.pointee.pMethods = nil
    guard !disk.isOff else { return SQLITE_CANTOPEN }
    let number: Int
    if let found = disk.find(name) {
      number = found
    } else {
      guard flags & SQLITE_OPEN_CREATE != 0, let made = try? disk.make(name) else {
        return SQLITE_CANTOPEN
      }
      number = made
    }
    // As the unix VFS: the first sync of a log or journal that was opened with the right to make
    // it forces its name, too, whoever made it.
    let journals = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL
    let handle = FileHandle(
      disk: disk,
      file: number,
      number: disk.locks.newHandle(),
      isNew: flags & SQLITE_OPEN_CREATE != 0 && flags & journals != 0,
      isReadOnly: flags & SQLITE_OPEN_READONLY != 0
    )
    unsafe SimulatedFile.begin(file, handle, systems.methods)
    unsafe outFlags?.pointee = flags
    return SQLITE_OK
  }

  private static func delete(_ path: UnsafePointer<CChar>?, _ isSynced: Int32) -> Int32 {
    guard let (disk, name) = unsafe find(path) else {
      return unsafe systems.unix.pointee.xDelete(systems.unix, path, isSynced)
    }
    guard disk.find(name) != nil else {
      return disk.isOff ? IOError.delete : IOError.noEntry
    }
    let isDone = (try? disk.delete(name, isSynced: isSynced != 0)) != nil
    return isDone ? SQLITE_OK : IOError.delete
  }

  private static func access(
    _ path: UnsafePointer<CChar>?,
    _ flags: Int32,
    _ answer: UnsafeMutablePointer<Int32>?
  ) -> Int32 {
    guard let (disk, name) = unsafe find(path) else {
      return unsafe systems.unix.pointee.xAccess(systems.unix, path, flags, answer)
    }
    guard !disk.isOff else { return IOError.access }
    // An empty file does not count as there, as in the unix VFS.
    let size = disk.find(name).map { (try? disk.size(of: $0)) ?? 0 } ?? 0
    unsafe answer?.pointee = size > 0 ? 1 : 0
    return SQLITE_OK
  }
}

/// SQLite's extended codes, which are expressions in its header.
enum IOError {
  static let read = code(1)
  static let shortRead = code(2)
  static let write = code(3)
  static let fsync = code(4)
  static let truncate = code(6)
  static let fstat = code(7)
  static let delete = code(10)
  static let access = code(13)
  static let lock = code(15)
  static let memory = code(21)
  static let noEntry = code(23)

  private static func code(_ number: Int32) -> Int32 { SQLITE_IOERR | number << 8 }
}
