package import Domain

/// How the answer to `Status` is shown; what the daemon leaves out is left out here.
package struct StatusView {
  private let status: JSON
  private let say: Speech

  /// Takes the answer and the language to show it in.
  package init(_ status: JSON, _ say: Speech) {
    self.status = status
    self.say = say
  }

  /// Whether something wants attention.
  package var hasTrouble: Bool {
    DeviceView.hasTrouble(status["devices"]?.array ?? [])
      || ["cannot-save", "no-ledger"].contains(status["meaning"]?["id"]?.string)
  }

  /// The whole answer.
  package var text: String {
    let devices = status["devices"]?.array ?? []
    let pairs = station + ledger + SyncView(status["sync"] ?? .null, say).pairs
    let parts = [
      Terminal.list(pairs.isEmpty ? [(say("状态", "status"), say("未知", "unknown"))] : pairs),
      devices.isEmpty ? nil : DeviceView.table(devices, say),
    ]
    return parts.compactMap(\.self).joined(separator: "\n\n")
  }

  private var station: [(String, String)] {
    var pairs: [(String, String)] = []
    let site = [status["site"]?.string, status["name"]?.string].compactMap(\.self)
    if !site.isEmpty { pairs.append((say("网点", "site"), site.joined(separator: "  "))) }
    if let meaning = status["meaning"] {
      let words = meaning[say("zh", "en")]?.string ?? meaning["id"]?.string
      if let words { pairs.append((say("现在", "now"), words)) }
    }
    if let lamps { pairs.append((say("灯", "lamps"), lamps)) }
    if let parcel = status["parcel"]?.string, !parcel.isEmpty {
      let grams = status["grams"]?.int.map { "  \(Mass(grams: $0))" } ?? ""
      pairs.append((say("包裹", "parcel"), parcel + grams))
    }
    let version = [status["version"]?.string, Words.duration(status["uptimeSeconds"], say)]
      .compactMap(\.self)
    if !version.isEmpty {
      pairs.append((say("程序", "daemon"), version.joined(separator: say("，已运行 ", ", up "))))
    }
    if let hint = status["hint"], let text = hint["text"]?.string {
      let role = hint["role"]?.string.map { Words.role($0, say) + say("：", ": ") } ?? ""
      pairs.append((say("提示", "hint"), role + text))
    }
    if let clock = status["clock"]?.string {
      pairs.append((say("时钟", "clock"), Words.clock(clock, say)))
    }
    return pairs
  }

  private var lamps: String? {
    let lit = Lamp.allCases.compactMap { lamp -> String? in
      guard let rhythm = status["lamps"]?[lamp.rawValue]?.string else { return nil }
      return "\(Words.lamp(lamp, say)) \(Words.rhythm(rhythm, say))"
    }
    return lit.isEmpty ? nil : lit.joined(separator: say("，", ", "))
  }

  private var ledger: [(String, String)] {
    guard let ledger = status["ledger"] else { return [] }
    var pairs: [(String, String)] = []
    if let parcels = ledger["parcelsToday"]?.int {
      let mass = ledger["gramsToday"]?.int.map { "  \(Mass(grams: $0).kilograms) kg" } ?? ""
      pairs.append((say("今日", "today"), say("\(parcels) 件", "\(parcels) parcels") + mass))
    }
    for lane in Lane.allCases {
      guard let last = ledger[lane.rawValue]?["last"]?.int else { continue }
      let name = Words.lane(lane.rawValue, say)
      let sent = ledger[lane.rawValue]?["acknowledged"]?.int
      let rest = sent.map { say("，县里已收到 \($0)", ", the county has \($0)") } ?? ""
      pairs.append((name, say("到 \(last)", "up to \(last)") + rest))
    }
    return pairs
  }
}
