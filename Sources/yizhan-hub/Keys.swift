import ArgumentParser
import Domain
import Hub
import Uplink

/// The site and the key that an operator names.
struct KeyArguments: ParsableArguments {
  @Argument(help: "The site, as SM017.")
  var site: String

  @Argument(
    help: "The key as `yizhan enroll` shows it, or the fingerprint of one that is waiting."
  )
  var key: String

  func read(_ registry: some KeyRegistry) async throws -> (SiteID, VerificationKey) {
    let site = try readSite(site)
    if let key = VerificationKey(key) { return (site, key) }
    let known = try await registry.keys().filter { $0.site == site }
    guard let match = known.first(where: { $0.key.fingerprint == key.uppercased() }) else {
      throw fail(
        "`\(key)` is no key, and no fingerprint that \(site) has sent",
        remedy: "write it as ed25519:… from `yizhan enroll`, or see `yizhan-hub pending`",
        code: 64
      )
    }
    return (site, match.key)
  }
}

func readSite(_ text: String) throws -> SiteID {
  guard let site = SiteID(text) else {
    throw fail("`\(text)` is no site", remedy: "write 2 to 12 capitals and digits", code: 64)
  }
  return site
}

/// Carries out a change and shows how the keys of the site stand.
private func change(
  _ options: StoreOptions,
  _ arguments: KeyArguments,
  _ change: (VerificationKey)
    -> KeyChange
) async throws {
  try await carryOut {
    let store = try await options.open()
    let (site, key) = try await arguments.read(store)
    show(try await store.change(site, change(key), at: HubApplication.wallClock()), json: false)
  }
}

private func show(_ keys: [KeyView], json: Bool) {
  if json {
    print(JSON.object(["keys": .array(keys.map(\.json))]).text)
    return
  }
  let rows = keys.map { key in
    [
      key.site.text, key.key.fingerprint, key.state.rawValue, String(key.times),
      RFC3339.text(key.last), key.key.description,
    ]
  }
  for line in Table.lines([["SITE", "FINGERPRINT", "STATE", "REFUSED", "LAST", "KEY"]] + rows) {
    print(line)
  }
}

struct Approve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Let a box speak for a site (批准).",
    discussion: """
      Compare the fingerprint with what `yizhan enroll` shows at the station first.

      EXAMPLES
        yizhan-hub approve SM017 7K3D-0Q9F-XW2M-41TB --store hub.sqlite
      """
  )

  @OptionGroup var store: StoreOptions
  @OptionGroup var arguments: KeyArguments

  func run() async throws { try await change(store, arguments) { .approve($0) } }
}

struct Replace: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Let a new box continue a site; the old one may only finish what it began (换机).",
    discussion: """
      EXAMPLES
        yizhan-hub replace SM017 ed25519:… --store hub.sqlite
      """
  )

  @OptionGroup var store: StoreOptions
  @OptionGroup var arguments: KeyArguments

  func run() async throws { try await change(store, arguments) { .replace($0) } }
}

struct Revoke: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Take nothing more from a key, as of a box that was stolen (吊销).",
    discussion: """
      EXAMPLES
        yizhan-hub revoke SM017 --store hub.sqlite                      all keys of the site
        yizhan-hub revoke SM017 7K3D-0Q9F-XW2M-41TB --store hub.sqlite
      """
  )

  @OptionGroup var store: StoreOptions

  @Argument(help: "The site, as SM017.")
  var site: String

  @Argument(help: "The key or its fingerprint; all keys of the site if it is left out.")
  var key: String?

  func run() async throws {
    try await carryOut {
      let registry = try await store.open()
      var named: VerificationKey?
      if let key {
        var arguments = KeyArguments()
        (arguments.site, arguments.key) = (site, key)
        named = try await arguments.read(registry).1
      }
      let site = try readSite(site)
      show(
        try await registry.change(site, .revoke(named), at: HubApplication.wallClock()),
        json: false
      )
    }
  }
}

struct Keys: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the keys of all sites.",
    discussion: "Example: yizhan-hub keys --json --store hub.sqlite"
  )

  @OptionGroup var store: StoreOptions

  @Flag(help: "Print JSON.")
  var json = false

  func run() async throws {
    try await carryOut {
      show(try await store.open(readOnly: true).keys(), json: json)
    }
  }
}

struct Pending: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the keys that wait for approval.",
    discussion: "Example: yizhan-hub pending --store hub.sqlite"
  )

  @OptionGroup var store: StoreOptions

  @Flag(help: "Print JSON.")
  var json = false

  func run() async throws {
    try await carryOut {
      show(
        try await store.open(readOnly: true).keys().filter { $0.state == .pending },
        json: json
      )
    }
  }
}

struct Pin: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print the pin of the hub's key, for `hub.pin` of the stations.",
    discussion: "Example: yizhan-hub pin --tls-certificate chain.pem"
  )

  @Option(help: "The PEM file with the hub's certificate.")
  var tlsCertificate: String

  func run() throws {
    do throws(HubError) { print(try HubApplication.pin(certificate: tlsCertificate)) } catch {
      throw fail("\(error.attempted): \(error.cause)", remedy: error.remedy, code: 66)
    }
  }
}
