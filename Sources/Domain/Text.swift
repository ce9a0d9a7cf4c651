/// A sentence for people, in the two languages of the trade.
package struct Text: Hashable, Sendable {
  package var zh: String
  package var en: String

  package init(zh: String, en: String) {
    self.zh = zh
    self.en = en
  }

  /// The sentence in the language asked for.
  ///
  /// - Parameter language: A POSIX locale as in `LANG`; anything that starts with `zh` is Chinese.
  /// - Returns: The Chinese sentence or the English one.
  package func localized(_ language: String) -> String {
    language.lowercased().hasPrefix("zh") ? zh : en
  }
}

/// Something that went wrong with a device, said so that a person can act on it.
package struct Trouble: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was being done, as `printing the label of SM017-…`.
  package var attempted: String
  /// Which device, by its role and address, as `printer (usb 1-1.3)`.
  package var device: String
  /// Why it failed.
  package var cause: String
  /// What to do next.
  package var remedy: String

  package init(attempted: String, device: String, cause: String, remedy: String) {
    self.attempted = attempted
    self.device = device
    self.cause = cause
    self.remedy = remedy
  }

  package var description: String { "\(attempted) on \(device): \(cause); next: \(remedy)" }
}
