package import Domain
package import StrictYAML

/// What a check of one profile found.
package struct ProfileCheck: Sendable {
  package let kind: ProfileKind
  package let file: String
  /// The profile; `nil` where there are problems.
  package let profile: AnyProfile?
  package let problems: Problems
  /// How many samples agree with it; `nil` where its kind has none.
  package let samples: Int?

  /// Checks a text.
  ///
  /// - Parameters:
  ///   - kind: What it is a profile of.
  ///   - text: The whole YAML file.
  ///   - file: Its path; the last part without `.yaml` is the profile's id.
  package init(_ kind: ProfileKind, yaml text: String, file: String) {
    self.kind = kind
    self.file = file
    switch kind {
    case .scale, .scanner, .board, .controller, .carrier:
      samples = Document(text, file: file).root.list("samples").count
    case .printer, .machine, .label: samples = nil
    }
    do throws(Problems) {
      profile = try AnyProfile(kind, yaml: text, file: file)
      problems = Problems()
    } catch {
      profile = nil
      problems = error
    }
  }

  /// Reads a file and checks it; one that cannot be read is a problem too.
  package init(_ kind: ProfileKind, file: String) {
    do throws(Files.Refusal) {
      let text = try Files.text(file)
      self.init(kind, yaml: text, file: file)
    } catch {
      self.init(kind, unreadable: file, error.cause)
    }
  }

  private init(_ kind: ProfileKind, unreadable file: String, _ cause: String) {
    self.kind = kind
    self.file = file
    profile = nil
    samples = nil
    var problems = Problems()
    problems.add(
      Problem(
        file: file,
        line: 0,
        column: 0,
        cause: "it cannot be read: \(cause)",
        remedy: "check the path and its permissions"
      )
    )
    self.problems = problems
  }

  /// The problems, one a line as compilers write them, or that there are none.
  package func text(_ say: Speech) -> String {
    guard problems.isEmpty else {
      return problems.all.map { Terminal.plain($0.description) }.joined(separator: "\n")
    }
    let sound = say("\(file)：正确", "\(file): right")
    guard let samples else { return sound }
    guard samples > 0 else {
      return sound
        + say(
          "，但没有样本：什么也没有证实；用 `yizhan capture` 抓几帧写进 samples",
          ", but without samples nothing is proven: put frames of `yizhan capture` into `samples`"
        )
    }
    return sound
      + say(
        "，\(samples) 个样本都对",
        samples == 1 ? ", and so is its sample" : ", and so are its \(samples) samples"
      )
  }

  /// The result as one JSON document.
  package var json: JSON {
    .object([
      "file": .string(file), "kind": .string(kind.rawValue), "ok": .bool(problems.isEmpty),
      "samples": samples.map { .int($0) } ?? .null,
      "problems": .array(problems.all.map(\.json)),
    ])
  }
}
