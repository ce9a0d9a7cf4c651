package import Drivers

/// How the kernel drives a serial port: its `struct termios2`, as it lies in memory.
///
/// The layout and the bits are those of Linux' asm-generic/termbits.h, which both x86-64 and arm64
/// use. glibc's `termios` is another one, and knows only the usual speeds.
package struct SerialSettings: Hashable, Sendable {
  /// Flags of input, output, line and local processing; five words with the line discipline and
  /// the control characters; the speeds in and out.
  package private(set) var words: [UInt32]

  /// Takes what the kernel gave.
  package init(words: [UInt32]) {
    self.words = words
  }

  /// Makes settings that carry every byte as it is.
  ///
  /// No byte has a meaning to the kernel, and nothing stops the flow. A byte with a wrong parity or
  /// stop bit arrives as NUL, and so does a break: a frame with a hole is refused by its decoder,
  /// while a byte left out could make a wrong weight of a good one.
  package init(_ line: SerialLine) {
    words = [UInt32](repeating: 0, count: 11)
    // Without INPCK drivers do not look for errors; neither IGNPAR nor PARMRK: NUL stands for them.
    words[0] = Bits.checksInput
    words[2] =
      Bits.anySpeed | Bits.receives | Bits.ignoresModemLines | UInt32(line.dataBits - 5) << 4
      | (line.stopBits == 2 ? Bits.twoStopBits : 0) | Bits.parity(line.parity)
    // VMIN 1: a read that finds nothing says EAGAIN, so that 0 means the end and nothing else.
    words[5] = 1 << 24
    words[9] = UInt32(clamping: line.baud)
    words[10] = UInt32(clamping: line.baud)
  }

  /// The line as these settings have it.
  package var line: SerialLine {
    SerialLine(
      baud: Int(words[10]),
      dataBits: 5 + Int(words[2] >> 4 & 3),
      parity: Bits.parity(of: words[2]),
      stopBits: words[2] & Bits.twoStopBits == 0 ? 1 : 2
    )
  }

  /// Whether bits arrive whole at the speed that these settings have instead of another.
  ///
  /// A receiver looks at the tenth bit of a frame after it has seen its beginning; half a bit of
  /// difference by then is 5 %, and the other side takes its share of that.
  package func isNear(_ baud: Int) -> Bool {
    abs(line.baud - baud) * 100 <= baud * 3
  }

  private enum Bits {
    /// INPCK.
    static let checksInput: UInt32 = 0x10
    /// CSTOPB.
    static let twoStopBits: UInt32 = 0x40
    /// CREAD.
    static let receives: UInt32 = 0x80
    /// PARENB.
    static let hasParity: UInt32 = 0x100
    /// PARODD.
    static let isOdd: UInt32 = 0x200
    /// CLOCAL; HUPCL is 0x400 and stays away, so that DTR does not drop between two openings.
    static let ignoresModemLines: UInt32 = 0x800
    /// BOTHER: the speed is a number.
    static let anySpeed: UInt32 = 0x1000
    /// CMSPAR.
    static let isSteady: UInt32 = 0x4000_0000

    static func parity(_ parity: SerialLine.Parity) -> UInt32 {
      switch parity {
      case .none: 0
      case .even: hasParity
      case .odd: hasParity | isOdd
      case .mark: hasParity | isSteady | isOdd
      case .space: hasParity | isSteady
      }
    }

    static func parity(of control: UInt32) -> SerialLine.Parity {
      let bits = control & (hasParity | isOdd | isSteady)
      guard bits & hasParity != 0 else { return .none }
      return SerialLine.Parity.allCases.first { parity($0) == bits } ?? .none
    }
  }
}
