/// A printed card that tells the station something (指令卡), as `YZ:CARRIER:YTO`.
package struct CommandCard: Hashable, Sendable {
  /// What a card says.
  package enum Verb: String, Hashable, Sendable, CaseIterable {
    /// Whose parcel it is (公司卡), by the courier's id.
    case carrier = "CARRIER"
    /// Who works at the station (工号卡).
    case `operator` = "OPERATOR"
  }

  /// Why a text that begins like a card is none; the reason is for the technician.
  package struct Mistake: Error, Hashable, Sendable {
    package var reason: String
  }

  /// What every card begins with.
  package static let mark = "YZ:"

  package var verb: Verb
  /// Up to 32 capitals, digits and hyphens.
  package var value: String

  /// Reads a card.
  ///
  /// - Parameter text: In capitals, beginning with ``mark``.
  /// - Throws: Why it says nothing of use.
  package init(_ text: String) throws(Mistake) {
    let parts = text.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == "YZ" else {
      throw Mistake(reason: "the card `\(text)` is not of the form YZ:VERB:VALUE; print it anew")
    }
    guard let verb = Verb(rawValue: String(parts[1])) else {
      let known = Verb.allCases.map(\.rawValue).joined(separator: ", ")
      throw Mistake(reason: "the card `\(text)` says `\(parts[1])`; this version knows: \(known)")
    }
    let isValue = parts[2].utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || byte == 0x2D
    }
    guard (1...32).contains(parts[2].utf8.count), isValue else {
      throw Mistake(reason: "the card `\(text)` names nothing; print it as YZ:\(parts[1]):NAME")
    }
    self.verb = verb
    value = String(parts[2])
  }
}
