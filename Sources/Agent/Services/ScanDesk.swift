import Domain
package import Drivers
package import Logging
import Station
import Synchronization

/// Makes sense of what the scanners bring, and hands it to the workflow.
package final class ScanDesk: Sendable {
  private struct State {
    var guardian = DuplicateGuard()
    var readiness: [String: Readiness] = [:]
  }

  private let desk: Desk
  private let carriers: CarrierBook
  private let board: StatusBoard
  private let logger: Logger
  private let state = Mutex(State())

  package init(desk: Desk, carriers: CarrierBook, board: StatusBoard, logger: Logger) {
    self.desk = desk
    self.carriers = carriers
    self.board = board
    self.logger = logger
  }

  /// Takes what one scanner's session tells.
  package func scanner(_ event: ScannerEvent, _ role: String) {
    switch event {
    case .state(let device):
      desk.device(role, device) { readiness in
        .scanner(
          state.withLock { state in
            state.readiness[role] = readiness
            // One that works is enough.
            return state.readiness.values.contains(.ready) ? .ready : readiness
          }
        )
      }
    case .dropped(let reason):
      logger.info("\(role): \(reason)")
      board.hint(role, reason)
      desk.tell(.scanned(.unusable))
    case .scan(let scan): take(scan, role)
    }
  }

  private func take(_ scan: Scan, _ role: String) {
    let code = ScannedCode(scan)
    // The same beam delivered twice is no second scan.
    let isEcho = state.withLock { $0.guardian.note(code.text, at: scan.at) == .echo }
    guard !isEcho else { return }
    board.scan(role, code.text)
    desk.tell(.scanned(scanned(code, role)))
  }

  private func scanned(_ code: ScannedCode, _ role: String) -> Scanned {
    switch code {
    case .waybill(let waybill):
      switch carriers.match(waybill) {
      case .none: return .waybill(waybill, candidates: [])
      case .one(let carrier): return .waybill(waybill, candidates: [carrier])
      case .several(let carriers): return .waybill(waybill, candidates: carriers)
      case .misread(let reason):
        logger.info("\(role): \(waybill): \(reason)")
        return .unusable
      }
    case .carrier(let carrier):
      guard carriers.ids.contains(carrier) else {
        logger.warning(
          "\(role): no courier is called `\(carrier)`; add Devices/carriers/\(carrier).yaml"
        )
        return .unusable
      }
      return .carrier(carrier)
    case .parcel(let number): return .parcel(number)
    case .other(let reason):
      logger.info("\(role): \(reason)")
      return .unusable
    }
  }
}
