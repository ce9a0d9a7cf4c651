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

/// What a method of the control socket may do, and therefore whom it asks for.
package enum ControlRight: Hashable, Sendable, CaseIterable {
  /// Looking only: whoever can open the socket may, that is group `yizhan`.
  case read
  /// Moving a machine, printing, changing anything: root, or group `yizhan-tech`.
  case operate
}

/// Decides whether a peer may do something.
package typealias ControlAuthoriser = @Sendable (ControlPeer, ControlRight) -> Bool
