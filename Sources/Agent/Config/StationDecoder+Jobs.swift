import Domain
import StrictYAML

extension StationDecoder {
  /// The steps that this station knows, in the only order that makes sense.
  private enum Step: String, CaseIterable {
    case weigh
    case label
    case seal
  }

  /// Reads the jobs.
  ///
  /// - Returns: Whether a parcel is sealed.
  func jobs(_ fields: Fields, hasSealer: Bool) -> Bool {
    let job = fields.fields("dispatch")
    fields.finish()
    let button: Button? = job.choice("button", default: .go)
    if let button, button != .go {
      job.report(
        at: "button",
        "a parcel is begun with `go`, not with `\(button.rawValue)`",
        remedy: "write `button: go`, or leave it out"
      )
    }
    let names = job.strings("steps")
    let steps = names.compactMap { name in
      if let step = Step(rawValue: name) { return step }
      job.report(
        at: "steps",
        "there is no step `\(name)`",
        remedy: Suggestion.remedy(for: name, among: Step.allCases.map(\.rawValue))
      )
      return nil
    }
    job.finish()
    if fields.has("dispatch"), steps.count == names.count { checkOrder(of: steps, job) }
    if steps.contains(.seal), !hasSealer {
      let index = names.firstIndex(of: Step.seal.rawValue) ?? 0
      job.report(
        at: "steps",
        "`\(job.path).steps[\(index)]` is `seal`, but there is no sealer",
        remedy: "remove the step, or add `sealer:` with its profile and lines"
      )
    }
    return steps.contains(.seal)
  }

  private func checkOrder(of steps: [Step], _ job: Fields) {
    guard steps != [.weigh, .label], steps != Step.allCases else { return }
    job.report(
      at: job.has("steps") ? "steps" : nil,
      "the steps of `\(job.path)` are not a parcel's way",
      remedy: "write `steps: [weigh, label]` or `steps: [weigh, label, seal]`"
    )
  }
}
