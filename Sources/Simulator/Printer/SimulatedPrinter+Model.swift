extension SimulatedPrinter {
  /// The kind of a printer.
  package struct Model: Hashable, Sendable {
    /// 8 for 203 dpi, 12 for 300 dpi.
    package var dotsPerMillimetre: Int
    /// Dots of its head, and the longest label in dots.
    package var widest: Int
    package var longest: Int
    /// From the order to the first row.
    package var warmUp: Duration
    /// Bytes a second that it takes when its receive buffer is full; `nil` for any number.
    package var bytesPerSecond: Int?
    package var receiveBuffer: Int
    /// Print orders that it keeps waiting; with one more it takes no further bytes.
    package var queuedOrders: Int
    /// Blank labels that it feeds in place of a job with a command that it does not know; `nil` if
    /// it merely skips the command.
    package var blanksForUnknown: Int?
    /// Whether it prints a spoilt label again once the trouble is gone.
    package var reprintsSpoilt: Bool
    /// Whether it forgets half a command when its plug is pulled.
    package var forgetsHalfCommands: Bool

    package init(
      dotsPerMillimetre: Int = 8,
      widest: Int = 864,
      longest: Int = 2400,
      warmUp: Duration = .milliseconds(120),
      bytesPerSecond: Int? = nil,
      receiveBuffer: Int = 16_384,
      queuedOrders: Int = 4,
      blanksForUnknown: Int? = 2,
      reprintsSpoilt: Bool = false,
      forgetsHalfCommands: Bool = true
    ) {
      precondition(dotsPerMillimetre > 0 && widest > 0 && longest > 0, "a head has dots")
      precondition(receiveBuffer > 0 && queuedOrders > 0, "a printer takes something")
      precondition(bytesPerSecond.map { $0 > 0 } ?? true, "a printer takes something")
      self.dotsPerMillimetre = dotsPerMillimetre
      self.widest = widest
      self.longest = longest
      self.warmUp = warmUp
      self.bytesPerSecond = bytesPerSecond
      self.receiveBuffer = receiveBuffer
      self.queuedOrders = queuedOrders
      self.blanksForUnknown = blanksForUnknown
      self.reprintsSpoilt = reprintsSpoilt
      self.forgetsHalfCommands = forgetsHalfCommands
    }
  }
}
