import CCurl
import Domain
import Synchronization

/// What a server answered.
struct HTTPAnswer: Hashable, Sendable {
  var status: Int
  var body: [UInt8]
  var retryAfter: Duration?
}

/// A call on its way, and the one thing that another thread may do to it.
final class Cancellation: Sendable {
  private let flag = Atomic(false)

  var isCancelled: Bool { flag.load(ordering: .relaxed) }

  func cancel() { flag.store(true, ordering: .relaxed) }
}

/// A libcurl easy handle: one connection, kept open between calls.
///
/// The file's `unsafe` is of two kinds: the handle, which lives as long as the value and is used
/// by one call at a time, and the context of the callbacks, which curl uses only during `perform`.
@safe struct CurlHandle: ~Copyable {
  private let handle: UnsafeMutableRawPointer

  /// curl's global state is made once, by whoever comes first.
  private static let isReady = yz_curl_global_init() == CURLE_OK

  init?(_ settings: HTTPUplink.Settings) {
    guard Self.isReady, let handle = unsafe curl_easy_init() else { return nil }
    unsafe self.handle = handle
    set(CURLOPT_NOSIGNAL, 1)
    set(CURLOPT_POST, 1)
    set(CURLOPT_FOLLOWLOCATION, 0)
    set(CURLOPT_TCP_KEEPALIVE, 1)
    set(CURLOPT_NOPROGRESS, 0)
    set(CURLOPT_CONNECTTIMEOUT_MS, Int(settings.connectTimeout.milliseconds))
    set(CURLOPT_TIMEOUT_MS, Int(settings.totalTimeout.milliseconds))
    set(CURLOPT_LOW_SPEED_LIMIT, settings.lowestBytesPerSecond)
    set(CURLOPT_LOW_SPEED_TIME, Int(settings.lowSpeedTimeout.milliseconds / 1000))
    set(CURLOPT_PROTOCOLS_STR, "http,https")
    set(CURLOPT_USERAGENT, "yizhand")
    set(CURLOPT_PROXY, settings.proxy ?? "")
    if let file = settings.authorityFile { set(CURLOPT_CAINFO, file) }
    if let pin = settings.pin {
      set(CURLOPT_PINNEDPUBLICKEY, "sha256//" + pin.base64)
      set(CURLOPT_SSL_VERIFYPEER, 0)
      set(CURLOPT_SSL_VERIFYHOST, 0)
    }
  }

  deinit { unsafe curl_easy_cleanup(handle) }

  private func set(_ option: CURLoption, _ value: Int) {
    _ = unsafe yz_curl_set_long(handle, option, value)
  }

  private func set(_ option: CURLoption, _ value: String) {
    _ = unsafe yz_curl_set_text(handle, option, value)
  }

  /// Posts a body and waits for the answer; blocks.
  mutating func post(
    _ body: [UInt8],
    to url: String,
    headers: [String],
    answerLimit: Int,
    _ cancellation: Cancellation
  ) -> Result<HTTPAnswer, UplinkError> {
    let context = CallContext(limit: answerLimit, cancellation)
    var list: UnsafeMutablePointer<curl_slist>? = nil
    for header in headers { unsafe list = curl_slist_append(list, header) }
    defer { unsafe curl_slist_free_all(list) }
    set(CURLOPT_URL, url)
    let code = withExtendedLifetime(context) {
      let pointer = unsafe Unmanaged.passUnretained(context).toOpaque()
      return unsafe body.withUnsafeBytes { bytes in
        _ = unsafe yz_curl_set_pointer(handle, CURLOPT_HTTPHEADER, list)
        _ = unsafe yz_curl_set_size(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(bytes.count))
        _ = unsafe yz_curl_set_pointer(handle, CURLOPT_POSTFIELDS, bytes.baseAddress)
        _ = unsafe yz_curl_set_pointer(handle, CURLOPT_WRITEDATA, pointer)
        _ = unsafe yz_curl_set_write(handle, Self.receive)
        _ = unsafe yz_curl_set_pointer(handle, CURLOPT_XFERINFODATA, pointer)
        _ = unsafe yz_curl_set_progress(handle, Self.watch)
        return unsafe curl_easy_perform(handle)
      }
    }
    return answer(code, context)
  }

  /// What the last call cost on the wire, with what TLS adds as far as it can be known.
  var bytesOfLastCall: Int64 {
    let plain = Int64(unsafe yz_curl_bytes(handle))
    // A handshake with a small chain, measured; and a record's frame of about one in fifty.
    let handshakes = Int64(unsafe yz_curl_connects(handle)) * 2500
    return plain + plain / 50 + handshakes
  }

  private func answer(
    _ code: CURLcode,
    _ context: CallContext
  ) -> Result<HTTPAnswer, UplinkError> {
    switch code {
    case CURLE_OK: break
    case CURLE_OPERATION_TIMEDOUT: return .failure(.timedOut)
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
      return .failure(.unreachable(cause: "who answers does not have the key of `hub.pin`"))
    case CURLE_ABORTED_BY_CALLBACK: return .failure(.cancelled)
    case CURLE_WRITE_ERROR:
      return .failure(.badAnswer(cause: "it is longer than \(context.limit) bytes"))
    default:
      return .failure(.unreachable(cause: unsafe String(cString: curl_easy_strerror(code))))
    }
    let seconds = unsafe yz_curl_retry_after(handle)
    return .success(
      HTTPAnswer(
        status: unsafe yz_curl_status(handle),
        body: context.body,
        retryAfter: seconds > 0 ? .seconds(seconds) : nil
      )
    )
  }

  private static let receive: curl_write_callback = { bytes, size, count, pointer in
    guard let bytes = unsafe bytes, let pointer = unsafe pointer else { return 0 }
    let context = unsafe Unmanaged<CallContext>.fromOpaque(pointer).takeUnretainedValue()
    let length = size * count
    guard context.body.count + length <= context.limit else { return 0 }
    let raw = unsafe UnsafeRawBufferPointer(start: bytes, count: length)
    unsafe context.body.append(contentsOf: raw)
    return length
  }

  private static let watch: curl_xferinfo_callback = { pointer, _, _, _, _ in
    guard let pointer = unsafe pointer else { return 0 }
    let context = unsafe Unmanaged<CallContext>.fromOpaque(pointer).takeUnretainedValue()
    return context.cancellation.isCancelled ? 1 : 0
  }
}

/// What the callbacks of one call share; it never leaves the thread of that call.
private final class CallContext {
  let limit: Int
  let cancellation: Cancellation
  var body: [UInt8] = []

  init(limit: Int, _ cancellation: Cancellation) {
    self.limit = limit
    self.cancellation = cancellation
  }
}
