import Domain
import StrictYAML
import Uplink

extension StationDecoder {
  /// Reads where the county's hub is and how it is reached.
  func hub(_ fields: Fields) -> StationConfig.HubAddress {
    let url = fields.string("url")
    let allowsPlain = fields.bool("allow-plain-http", default: false)
    if fields.has("url"), let (cause, remedy) = HubURL.fault(url, allowsPlain: allowsPlain) {
      fields.report(at: "url", cause, remedy: remedy)
    }
    let certificate = fields.optionalPath("certificate")
    requireFile(certificate, "certificate", fields, remedy: "copy the hub's certificate there")
    let pin = pin(fields, url)
    if pin != nil, certificate != nil {
      fields.report(
        at: "certificate",
        "beside `pin` the certificate would not be looked at",
        remedy: "keep `pin`, and remove `certificate`"
      )
    }
    let address = StationConfig.HubAddress(
      url: url,
      certificateFile: certificate,
      pin: pin,
      proxy: proxy(fields),
      bytesPerDay: fields.bytesPerDay("budget"),
      splay: .milliseconds(fields.milliseconds("splay", in: 0...600_000, default: 60_000))
    )
    fields.finish()
    return address
  }

  private func pin(_ fields: Fields, _ url: String) -> KeyPin? {
    guard let text = fields.optionalString("pin") else { return nil }
    guard let pin = KeyPin(text) else {
      fields.report(
        at: "pin",
        "`\(text)` is not the pin of a key",
        remedy: "copy it from `yizhan-hub pin`, as sha256//…="
      )
      return nil
    }
    if !url.hasPrefix("https://") {
      fields.report(at: "pin", "only https:// has a key to pin", remedy: "correct `url`")
    }
    return pin
  }

  private func proxy(_ fields: Fields) -> String? {
    guard let text = fields.optionalString("proxy") else { return nil }
    let schemes = ["http://", "https://", "socks5h://", "socks5://"]
    let isForm =
      schemes.contains { text.hasPrefix($0) && text.utf8.count > $0.utf8.count }
      && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    if !isForm {
      fields.report(
        at: "proxy",
        "`\(text)` is not the address of a proxy",
        remedy: "write it as http://proxy.example:3128"
      )
    }
    return text
  }
}

extension Fields {
  /// What a link may carry in a day, as `20 MiB/day`, in bytes.
  fileprivate func bytesPerDay(_ key: String) -> Int? {
    guard let text = optionalString(key) else { return nil }
    let parts = text.split(separator: " ")
    let units = ["KiB/day": 1 << 10, "MiB/day": 1 << 20, "GiB/day": 1 << 30]
    if parts.count == 2, let unit = units[String(parts[1])], let number = Int(parts[0]),
      (1...9999).contains(number), number * unit >= 256 << 10
    {
      return number * unit
    }
    report(
      at: key,
      "`\(text)` is not an amount from 256 KiB/day on",
      remedy: "write number and unit, as `20 MiB/day`"
    )
    return nil
  }
}

/// The form of the hub's address.
private enum HubURL {
  /// What is wrong with it, if anything.
  static func fault(_ url: String, allowsPlain: Bool) -> (cause: String, remedy: String)? {
    let isPlain = url.hasPrefix("http://")
    guard isPlain || url.hasPrefix("https://") else {
      return ("`\(url)` is not the address of a hub", "write it as https://hub.example:8780")
    }
    let rest = url.dropFirst(isPlain ? 7 : 8)
    let isName = { (byte: UInt8) in
      (0x21...0x7E).contains(byte) && !Array("/?#@\\".utf8).contains(byte)
    }
    guard !rest.isEmpty, rest.utf8.allSatisfy(isName) else {
      return ("`\(url)` is more than host and port", "write it as https://hub.example:8780")
    }
    let isHere = ["localhost", "127.0.0.1", "[::1]"].contains { host in
      rest == host || rest.hasPrefix(host + ":")
    }
    guard isPlain, !isHere, !allowsPlain else { return nil }
    return (
      "`\(url)` would send parcels unencrypted",
      "use https://, or write `allow-plain-http: true` where the network itself is trusted"
    )
  }
}
