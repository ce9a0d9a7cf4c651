import Domain
import Drivers

/// Offers the station on a UNIX socket, in Varlink; no TCP port is ever opened.
package struct ControlServer: Sendable {
  private let path: String
  private let version: String
  private let backend: any ControlBackend
  private let mayDo: ControlAuthoriser
  private let limit: Int

  /// Sets up the server; nothing is opened yet.
  ///
  /// - Parameters:
  ///   - path: Where the socket stands, at most 107 bytes.
  ///   - version: The daemon's version, for `GetInfo`.
  ///   - backend: Answers the calls.
  ///   - limit: How many clients may be connected; more are turned away.
  ///   - mayDo: Decides over each call; by default everyone who can open the socket may look, and
  ///     root and group `yizhan-tech` may change something.
  package init(
    path: String,
    version: String,
    backend: any ControlBackend,
    limit: Int = 16,
    mayDo: @escaping ControlAuthoriser = { peer, right in right == .read || peer.mayOperate }
  ) {
    self.path = path
    self.version = version
    self.backend = backend
    self.limit = limit
    self.mayDo = mayDo
  }

  /// Serves until the task is cancelled, then removes the socket.
  ///
  /// - Throws: `ControlServerError` where the socket cannot be offered.
  package func run() async throws {
    let listener = try ControlListener(path: path)
    let loop = ControlLoop(limit: limit)
    // A connection has one call in hand, so the buffer cannot overflow.
    let (jobs, continuation) = AsyncStream<ControlLoop.Job>.makeStream(
      bufferingPolicy: .bufferingOldest(limit)
    )
    try await withTaskCancellationHandler {
      try await serve(jobs, loop, listener.descriptor, continuation)
    } onCancel: {
      loop.finish()
    }
    // Nobody uses the descriptor any more, and the path is free when this returns.
    _ = consume listener
  }

  private func serve(
    _ jobs: AsyncStream<ControlLoop.Job>,
    _ loop: ControlLoop,
    _ listener: Int32,
    _ continuation: AsyncStream<ControlLoop.Job>.Continuation
  ) async throws {
    try await withThrowingDiscardingTaskGroup { group in
      group.addTask {
        // Without a thread there are no jobs, and nothing to wait for.
        defer { continuation.finish() }
        try await PrivateThread.run("yz-control") { loop.run(listener, continuation) }
      }
      for await job in jobs {
        group.addTask { await carryOut(job, loop) }
      }
    }
  }

  private func carryOut(_ job: ControlLoop.Job, _ loop: ControlLoop) async {
    let reply: VarlinkReply
    do {
      let method = try ControlInterface.method(of: job.call)
      guard mayDo(job.peer, method.right) else { throw VarlinkError.permissionDenied }
      if method == .watch { await watch(job, loop) }
      reply = VarlinkReply(try await answer(to: method, job))
    } catch let error as VarlinkError {
      reply = VarlinkReply(error)
    } catch {
      reply = VarlinkReply(.unavailable("\(error)"))
    }
    loop.answer(reply.bytes, to: job.connection, isLast: true)
  }

  private func answer(to method: ControlInterface.Method, _ job: ControlLoop.Job) async throws
    -> [String: JSON]
  {
    let call = job.call
    switch method {
    case .getInfo: return info
    case .getInterfaceDescription:
      return ["description": .string(try ControlInterface.description(call))]
    case .status: return ["status": await backend.status()]
    case .devices: return ["devices": .array(await backend.devices())]
    case .ledgerTail:
      let (limit, lane) = try ControlInterface.tail(call)
      return ["events": .array(try await backend.ledgerTail(limit: limit, lane: lane))]
    case .syncStatus: return ["sync": await backend.sync()]
    case .enrolment: return ["enrolment": try await backend.enrolment()]
    case .enrolmentLabel: return try await backend.enrolmentLabel(by: job.peer).object ?? [:]
    case .syncOrder:
      return ["sync": try await backend.sync(try ControlInterface.syncOrder(call))]
    case .syncAcknowledge:
      return ["sync": try await backend.sync(try ControlInterface.acknowledgement(call))]
    case .scaleRequest:
      let request = try ControlInterface.scaleRequest(call)
      return try await backend.scale(request, by: job.peer).object ?? [:]
    case .machineStatus: return ["machine": await backend.machine()]
    case .machineRequest:
      let request = try ControlInterface.machineRequest(call)
      return try await backend.machine(request, by: job.peer).object ?? [:]
    case .panelTest:
      let request = try ControlInterface.panelTest(call)
      return try await backend.test(request, by: job.peer).object ?? [:]
    case .watch: throw VarlinkError.unavailable("the station ends")
    }
  }

  private var info: [String: JSON] {
    [
      "vendor": "Yizhan", "product": "驿站 yizhand", "version": version,
      "url": "https://varlink.org/",
    ].mapValues { JSON.string($0) }.merging([
      "interfaces": .array([.string("org.varlink.service"), .string(ControlInterface.name)])
    ]) { $1 }
  }

  /// Streams events until they end or the client is gone.
  private func watch(_ job: ControlLoop.Job, _ loop: ControlLoop) async {
    let events = backend.events()
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        for await event in events {
          let reply = VarlinkReply(["event": event], continues: true)
          loop.answer(reply.bytes, to: job.connection, isLast: false)
        }
      }
      group.addTask {
        for await _ in job.gone {}
      }
      await group.next()
      group.cancelAll()
    }
  }
}
