import CPostgres
import Dispatch

/// What PostgreSQL or its library answered instead of doing what it was asked.
struct PostgresError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The five characters of the SQLSTATE; empty where no server answered.
  var state: String
  var message: String

  var description: String { state.isEmpty ? message : "\(message) (SQLSTATE \(state))" }

  /// Another transaction was in the way; trying again is right.
  var isTransient: Bool { ["40001", "40P01", "55P03"].contains(state) }
}

/// One connection to a PostgreSQL server, made anew when it was lost.
///
/// libpq waits where it is called, so each connection has a queue of its own and is used only
/// there.
///
/// Argued `@unchecked`: `handle` and `prepared` are touched by nothing but blocks on the serial
/// `queue`, and by `deinit`, which runs when no block holds the value any more.
@safe final class PostgresConnection: @unchecked Sendable {
  private let address: String
  private let queue = DispatchQueue(label: "hub.postgres")
  private var handle: OpaquePointer?
  private var prepared: [String: String] = [:]

  init(_ address: String) { self.address = address }

  deinit { unsafe PQfinish(handle) }

  /// Runs a body in a transaction on the connection's queue.
  func transaction<Value: Sendable>(
    _ body: @escaping @Sendable (any SQLSession) throws -> Value
  ) async -> Result<Value, any Error> {
    await withCheckedContinuation { continuation in
      queue.async {
        continuation.resume(returning: Result { try self.attempt(body) })
      }
    }
  }

  /// Every transaction of the hub may be run again, whether its commit was lost or only the answer:
  /// what came before is found and changes nothing.
  private func attempt<Value>(_ body: (any SQLSession) throws -> Value) throws -> Value {
    for _ in 0..<3 {
      do { return try once(body) } catch let error as PostgresError where error.isTransient {
      } catch is PostgresError where wasLost {
        return try once(body)
      }
    }
    return try once(body)
  }

  /// Whether there was a connection, and the server has dropped it.
  private var wasLost: Bool {
    guard let handle = unsafe handle else { return false }
    return unsafe PQstatus(handle) != CONNECTION_OK
  }

  private func once<Value>(_ body: (any SQLSession) throws -> Value) throws -> Value {
    try connect()
    try command("BEGIN")
    do {
      let value = try body(PostgresSession(connection: self))
      try command("COMMIT")
      return value
    } catch {
      // A connection that was lost in the middle has rolled back by itself.
      try? command("ROLLBACK")
      throw error
    }
  }

  private func connect() throws {
    if let handle = unsafe handle {
      if unsafe PQstatus(handle) == CONNECTION_OK { return }
      unsafe PQfinish(handle)
      unsafe self.handle = nil
    }
    prepared = [:]
    let options = "\(address) connect_timeout=10 client_encoding=UTF8"
    let new = unsafe PQconnectdb(address.contains("://") ? address : options)
    guard let new = unsafe new, unsafe PQstatus(new) == CONNECTION_OK else {
      let message = unsafe new.map { unsafe String(cString: PQerrorMessage($0)) }
      unsafe PQfinish(new)
      throw PostgresError(state: "", message: (message ?? "out of memory").oneLine)
    }
    unsafe handle = new
    // A receipt is given for what survives a power cut of the server, whatever its default is.
    try command("SET synchronous_commit = on")
    try command("SET client_min_messages = warning")
    try command("SET statement_timeout = '60s'")
    try command("SET lock_timeout = '20s'")
    try command("SET idle_in_transaction_session_timeout = '60s'")
  }

  fileprivate func command(_ sql: String) throws {
    let result = unsafe PQexec(handle, sql)
    defer { unsafe PQclear(result) }
    guard unsafe PQresultStatus(result) == PGRES_COMMAND_OK else { throw unsafe fault(result) }
  }

  private func fault(_ result: OpaquePointer?) -> PostgresError {
    let state = unsafe PQresultErrorField(result, Int32(UInt8(ascii: "C")))
    return PostgresError(
      state: unsafe state.map { unsafe String(cString: $0) } ?? "",
      message: unsafe String(cString: PQerrorMessage(handle)).oneLine
    )
  }

  fileprivate func rows(_ sql: String, _ values: [SQLValue]) throws -> [SQLRow] {
    let name = try prepare(sql, values)
    let result = unsafe withParameters(values) { texts, lengths, formats in
      unsafe PQexecPrepared(handle, name, Int32(values.count), texts, lengths, formats, 1)
    }
    defer { unsafe PQclear(result) }
    switch unsafe PQresultStatus(result) {
    case PGRES_COMMAND_OK: return []
    case PGRES_TUPLES_OK: return unsafe (0..<PQntuples(result)).map { unsafe row($0, of: result) }
    default: throw unsafe fault(result)
    }
  }

  /// Statements are prepared once a connection; those with many places are too many to keep.
  private func prepare(_ sql: String, _ values: [SQLValue]) throws -> String {
    if let name = prepared[sql] { return name }
    let isKept = values.count <= 16
    let name = isKept ? "s\(prepared.count)" : ""
    let types = values.map(\.oid)
    let result = unsafe types.withUnsafeBufferPointer {
      unsafe PQprepare(handle, name, sql, Int32($0.count), $0.baseAddress)
    }
    defer { unsafe PQclear(result) }
    guard unsafe PQresultStatus(result) == PGRES_COMMAND_OK else { throw unsafe fault(result) }
    if isKept { prepared[sql] = name }
    return name
  }

  private func withParameters<Answer>(
    _ values: [SQLValue],
    _ body: (
      UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?
    ) -> Answer
  ) -> Answer {
    let fields = values.map(\.binary)
    // All values in one buffer, because a pointer into an array of arrays has no life of its own.
    let bytes = Array(fields.compactMap(\.self).joined()) + [0]
    let lengths = fields.map { Int32($0?.count ?? 0) }
    let formats = [Int32](repeating: 1, count: values.count)
    return unsafe bytes.withUnsafeBytes { raw in
      let base = unsafe raw.assumingMemoryBound(to: CChar.self).baseAddress
      var offset = 0
      let texts = unsafe fields.map { field -> UnsafePointer<CChar>? in
        defer { offset += field?.count ?? 0 }
        return unsafe field == nil ? nil : base?.advanced(by: offset)
      }
      return unsafe texts.withUnsafeBufferPointer { texts in
        unsafe body(texts.baseAddress, lengths, formats)
      }
    }
  }

  private func row(_ index: Int32, of result: OpaquePointer?) -> SQLRow {
    let values = unsafe (0..<PQnfields(result)).map { column -> SQLValue in
      guard unsafe PQgetisnull(result, index, column) == 0 else { return .null }
      let bytes = unsafe UnsafeRawBufferPointer(
        start: PQgetvalue(result, index, column),
        count: Int(PQgetlength(result, index, column))
      )
      return unsafe SQLValue(oid: PQftype(result, column), Array(bytes))
    }
    return SQLRow(values: values)
  }

  /// Streams rows in the binary form of COPY, many times faster than INSERT.
  fileprivate func copy(_ rows: [[SQLValue]], into table: String, _ columns: [String]) throws {
    let sql = "COPY \(table) (\(columns.joined(separator: ", "))) FROM STDIN BINARY"
    let start = unsafe PQexec(handle, sql)
    defer { unsafe PQclear(start) }
    guard unsafe PQresultStatus(start) == PGRES_COPY_IN else { throw unsafe fault(start) }
    let bytes = PostgresCopy.encode(rows)
    let sent = unsafe bytes.withUnsafeBytes { raw in
      unsafe PQputCopyData(
        handle,
        raw.assumingMemoryBound(to: CChar.self).baseAddress,
        Int32(raw.count)
      )
    }
    _ = unsafe PQputCopyEnd(handle, sent == 1 ? nil : "the rows could not be sent")
    var failure: PostgresError?
    while let result = unsafe PQgetResult(handle) {
      if unsafe PQresultStatus(result) != PGRES_COMMAND_OK { failure = unsafe fault(result) }
      unsafe PQclear(result)
    }
    if let failure { throw failure }
    guard sent == 1 else { throw unsafe fault(nil) }
  }
}

/// A transaction of PostgreSQL.
private struct PostgresSession: SQLSession {
  let connection: PostgresConnection

  func rows(_ sql: String, _ values: [SQLValue]) throws -> [SQLRow] {
    try connection.rows(sql, values)
  }

  func insert(_ rows: [[SQLValue]], into table: String, _ columns: [String]) throws {
    try connection.copy(rows, into: table, columns)
  }
}

extension String {
  /// libpq ends its messages with a line feed and explains on further lines.
  fileprivate var oneLine: String { split(whereSeparator: \.isNewline).joined(separator: "; ") }
}
