import Domain
package import Drivers

/// The simulated printer of a station, opened.
package struct SimulatedPrinterPort: PrinterPort {
  private let station: SimulatedStation
  private let plugging: Int
  private let holder: UInt64

  init(station: SimulatedStation, plugging: Int, holder: UInt64) {
    self.station = station
    self.plugging = plugging
    self.holder = holder
  }

  /// The id with its length in front, which counts itself (IEEE 1284, high byte first).
  package var deviceID: [UInt8] {
    let text = Array("MFG:YIZHAN;CMD:TSPL;MDL:SIM-203;CLS:PRINTER;".utf8)
    return [UInt8((text.count + 2) >> 8), UInt8((text.count + 2) & 0xFF)] + text
  }

  package func write(
    _ bytes: ArraySlice<UInt8>,
    within limit: Duration
  ) async throws(PortError) -> Int {
    let deadline = station.time.now() + limit
    var rest = bytes
    while true {
      let seen = station.bell.rings
      let taken = try ifThere { $0.feed(rest) }
      if taken > 0 { station.bell.ring() }
      rest = rest.dropFirst(taken)
      let left = deadline - station.time.now()
      guard !rest.isEmpty, left > .zero, !Task.isCancelled else { break }
      // It rang itself if it gave something: only what others change is worth waking up for.
      let rings = taken > 0 ? station.bell.rings : seen
      await station.bell.wait(past: rings, within: left, station.time)
    }
    return bytes.count - rest.count
  }

  package func read(upTo count: Int, within limit: Duration) async throws(PortError) -> [UInt8] {
    let deadline = station.time.now() + limit
    while true {
      let seen = station.bell.rings
      let answers = try ifThere { $0.answers(upTo: count) }
      let left = deadline - station.time.now()
      guard answers.isEmpty, left > .zero, !Task.isCancelled else { return answers }
      await station.bell.wait(past: seen, within: left, station.time)
    }
  }

  package func close() async {
    station.release(holder)
  }

  private func ifThere<Value: Sendable>(
    _ body: (inout SimulatedPrinter) -> Value
  ) throws(PortError) -> Value {
    let value: Value? = station.look { bench in
      guard bench.printer.isPlugged, bench.printer.unpluggings == plugging else { return nil }
      let value = body(&bench.printer)
      // It may have died of what it was given.
      return bench.printer.isPlugged ? value : nil
    }
    guard let value else { throw .vanished }
    return value
  }
}

/// Opens the printer of a simulated station; like `usblp`, it lets in one at a time.
package struct SimulatedPrinterOpener: PortOpener {
  private let station: SimulatedStation

  init(station: SimulatedStation) {
    self.station = station
  }

  package var label: String { "printer (simulated)" }

  package func open() async throws(PortError) -> SimulatedPrinterPort {
    let plugging = station.look { bench in
      bench.printer.isPlugged ? bench.printer.unpluggings : nil
    }
    guard let plugging else { throw .absent }
    guard let holder = station.hold(plugging) else { throw .busy(path: label) }
    return SimulatedPrinterPort(station: station, plugging: plugging, holder: holder)
  }
}
