import Domain
import HTTPTypes
import Hummingbird
import Logging

/// An answer that says no, and what to do about it.
struct HTTPProblem: Error, Sendable {
  var status: HTTPResponse.Status
  var error: String
  var remedy: String
  var retryAfterSeconds: Int?

  static let busy = HTTPProblem(
    status: .serviceUnavailable,
    error: "the hub is busy",
    remedy: "try again later",
    retryAfterSeconds: 5
  )

  /// One site sends too much at once.
  static let crowded = HTTPProblem(
    status: .tooManyRequests,
    error: "more batches of this site are on their way",
    remedy: "send one after the other",
    retryAfterSeconds: 5
  )

  init(
    status: HTTPResponse.Status,
    error: String,
    remedy: String,
    retryAfterSeconds: Int? = nil
  ) {
    self.status = status
    self.error = error
    self.remedy = remedy
    self.retryAfterSeconds = retryAfterSeconds
  }

  init(_ refusal: BatchRefusal) {
    let status: HTTPResponse.Status =
      switch refusal {
      case .altered: .unauthorized
      case .unknownKey, .replacedKey, .revokedKey: .forbidden
      case .tooLarge: .contentTooLarge
      case .malformed: .badRequest
      }
    self.init(status: status, error: refusal.description, remedy: refusal.remedy)
  }

  var response: Response {
    let body = JSON.object(["error": .string(error), "remedy": .string(remedy)])
    var response = Response(status: status, json: body)
    if let retryAfterSeconds, let name = HTTPField.Name("Retry-After") {
      response.headers[name] = String(retryAfterSeconds)
    }
    return response
  }
}

extension Response {
  init(status: HTTPResponse.Status, json: JSON) {
    self.init(
      status: status,
      headers: [.contentType: "application/json"],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: json.canonical))
    )
  }
}

/// Turns everything thrown into a JSON answer.
struct ProblemMiddleware<Context: RequestContext>: RouterMiddleware {
  let logger: Logger

  func handle(
    _ request: Request,
    context: Context,
    next: @concurrent (Request, Context) async throws -> Response
  ) async throws -> Response {
    do { return try await next(request, context) } catch let problem as HTTPProblem {
      return problem.response
    } catch let error as HubError {
      logger.error("\(error)")
      return HTTPProblem(
        status: .serviceUnavailable,
        error: "the hub cannot store or read at present",
        remedy: "try again later; the hub's log says why",
        retryAfterSeconds: 30
      ).response
    } catch let error as any HTTPResponseError {
      return HTTPProblem(
        status: error.status,
        error: "\(request.method) \(request.uri.path): \(error.status)",
        remedy: "compare the path and the request with the hub's documentation"
      ).response
    }
  }
}
