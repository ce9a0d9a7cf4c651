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
    package var connectTimeout: Duration = .seconds(15)
    package var totalTimeout: Duration = .seconds(120)
    /// A transfer slower than this for ``lowSpeedTimeout`` is given up.
    package var lowestBytesPerSecond = 50
    package var lowSpeedTimeout: Duration = .seconds(30)
    package var answerLimitBytes = 256 * 1024

    package init(url: String, authorityFile: String? = nil) {
      self.url = url
      self.authorityFile = authorityFile
    }
  }

  private let settings: Settings
  private let queue = DispatchQueue(label: "uplink")
  private let handle: Mutex<CurlHandle?>

  package init(_ settings: Settings) {
    self.settings = settings
    handle = Mutex(CurlHandle(settings))
  }

  package func deliver(_ batch: Batch) async throws(UplinkError) -> Receipt {
    let cancellation = Cancellation()
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        queue.async { continuation.resume(returning: self.post(batch, cancellation)) }
      }
    } onCancel: {
      cancellation.cancel()
    }
    return try receipt(try result.get(), for: batch)
  }

  private func post(
    _ batch: Batch,
    _ cancellation: Cancellation
  ) -> Result<HTTPAnswer, UplinkError> {
    if cancellation.isCancelled { return .failure(.cancelled) }
    let base = settings.url.hasSuffix("/") ? String(settings.url.dropLast()) : settings.url
    // An empty Expect keeps curl from waiting for "100 Continue" before large bodies.
    let headers = ["Content-Type: \(Batch.mediaType)", "Content-Encoding: gzip", "Expect:"]
    let body = batch.encoded()
    return handle.withLock { handle in
      handle?.post(
        body,
        to: "\(base)/v1/sites/\(batch.site)/events",
        headers: headers,
        answerLimit: settings.answerLimitBytes,
        cancellation
      ) ?? .failure(.unreachable(cause: "libcurl could not start"))
    }
  }

  private func receipt(
    _ answer: HTTPAnswer,
    for batch: Batch
  ) throws(UplinkError) -> Receipt {
    switch answer.status {
    case 200: break
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
