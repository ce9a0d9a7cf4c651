import ArgumentParser
import Hub

/// Where the records are kept, of every sub-command.
struct StoreOptions: ParsableArguments {
  @Option(help: "The SQLite file; `serve` makes it if there is none.")
  var store: String?

  @Option(
    help: ArgumentHelp(
      "A PostgreSQL database instead, as libpq takes it: \"host=/run/postgresql dbname=yizhan\".",
      discussion: "Keep passwords out of it: PGPASSFILE or a service file holds them."
    )
  )
  var postgres: String?

  mutating func validate() throws {
    guard (store == nil) != (postgres == nil) else {
      throw ValidationError("Give one of --store FILE and --postgres ADDRESS.")
    }
  }

  /// Opens the store; one to look at is opened without the right to change it.
  func open(readOnly: Bool = false) async throws(HubError) -> any HubStore & KeyRegistry {
    if let postgres { return try await PostgresHubStore(postgres) }
    return try SQLiteHubStore(path: store ?? "", readOnly: readOnly)
  }
}

/// Runs the work of a sub-command, and turns what it throws into words and a code.
func carryOut(_ code: Int32 = 74, _ work: () async throws -> Void) async throws {
  do { try await work() } catch let error as HubError {
    throw fail("\(error.attempted): \(error.cause)", remedy: error.remedy, code: code)
  }
}
