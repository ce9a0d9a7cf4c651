package import Domain

/// Lines of boards on Modbus, as if they were GPIO lines.
///
/// A thread for each bus does the talking; no call here waits for it but ``release()``, which waits
/// until everything is off, and for a line that is stuck no longer than ``patience``.
package final class ModbusLineBank: LineBank {
  /// How long a release waits for the outputs to be off.
  package static let patience = Duration.seconds(3)
  /// How long taking lines waits for the boards to answer once.
  package static let firstLook = Duration.seconds(1)

  private let news: LineNews
  private let buses: [BusOrders]
  /// Which bus has an output.
  private let places: [Int]
  private var isReleased = false

  /// Takes lines and starts a thread for each bus, which switches everything off at first.
  ///
  /// It waits until each board has answered, but no longer than ``firstLook``: a guard that is
  /// closed must not look like one that was open for a moment, which only a reset undoes.
  ///
  /// - Parameters:
  ///   - inputs: The lines to watch; edges and levels use the order of this list. Those of
  ///     a board that does not answer are inactive.
  ///   - outputs: The lines to drive; ``set(_:_:)`` uses the order of this list.
  ///   - buses: The serial lines with their boards.
  ///   - report: Takes the states of the boards.
  /// - Throws: A line that is on no board of these buses, or what keeps a thread from starting.
  package init(
    inputs: [LineSpec],
    outputs: [LineSpec],
    buses: [ModbusBus],
    report: @escaping BoardReport
  ) throws(Trouble) {
    news = LineNews(count: inputs.count)
    self.buses = buses.map { _ in BusOrders() }
    var places: [Int] = []
    for spec in outputs { places.append(try Self.bus(of: spec, buses)) }
    for spec in inputs { _ = try Self.bus(of: spec, buses) }
    self.places = places
    for (bus, orders) in zip(buses, self.buses) {
      do throws(PortError) {
        try PrivateThread.start("yz-modbus") { [news] in
          ModbusBusLoop(
            bus,
            inputs: inputs,
            outputs: outputs,
            orders: orders,
            news: news,
            report: report
          ).run()
        }
      } catch {
        // Those that have begun must not hold their lines.
        for orders in self.buses { orders.end() }
        throw error.trouble(attempted: "starting the bus", device: bus.label)
      }
    }
    for orders in self.buses { orders.waitForBegin(atMost: Self.firstLook) }
    // What has been found is how things stand, not something that has happened.
    _ = news.take()
  }

  deinit {
    release()
  }

  package var descriptors: [Int32] { isReleased ? [] : [news.descriptor] }

  package func take(from descriptor: Int32, into edges: inout [Edge]) throws(PortError) -> Bool {
    let batch = news.take()
    edges += batch.edges
    return batch.lost
  }

  /// Takes edges that wait behind a descriptor; none if there are none.
  package func edges(of descriptor: Int32) throws(PortError) -> EdgeBatch { news.take() }

  package func levels() throws(PortError) -> [Bool] { news.levels }

  package func set(_ output: Int, _ active: Bool) throws(PortError) {
    guard !isReleased, places.indices.contains(output) else { return }
    buses[places[output]].set(output, active)
  }

  package func release() {
    guard !isReleased else { return }
    isReleased = true
    for bus in buses { bus.end() }
    for bus in buses { bus.waitForEnd(atMost: Self.patience) }
  }

  private static func bus(of spec: LineSpec, _ buses: [ModbusBus]) throws(Trouble) -> Int {
    let found = buses.firstIndex { bus in
      bus.boards.contains { $0.id == spec.address.board }
    }
    if let found { return found }
    throw Trouble(
      attempted: "taking the line",
      device: spec.role,
      cause: "it is on no board that is configured",
      remedy: "add the board under `boards` in station.yaml"
    )
  }
}
