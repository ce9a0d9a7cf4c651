import Drivers
import Labels

/// What is on the tables, in the makers' words.
extension StationConfig {
  package var scaleModel: String { "\(scale.profile.maker) \(scale.profile.model)" }
  package var printerModel: String { "\(printer.profile.maker) \(printer.profile.model)" }
  package var machineModel: String? { machine.map { "\($0.profile.maker) \($0.profile.model)" } }
  package var templateName: String { template.name }
}
