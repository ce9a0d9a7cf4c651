import Glibc

/// Who is at the other end of the control socket, as the kernel knows it (SO_PEERCRED).
package struct ControlPeer: Hashable, Sendable {
  package var process: Int32
  package var user: UInt32
  package var group: UInt32

  package init(process: Int32, user: UInt32, group: UInt32) {
    self.process = process
    self.user = user
    self.group = group
  }

  /// Asks the kernel; it noted the answer when the peer connected.
  init?(of socket: Int32) {
    // `struct ucred` stands behind _GNU_SOURCE in <sys/socket.h>; these are its three fields.
    var credentials: (pid: pid_t, uid: uid_t, gid: gid_t) = (0, 0, 0)
    var size = socklen_t(MemoryLayout.size(ofValue: credentials))
    guard unsafe getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0 else {
      return nil
    }
    self.init(process: credentials.pid, user: credentials.uid, group: credentials.gid)
  }
}

extension ControlPeer {
  /// Those who may change something, besides root.
  package static let operators = "yizhan-tech"

  /// Whether the user is root, or in group ``operators`` by the system's own lists.
  package var mayOperate: Bool {
    guard user != 0 else { return true }
    guard let tech = Self.group(named: Self.operators) else { return false }
    return group == tech || Self.groups(of: user, group).contains(tech)
  }

  private static func group(named name: String) -> UInt32? {
    var entry = unsafe group_()
    var buffer = [CChar](repeating: 0, count: 65_536)
    var found: UnsafeMutablePointer<group_>?
    let code = unsafe getgrnam_r(name, &entry, &buffer, buffer.count, &found)
    return unsafe code == 0 && found != nil ? entry.gr_gid : nil
  }

  private static func groups(of user: UInt32, _ group: UInt32) -> [UInt32] {
    var entry = unsafe passwd()
    var buffer = [CChar](repeating: 0, count: 65_536)
    var found: UnsafeMutablePointer<passwd>?
    guard unsafe getpwuid_r(user, &entry, &buffer, buffer.count, &found) == 0 else { return [] }
    guard unsafe found != nil else { return [] }
    var groups = [gid_t](repeating: 0, count: 256)
    var count = Int32(groups.count)
    guard unsafe getgrouplist(entry.pw_name, group, &groups, &count) >= 0 else { return [] }
    return Array(groups.prefix(Int(count)))
  }
}

/// The C library's record of a group; the name alone is also a property here.
private typealias group_ = Glibc.group

/// What a method of the control socket may do, and therefore whom it asks for.
package enum ControlRight: Hashable, Sendable, CaseIterable {
  /// Looking only: whoever can open the socket may, that is group `yizhan`.
  case read
  /// Moving a machine, printing, changing anything: root, or group `yizhan-tech`.
  case operate
}

/// Decides whether a peer may do something.
package typealias ControlAuthoriser = @Sendable (ControlPeer, ControlRight) -> Bool
