/// A short text of `name: value` lines with its proof before it, as the courier's files have it.
///
/// One content has one text: what is read must be what would be written, or it is refused.
struct SignedText: Hashable, Sendable {
  /// Whose signature it is.
  var key: String
  var signature: [UInt8]
  /// What is signed, line feeds and all.
  var text: String

  static let mostBytes = 1 << 20

  init(key: String, signature: [UInt8], text: String) {
    (self.key, self.signature, self.text) = (key, signature, text)
  }

  init?(file: [UInt8]) {
    guard file.count <= Self.mostBytes, let all = String(validating: file, as: UTF8.self) else {
      return nil
    }
    let parts = all.split(separator: "\n", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].hasPrefix("key: "), parts[1].hasPrefix("signature: "),
      let signature = Base64.decode(String(parts[1].dropFirst("signature: ".count)))
    else { return nil }
    self.init(
      key: String(parts[0].dropFirst("key: ".count)),
      signature: signature,
      text: String(parts[2])
    )
    guard self.file == file else { return nil }
  }

  var file: [UInt8] {
    Array("key: \(key)\nsignature: \(Base64.encode(signature))\n\(text)".utf8)
  }

  /// The lines after a heading, as pairs; `nil` where the text does not have this form.
  func fields(after heading: String) -> [(name: String, value: String)]? {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.first == heading[...], lines.last == "" else { return nil }
    var fields: [(name: String, value: String)] = []
    for line in lines.dropFirst().dropLast() {
      guard let colon = line.firstIndex(of: ":") else { return nil }
      let rest = line[line.index(after: colon)...]
      guard rest.first == " " else { return nil }
      fields.append((String(line[..<colon]), String(rest.dropFirst())))
    }
    return fields
  }
}
