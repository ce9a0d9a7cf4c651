import Crypto
package import Domain

/// The hub's word for a courier to carry back: up to where it holds a ledger.
package struct Acknowledgement: Hashable, Sendable {
  package var site: SiteID
  package var epoch: Epoch
  /// Everything up to these sequences is durable at the hub.
  package var marks: [Lane: Int64]
  /// The first sequence of a lane under which the hub holds another event: the card was copied, or
  /// set back.
  package var forks: [Lane: Int64]
  /// The hub's time, in milliseconds since 1970.
  package var timeMilliseconds: Int64

  private static let heading = "yizhan-acknowledgement 1"

  private static let forkPrefix = "fork-"

  package init(
    site: SiteID,
    epoch: Epoch,
    marks: [Lane: Int64],
    forks: [Lane: Int64] = [:],
    timeMilliseconds: Int64
  ) {
    self.site = site
    self.epoch = epoch
    self.marks = marks
    self.forks = forks
    self.timeMilliseconds = timeMilliseconds
  }

  var text: String {
    let lines = [("", marks), (Self.forkPrefix, forks)].map { prefix, places in
      Lane.allCases.compactMap { lane in
        places[lane].map { "\(prefix)\(lane.rawValue): \($0)\n" }
      }.joined()
    }
    return "\(Self.heading)\nsite: \(site)\nepoch: \(epoch)\n"
      + "time: \(RFC3339.text(timeMilliseconds))\n\(lines.joined())"
  }

  /// Why an acknowledgement is not believed.
  package enum Refusal: Error, Hashable, Sendable, CustomStringConvertible {
    case malformed
    case altered
    /// It is signed, but not by the hub of `hub.pin`.
    case foreignHub(KeyPin)

    package var description: String {
      switch self {
      case .malformed: "it is no acknowledgement of a hub"
      case .altered: "the signature does not fit: it was altered"
      case .foreignHub(let pin): "it comes from a hub with the key \(pin), not that of hub.pin"
      }
    }
  }

  /// Reads a file, and believes it only from the hub that is pinned.
  package init(file: [UInt8], pin: KeyPin) throws(Refusal) {
    guard let signed = SignedText(file: file), let der = Base64.decode(signed.key),
      let fields = signed.fields(after: Self.heading), let read = Acknowledgement(fields),
      read.text == signed.text
    else { throw .malformed }
    let actual = KeyPin(ofPublicKey: der)
    guard actual == pin else { throw .foreignHub(actual) }
    guard let key = try? P256.Signing.PublicKey(derRepresentation: der),
      let signature = try? P256.Signing.ECDSASignature(derRepresentation: signed.signature),
      key.isValidSignature(signature, for: Array(signed.text.utf8))
    else { throw .altered }
    self = read
  }

  private init?(_ fields: [(name: String, value: String)]) {
    var values = Dictionary(fields.map { ($0.name, $0.value) }) { first, _ in first }
    guard let site = values.removeValue(forKey: "site").flatMap({ SiteID($0) }),
      let epoch = values.removeValue(forKey: "epoch").flatMap({ Epoch($0) }),
      let time = values.removeValue(forKey: "time").flatMap({ RFC3339.milliseconds($0) })
    else { return nil }
    var (marks, forks): ([Lane: Int64], [Lane: Int64]) = ([:], [:])
    for (name, value) in values {
      let isFork = name.hasPrefix(Self.forkPrefix)
      let lane = Lane(rawValue: isFork ? String(name.dropFirst(Self.forkPrefix.count)) : name)
      guard let lane, let place = Int64(value), place >= 0 else { return nil }
      if isFork { forks[lane] = place } else { marks[lane] = place }
    }
    self.init(site: site, epoch: epoch, marks: marks, forks: forks, timeMilliseconds: time)
  }

  /// Whose file it is, read without believing it; `nil` where it has not the form of one.
  package static func addressee(of file: [UInt8]) -> (site: SiteID, epoch: Epoch)? {
    let fields = SignedText(file: file)?.fields(after: heading)
    guard let fields, let read = Acknowledgement(fields) else { return nil }
    return (read.site, read.epoch)
  }
}

/// The hub's TLS key, used to sign what a courier carries: stations have its pin already.
package struct HubKey: Sendable {
  private let key: P256.Signing.PrivateKey

  /// Reads a PEM text; `nil` where it holds no P-256 key.
  package init?(pem: String) {
    guard let key = try? P256.Signing.PrivateKey(pemRepresentation: pem) else { return nil }
    self.key = key
  }

  /// What stations know the key by.
  package var pin: KeyPin { KeyPin(ofPublicKey: Array(key.publicKey.derRepresentation)) }

  /// The file that a courier carries back.
  package func file(_ acknowledgement: Acknowledgement) -> [UInt8] {
    let text = acknowledgement.text
    guard let signature = try? key.signature(for: Array(text.utf8)) else {
      preconditionFailure("signing needs nothing that could be missing")
    }
    return SignedText(
      key: Base64.encode(Array(key.publicKey.derRepresentation)),
      signature: Array(signature.derRepresentation),
      text: text
    ).file
  }
}
