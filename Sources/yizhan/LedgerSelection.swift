import ArgumentParser
import Domain
import Ledger

/// Which events a sub-command is about.
struct LedgerSelection: ParsableArguments {
  @Option(help: ArgumentHelp(say("包裹号", "the parcel's number"), valueName: "number"))
  var parcel: String?

  @Option(
    help: ArgumentHelp(
      say("运单号：该包裹的全部记录", "the courier's number: everything of that parcel"),
      valueName: "number"
    )
  )
  var waybill: String?

  @Option(
    help: ArgumentHelp(
      say("种类，如 parcel.dispatched 或 parcel.（可重复）", "as parcel.dispatched, or parcel. (repeatable)"),
      valueName: "type"
    )
  )
  var type: [String] = []

  @Option(
    help: ArgumentHelp(say("只看 records（业务）或 telemetry（运行）", "records or telemetry only")),
    completion: .list(Lane.allCases.map(\.rawValue))
  )
  var lane: String?

  @OptionGroup var span: LedgerSpan

  var filter: EventFilter {
    var filter = EventFilter(
      lanes: lane.flatMap { Lane(rawValue: $0) }.map { [$0] } ?? Lane.allCases
    )
    filter.types = type
    filter.parcel = parcel
    filter.waybill = waybill
    filter.from = span.from.flatMap { LocalTime.milliseconds($0) }
    filter.to = span.to.flatMap { LocalTime.milliseconds($0) }
    return filter
  }

  func validate() throws {
    guard lane.map({ Lane(rawValue: $0) != nil }) ?? true else {
      throw ValidationError(
        say("--lane 只能是 records 或 telemetry", "--lane must be records or telemetry")
      )
    }
    guard parcel.map({ ParcelNumber($0) != nil }) ?? true else {
      throw ValidationError(
        say(
          "包裹号不对：应形如 SM017-K3F9-000042-7，最后一位是校验码",
          "that is no parcel number: it must look like SM017-K3F9-000042-7, with its check character"
        )
      )
    }
  }
}

/// From when to when.
struct LedgerSpan: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      say(
        "从何时起，当地时间，如 2026-11-01 或 2026-11-01T08:00",
        "from, local time: 2026-11-01 or 2026-11-01T08:00"
      ),
      valueName: "time"
    )
  )
  var from: String?

  @Option(
    help: ArgumentHelp(say("到何时为止，不含", "up to, not including it"), valueName: "time")
  )
  var to: String?

  func validate() throws {
    for text in [from, to].compactMap(\.self) where LocalTime.milliseconds(text) == nil {
      throw ValidationError(
        say(
          "`\(text)` 不是时间：写成 2026-11-01 或 2026-11-01T08:00",
          "`\(text)` is no time: write 2026-11-01 or 2026-11-01T08:00"
        )
      )
    }
  }
}

/// Times as people at a station write them: the county's local time, eight hours ahead of UTC.
package enum LocalTime {
  /// Milliseconds since 1970 of a date, or of a date and a minute; `nil` for anything else.
  package static func milliseconds(_ text: String) -> Int64? {
    let parts = text.split(separator: "T", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), let date = fields(parts[0], "-", [4, 2, 2]),
      let time = parts.count == 1 ? [0, 0] : fields(parts[1], ":", [2, 2]),
      (1...12).contains(date[1]), (1...days(in: date[1], of: date[0])).contains(date[2]),
      time[0] < 24, time[1] < 60
    else { return nil }
    let year = date[1] <= 2 ? date[0] - 1 : date[0]
    let month = date[1] > 2 ? date[1] - 3 : date[1] + 9
    // Days since 1970-03-01, counted in years that begin in March.
    let leaps = year / 4 - year / 100 + year / 400 - 477
    let days = (year - 1970) * 365 + leaps + (153 * month + 2) / 5 + date[2] - 1 + 59
    return Int64(((days * 24 + time[0] - 8) * 60 + time[1]) * 60_000)
  }

  private static func days(in month: Int, of year: Int) -> Int {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
  }

  private static func fields(_ text: Substring, _ mark: Character, _ widths: [Int]) -> [Int]? {
    let parts = text.split(separator: mark, omittingEmptySubsequences: false)
    guard parts.map(\.utf8.count) == widths else { return nil }
    let numbers = parts.compactMap { part in
      part.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(part) : nil
    }
    return numbers.count == parts.count ? numbers : nil
  }
}
