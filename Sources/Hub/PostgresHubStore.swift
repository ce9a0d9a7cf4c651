import Synchronization

/// The hub's store in a PostgreSQL database, which several hubs may share.
package final class PostgresHubStore: SQLStore {
  private let pool: PostgresPool

  /// Taken while the tables are made, so that hubs that start together do not both make them.
  private static let lock: Int64 = 0x595A_4831

  /// Connects, and makes the tables where there are none.
  ///
  /// - Parameters:
  ///   - address: A connection string of libpq, as `host=/run/postgresql dbname=yizhan` or a URL;
  ///     what it leaves out comes from `PGPASSFILE`, `PGSERVICE` and the like.
  ///   - connections: How many connections at most.
  /// - Throws: ``HubError`` where the server cannot be reached or is of a newer version.
  package init(_ address: String, connections: Int = 4) async throws(HubError) {
    pool = PostgresPool(address, limit: connections)
    try await write("preparing the database") { session in
      try session.run("SELECT pg_advisory_xact_lock($1)", [.int(Self.lock)])
      try session.run("CREATE TABLE IF NOT EXISTS yizhan_hub (version BIGINT NOT NULL)")
      let version = try session.number("SELECT version FROM yizhan_hub") ?? 0
      guard version <= HubSchema.version else {
        throw HubError(
          attempted: "preparing the database",
          cause: "it has schema \(version), this version knows \(HubSchema.version)",
          remedy: "install the version of yizhan-hub that wrote it, or a newer one"
        )
      }
      guard version < HubSchema.version else { return }
      try HubSchema.migrate(session, from: Int(version), isPostgres: true)
      try session.run("DELETE FROM yizhan_hub")
      try session.run(
        "INSERT INTO yizhan_hub (version) VALUES ($1)",
        [.int(Int64(HubSchema.version))]
      )
    }
  }

  func write<Value: Sendable>(
    _ attempted: String,
    _ body: @escaping @Sendable (any SQLSession) throws -> Value
  ) async throws(HubError) -> Value {
    do { return try await pool.transaction(body).get() } catch {
      throw HubError(postgres: error, attempted: attempted)
    }
  }

  func read<Value: Sendable>(
    _ attempted: String,
    _ body: @escaping @Sendable (any SQLSession) throws -> Value
  ) async throws(HubError) -> Value {
    try await write(attempted, body)
  }
}

/// A few connections, lent one transaction at a time; whoever comes too late waits in order.
private final class PostgresPool: Sendable {
  private struct State {
    var idle: [PostgresConnection] = []
    var waiting: [CheckedContinuation<PostgresConnection, Never>] = []
  }

  private let state: Mutex<State>

  init(_ address: String, limit: Int) {
    state = Mutex(State(idle: (0..<limit).map { _ in PostgresConnection(address) }))
  }

  func transaction<Value: Sendable>(
    _ body: @escaping @Sendable (any SQLSession) throws -> Value
  ) async -> Result<Value, any Error> {
    let connection = await borrow()
    defer { giveBack(connection) }
    return await connection.transaction(body)
  }

  private func borrow() async -> PostgresConnection {
    await withCheckedContinuation { continuation in
      let connection = state.withLock { state -> PostgresConnection? in
        if let connection = state.idle.popLast() { return connection }
        // Bounded by the gate that lets so many batches in.
        state.waiting.append(continuation)
        return nil
      }
      if let connection { continuation.resume(returning: connection) }
    }
  }

  private func giveBack(_ connection: PostgresConnection) {
    let next = state.withLock { state -> CheckedContinuation<PostgresConnection, Never>? in
      guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
      state.idle.append(connection)
      return nil
    }
    next?.resume(returning: connection)
  }
}

extension HubError {
  fileprivate init(postgres error: any Error, attempted: String) {
    if let error = error as? HubError {
      self = error
      return
    }
    let remedy =
      switch (error as? PostgresError)?.state.prefix(2) {
      case "53"?: "make room on the database's disk, or for more connections"
      case "28"?, "3D"?: "check user, password and database of the connection string"
      case ""?, "08"?, "57"?: "check that the PostgreSQL server runs and can be reached"
      default: "see the log of the PostgreSQL server"
      }
    self.init(
      attempted: attempted,
      cause: "\(error)",
      remedy: remedy + "; stations keep their records"
    )
  }
}
