import Agent
import ArgumentParser
import Domain
package import Drivers
import LinuxIO

/// The device of a capture.
struct CaptureTarget: Sendable {
  let opener: DeviceOpener
  /// As what its bytes are read; `nil` shows them only.
  let format: CaptureFormat?
  let hasReports: Bool
  /// What is opened, and how it ends.
  let words: String

  private init(
    _ opener: DeviceOpener,
    _ format: CaptureFormat?,
    hasReports: Bool,
    line: SerialLine?
  ) {
    self.opener = opener
    self.hasReports = hasReports
    var format = format
    if format?.line != nil, let line { format?.line = line }
    self.format = format
    let what = [opener.label, line.map { "\($0.baud) \($0.framing)" }, format?.name]
      .compactMap(\.self).joined(separator: ", ")
    words = say("\(what)；Ctrl-C 结束", "\(what); Ctrl-C ends it")
  }

  init(route: CaptureRoute, format: CaptureFormat?, line: SerialLine) {
    let opener = DeviceOpener(route, line: line)
    switch route {
    case .serial, .serialUSB: self.init(opener, format, hasReports: false, line: line)
    case .hid: self.init(opener, format, hasReports: true, line: nil)
    case .keyboard: self.init(opener, format, hasReports: false, line: nil)
    }
  }

  /// The scale of a config.
  init(_ scale: StationConfig.Scale, format: CaptureFormat, line: SerialLine) {
    let isSerial = scale.connection.line != nil
    let opener = DeviceOpener(
      role: "scale",
      by: isSerial ? .serial(line, node: scale.connection.node) : .hid(page: 0x8D),
      models: scale.profile.usb,
      own: scale.connection.usb
    )
    self.init(opener, format, hasReports: !isSerial, line: isSerial ? line : nil)
  }

  /// A scanner of a config.
  init(_ scanner: StationConfig.Scanner, format: CaptureFormat, line: SerialLine) {
    let connection = scanner.connection
    let wire = scanner.profile.wire
    let transport: DeviceTransport
    let shown: SerialLine?
    switch wire {
    case .hid: (transport, shown) = (.hid(page: 0x8C), nil)
    case .keyboard: (transport, shown) = (.keyboard, nil)
    case .serial: (transport, shown) = (.serial(line, node: connection.node), line)
    }
    let opener = DeviceOpener(
      role: "scanner",
      by: transport,
      models: scanner.profile.usb,
      own: connection.usb
    )
    self.init(opener, format, hasReports: wire == .hid, line: shown)
  }
}

/// One capture, from opening the device to the samples.
struct CaptureRun {
  let target: CaptureTarget
  let seconds: Int
  /// What is sent first; nothing else ever is.
  let ask: [UInt8]?
  let output: String?

  /// Shows what comes, until time is up or somebody stops it.
  func run() async throws(Failure) {
    let file = try opened()
    var port: (any DevicePort)?
    var session: CaptureSession?
    var failure: Failure?
    do throws(PortError) {
      let device = try await target.opener.open()
      port = device
      var format = target.format
      if !device.descriptor.isEmpty { format?.descriptor = device.descriptor }
      var begun = try CaptureSession(format, hasReports: target.hasReports, start: now(), say)
      session = begun
      defer { session = begun }
      if let ask { try await device.send(ask) }
      failure = try await listen(device, &begun, file)
    } catch {
      failure = Failure(error, target.opener.label, say)
    }
    let descriptor = port?.descriptor ?? []
    await port?.close()
    if var session {
      session.finish(at: now()).forEach(Terminal.line)
      tell(session, descriptor)
      if session.byteCount == 0, failure == nil { failure = silence() }
    }
    if let failure { throw failure }
  }

  private func now() -> Instant { MonotonicClock.now() }

  private func listen(
    _ port: any DevicePort,
    _ session: inout CaptureSession,
    _ file: OutputFile?
  ) async throws(PortError) -> Failure? {
    let end = now() + .seconds(seconds)
    while now() < end, !Interrupt.isThere {
      let wait = min(session.wait(at: now()), max(.zero, end - now()))
      guard let bytes = try await port.receive(within: wait) else {
        session.quiet(at: now()).forEach(Terminal.line)
        continue
      }
      session.receive(bytes, at: now()).forEach(Terminal.line)
      do throws(Files.Refusal) {
        try file?.append(bytes)
      } catch {
        return refusal(error)
      }
    }
    return nil
  }

  /// The samples on standard output; totals and hints beside it.
  private func tell(_ session: CaptureSession, _ descriptor: [UInt8]) {
    guard session.byteCount > 0 else { return }
    Terminal.line("")
    if !descriptor.isEmpty { Terminal.line(Self.block(descriptor)) }
    if !session.samples.isEmpty { Terminal.line(session.samples.block(say)) }
    Terminal.complain(
      say(
        "共 \(session.byteCount) 字节，\(session.frames) 帧",
        "\(Words.count(session.byteCount, "byte")), \(Words.count(session.frames, "frame"))"
      )
    )
    guard session.frames == 0 else { return }
    for find in ProtocolSearch(session.head, besides: target.format).finds {
      Terminal.complain(find.words(say))
    }
  }

  /// A report descriptor as profiles have it.
  private static func block(_ descriptor: [UInt8]) -> String {
    let lines = stride(from: 0, to: descriptor.count, by: 24).map { start in
      "  " + Array(descriptor[start..<min(start + 24, descriptor.count)]).hex
    }
    return (["descriptor: |"] + lines).joined(separator: "\n")
  }

  private func silence() -> Failure {
    Failure.trouble(
      say("\(seconds) 秒内没有收到字节", "not a single byte came in \(seconds) s"),
      hint: say(
        "秤：查电源、数据线，设成连续发送，或用 --ask 先问一句；扫码枪：扫一个码",
        "a scale: check power and cable, set it to send by itself, or ask it with --ask; "
          + "a scanner: scan something"
      )
    )
  }

  private func opened() throws(Failure) -> OutputFile? {
    guard let output else { return nil }
    do {
      return try OutputFile(output)
    } catch {
      throw refusal(error)
    }
  }

  private func refusal(_ refusal: Files.Refusal) -> Failure {
    let name = output ?? ""
    return Failure.trouble(
      say("写 \(name)：\(refusal.cause)", "writing \(name): \(refusal.cause)"),
      hint: say("换一个能写的地方", "choose a place that can be written to")
    )
  }
}

extension Failure {
  /// What to say of a device that could not be captured.
  package init(_ error: PortError, _ device: String, _ say: Speech) {
    let trouble = error.trouble(attempted: "capture", device: device)
    self = .trouble("\(device): \(trouble.cause)", hint: trouble.remedy)
    switch error {
    case .busy:
      hint = say(
        "先停驿站程序 `systemctl stop yizhand`，看完再 `systemctl start yizhand`",
        "stop the daemon first: `systemctl stop yizhand`; start it again afterwards"
      )
    case .denied:
      hint = say(
        "用 sudo，或加入用户组：`sudo usermod -aG yizhan $USER`，重新登录",
        "use sudo, or join the group: `sudo usermod -aG yizhan $USER`, and log in again"
      )
      code = Ending.denied.rawValue
    case .absent, .vanished, .stalled, .unsuitable, .io: break
    }
  }
}
