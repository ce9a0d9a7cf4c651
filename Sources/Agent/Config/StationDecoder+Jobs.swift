import Domain
import Drivers
import StrictYAML

extension StationDecoder {
  /// The steps that this station knows, in the only order that makes sense.
  enum Step: String, CaseIterable {
    case scan
    case weigh
    case label
    case seal
    case strap
  }

  /// Reads the jobs.
  ///
  /// - Parameters:
  ///   - fields: What the file says of them.
  ///   - machine: The machine's profile: `.some(nil)` where there is one, and it has mistakes.
  ///   - hasScanner: Whether there is a scanner.
  /// - Returns: What is done with a parcel.
  func jobs(_ fields: Fields, machine: MachineProfile??, hasScanner: Bool) -> Set<Step> {
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
    for (step, action) in [(Step.seal, PhysicalAction.seal), (.strap, .strap)]
    where steps.contains(step) {
      if machine == nil { lacks(step, "machine") }
      if let profile = machine ?? nil, profile.kind.action != action {
        job.report(
          at: "steps",
          "a machine of profile `\(profile.id)` does not \(step.rawValue)",
          remedy: "write `\(profile.kind.action.rawValue)` in the steps, or use another profile"
        )
      }
    }
    if steps.contains(.scan), !hasScanner { lacks(.scan, "scanner") }
    return Set(steps)
  }

  private func checkOrder(of steps: [Step], _ job: Fields) {
    let middle = steps.drop { $0 == .scan }
    let isTwice = steps.count != Set(steps).count
    let ways: [[Step]] = [
      [.weigh, .label], [.weigh, .label, .seal], [.weigh, .label, .strap],
    ]
    guard isTwice || !ways.contains(Array(middle)) else { return }
    job.report(
      at: job.has("steps") ? "steps" : nil,
      "the steps of `\(job.path)` are not a parcel's way",
      remedy: "write `steps: [weigh, label]`, with `scan` before and `seal` or `strap` after"
    )
  }
}
