import ArgumentParser
import Hub
import Logging

struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Receive until SIGTERM or SIGINT.",
    discussion: """
      Examples:
        yizhan-hub serve --listen 127.0.0.1:8780 --store hub.sqlite
        yizhan-hub serve --listen 0.0.0.0:8780 --postgres "host=/run/postgresql dbname=yizhan" \\
          --tls-certificate chain.pem --tls-key key.pem
      """
  )

  @Option(help: "The address to listen on, as host:port.")
  var listen = "127.0.0.1:8780"

  @OptionGroup var store: StoreOptions

  @Option(help: "A PEM file with the certificate chain; with it, HTTPS is spoken.")
  var tlsCertificate: String?

  @Option(help: "A PEM file with the certificate's key.")
  var tlsKey: String?

  mutating func validate() throws {
    guard (tlsCertificate == nil) == (tlsKey == nil) else {
      throw ValidationError("--tls-certificate and --tls-key go together.")
    }
    guard endpoint != nil else {
      throw ValidationError("--listen \(listen): give host:port, as 127.0.0.1:8780.")
    }
  }

  private var endpoint: (host: String, port: Int)? {
    guard let colon = listen.lastIndex(of: ":"),
      let port = Int(listen[listen.index(after: colon)...]),
      (0...65535).contains(port), colon > listen.startIndex
    else { return nil }
    let host = listen[..<colon].trimmingPrefix("[")
    return (String(host.last == "]" ? host.dropLast() : host), port)
  }

  func run() async throws {
    guard let endpoint else { throw ExitCode.validationFailure }
    var settings = HubApplication.Settings(host: endpoint.host, port: endpoint.port)
    if let tlsCertificate, let tlsKey {
      settings.tls = HubApplication.TLSFiles(certificate: tlsCertificate, key: tlsKey)
    }
    let logger = Logger(label: "yizhan-hub")
    if let tlsCertificate {
      try await carryOut(66) {
        let pin = try HubApplication.pin(certificate: tlsCertificate)
        logger.info("the stations' hub.pin is \(pin)")
      }
    }
    let application: HubApplication
    do throws(HubError) {
      application = try HubApplication(
        store: try await store.open(),
        settings: settings,
        logger: logger,
        onListening: { port in logger.info("listening on port \(port)") }
      )
    } catch {
      throw fail("\(error.attempted): \(error.cause)", remedy: error.remedy, code: 74)
    }
    do throws(HubError) { try await application.runUntilSignalled() } catch {
      throw fail("\(error.attempted): \(error.cause)", remedy: error.remedy, code: 69)
    }
  }
}
