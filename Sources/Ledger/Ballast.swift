import Glibc

/// How a ledger keeps house on its disk.
package struct SpacePolicy: Hashable, Sendable {
  /// A file of this size is given up when the disk is full, so that the parcel in hand is finished.
  package var ballastBytes: Int64
  /// With less room than this, acknowledged history is purged whatever its age.
  package var scarceBytes: Int64
  /// How long acknowledged events are kept while there is room.
  package var retentionDays: Int
  /// How long acknowledged records are kept even when room is scarce.
  package var leastDays: Int
  /// How many events one step of the purge deletes at most.
  package var stepEvents: Int

  package init(
    ballastBytes: Int64,
    scarceBytes: Int64,
    retentionDays: Int = 400,
    leastDays: Int = 30,
    stepEvents: Int = 500
  ) {
    self.ballastBytes = ballastBytes
    self.scarceBytes = scarceBytes
    self.retentionDays = retentionDays
    self.leastDays = leastDays
    self.stepEvents = stepEvents
  }

  /// For the cards and disks of village boxes.
  package static let standard = SpacePolicy(ballastBytes: 8 << 20, scarceBytes: 64 << 20)
}

/// Room kept back beside a ledger.
struct Ballast {
  let path: String
  let bytes: Int64

  /// What must be free beyond the ballast before it is made again: else it would fill the disk.
  var margin: Int64 { bytes / 2 }

  var isHeld: Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && Int64(status.st_size) >= bytes
  }

  /// Makes it where there is room, in one step or not at all.
  ///
  /// - Returns: Whether it is held now.
  func make() -> Bool {
    if isHeld { return true }
    guard Disk(of: path).freeBytes >= bytes + margin else { return false }
    let unfinished = path + ".new"
    let file = unsafe open(unfinished, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard file >= 0 else { return false }
    let isMade = posix_fallocate(file, 0, off_t(bytes)) == 0 && fsync(file) == 0
    close(file)
    guard isMade, unsafe rename(unfinished, path) == 0 else {
      unsafe _ = unlink(unfinished)
      return false
    }
    return true
  }

  /// Gives the room up.
  ///
  /// - Returns: Whether there was any.
  func release() -> Bool { unsafe unlink(path) == 0 }
}

/// What a file system has left.
struct Disk {
  let freeBytes: Int64
  let isReadOnly: Bool

  /// Asks the file system of a file that need not exist, in a directory that does.
  init(of path: String) {
    let slash = path.lastIndex(of: "/")
    let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    var status = statvfs()
    // A file system in plain memory does not count its blocks: its end is unknown.
    guard unsafe statvfs(folder, &status) == 0, status.f_blocks > 0 else {
      (freeBytes, isReadOnly) = (.max / 2, false)
      return
    }
    freeBytes = Int64(clamping: UInt64(status.f_bavail) * UInt64(status.f_frsize))
    isReadOnly = status.f_flag & UInt(ST_RDONLY) != 0
  }
}
