import Dispatch
import Domain
import Synchronization

/// Delivers batches over HTTP or HTTPS, on one connection that is kept open.
package final class HTTPUplink: Uplink {
  /// Where the hub is, and how much patience it gets.
  package struct Settings: Hashable, Sendable {
    /// The hub's address without a path, as `https://hub.example:8780`.
    package var url: String
    /// A PEM file with the authorities to believe instead of the system's.
    package var authorityFile: String?
    /// The hub's key; with it, nothing else is asked of the certificate, above all not its dates:
    /// a box that wakes up in 1970 must still reach the hub that sets its clock.
    package var pin: KeyPin?
    /// A proxy as `http://proxy.example:3128`; none is ever taken from the environment.
    package var proxy: String?
    package var connectTimeout: Duration = .seconds(15)
    package var totalTimeout: Duration = .seconds(120)
    /// A transfer slower than this for ``lowSpeedTimeout`` is given up.
    package var lowestBytesPerSecond = 50
    package var lowSpeedTimeout: Duration = .seconds(30)
    package var answerLimitBytes = 256 * 1024

    package init(
      url: String,
      authorityFile: String? = nil,
      pin: KeyPin? = nil,
      proxy: String? = nil
    ) {
      self.url = url
      self.authorityFile = authorityFile
      self.pin = pin
      self.proxy = proxy
    }
  }

  private let settings: Settings
  private let key: Result<StationKey, StationKeyError>
  private let moved = Atomic<Int64>(0)
  private let queue = DispatchQueue(label: "uplink")
  private let handle: Mutex<CurlHandle?>

  /// Prepares the way; nothing is opened before the first delivery.
  package init(_ settings: Settings, key: Result<StationKey, StationKeyError>) {
    self.settings = settings
    self.key = key
    handle = Mutex(CurlHandle(settings))
  }

  package convenience init(_ settings: Settings, key: StationKey) {
    self.init(settings, key: .success(key))
  }

  package var bytesMoved: Int64 { moved.load(ordering: .relaxed) }

  package func deliver(_ batch: Batch) async throws(UplinkError) -> Receipt {
    let key: StationKey
    do throws(StationKeyError) { key = try self.key.get() } catch { throw .noKey(error) }
    let cancellation = Cancellation()
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        queue.async { continuation.resume(returning: self.post(batch, key, cancellation)) }
      }
    } onCancel: {
      cancellation.cancel()
    }
    return try receipt(try result.get(), for: batch)
  }

  private func post(
    _ batch: Batch,
    _ key: StationKey,
    _ cancellation: Cancellation
  ) -> Result<HTTPAnswer, UplinkError> {
    if cancellation.isCancelled { return .failure(.cancelled) }
    let base = settings.url.hasSuffix("/") ? String(settings.url.dropLast()) : settings.url
    let signed = SignedBatch(batch, by: key)
    return handle.withLock { handle in
      let result =
        handle?.post(
          signed.body,
          to: "\(base)/v1/sites/\(batch.site)/events",
          // An empty Expect keeps curl from waiting for "100 Continue" before large bodies.
          headers: signed.headers + ["Expect:"],
          answerLimit: settings.answerLimitBytes,
          cancellation
        ) ?? .failure(.unreachable(cause: "libcurl could not start"))
      moved.add(handle?.bytesOfLastCall ?? 0, ordering: .relaxed)
      return result
    }
  }

  private func receipt(
    _ answer: HTTPAnswer,
    for batch: Batch
  ) throws(UplinkError) -> Receipt {
    switch answer.status {
    case 200: break
    case 401, 403: throw .notEnrolled(detail: Self.detail(answer.body))
    case 429, 502, 503, 504: throw .busy(retryAfter: answer.retryAfter)
    case 300..<400: throw .badAnswer(cause: "it sends us elsewhere (\(answer.status))")
    default: throw .refused(status: answer.status, detail: Self.detail(answer.body))
    }
    guard let json = try? JSON(parsing: answer.body), let receipt = Receipt(json: json) else {
      throw .badAnswer(cause: "no receipt: \(Self.detail(answer.body))")
    }
    guard receipt.lane == batch.lane, receipt.epoch == batch.epoch else {
      throw .badAnswer(cause: "a receipt for another lane or epoch")
    }
    return receipt
  }

  private static func detail(_ body: [UInt8]) -> String {
    if let text = (try? JSON(parsing: body))?["error"]?.string { return text }
    return String(String(decoding: body.prefix(160), as: UTF8.self).filter { !$0.isNewline })
  }
}
