package import Drivers
package import Labels
import Synchronization

extension Desk {
  /// Prints the label of this box's key, one at a time.
  ///
  /// - Returns: What came of it; `nil` while another one is being printed.
  package func enrol(_ note: EnrolmentNote) async -> PrintResult? {
    await withCheckedContinuation { continuation in
      let isFirst = enrolling.withLock { waiting in
        guard waiting == nil else { return false }
        waiting = continuation
        return true
      }
      guard isFirst else { return continuation.resume(returning: nil) }
      press.press(note) { result in
        switch result {
        case .success(let bytes):
          guard !self.queue.submit(PrintJob(.enrolment, bytes: bytes)) else { return }
          self.enrolled(.notStarted(reason: "the printer's queue is full"))
        case .failure(let error): self.enrolled(.notStarted(reason: "\(error)"))
        }
      }
    }
  }

  /// Tells whoever asked how it ended.
  func enrolled(_ result: PrintResult) {
    let waiting = enrolling.withLock { waiting in
      defer { waiting = nil }
      return waiting
    }
    waiting?.resume(returning: result)
  }
}
