import Domain
import StrictYAML

extension StationDecoder {
  /// The steps that this station knows, in the only order that makes sense.
  enum Step: String, CaseIterable {
    case scan
    case weigh
    case label
    case seal
  }

  /// Reads the jobs.
  ///
  /// - Returns: What is done with a parcel.
  func jobs(_ fields: Fields, hasSealer: Bool, hasScanner: Bool) -> Set<Step> {
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
    let lacks = { (step: Step, device: String) in
      let index = names.firstIndex(of: step.rawValue) ?? 0
      job.report(
        at: "steps",
        "`\(job.path).steps[\(index)]` is `\(step.rawValue)`, but there is no \(device)",
        remedy: "remove the step, or add the \(device) with its profile"
      )
    }
    if steps.contains(.seal), !hasSealer { lacks(.seal, "sealer") }
    if steps.contains(.scan), !hasScanner { lacks(.scan, "scanner") }
    return Set(steps)
  }

  private func checkOrder(of steps: [Step], _ job: Fields) {
    let middle = steps.drop { $0 == .scan }
    let isTwice = steps.count != Set(steps).count
    guard isTwice || (middle != [.weigh, .label] && middle != [.weigh, .label, .seal]) else {
      return
    }
    job.report(
      at: job.has("steps") ? "steps" : nil,
      "the steps of `\(job.path)` are not a parcel's way",
      remedy: "write `steps: [weigh, label]`, with `scan` before and `seal` after where wanted"
    )
  }
}
