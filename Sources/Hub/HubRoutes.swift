import Domain
import HTTPTypes
import Hummingbird
import Logging
import Uplink

/// What the hub answers to whom.
struct HubRoutes {
  let store: any HubStore & KeyRegistry
  let reception: Reception
  let logger: Logger
  /// How long a body may take to arrive.
  let bodyTimeout: Duration
  /// Bodies on their way in hold memory; batches being stored hold a queue.
  let receiving = Gate(limit: 128)
  let storing = Gate(limit: 16)
  /// A station sends one batch after the other; more of one site at once is somebody's mistake.
  ///
  /// Only who has proved to be the station counts, so that nobody else can close its gate.
  let ofSite = SiteGate(limit: 4)

  init(
    store: any HubStore & KeyRegistry,
    logger: Logger,
    now: @escaping @Sendable () -> Int64,
    bodyTimeout: Duration
  ) {
    self.store = store
    self.logger = logger
    self.bodyTimeout = bodyTimeout
    reception = Reception(store: store, logger: logger, now: now)
  }

  var router: Router<BasicRequestContext> {
    let router = Router()
    router.add(middleware: ProblemMiddleware(logger: logger))
    router.post("v1/sites/:site/events") { try await receive($0, $1) }
    router.get("v1/sites") { _, _ in
      let sites = try await store.sites()
      return Response(status: .ok, json: .object(["sites": .array(sites.map(\.json))]))
    }
    router.get("v1/sites/:site") { _, context in
      let site = try site(context)
      guard let view = try await store.site(site) else { throw unknown(site) }
      return Response(status: .ok, json: view.json)
    }
    router.get("v1/sites/:site/parcels") { try await parcels($0, $1) }
    router.get("healthz") { _, _ in
      _ = try await store.site(Self.probe)
      return Response(status: .ok, json: .object(["status": .string("ok")]))
    }
    router.get("openapi.json") { _, _ in Response(status: .ok, json: OpenAPI.document) }
    return router
  }

  private func receive(
    _ request: Request,
    _ context: BasicRequestContext
  ) async throws -> Response {
    let site = try site(context)
    let isCompressed = try encoding(of: request)
    let batch = try await receiving.pass {
      let body = try await collect(request)
      return try await open(request, body, isCompressed: isCompressed, for: site)
    }
    let receipt = try await ofSite.pass(site) {
      try await storing.pass { try await reception.store(batch) }
    }
    return Response(status: .ok, json: receipt.json)
  }

  private func encoding(of request: Request) throws -> Bool {
    let type = request.headers[.contentType]?.split(separator: ";").first ?? ""
    guard type.lowercased() == Batch.mediaType else {
      throw HTTPProblem(
        status: .unsupportedMediaType,
        error: "the content type is \"\(type)\"",
        remedy: "send \(Batch.mediaType)"
      )
    }
    switch request.headers[.contentEncoding]?.lowercased() {
    case "gzip"?: return true
    case nil, "identity"?: return false
    case let other?:
      throw HTTPProblem(
        status: .unsupportedMediaType,
        error: "the content encoding is \"\(other)\"",
        remedy: "send gzip or nothing"
      )
    }
  }

  /// Reads the body within size and time; a sender who drips bytes loses only his own request.
  private func collect(_ request: Request) async throws -> [UInt8] {
    if let length = request.headers[.contentLength].flatMap({ Int($0) }),
      length > Reception.mostBytes
    {
      throw Self.tooLarge
    }
    return try await withThrowingTaskGroup(of: [UInt8].self) { group in
      group.addTask {
        var bytes: [UInt8] = []
        for try await chunk in request.body {
          guard bytes.count + chunk.readableBytes <= Reception.mostBytes else {
            throw Self.tooLarge
          }
          bytes.append(contentsOf: chunk.readableBytesView)
        }
        return bytes
      }
      group.addTask {
        try await Task.sleep(for: bodyTimeout)
        throw HTTPProblem(
          status: .requestTimeout,
          error: "the body did not arrive within \(bodyTimeout)",
          remedy: "send smaller batches"
        )
      }
      defer { group.cancelAll() }
      guard let bytes = try await group.next() else { throw CancellationError() }
      return bytes
    }
  }

  private static let tooLarge = HTTPProblem(
    status: .contentTooLarge,
    error: "the body exceeds \(Reception.mostBytes) bytes",
    remedy: BatchRefusal.tooLarge.remedy
  )

  private func open(
    _ request: Request,
    _ body: [UInt8],
    isCompressed: Bool,
    for site: SiteID
  ) async throws -> IncomingBatch {
    let field = { (field: SignedBatch.Field) in
      HTTPField.Name(field.rawValue).flatMap { request.headers[$0] }
    }
    let signed = SignedBatch(site: site, isCompressed: isCompressed, body: body, field: field)
    guard let signed else {
      throw HTTPProblem(
        status: .unauthorized,
        error: "\(SignedBatch.fault(in: field)?.rawValue ?? "a field") is missing or unreadable",
        remedy: "sign the batch as /openapi.json describes it"
      )
    }
    do { return try await reception.open(signed) } catch let refusal as BatchRefusal {
      logger.notice("\(site): \(refusal)")
      throw HTTPProblem(refusal)
    }
  }

  private func parcels(
    _ request: Request,
    _ context: BasicRequestContext
  ) async throws -> Response {
    let site = try site(context)
    let text = request.uri.queryParameters["limit"].map(String.init) ?? "100"
    guard let limit = Int(text), (1...1000).contains(limit) else {
      throw HTTPProblem(
        status: .badRequest,
        error: "the limit is \"\(text)\"",
        remedy: "ask for 1 to 1000"
      )
    }
    let parcels = try await store.parcels(of: site, limit: limit)
    return Response(status: .ok, json: .object(["parcels": .array(parcels.map(\.json))]))
  }

  private func site(_ context: BasicRequestContext) throws -> SiteID {
    let text = context.parameters.get("site") ?? ""
    guard let site = SiteID(text) else {
      throw HTTPProblem(
        status: .badRequest,
        error: "\"\(text)\" is no site",
        remedy: "use the site's 2 to 12 capital letters and digits"
      )
    }
    return site
  }

  private func unknown(_ site: SiteID) -> HTTPProblem {
    HTTPProblem(
      status: .notFound,
      error: "\(site) has never delivered",
      remedy: "check the name, and at the station `yizhan sync status`"
    )
  }

  private static var probe: SiteID {
    guard let site = SiteID("00") else { preconditionFailure("00 has the form of a site") }
    return site
  }
}
