import Domain
import Foundation

/// What a bench has written down so far, read from its log of JSON lines.
struct BenchRecord {
  struct Label {
    /// The name of its picture among the saved ones.
    var file: String?
    var isComplete: Bool
    var at: Instant
  }

  struct Edge {
    var role: String
    var isActive: Bool
    var isInput: Bool
    var at: Instant
  }

  private(set) var labels: [Label] = []
  /// Cycles that the sealer has begun, and those that ended well.
  private(set) var actuations = 0
  private(set) var completed = 0
  /// Misuses of the sealer, by name.
  private(set) var violations: [String] = []
  private(set) var edges: [Edge] = []
  /// Orders that the bench did not understand.
  private(set) var misunderstood: [String] = []
  /// How often the printer, the scale and the scanner lost their cable.
  private(set) var unpluggings: [String: Int] = [:]

  private let path: String
  private var offset: UInt64 = 0

  /// Starts before the first line.
  init(path: String) {
    self.path = path
  }

  var completeLabels: Int { labels.count { $0.isComplete } }

  /// Reads what has been written since the last time.
  ///
  /// - Throws: Where the log cannot be read, or a whole line of it is no event.
  mutating func refresh() throws {
    let file = try FileHandle(forReadingFrom: URL(filePath: path))
    defer { try? file.close() }
    try file.seek(toOffset: offset)
    let bytes = try file.readToEnd() ?? Data()
    guard let end = bytes.lastIndex(of: 0x0A) else { return }
    let whole = bytes[...end]
    offset += UInt64(whole.count)
    for line in whole.split(separator: 0x0A) { take(try JSON(parsing: Array(line))) }
  }

  private mutating func take(_ event: JSON) {
    let at = Instant(nanoseconds: Int64(event["at"]?.int ?? 0))
    switch event["event"]?.string {
    case "input": edge(event, isInput: true, at)
    case "output": edge(event, isInput: false, at)
    case "label":
      let isComplete = event["complete"]?.bool ?? false
      labels.append(Label(file: event["code"]?.string, isComplete: isComplete, at: at))
    case "sealer":
      actuations = event["actuations"]?.int ?? actuations
      completed = event["completed"]?.int ?? completed
    case "violation": violations.append(event["kind"]?.string ?? "unnamed")
    case "order" where event["understood"]?.bool != true:
      misunderstood.append(event["order"]?.string ?? "")
    case "printer-unplugged": unpluggings["printer", default: 0] += 1
    case "scale-unplugged": unpluggings["scale", default: 0] += 1
    case "scanner-unplugged": unpluggings["scanner", default: 0] += 1
    default: break
    }
  }

  private mutating func edge(_ event: JSON, isInput: Bool, _ at: Instant) {
    guard let role = event["role"]?.string, let isActive = event["active"]?.bool else { return }
    edges.append(Edge(role: role, isActive: isActive, isInput: isInput, at: at))
  }
}

extension BenchRecord {
  /// From each edge of GO to the edge of the start contact that it led to.
  var reactions: [Duration] {
    var pressed: Instant?
    var reactions: [Duration] = []
    for edge in edges.sorted(by: { $0.at < $1.at }) where edge.isActive {
      if edge.isInput, edge.role == "go" { pressed = edge.at }
      guard !edge.isInput, edge.role == "machine.start", let start = pressed else { continue }
      reactions.append(edge.at - start)
      pressed = nil
    }
    return reactions
  }
}
