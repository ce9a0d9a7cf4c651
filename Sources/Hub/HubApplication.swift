import Domain
import Foundation
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
package import Logging
import NIOCore
import NIOSSL
import ServiceLifecycle
package import Uplink

/// The hub's server; one `run()` that returns when the service group shuts down.
package struct HubApplication: Service {
  /// A certificate chain and its key, in PEM files.
  package struct TLSFiles: Hashable, Sendable {
    package var certificate: String
    package var key: String

    package init(certificate: String, key: String) {
      self.certificate = certificate
      self.key = key
    }
  }

  /// Where and how to listen.
  package struct Settings: Hashable, Sendable {
    package var host = "127.0.0.1"
    /// 0 takes any free port.
    package var port = 8780
    /// Plain HTTP if `nil`.
    package var tls: TLSFiles?
    package var bodyTimeout: Duration = .seconds(60)
    /// How long the head of a request may take to arrive.
    package var headTimeout: Duration = .seconds(20)
    /// The most connections at once; more wait in the kernel's queue.
    package var mostConnections = 512

    package init(host: String = "127.0.0.1", port: Int = 8780, tls: TLSFiles? = nil) {
      self.host = host
      self.port = port
      self.tls = tls
    }
  }

  /// Every method and path that is answered, as `GET /v1/sites/{site}`.
  package let routes: [String]
  private let address: String
  private let application: Application<RouterResponder<BasicRequestContext>>

  /// Prepares a server on a store.
  ///
  /// `now` is the hub's time in milliseconds since 1970. `onListening` gets the bound port once
  /// connections are accepted.
  package init(
    store: any HubStore & KeyRegistry,
    settings: Settings,
    logger: Logger,
    now: @escaping @Sendable () -> Int64 = Self.wallClock,
    onListening: @escaping @Sendable (Int) async -> Void = { _ in }
  ) throws(HubError) {
    let routes = HubRoutes(
      store: store,
      logger: logger,
      now: now,
      bodyTimeout: settings.bodyTimeout
    )
    address = "\(settings.host):\(settings.port)"
    let router = routes.router
    self.routes = router.routes.map { route in
      let parts = route.path.description.split(separator: "/").map { part in
        part.hasPrefix(":") ? "{\(part.dropFirst())}" : String(part)
      }
      return "\(route.method) /\(parts.joined(separator: "/"))"
    }.sorted()
    application = Application(
      responder: router.buildResponder(),
      server: try Self.server(settings),
      configuration: ApplicationConfiguration(
        address: .hostname(settings.host, port: settings.port),
        serverName: "yizhan-hub",
        availableConnectionsDelegate: MaximumAvailableConnections(settings.mostConnections)
      ),
      onServerRunning: { channel in await onListening(channel.localAddress?.port ?? 0) },
      logger: logger
    )
  }

  package func run() async throws {
    try await application.run()
  }

  /// Runs until SIGTERM or SIGINT, and lets requests under way finish.
  package func runUntilSignalled() async throws(HubError) {
    do { try await application.runService() } catch {
      throw HubError(
        attempted: "serving on \(address)",
        cause: "\(error)",
        remedy: "check that the address is this machine's and the port is free"
      )
    }
  }

  /// The system's clock in milliseconds since 1970.
  package static let wallClock: @Sendable () -> Int64 = {
    Int64(Date().timeIntervalSince1970 * 1000)
  }

  /// The pin of a certificate's key, as `hub.pin` of a station's config takes it.
  package static func pin(certificate file: String) throws(HubError) -> KeyPin {
    do {
      guard let certificate = try NIOSSLCertificate.fromPEMFile(file).first else {
        throw HubError(
          attempted: "reading \(file)",
          cause: "it holds no certificate",
          remedy: "give the PEM file of the hub's certificate"
        )
      }
      return KeyPin(ofPublicKey: try certificate.extractPublicKey().toSPKIBytes())
    } catch let error as HubError {
      throw error
    } catch {
      throw HubError(
        attempted: "reading \(file)",
        cause: "\(error)",
        remedy: "give a PEM certificate that this user may read"
      )
    }
  }

  private static func server(_ settings: Settings) throws(HubError) -> HTTPServerBuilder {
    let patience = TimeAmount.nanoseconds(settings.headTimeout.nanoseconds)
    let plain = HTTPServerBuilder.http1(
      configuration: .init(
        additionalChannelHandlers: [HeadDeadline(patience)],
        idleTimeout: HeadDeadline.rest
      )
    )
    guard let files = settings.tls else { return plain }
    do {
      let chain = try NIOSSLCertificate.fromPEMFile(files.certificate)
      let key = try NIOSSLPrivateKey(file: files.key, format: .pem)
      return try .tls(
        plain,
        tlsConfiguration: .makeServerConfiguration(
          certificateChain: chain.map { .certificate($0) },
          privateKey: .privateKey(key)
        )
      )
    } catch {
      throw HubError(
        attempted: "reading \(files.certificate) and \(files.key)",
        cause: "\(error)",
        remedy: "give a PEM certificate chain and its key that this user may read"
      )
    }
  }
}
