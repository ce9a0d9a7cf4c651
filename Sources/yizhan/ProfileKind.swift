package import Drivers
package import Labels
package import StrictYAML

/// The kinds of profiles, each in a folder of its own.
package enum ProfileKind: String, Hashable, Sendable, CaseIterable {
  case scale, scanner, printer, machine, board, controller, carrier, label

  /// The folder's name, as `scales`.
  package var folder: String { rawValue + "s" }

  /// The kind that a file is by the folder it lies in.
  package init?(folderOf file: String) {
    guard let folder = Files.absolute(file).split(separator: "/").dropLast().last else {
      return nil
    }
    guard let kind = Self.allCases.first(where: { $0.folder == folder }) else { return nil }
    self = kind
  }

  /// As technicians call it.
  package func words(_ say: Speech) -> String {
    switch self {
    case .scale: say("秤", "scale")
    case .scanner: say("扫码枪", "scanner")
    case .printer: say("打印机", "printer")
    case .machine: say("机器", "machine")
    case .board: say("继电器板", "board")
    case .controller: say("温控器", "controller")
    case .carrier: say("快递公司", "carrier")
    case .label: say("面单", "label")
    }
  }
}

/// A profile that is sound.
package enum AnyProfile: Sendable {
  case scale(ScaleProfile)
  case scanner(ScannerProfile)
  case printer(PrinterProfile)
  case machine(MachineProfile)
  case board(BoardProfile)
  case controller(ControllerProfile)
  case carrier(CarrierRule)
  case label(LabelTemplate)

  /// Reads one, and replays its samples.
  ///
  /// - Throws: All problems of the file.
  package init(_ kind: ProfileKind, yaml text: String, file: String) throws(Problems) {
    switch kind {
    case .scale: self = .scale(try ScaleProfile(yaml: text, file: file))
    case .scanner: self = .scanner(try ScannerProfile(yaml: text, file: file))
    case .printer: self = .printer(try PrinterProfile(yaml: text, file: file))
    case .machine: self = .machine(try MachineProfile(yaml: text, file: file))
    case .board: self = .board(try BoardProfile(yaml: text, file: file))
    case .controller: self = .controller(try ControllerProfile(yaml: text, file: file))
    case .carrier: self = .carrier(try CarrierRule(yaml: text, file: file))
    case .label: self = .label(try LabelTemplate(yaml: text, file: file))
    }
  }
}
