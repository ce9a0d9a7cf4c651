import Foundation
import Glibc
import Synchronization

/// A bad stretch of network between a station and its hub, one fault a connection.
final class FaultRelay: Sendable {
  enum Fault: Hashable, Sendable {
    case none
    /// The line goes dead without a word after so many bytes towards the hub, or from it.
    case stall(afterUp: Int, afterDown: Int)
    /// A reset after so many bytes towards the hub, or from it.
    case reset(afterUp: Int, afterDown: Int)
    /// Every chunk takes so long.
    case delay(milliseconds: Int)
  }

  let port: Int
  private let listener: Int32
  private let faults: Mutex<[Fault]>
  private let served = Mutex(0)

  /// How many connections came.
  var connections: Int { served.withLock { $0 } }

  /// Relays to a port of loopback; the faults are met in turn, and then none.
  init(to hub: Int, _ faults: [Fault]) throws {
    self.faults = Mutex(faults)
    let made = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    listener = made
    var address = Self.loopback(0)
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(made, $0, size) + listen(made, 16) + getsockname(made, $0, &size)
      }
    }
    guard result == 0 else { throw Missing() }
    port = Int(UInt16(bigEndian: address.sin_port))
    // Threads of their own: those of the pools are few, and these wait.
    Thread { [self] in accept(hub) }.start()
  }

  /// Ends the relay and its threads.
  func stop() {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }

  private static func loopback(_ port: Int) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = unsafe inet_addr("127.0.0.1")
    return address
  }

  private func accept(_ hub: Int) {
    while true {
      let station = Glibc.accept(listener, nil, nil)
      guard station >= 0 else { return }
      served.withLock { $0 += 1 }
      let fault = faults.withLock { $0.isEmpty ? .none : $0.removeFirst() }
      let other = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      var address = Self.loopback(hub)
      let size = socklen_t(MemoryLayout<sockaddr_in>.size)
      let result = unsafe withUnsafePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          unsafe connect(other, $0, size)
        }
      }
      if result == 0 {
        Thread { Self.relay(station, other, fault) }.start()
      } else {
        close(station)
        close(other)
      }
    }
  }

  private static func relay(_ station: Int32, _ hub: Int32, _ fault: Fault) {
    var (up, down, isDead, isReset) = (0, 0, false, false)
    var chunk = [UInt8](repeating: 0, count: 512)
    loop: while true {
      var events = [
        pollfd(fd: station, events: Int16(POLLIN), revents: 0),
        pollfd(fd: hub, events: Int16(POLLIN), revents: 0),
      ]
      guard unsafe poll(&events, 2, 20_000) > 0 else { break }
      for (index, event) in events.enumerated() where event.revents != 0 {
        let count = unsafe recv(event.fd, &chunk, chunk.count, 0)
        guard count > 0 else { break loop }
        if index == 0 { up += count } else { down += count }
        switch fault {
        case .none: break
        case .delay(let milliseconds): usleep(UInt32(milliseconds) * 1000)
        case .stall(let mostUp, let mostDown): isDead = up > mostUp || down > mostDown
        case .reset(let mostUp, let mostDown): isReset = up > mostUp || down > mostDown
        }
        if isReset { break loop }
        if !isDead {
          _ = unsafe send(index == 0 ? hub : station, chunk, count, Int32(MSG_NOSIGNAL))
        }
      }
    }
    for end in [station, hub] {
      if isReset {
        var linger = linger(l_onoff: 1, l_linger: 0)
        let size = socklen_t(MemoryLayout<Glibc.linger>.size)
        _ = unsafe setsockopt(end, SOL_SOCKET, SO_LINGER, &linger, size)
      }
      close(end)
    }
  }
}
