import Foundation
import Glibc
import Testing

/// A PostgreSQL server of the tests' own, on a UNIX socket in a folder that goes away.
struct PostgresServer: Sendable {
  let folder: String

  private static let binaries = "/usr/lib/postgresql/15/bin"

  /// Whether Debian's postgresql-15 is installed.
  static let isInstalled = FileManager.default.isExecutableFile(atPath: "\(binaries)/postgres")

  /// The server that runs around the present test.
  @TaskLocal static var current: PostgresServer?

  static func start() throws -> PostgresServer {
    let server = PostgresServer(folder: "/tmp/yizhan-pg-\(UInt32.random(in: .min ... .max))")
    try FileManager.default.createDirectory(
      atPath: server.folder,
      withIntermediateDirectories: true
    )
    if geteuid() == 0 { try run(["/bin/chown", "postgres", server.folder], asOwner: false) }
    try run([
      "\(binaries)/initdb", "-D", "\(server.folder)/data", "-U", "postgres", "-A", "trust", "-E",
      "UTF8", "--no-instructions",
    ])
    try server.up()
    return server
  }

  func up() throws {
    // Durable as shipped; only the memory is that of a guest.
    try Self.run([
      "\(Self.binaries)/pg_ctl", "-D", "\(folder)/data", "-w", "-l", "\(folder)/log", "-o",
      "-c listen_addresses='' -c unix_socket_directories=\(folder) -c shared_buffers=32MB", "start",
    ])
  }

  func down() throws {
    try Self.run(["\(Self.binaries)/pg_ctl", "-D", "\(folder)/data", "-m", "immediate", "stop"])
  }

  func remove() {
    try? down()
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// Makes a database, and says how it is reached.
  func database() throws -> String {
    let name = "t\(UInt32.random(in: .min ... .max))"
    try Self.run(["\(Self.binaries)/createdb", "-h", folder, "-U", "postgres", name])
    return "host=\(folder) user=postgres dbname=\(name)"
  }

  /// A server must not run as root.
  private static func run(_ command: [String], asOwner: Bool = true) throws {
    let prefix = asOwner && geteuid() == 0 ? ["/usr/sbin/runuser", "-u", "postgres", "--"] : []
    try Spawn.run(prefix + command)
  }
}

/// Runs a suite beside a PostgreSQL server.
struct WithPostgres: SuiteTrait, TestScoping {
  func provideScope(
    for test: Test,
    testCase: Test.Case?,
    performing function: @concurrent @Sendable () async throws -> Void
  ) async throws {
    guard PostgresServer.isInstalled else { return try await function() }
    let server = try PostgresServer.start()
    defer { server.remove() }
    try await PostgresServer.$current.withValue(server) { try await function() }
  }
}

extension Trait where Self == WithPostgres {
  static var postgres: Self { Self() }
}
