import Glibc
import Testing

/// Other programs, run to their end.
///
/// Not by Foundation's `Process`: it takes a child for running while anybody, here a server that
/// was started meanwhile, has its end of a socket open.
enum Spawn {
  /// Closes what it inherited before it becomes the program.
  private static let shell = [
    "/bin/bash", "-c",
    "for f in /proc/self/fd/*; do f=${f##*/}; ((f < 3)) || eval \"exec $f>&-\"; done; cd /tmp;"
      + " exec \"$@\"", "spawn",
  ]

  static func run(_ command: [String]) throws {
    let words = shell + command
    let arguments = unsafe words.map { unsafe strdup($0) } + [nil]
    defer { unsafe arguments.forEach { unsafe free($0) } }
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe _ = posix_spawn_file_actions_destroy(&actions) }
    for descriptor in 0...2 as ClosedRange<Int32> {
      unsafe posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
    }
    var process: pid_t = 0
    let result = unsafe posix_spawn(&process, words[0], &actions, nil, arguments, environ)
    try #require(result == 0, "\(words)")
    var status: Int32 = 0
    while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
    try #require(status == 0, "\(words)")
  }
}
