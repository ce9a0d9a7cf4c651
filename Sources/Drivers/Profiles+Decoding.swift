internal import Domain
package import StrictYAML

// What a profile's file name says is its id, so the two cannot disagree. Every profile must name
// the source of its facts.

extension PrinterProfile {
  private enum StatusWay: String, CaseIterable {
    case query
    case none
  }

  private enum Quirk: String, CaseIterable {
    case unidirectional
    case noReattach = "no-reattach"
  }

  private enum HeadDensity: String, CaseIterable {
    case dpi203 = "203"
    case dpi300 = "300"
  }

  /// Reads a profile.
  ///
  /// - Parameters:
  ///   - text: The whole YAML file.
  ///   - file: Its path; the last part without `.yaml` is the profile's id.
  /// - Throws: All problems of the file with line, column, cause and remedy.
  package init(yaml text: String, file: String) throws(Problems) {
    let document = Document(text, file: file)
    let root = document.root
    let head = ProfileHead(root, file: file)
    id = head.id
    maker = head.maker
    model = head.model
    usb = head.usb
    language = root.known("language", of: LabelLanguages.all.map { $0.identifier })
    let print = root.fields("head")
    let density: HeadDensity? = print.choice("dpi")
    dotsPerInch = density == .dpi300 ? 300 : 203
    headDots = print.int("dots", in: 64...4096)
    print.finish()
    let status: StatusWay? = root.choice("status")
    answersStatus = status == .query
    let quirks = root.strings("quirks")
    for quirk in quirks where Quirk(rawValue: quirk) == nil {
      let all = Quirk.allCases.map(\.rawValue).joined(separator: ", ")
      root.report(at: "quirks", "unknown quirk `\(quirk)`", remedy: "use some of: \(all)")
    }
    isUnidirectional = quirks.contains(Quirk.unidirectional.rawValue)
    staysDetached = quirks.contains(Quirk.noReattach.rawValue)
    settings = PrinterSettings(root.optionalFields("settings"))
    root.finish()
    if answersStatus, isUnidirectional {
      root.report(
        at: "status",
        "a unidirectional printer cannot be asked for its status",
        remedy: "write `status: none`, or remove the quirk `unidirectional`"
      )
    }
    try document.check()
  }
}

extension PrinterSettings {
  fileprivate init(_ fields: Fields?) {
    self.init()
    guard let fields else { return }
    density = fields.int("density", in: 0...15, default: density)
    speed = fields.int("speed", in: 1...14, default: speed)
    upsideDown = fields.bool("upside-down", default: upsideDown)
    fields.finish()
  }
}

// MARK: What all profiles share

/// The first lines of every profile.
struct ProfileHead {
  let id: String
  let maker: String
  let model: String
  let usb: [USBMatch]

  init(_ root: Fields, file: String, hasUSB: Bool = true) {
    let name = file.split(separator: "/").last ?? ""
    id = String(name.hasSuffix(".yaml") ? name.dropLast(5) : name)
    maker = root.string("maker")
    model = root.string("model")
    // For people; asking for it makes it obligatory.
    _ = root.string("note")
    _ = root.string("source")
    usb = hasUSB ? root.strings("usb").compactMap { root.usbMatch($0) } : []
  }
}

extension Fields {
  func usbMatch(_ text: String) -> USBMatch? {
    guard let match = USBMatch(code: text) else {
      report(
        at: "usb",
        "`\(text)` is not a USB identity",
        remedy:
          "write vendor and product as `lsusb` does, \"0922:8003\", or \"1203:*\" for all of a vendor"
      )
      return nil
    }
    return match
  }

  /// A name out of a list; empty where it is missing or wrong.
  func known(_ key: String, of names: [String]) -> String {
    let text = string(key)
    guard has(key), !names.contains(text) else { return text }
    report(
      at: key,
      "`\(text)` is not known here",
      remedy: "use one of: \(names.joined(separator: ", "))"
    )
    return ""
  }

  /// Bytes as pairs of hexadecimal digits, with or without white space between.
  func hexadecimal(_ key: String) -> [UInt8] {
    let text = string(key)
    let digits = text.filter { !$0.isWhitespace }.compactMap { $0.isASCII ? $0.hexDigitValue : nil }
    guard digits.count == text.count(where: { !$0.isWhitespace }), digits.count % 2 == 0 else {
      report(
        at: key,
        "`\(key)` is not made of pairs of hexadecimal digits",
        remedy: "write it as 03 FD"
      )
      return []
    }
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }
}

extension USBMatch {
  /// Reads vendor and product as `0922:8003`, or `1203:*` for every product of a vendor.
  package init?(code: String) {
    let parts = code.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let vendor = Self.number(parts[0]) else { return nil }
    guard parts[1] != "*" else {
      self.init(vendor: vendor)
      return
    }
    guard let product = Self.number(parts[1]) else { return nil }
    self.init(vendor: vendor, product: product)
  }

  private static func number(_ text: Substring) -> UInt16? {
    guard text.utf8.count == 4, text.allSatisfy(\.isHexDigit) else { return nil }
    return UInt16(text, radix: 16)
  }
}
