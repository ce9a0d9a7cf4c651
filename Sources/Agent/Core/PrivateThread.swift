import Glibc
import Synchronization

/// A thread of one's own, for work that blocks or must not wait for Swift's thread pool.
package enum PrivateThread {
  private final class Work: Sendable {
    let name: String
    let priority: Int32?
    let body: @Sendable () -> Void

    init(name: String, priority: Int32?, body: @escaping @Sendable () -> Void) {
      self.name = name
      self.priority = priority
      self.body = body
    }
  }

  /// Runs a closure on a new thread and waits for its end.
  ///
  /// - Parameters:
  ///   - name: At most 15 bytes, as `ps -L` and `top -H` show it.
  ///   - priority: A SCHED_FIFO priority, taken where the unit grants one (`LimitRTPRIO`).
  ///   - body: The work; it must find out by itself when to end.
  package static func run(
    _ name: String, priority: Int32? = nil, _ body: @escaping @Sendable () -> Void
  ) async {
    await withCheckedContinuation { continuation in
      start(Work(name: name, priority: priority) {
        body()
        continuation.resume()
      })
    }
  }

  private static func start(_ work: Work) {
    let box = unsafe Unmanaged.passRetained(work).toOpaque()
    var thread = pthread_t()
    let code = unsafe pthread_create(&thread, nil, { argument in
      guard let argument = unsafe argument else { return nil }
      let work = unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue()
      setName(work.name)
      if let priority = work.priority {
        var parameters = sched_param()
        parameters.sched_priority = priority
        // Refused without the right to it; the station then works at ordinary priority.
        _ = unsafe pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters)
      }
      work.body()
      return unsafe nil
    }, unsafe box)
    // Out of threads is out of memory: nothing of the daemon could go on.
    precondition(code == 0, "pthread_create failed with \(code)")
    pthread_detach(thread)
  }

  private static func setName(_ name: String) {
    let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    _ = write(file, name, name.utf8.count)
    close(file)
  }
}
