package import Drivers
package import StrictYAML
import Glibc

/// Where profiles of devices and templates of labels are looked for; the first find counts.
package struct SearchPath: Hashable, Sendable {
  /// Folders with `scales`, `scanners`, `printers`, `machines`, `boards`, `controllers` and
  /// `carriers` in them.
  package var devices: [String]
  /// Folders of label templates.
  package var labels: [String]

  package init(devices: [String], labels: [String]) {
    self.devices = devices
    self.labels = labels
  }

  /// A tree that has the label templates beside the profiles, as `Devices` of the sources does.
  package init(tree: String) {
    self.init(devices: [tree], labels: ["\(tree)/labels"])
  }

  /// What a package installs, behind what a technician has put into `/etc`.
  package static let installed = SearchPath(
    devices: ["/etc/yizhan/devices.d", "/usr/share/yizhan/devices"],
    labels: [
      "/etc/yizhan/devices.d/labels", "/usr/share/yizhan/devices/labels",
      "/usr/share/yizhan/labels",
    ]
  )

  /// This path, with further trees in front of it.
  package func preceded(by trees: [String]) -> SearchPath {
    SearchPath(devices: trees + devices, labels: trees.map { "\($0)/labels" } + labels)
  }
}

/// All profiles of devices that this box has, by their ids.
package struct ProfileStore: Sendable {
  /// What there is of one kind; a broken file keeps its id from a sound one further down the path,
  /// so that a mistake in a local file never passes unseen.
  package struct Shelf<Profile: Sendable>: Sendable {
    package fileprivate(set) var sound: [String: Profile] = [:]
    package fileprivate(set) var broken: [String: Problems] = [:]
  }

  package private(set) var scales = Shelf<ScaleProfile>()
  package private(set) var scanners = Shelf<ScannerProfile>()
  package private(set) var carriers = Shelf<CarrierRule>()
  package private(set) var printers = Shelf<PrinterProfile>()
  package private(set) var machines = Shelf<MachineProfile>()
  package private(set) var boards = Shelf<BoardProfile>()
  package private(set) var controllers = Shelf<ControllerProfile>()
  /// Every problem of every file and folder.
  package private(set) var problems = Problems()

  /// Reads all profiles of some folders; one that does not exist is passed over.
  package init(roots: [String]) {
    for root in roots {
      scales.fill(from: "\(root)/scales", &problems) { text, file throws(Problems) in
        try ScaleProfile(yaml: text, file: file)
      }
      scanners.fill(from: "\(root)/scanners", &problems) { text, file throws(Problems) in
        try ScannerProfile(yaml: text, file: file)
      }
      carriers.fill(from: "\(root)/carriers", &problems) { text, file throws(Problems) in
        try CarrierRule(yaml: text, file: file)
      }
      printers.fill(from: "\(root)/printers", &problems) { text, file throws(Problems) in
        try PrinterProfile(yaml: text, file: file)
      }
      machines.fill(from: "\(root)/machines", &problems) { text, file throws(Problems) in
        try MachineProfile(yaml: text, file: file)
      }
      boards.fill(from: "\(root)/boards", &problems) { text, file throws(Problems) in
        try BoardProfile(yaml: text, file: file)
      }
      controllers.fill(from: "\(root)/controllers", &problems) { text, file throws(Problems) in
        try ControllerProfile(yaml: text, file: file)
      }
    }
  }
}

extension ProfileStore.Shelf {
  /// All ids, in alphabetical order.
  package var ids: [String] { (Array(sound.keys) + Array(broken.keys)).sorted() }

  fileprivate mutating func fill(
    from folder: String,
    _ problems: inout Problems,
    _ decode: (String, String) throws(Problems) -> Profile
  ) {
    let names: [String]
    do {
      names = try TextFile.names(in: folder)
    } catch {
      if error.code != ENOENT { problems.add(Self.unreadable(folder, error)) }
      return
    }
    for name in names where name.hasSuffix(".yaml") {
      let id = String(name.dropLast(5))
      guard sound[id] == nil, broken[id] == nil else { continue }
      let file = "\(folder)/\(name)"
      do throws(Problems) {
        sound[id] = try decode(try Self.text(of: file), file)
      } catch {
        broken[id] = error
        problems.add(contentsOf: error)
      }
    }
  }

  private static func text(of file: String) throws(Problems) -> String {
    do {
      return try TextFile.read(file)
    } catch {
      var problems = Problems()
      problems.add(unreadable(file, error))
      throw problems
    }
  }

  private static func unreadable(_ path: String, _ failure: TextFile.Failure) -> Problem {
    Problem(
      file: path,
      line: 0,
      column: 0,
      cause: "it cannot be read: \(failure.cause)",
      remedy: "make it readable for user yizhan, or remove it"
    )
  }
}
