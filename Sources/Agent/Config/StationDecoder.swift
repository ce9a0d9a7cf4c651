import Domain
import Drivers
import Labels
import Station
import StrictYAML

/// One reading of a station's file: asks for every field, and gathers what is wrong.
struct StationDecoder {
  let document: Document
  let store: ProfileStore
  let search: SearchPath
  let isReadable: @Sendable (String) -> Bool
  /// Which role has which line.
  private var holders: [LineSpec.Address: String] = [:]
  private var serialHolders: [String: String] = [:]
  /// The boards that lines may be on.
  var boards: [StationConfig.Board] = []
  /// The lines that boards and controllers share.
  var buses: [SharedBus] = []
  /// Problems of other files that this one names.
  private var foreign = Problems()

  init(
    document: Document,
    store: ProfileStore,
    search: SearchPath,
    isReadable: @escaping @Sendable (String) -> Bool
  ) {
    self.document = document
    self.store = store
    self.search = search
    self.isReadable = isReadable
  }

  /// The problems of the station's file from top to bottom, then those of other files.
  var allProblems: Problems {
    var all = Problems()
    let own = document.problems.all.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
    for problem in own { all.add(problem) }
    all.add(contentsOf: foreign)
    return all
  }

  /// Reads everything.
  ///
  /// - Returns: `nil` only where there are problems.
  mutating func station() -> StationConfig? {
    let root = document.root
    let site = site(root)
    let name = name(root)
    let hub = root.optionalFields("hub").map(hub)
    let scale = scale(root.fields("scale"))
    let scanners = scanners(root.list("scanners"))
    boards = boards(root.optionalFields("boards"))
    let controllers = controllers(root.optionalFields("controllers"))
    let label = label(root.fields("label"))
    let printer = printer(root.fields("printer"), gap: label.gap)
    let panel = panel(root.fields("panel"))
    let machineFields = root.optionalFields("machine")
    var machine: StationConfig.Machine?
    if let machineFields { machine = self.machine(machineFields) }
    if machine?.signals[.estopOK] != nil { requireCancel(panel) }
    let heartbeat = root.optionalFields("heartbeat").flatMap { self.heartbeat($0) }
    let steps = jobs(
      root.fields("jobs"),
      machine: machineFields.map { _ in machine?.profile },
      hasScanner: !scanners.isEmpty
    )
    let plan = plan(root.optionalFields("weighing"), steps)
    let paths = root.optionalFields("paths")
    let state = paths?.path("state", default: Self.stateDirectory) ?? Self.stateDirectory
    let socket = paths?.path("socket", default: Self.controlSocket) ?? Self.controlSocket
    if socket.utf8.count > 107 {
      paths?.report(at: "socket", "the path is longer than 107 bytes", remedy: "shorten it")
    }
    paths?.finish()
    root.finish()
    if let printer, let template = label.template {
      compare(template, with: printer.profile, root.fields("label"))
    }
    guard let site, let scale, let printer, let template = label.template else { return nil }
    return StationConfig(
      site: site,
      name: name,
      hub: hub,
      scale: scale,
      scanners: scanners,
      carriers: CarrierBook(
        rules: store.carriers.sound.keys.sorted().compactMap { store.carriers.sound[$0] }
      ),
      printer: printer,
      boards: boards,
      controllers: controllers,
      machine: machine,
      buttons: panel.buttons,
      lamps: panel.lamps,
      beeper: panel.beeper,
      panel: panel.extras,
      heartbeat: heartbeat,
      plan: plan,
      template: template,
      fontFile: label.font,
      stateDirectory: state,
      controlSocket: socket
    )
  }

  private static let stateDirectory = "/var/lib/yizhan"
  private static let controlSocket = "/run/yizhan/control.sock"

  private func site(_ root: Fields) -> SiteID? {
    let text = root.string("site")
    guard root.has("site") else { return nil }
    if let site = SiteID(text) { return site }
    root.report(
      at: "site",
      "`\(text)` is not a site's id",
      remedy: "use the county's code of 2 to 12 capitals and digits, as SM017"
    )
    return nil
  }

  private func name(_ root: Fields) -> String {
    let name = root.string("name")
    let isControl = { (scalar: Unicode.Scalar) in scalar.properties.generalCategory == .control }
    if root.has("name"),
      !(1...40).contains(name.count) || name.unicodeScalars.contains(where: isControl)
    {
      root.report(
        at: "name",
        "`name` must have 1 to 40 characters on one line",
        remedy: "write the name of the point as labels shall print it"
      )
    }
    return name
  }

  private func plan(_ fields: Fields?, _ steps: Set<Step>) -> Plan {
    var plan = Plan(
      scans: steps.contains(.scan),
      closing: steps.contains(.seal) ? .seal : steps.contains(.strap) ? .strap : nil
    )
    guard let fields else { return plan }
    plan.least = fields.mass("least", in: 1...10_000, default: plan.least.grams)
    plan.greatest = fields.mass("greatest", in: 100...200_000, default: plan.greatest.grams)
    plan.zeroBand = fields.mass("zero-band", in: 0...500, default: plan.zeroBand.grams)
    plan.expected = fields.optionalFields("expected").map { expected($0, plan) }
    fields.finish()
    if plan.least >= plan.greatest {
      fields.report(
        at: fields.has("least") ? "least" : "greatest",
        "`least` (\(plan.least)) is not below `greatest` (\(plan.greatest))",
        remedy: "exchange or correct them"
      )
    }
    if plan.zeroBand >= plan.least {
      fields.report(
        at: fields.has("zero-band") ? "zero-band" : "least",
        "an empty scale (up to \(plan.zeroBand)) could pass for a parcel (from \(plan.least))",
        remedy: "make `zero-band` smaller than `least`"
      )
    }
    return plan
  }

  private func expected(_ fields: Fields, _ plan: Plan) -> Plan.Expected {
    let mass = fields.mass("mass", in: 1...200_000)
    let tolerance = fields.mass("tolerance", in: 0...10_000)
    fields.finish()
    if mass < plan.least || mass > plan.greatest {
      fields.report(
        at: "mass",
        "no parcel from \(plan.least) to \(plan.greatest) weighs \(mass)",
        remedy: "correct it, or `least` and `greatest`"
      )
    }
    return Plan.Expected(mass: mass, tolerance: tolerance)
  }

  func requireFile(_ path: String?, _ key: String, _ fields: Fields, remedy: String) {
    guard let path, !isReadable(path) else { return }
    fields.report(at: key, "`\(path)` is missing or cannot be read", remedy: remedy)
  }

  mutating func add(foreign problems: Problems) { foreign.add(contentsOf: problems) }

  /// Notes who uses a serial port.
  ///
  /// - Returns: Who has it already.
  mutating func hold(serialPort node: String, for place: String) -> String? {
    if let holder = serialHolders[node] { return holder }
    serialHolders[node] = place
    return nil
  }

  /// Notes who uses a line.
  ///
  /// - Returns: Who has it already.
  mutating func hold(_ address: LineSpec.Address, for place: String) -> String? {
    if let holder = holders[address] { return holder }
    holders[address] = place
    return nil
  }
}
