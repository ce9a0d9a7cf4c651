/// What a simulated disk does wrong from now on.
package struct DiskFaults: Hashable, Sendable {
  /// The power goes in the middle of the operation after so many others; `nil` for never.
  package var operationsUntilPowerCut: Int?
  /// So many writes still find the disk full, inside a file too: f2fs puts those elsewhere.
  package var fullWrites = 0
  /// So many writes still fail, whatever of them reached the file.
  package var badWrites = 0
  /// So many syncs still fail.
  package var badSyncs = 0
  /// Syncs are answered and not carried out.
  package var liesAboutSync = false

  package init() {}
}

/// How often a disk really did something wrong.
package enum DiskFault: String, CaseIterable, Sendable {
  case powerCut = "power cut in a write, sync or delete"
  case full = "write to a full disk"
  case badWrite = "failed write"
  case badSync = "failed sync"
}
