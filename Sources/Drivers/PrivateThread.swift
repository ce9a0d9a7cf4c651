import Glibc

/// A thread of one's own, for work that blocks or must not wait for Swift's thread pool.
package enum PrivateThread {
  private final class Body {
    let name: String
    let priority: Int32?
    let work: @Sendable () -> Void

    init(_ name: String, _ priority: Int32?, _ work: @escaping @Sendable () -> Void) {
      self.name = name
      self.priority = priority
      self.work = work
    }

    func run() {
      var all = sigset_t()
      unsafe sigfillset(&all)
      // Signals are for the main thread.
      _ = unsafe pthread_sigmask(SIG_SETMASK, &all, nil)
      let file = unsafe open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
      if file >= 0 {
        _ = unsafe write(file, name, name.utf8.count)
        close(file)
      }
      if let priority {
        var parameters = sched_param()
        parameters.sched_priority = priority
        // Refused without the right to it; the work then goes on at ordinary priority.
        _ = unsafe pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters)
      }
      work()
    }
  }

  /// Whether the calling thread runs before all ordinary ones (SCHED_FIFO).
  package static var isRealTime: Bool {
    var policy: Int32 = 0
    var parameters = sched_param()
    return unsafe pthread_getschedparam(pthread_self(), &policy, &parameters) == 0
      && policy == SCHED_FIFO
  }

  /// Starts a thread that ends with its body.
  ///
  /// - Parameters:
  ///   - name: `top -H` shows its first 15 characters.
  ///   - priority: A SCHED_FIFO priority, taken where the unit grants one (`LimitRTPRIO`).
  ///   - body: The work; it must find out by itself when to end.
  /// - Throws: `PortError.io` where the system has no thread left.
  package static func start(
    _ name: String,
    priority: Int32? = nil,
    _ body: @escaping @Sendable () -> Void
  ) throws(PortError) {
    let retained = unsafe Unmanaged.passRetained(Body(name, priority, body))
    var thread = pthread_t()
    let code = unsafe pthread_create(
      &thread,
      nil,
      { argument in
        if let argument = unsafe argument {
          unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
        }
        return nil
      },
      retained.toOpaque()
    )
    guard code == 0 else {
      unsafe retained.release()
      throw .io(operation: "pthread_create", errno: code)
    }
    _ = pthread_detach(thread)
  }

  /// Runs a body on a thread of its own, and waits for its end.
  package static func run(
    _ name: String,
    priority: Int32? = nil,
    _ body: @escaping @Sendable () -> Void
  ) async throws(PortError) {
    let result: Result<Void, PortError> = await withCheckedContinuation { continuation in
      do throws(PortError) {
        try start(name, priority: priority) {
          body()
          continuation.resume(returning: .success(()))
        }
      } catch {
        continuation.resume(returning: .failure(error))
      }
    }
    try result.get()
  }
}
