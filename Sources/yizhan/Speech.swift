package import Domain
import Glibc

/// The language that the technician reads.
package struct Speech: Hashable, Sendable {
  package let isChinese: Bool

  /// Takes a POSIX locale, as in `LANG`; what starts with `zh` is Chinese.
  package init(locale: String) {
    isChinese = locale.lowercased().hasPrefix("zh")
  }

  /// The language of this process: `LC_ALL`, else `LC_MESSAGES`, else `LANG`.
  package static let ofEnvironment = Speech(
    locale: ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap(variable).first ?? ""
  )

  /// Chooses the sentence.
  package func callAsFunction(_ zh: String, _ en: String) -> String { isChinese ? zh : en }

  package func callAsFunction(_ text: Text) -> String { isChinese ? text.zh : text.en }

  /// A variable that is set to something.
  private static func variable(_ name: String) -> String? {
    guard let value = unsafe getenv(name).map({ unsafe String(cString: $0) }) else { return nil }
    return value.isEmpty ? nil : value
  }
}
