package import Domain
package import StrictYAML

/// What a courier's waybill numbers look like (`Devices/carriers/*.yaml`).
package struct CarrierRule: Hashable, Sendable {
  /// One form of its numbers.
  package struct Form: Hashable, Sendable {
    package var pattern: CarrierPattern
    /// Whether its ninth digit is the check digit of UPU S10.
    package var hasS10Check: Bool

    package init(pattern: CarrierPattern, hasS10Check: Bool = false) {
      self.pattern = pattern
      self.hasS10Check = hasS10Check
    }
  }

  /// The file's name, as `yto`.
  package var id: String
  package var name: Text
  package var forms: [Form]

  package init(id: String, name: Text, forms: [Form]) {
    self.id = id
    self.name = name
    self.forms = forms
  }

  enum Verdict {
    case fits, misread, differs
  }

  func verdict(on number: String) -> Verdict {
    let fitting = forms.filter { $0.pattern.fits(number) }
    guard !fitting.isEmpty else { return .differs }
    return fitting.contains { !$0.hasS10Check || S10.isValid(number) } ? .fits : .misread
  }
}

/// All couriers that a station knows; none is favoured (开放共享).
package struct CarrierBook: Hashable, Sendable {
  private let rules: [CarrierRule]

  package init(rules: [CarrierRule]) {
    self.rules = rules.sorted { $0.id < $1.id }
  }

  /// The ids of the couriers, in alphabetical order.
  package var ids: [String] { rules.map(\.id) }

  /// Compares a number with all rules: forms overlap, so that a match is a hint and no proof.
  package func match(_ waybill: String) -> CarrierMatch {
    var ids: [String] = []
    var isMisread = false
    for rule in rules {
      switch rule.verdict(on: waybill) {
      case .fits: ids.append(rule.id)
      case .misread: isMisread = true
      case .differs: break
      }
    }
    if ids.isEmpty {
      return isMisread ? .misread(reason: "its check digit (UPU S10) is wrong") : .none
    }
    return ids.count == 1 ? .one(ids[0]) : .several(ids)
  }
}

/// Which couriers a number may belong to.
package enum CarrierMatch: Hashable, Sendable {
  case none
  case one(String)
  case several([String])
  /// It has the form of a number with a check digit, and the digit is wrong.
  case misread(reason: String)
}

extension CarrierRule {
  private enum Check: String, CaseIterable {
    case s10
  }

  /// Reads a courier's rule and tries its samples.
  ///
  /// - Parameters:
  ///   - text: The whole YAML file.
  ///   - file: Its path; the last part without `.yaml` is the courier's id.
  /// - Throws: All problems of the file with line, column, cause and remedy.
  package init(yaml text: String, file: String) throws(Problems) {
    let document = Document(text, file: file)
    let root = document.root
    let last = file.split(separator: "/").last ?? ""
    let name = root.fields("name")
    self.init(
      id: String(last.hasSuffix(".yaml") ? last.dropLast(5) : last),
      name: Text(zh: name.string("zh"), en: name.string("en")),
      forms: []
    )
    name.finish()
    // For people; asking for it makes it obligatory.
    _ = root.string("note")
    _ = root.string("source")
    forms = root.list("forms").compactMap { Form($0) }
    for sample in root.list("samples") { check(sample) }
    root.finish()
    if forms.isEmpty, document.problems.isEmpty {
      root.report("there is no form of a number", remedy: "add `forms:` with a pattern")
    }
    try document.check()
  }

  private func check(_ sample: Fields) {
    let number = sample.string("number")
    let fits = sample.bool("fits", default: true)
    sample.finish()
    let isFitting = if case .fits = verdict(on: number) { true } else { false }
    guard sample.has("number"), isFitting != fits else { return }
    sample.report(
      at: "number",
      "`\(number)` \(fits ? "does not fit" : "fits")",
      remedy: "correct the sample, or the forms"
    )
  }
}

extension CarrierRule.Form {
  fileprivate init?(_ fields: Fields) {
    let text = fields.string("pattern")
    let check: CarrierRule.Check? = fields.has("check") ? fields.choice("check") : nil
    fields.finish()
    guard fields.has("pattern") else { return nil }
    guard let pattern = CarrierPattern(text) else {
      fields.report(
        at: "pattern",
        "`\(text)` is no pattern",
        remedy: "letters and digits as they are, # digit, @ letter, * either, {8,20}, [77|88]"
      )
      return nil
    }
    self.init(pattern: pattern, hasS10Check: check == .s10)
  }
}
