import Domain
package import Drivers

/// A simulated scale or scanner of a station, opened.
package struct SimulatedDevicePort: DevicePort {
  package let descriptor: [UInt8]
  private let station: SimulatedStation
  private let device: Bench.Device
  private let plugging: Int

  init(station: SimulatedStation, device: Bench.Device, plugging: Int, descriptor: [UInt8]) {
    self.station = station
    self.device = device
    self.plugging = plugging
    self.descriptor = descriptor
  }

  package func receive(within limit: Duration) async throws(PortError) -> [UInt8]? {
    let deadline = station.time.now() + limit
    while true {
      let seen = station.bell.rings
      let (isThere, bytes) = station.look { bench in
        let isThere = bench.plugging(of: device) == plugging
        return (isThere, isThere ? bench.take(from: device) : nil)
      }
      guard isThere else { throw .vanished }
      if let bytes { return bytes }
      let left = deadline - station.time.now()
      guard left > .zero, !Task.isCancelled else { return nil }
      await station.bell.wait(past: seen, within: left, station.time)
    }
  }

  package func send(_ bytes: [UInt8]) async throws(PortError) {
    try give { $0.give(bytes, to: device) }
  }

  package func sendFeature(_ report: [UInt8]) async throws(PortError) {
    try give { $0.giveFeature(report, to: device) }
  }

  package func close() async {}

  private func give(_ body: (inout Bench) -> Bool) throws(PortError) {
    let isTaken: Bool? = station.change { bench in
      bench.plugging(of: device) == plugging ? body(&bench) : nil
    }
    guard let isTaken else { throw .vanished }
    guard isTaken else { throw .stalled }
  }
}

/// Opens the scale of a simulated station.
package struct SimulatedScaleOpener: PortOpener {
  private let station: SimulatedStation

  init(station: SimulatedStation) {
    self.station = station
  }

  package var label: String { "scale (simulated)" }

  package func open() async throws(PortError) -> SimulatedDevicePort {
    try station.open(.scale)
  }
}

/// Opens one of the scanners of a simulated station.
package struct SimulatedScannerOpener: PortOpener {
  private let station: SimulatedStation
  private let index: Int

  init(station: SimulatedStation, index: Int) {
    self.station = station
    self.index = index
  }

  package var label: String { "scanner \(index + 1) (simulated)" }

  package func open() async throws(PortError) -> SimulatedDevicePort {
    try station.open(.scanner(index))
  }
}

extension SimulatedStation {
  fileprivate func open(_ device: Bench.Device) throws(PortError) -> SimulatedDevicePort {
    let found = look { bench -> (plugging: Int, descriptor: [UInt8])? in
      guard let plugging = bench.plugging(of: device) else { return nil }
      return (plugging, bench.open(device))
    }
    guard let found else { throw .absent }
    return SimulatedDevicePort(
      station: self,
      device: device,
      plugging: found.plugging,
      descriptor: found.descriptor
    )
  }
}

extension Bench {
  /// A device that a port stands for.
  enum Device: Hashable, Sendable {
    case scale
    case scanner(Int)
  }

  /// How often its plug was pulled; `nil` where it is not in.
  fileprivate func plugging(of device: Device) -> Int? {
    switch device {
    case .scale: return scale.isPlugged ? scale.unpluggings : nil
    case .scanner(let index):
      guard scanners.indices.contains(index), scanners[index].isPlugged else { return nil }
      return scanners[index].unpluggings
    }
  }

  /// Forgets what came before; what a program gets that opens it now is its report descriptor.
  fileprivate mutating func open(_ device: Device) -> [UInt8] {
    switch device {
    case .scale:
      scale.keepStaleReport()
      return scale.descriptor
    case .scanner(let index):
      scanners[index].forget()
      return scanners[index].descriptor
    }
  }

  fileprivate mutating func take(from device: Device) -> [UInt8]? {
    switch device {
    case .scale: scale.takeReport()
    case .scanner(let index): scanners[index].takePiece()
    }
  }

  fileprivate mutating func give(_ bytes: [UInt8], to device: Device) -> Bool {
    switch device {
    case .scale: scale.receive(bytes)
    // A scanner beeps or not; nothing that a station needs to know.
    case .scanner(let index): scanners[index].model.wire != .wedge
    }
  }

  fileprivate mutating func giveFeature(_ report: [UInt8], to device: Device) -> Bool {
    switch device {
    case .scale: scale.receiveFeature(report)
    case .scanner: false
    }
  }
}
