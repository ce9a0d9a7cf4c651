import Domain
package import Drivers

/// The simulated scale of a station, opened.
package struct SimulatedHIDPort: HIDPort {
  private let station: SimulatedStation
  private let plugging: Int

  init(station: SimulatedStation, plugging: Int) {
    self.station = station
    self.plugging = plugging
  }

  package var descriptor: [UInt8] { SimulatedScale.descriptor }

  package func report(within limit: Duration) async throws(PortError) -> [UInt8]? {
    let deadline = station.time.now() + limit
    while true {
      let seen = station.bell.rings
      let (isThere, report) = station.look { bench in
        let isThere = bench.scale.isPlugged && bench.scale.unpluggings == plugging
        return (isThere, isThere ? bench.scale.takeReport() : nil)
      }
      guard isThere else { throw .vanished }
      if let report { return report }
      let left = deadline - station.time.now()
      guard left > .zero, !Task.isCancelled else { return nil }
      await station.bell.wait(past: seen, within: left, station.time)
    }
  }

  package func send(_ report: [UInt8]) async throws(PortError) {
    let isTaken: Bool? = station.change { bench in
      guard bench.scale.isPlugged, bench.scale.unpluggings == plugging else { return nil }
      return bench.scale.receive(report)
    }
    guard let isTaken else { throw .vanished }
    guard isTaken else { throw .stalled }
  }

  package func close() async {}
}

/// Opens the scale of a simulated station.
package struct SimulatedHIDOpener: PortOpener {
  private let station: SimulatedStation

  init(station: SimulatedStation) {
    self.station = station
  }

  package var label: String { "scale (simulated)" }

  package func open() async throws(PortError) -> SimulatedHIDPort {
    let plugging: Int? = station.look { bench in
      guard bench.scale.isPlugged else { return nil }
      bench.scale.keepStaleReport()
      return bench.scale.unpluggings
    }
    guard let plugging else { throw .absent }
    return SimulatedHIDPort(station: station, plugging: plugging)
  }
}
