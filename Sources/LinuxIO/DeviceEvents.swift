package import Drivers
internal import Glibc
internal import Synchronization

/// Tells when devices come and go, so that sessions retry at once instead of waiting.
///
/// Of the two groups of the kernel's uevent socket this listens to udev's where udev runs: its
/// message comes after the rules have set owner and mode of the node, so that a retry is not
/// refused; the kernel's own comes before. Without udev, as on boxes with busybox, it listens to
/// the kernel's. Either is a nudge and nothing else: what is plugged in is always read from sysfs,
/// and a session retries by itself when no nudge comes.
package final class DeviceEvents: Sendable {
  private let listener: DeviceListener

  /// Starts to listen; ends with the last reference.
  package init() throws(PortError) {
    let listener = try DeviceListener(group: Sysfs().exists("run/udev/control") ? 2 : 1)
    self.listener = listener
    try PrivateThread.start("yz-uevents") { listener.run() }
  }

  deinit {
    _ = listener.stop.post(())
  }

  /// The events from now on, of some subsystems or of all; `overflow` is always among them.
  ///
  /// The 64 newest are kept for a slow reader: as nudges they say no more than the last of them.
  package func events(of subsystems: Set<String> = []) -> AsyncStream<DeviceEvent> {
    AsyncStream(bufferingPolicy: .bufferingNewest(64)) { continuation in
      listener.subscribers.add(continuation, subsystems)
    }
  }
}

/// The socket and the thread's loop over it.
private final class DeviceListener: Sendable {
  let stop: Mailbox<Void>
  let subscribers = Subscribers()
  private let socket: Handle

  init(group: UInt32) throws(PortError) {
    stop = try Mailbox()
    // Protocol 15 is NETLINK_KOBJECT_UEVENT. A sockaddr_nl is the family, a port, which the kernel
    // chooses where it is 0, and the groups.
    let descriptor = try System.call("socket") {
      Glibc.socket(AF_NETLINK, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 15)
    }
    socket = Handle(owning: descriptor)
    let address = [UInt32(AF_NETLINK), 0, group]
    _ = try System.call("bind") {
      unsafe address.withUnsafeBytes { raw in
        unsafe bind(
          descriptor,
          raw.baseAddress?.assumingMemoryBound(to: sockaddr.self),
          UInt32(raw.count)
        )
      }
    }
  }

  func run() {
    defer { subscribers.finish() }
    while true {
      var watches = [Watch(reading: stop.descriptor), Watch(reading: socket.descriptor)]
      do throws(PortError) {
        try System.wait(&watches, until: nil)
        if watches[0].happened != 0 { return }
        if let event = try receive() { subscribers.yield(event) }
      } catch .io(_, ENOBUFS) {
        subscribers.yield(.overflow)
      } catch .io(_, EAGAIN) {
        continue
      } catch {
        return
      }
    }
  }

  private func receive() throws(PortError) -> DeviceEvent? {
    var message = [UInt8](repeating: 0, count: 8192)
    var sender: [UInt32] = [0, 0, 0]
    var length = UInt32(12)
    // Cut-off messages show in their full length.
    let flags = Int32(MSG_DONTWAIT) | Int32(MSG_TRUNC)
    let count = try System.call("recvfrom") { [descriptor = socket.descriptor] in
      unsafe sender.withUnsafeMutableBytes { raw in
        unsafe recvfrom(
          descriptor,
          &message,
          message.count,
          flags,
          raw.baseAddress?.assumingMemoryBound(to: sockaddr.self),
          &length
        )
      }
    }
    // Any user may send to this socket alone, but only a privileged one to a group.
    guard length == 12, sender[2] != 0, count <= message.count else { return nil }
    return DeviceEvent(message: Array(message[..<count]))
  }
}

/// Who wants to know.
private final class Subscribers: Sendable {
  private struct Subscriber {
    var continuation: AsyncStream<DeviceEvent>.Continuation
    var subsystems: Set<String>
  }

  private struct Contents {
    var all: [Int: Subscriber] = [:]
    var next = 0
    var isOpen = true
  }

  private let contents = Mutex(Contents())

  func add(_ continuation: AsyncStream<DeviceEvent>.Continuation, _ subsystems: Set<String>) {
    let subscriber = Subscriber(continuation: continuation, subsystems: subsystems)
    let id = contents.withLock { contents -> Int? in
      guard contents.isOpen else { return nil }
      contents.next += 1
      contents.all[contents.next] = subscriber
      return contents.next
    }
    guard let id else { return continuation.finish() }
    continuation.onTermination = { [weak self] _ in
      _ = self?.contents.withLock { $0.all.removeValue(forKey: id) }
    }
  }

  func yield(_ event: DeviceEvent) {
    let all = contents.withLock { Array($0.all.values) }
    for subscriber in all {
      let wanted = subscriber.subsystems
      if wanted.isEmpty || wanted.contains(event.subsystem) || event == .overflow {
        subscriber.continuation.yield(event)
      }
    }
  }

  func finish() {
    let all = contents.withLock { contents in
      contents.isOpen = false
      return Array(contents.all.values)
    }
    for subscriber in all { subscriber.continuation.finish() }
  }
}
