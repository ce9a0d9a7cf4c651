import ArgumentParser
import Foundation
import Simulator

/// Makes of a disk's image what a power cut leaves of it, for the rig.
struct PowerCutCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "power-cut",
    abstract: "Brings a disk with a write cache from before a run to what a power cut leaves.",
    discussion: """
      What was flushed is there. Of what was not, the seed decides: nothing, everything, some
      requests, or some sectors. The log is that of QEMU's blklogwrites.

      EXAMPLE
        yizhan-sim power-cut --image disk.img --log disk.log --seed 7
      """
  )

  @Option(help: "The image as it was before the run; it is changed.")
  var image: String

  @Option(help: "What was written to the disk during the run.")
  var log: String

  @Option(help: "From which it follows what is lost.")
  var seed: UInt64

  func run() throws {
    let bytes = try [UInt8](Data(contentsOf: URL(filePath: log)))
    guard let writes = WriteLog(bytes) else {
      throw ValidationError("`\(log)` is no log of blklogwrites")
    }
    var random = SeededRandom(seed: seed)
    let luck = WriteLog.Luck.allCases.randomElement(using: &random) ?? .nothing
    let survivors = writes.survivors(luck, seed: seed)
    let disk = try FileHandle(forUpdating: URL(filePath: image))
    for write in survivors {
      try disk.seek(toOffset: UInt64(write.offset))
      try disk.write(contentsOf: bytes[write.bytes])
    }
    try disk.close()
    let size = { (list: [WriteLog.Write]) in list.reduce(0) { $0 + $1.bytes.count } }
    let open = size(writes.unflushed)
    let kept = size(survivors) - size(writes.flushed)
    print(
      "\(writes.flushes) flushes, \(open / 1024) KiB not flushed, "
        + "\((open - kept) / 1024) KiB lost (\(luck))"
    )
  }
}
