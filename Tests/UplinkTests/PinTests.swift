import Domain
import Foundation
import Hub
import Testing
import Uplink

/// TLS by the hub's key alone, whatever the clock says.
struct PinTests {
  private struct Files {
    var certificate: String
    var key: String

    var tls: HubApplication.TLSFiles { .init(certificate: certificate, key: key) }
  }

  private static func files(
    _ scratch: Scratch,
    _ name: String,
    valid days: ClosedRange<Int> = 0...2
  ) throws -> Files {
    let files = Files(
      certificate: "\(scratch.path)/\(name).pem",
      key: "\(scratch.path)/\(name).key"
    )
    try Certificate.make(files.certificate, files.key, valid: days)
    return files
  }

  // The box may believe it is 1970 or 2040: to it, every certificate is one of these.
  @Test(.timeLimit(.minutes(5)), arguments: [0...2, -20...(-10), 10...20])
  func `a pinned hub is believed whatever the dates of its certificate`(
    days: ClosedRange<Int>
  ) async throws {
    let scratch = try Scratch()
    let files = try Self.files(scratch, "hub", valid: days)
    let pin = try HubApplication.pin(certificate: files.certificate)
    try await withHub(scratch.store, tls: files.tls) { port in
      let url = "https://127.0.0.1:\(port)"
      let uplink = HTTPUplink(.init(url: url, pin: pin), key: .test)
      let receipt = try await uplink.deliver(Sender().batch(1...2))
      #expect(receipt.durableUpTo == 2)
      // Without the pin the dates count, and nothing vouches for the certificate.
      await #expect(throws: UplinkError.self) {
        try await HTTPUplink(.init(url: url), key: .test).deliver(Sender().batch([3]))
      }
    }
  }

  @Test(.timeLimit(.minutes(5)))
  func `a hub with another key is refused, even with a valid certificate`() async throws {
    let scratch = try Scratch()
    let (own, other) = (try Self.files(scratch, "own"), try Self.files(scratch, "other"))
    let pin = try HubApplication.pin(certificate: own.certificate)
    try await withHub(scratch.store, tls: other.tls) { port in
      let uplink = HTTPUplink(
        .init(url: "https://127.0.0.1:\(port)", authorityFile: other.certificate, pin: pin),
        key: .test
      )
      let error = await #expect(throws: UplinkError.self) {
        try await uplink.deliver(Sender().batch([1]))
      }
      #expect("\(error, default: "")".contains("hub.pin"))
    }
    #expect(try await SQLiteHubStore(path: scratch.store, readOnly: true).sites().isEmpty)
  }

  @Test func `the hub's pin of a certificate is the one of its key`() throws {
    let scratch = try Scratch()
    let files = try Self.files(scratch, "hub")
    let pin = try HubApplication.pin(certificate: files.certificate)
    let pem = try String(contentsOfFile: files.key, encoding: .utf8)
    #expect(HubKey(pem: pem)?.pin == pin)
    #expect(KeyPin("\(pin)") == pin && KeyPin(pin.base64) == pin)
    #expect(KeyPin("sha256//short") == nil)
    #expect(throws: HubError.self) { try HubApplication.pin(certificate: files.key) }
  }

  @Test func `a proxy is used where one is named`() async throws {
    let answer = "HTTP/1.1 503 Busy\r\nRetry-After: 3\r\nContent-Length: 0\r\n\r\n"
    let proxy = try OneShotServer(answer)
    let settings = HTTPUplink.Settings(
      url: "http://hub.invalid:8780",
      proxy: "http://127.0.0.1:\(proxy.port)"
    )
    await #expect(throws: UplinkError.busy(retryAfter: .seconds(3))) {
      try await HTTPUplink(settings, key: .test).deliver(Sender().batch([1]))
    }
  }
}
