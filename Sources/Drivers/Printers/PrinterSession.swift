package import Domain

/// How the attempt to print one label ended.
package enum PrintResult: Hashable, Sendable {
  /// It came out, as far as this evidence goes.
  case printed(Evidence)
  /// Not a byte was sent: it is safe to try again.
  case notStarted(reason: String)
  /// Bytes were sent and then something went wrong: a label may or may not have come out.
  case unknown(reason: String)
}

/// What a label is printed for.
package enum PrintSubject: Hashable, Sendable, CustomStringConvertible {
  case action(ActionID)
  /// The key of this box, for the hub's operator (登记).
  case enrolment

  package var description: String {
    switch self {
    case .action(let id): id.description
    case .enrolment: "enrolment"
    }
  }
}

/// What a supervised printer tells.
package enum PrinterEvent: Hashable, Sendable {
  case state(DeviceState)
  case result(PrintSubject, PrintResult)
}

/// One label to print.
package struct PrintJob: Hashable, Sendable {
  package var subject: PrintSubject
  /// The printer's bytes for one label.
  package var bytes: [UInt8]

  package init(_ subject: PrintSubject, bytes: [UInt8]) {
    self.subject = subject
    self.bytes = bytes
  }
}

/// The one loop over a label printer: open it, watch its status, print what is asked for.
///
/// A job is never sent twice: whatever happens after its first byte is told as it is, and a person
/// decides. Before anything else is sent to a printer that may have got half a job, that half is
/// brought to its end: it would swallow the next one, and answer no question.
package struct PrinterSession<Opener: PortOpener>: Sendable where Opener.Port: PrinterPort {
  /// Which limits and capabilities to reckon with.
  package struct Options: Hashable, Sendable {
    /// Whether the model answers its language's status query at all.
    package var answersStatus: Bool
    /// How long it may take no byte, or stay busy, before the job counts as stuck.
    package var patience: Duration
    /// How often the status is asked while nothing prints.
    package var interval: Duration
    /// Bytes of the longest job that somebody may have cut short, as a daemon that was killed; 0
    /// where nobody can have.
    package var longestJob: Int

    package init(
      longestJob: Int = 0,
      answersStatus: Bool = true,
      patience: Duration = .seconds(30),
      interval: Duration = .seconds(2)
    ) {
      self.longestJob = longestJob
      self.answersStatus = answersStatus
      self.patience = patience
      self.interval = interval
    }
  }

  private let opener: Opener
  private let language: any LabelLanguage.Type
  private let options: Options
  private let jobs: PrintQueue
  private let now: @Sendable () -> Instant
  private let pause: @Sendable (Duration) async -> Void

  package init(
    opener: Opener,
    language: any LabelLanguage.Type,
    options: Options,
    jobs: PrintQueue,
    now: @escaping @Sendable () -> Instant,
    pause: @escaping @Sendable (Duration) async -> Void
  ) {
    self.opener = opener
    self.language = language
    self.options = options
    self.jobs = jobs
    self.now = now
    self.pause = pause
  }

  /// Runs until the task is cancelled.
  package func run(_ emit: @Sendable (PrinterEvent) -> Void) async {
    var retry = RetryPause()
    while !Task.isCancelled {
      do throws(PortError) {
        emit(.state(.opening))
        let port = try await opener.open()
        do throws(PortError) {
          try await serve(port, emit) { retry = RetryPause() }
        } catch {
          await port.close()
          throw error
        }
        await port.close()
      } catch {
        if retry.isNews(error) {
          emit(.state(DeviceState(error, attempted: "talking to it", device: opener.label)))
        }
      }
      // Whatever was asked for meanwhile must not come out by surprise when it is back.
      while let job = jobs.takeWaiting() {
        emit(.result(job.subject, .notStarted(reason: "the printer is not there")))
      }
      if !Task.isCancelled { await pause(retry.next()) }
    }
  }

  private func serve(
    _ port: Opener.Port,
    _ emit: @Sendable (PrinterEvent) -> Void,
    _ proven: () -> Void
  ) async throws(PortError) {
    var filler = recovery()
    var last: DeviceState?
    while !Task.isCancelled {
      filler = try await push(filler, to: port)
      let state = Self.state(of: try await status(port), answers: options.answersStatus)
      if state != last { emit(.state(state)) }
      last = state
      proven()
      guard let job = await jobs.next(within: options.interval) else { continue }
      guard filler.isEmpty else {
        emit(.result(job.subject, .notStarted(reason: "it takes no bytes")))
        continue
      }
      do throws(PortError) {
        let (result, isCut) = try await print(job, on: port)
        emit(.result(job.subject, result))
        if isCut { filler = recovery() }
      } catch {
        let trouble = error.trouble(attempted: "printing \(job.subject)", device: opener.label)
        emit(.result(job.subject, .unknown(reason: trouble.description)))
        throw error
      }
    }
  }

  /// What ends a job of which the printer has got a part only.
  private func recovery() -> ArraySlice<UInt8> {
    options.longestJob > 0 ? language.recovery(afterJobOf: options.longestJob)[...] : []
  }

  /// Sends bytes as long as the printer goes on taking some.
  ///
  /// - Returns: What it has not taken.
  private func push(
    _ bytes: ArraySlice<UInt8>,
    to port: Opener.Port
  ) async throws(PortError) -> ArraySlice<UInt8> {
    var rest = bytes
    while !rest.isEmpty, !Task.isCancelled {
      let taken = try await port.write(rest, within: .seconds(1))
      guard taken > 0 else { break }
      rest = rest.dropFirst(taken)
    }
    // An empty slice of it would keep all of it.
    return rest.isEmpty ? [] : rest
  }

  /// Prints a label; tells too whether the printer has got a part of it only.
  private func print(
    _ job: PrintJob,
    on port: Opener.Port
  ) async throws(PortError) -> (PrintResult, isCut: Bool) {
    let before: PrinterStatus?
    do throws(PortError) {
      before = try await status(port)
    } catch {
      return (.notStarted(reason: "it does not answer: \(error)"), false)
    }
    if options.answersStatus {
      guard let before else { return (.notStarted(reason: "it does not answer"), false) }
      guard before.complaints.isEmpty else {
        return (.notStarted(reason: Self.words(before.complaints)), false)
      }
    }
    if let stuck = try await send(job.bytes, to: port) { return (stuck, true) }
    guard options.answersStatus else { return (.printed(.accepted), false) }
    return (try await confirm(port), false)
  }

  /// Sends all bytes as long as the printer goes on taking some.
  private func send(_ bytes: [UInt8], to port: Opener.Port) async throws(PortError) -> PrintResult?
  {
    var rest = bytes[...]
    var progress = now()
    while !rest.isEmpty {
      let taken = try await port.write(rest, within: .seconds(1))
      rest = rest.dropFirst(taken)
      if taken > 0 { progress = now() }
      guard now() - progress < options.patience, !Task.isCancelled else {
        let sent = bytes.count - rest.count
        let why = "it stopped taking bytes after \(sent) of \(bytes.count)"
        return sent == 0 ? .notStarted(reason: why) : .unknown(reason: why)
      }
    }
    return nil
  }

  /// Waits until the printer has been seen printing, or twice ready, and is ready in the end.
  private func confirm(_ port: Opener.Port) async throws(PortError) -> PrintResult {
    let started = now()
    var wasPrinting = false
    var readyAnswers = 0
    while now() - started < options.patience {
      if let status = try await status(port) {
        guard status.complaints.isEmpty else {
          return .unknown(reason: Self.words(status.complaints) + " while printing")
        }
        wasPrinting = wasPrinting || status.printing
        if status.printing {
          readyAnswers = 0
        } else {
          if wasPrinting { return .printed(.statusSequence) }
          readyAnswers += 1
          // A short label may be out before the first question: two answers 300 ms apart will do,
          // but they are weaker evidence.
          if readyAnswers == 3 { return .printed(.accepted) }
        }
      }
      guard !Task.isCancelled else { break }
      await pause(wasPrinting ? .milliseconds(100) : .milliseconds(150))
    }
    return .unknown(reason: "it never reported ready again")
  }

  private func status(_ port: Opener.Port) async throws(PortError) -> PrinterStatus? {
    guard options.answersStatus, let query = language.statusQuery else { return nil }
    // What an earlier question brought too late must not pass for the answer to this one.
    _ = try await port.read(upTo: 64, within: .milliseconds(1))
    guard try await port.write(query[...], within: .milliseconds(500)) == query.count else {
      return nil
    }
    let answer = try await port.read(upTo: 64, within: .milliseconds(500))
    // Late answers of earlier questions may come glued together: the last one counts.
    return language.status(Array(answer.suffix(language.statusLength)))
  }

  private static func state(of status: PrinterStatus?, answers: Bool) -> DeviceState {
    guard answers else { return .ready }
    guard let status else { return .degraded(reason: "it does not answer") }
    return status.complaints.isEmpty ? .ready : .degraded(reason: words(status.complaints))
  }

  private static func words(_ complaints: Set<PrinterStatus.Complaint>) -> String {
    complaints.map(\.rawValue).sorted().joined(separator: ", ")
  }
}
