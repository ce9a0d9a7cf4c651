import Domain
import GRDB

/// The tables of the ledger and how a file comes to have them.
///
/// Written for cards that wear: 512-byte pages, numbers instead of words, and what one transaction
/// touches together stands together. A parcel so costs less than 8 KiB of writes; with pages of
/// 4 KiB and a table for each kind of row it would be some 45 KiB.
enum Schema {
  /// `YZL1`, in the file's header.
  static let applicationID = 0x595A_4C31
  static let pageBytes = 512

  /// One step a version of the schema; the file's `user_version` counts the steps taken.
  static let steps: [Step] = [.sql(first), .sql(second), .sql(third), .chaining]

  /// How a file comes from one version to the next.
  enum Step {
    /// One transaction.
    case sql(String)
    /// Many small ones: every event so far gets its link. It may be cut short and taken up again.
    case chaining
  }

  /// The first version whose events are chained.
  static let chained = 4

  /// `word` keeps each boot id and each type once.
  ///
  /// The lanes have a table each, so that both grow only at their right edge. The newest row of a
  /// lane must never be deleted: the sequence is counted from it. `state` holds the parcel
  /// (kind 0) and, beside it, its intents (kind 1 label, 2 seal; state is the outcome, NULL while
  /// armed). `tally` counts by hour.
  private static let first = """
    CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
    CREATE TABLE records (
      seq INTEGER PRIMARY KEY, type INTEGER NOT NULL, body BLOB NOT NULL,
      boot INTEGER NOT NULL, monotonic INTEGER NOT NULL, wall INTEGER NOT NULL,
      quality INTEGER NOT NULL
    );
    CREATE TABLE telemetry (
      seq INTEGER PRIMARY KEY, type INTEGER NOT NULL, body BLOB NOT NULL,
      boot INTEGER NOT NULL, monotonic INTEGER NOT NULL, wall INTEGER NOT NULL,
      quality INTEGER NOT NULL
    );
    CREATE TABLE acknowledged (lane TEXT PRIMARY KEY, upto INTEGER NOT NULL) WITHOUT ROWID;
    INSERT INTO acknowledged VALUES ('records', 0), ('telemetry', 0);
    CREATE TABLE state (
      serial INTEGER NOT NULL, kind INTEGER NOT NULL, copy INTEGER NOT NULL,
      grams INTEGER NOT NULL, seq INTEGER, state INTEGER, evidence INTEGER,
      number TEXT, labels INTEGER, sealed INTEGER,
      PRIMARY KEY (serial, kind, copy)
    ) WITHOUT ROWID;
    CREATE TABLE tally (
      hour INTEGER NOT NULL, kind INTEGER NOT NULL, n INTEGER NOT NULL, grams INTEGER NOT NULL,
      PRIMARY KEY (hour, kind)
    ) WITHOUT ROWID;
    CREATE TABLE epoch (value TEXT NOT NULL);
    CREATE VIEW event AS
      SELECT 'records' AS lane, r.seq, w.text AS type, CAST(r.body AS TEXT) AS body,
        b.text AS boot, r.monotonic, datetime(r.wall / 1000, 'unixepoch') AS wall
        FROM records r JOIN word w ON w.id = r.type JOIN word b ON b.id = r.boot
      UNION ALL
      SELECT 'telemetry', r.seq, w.text, CAST(r.body AS TEXT), b.text, r.monotonic,
        datetime(r.wall / 1000, 'unixepoch')
        FROM telemetry r JOIN word w ON w.id = r.type JOIN word b ON b.id = r.boot;
    CREATE VIEW parcel AS
      SELECT serial, number, grams,
        CASE state WHEN 0 THEN 'open' WHEN 1 THEN 'done' ELSE 'voided' END AS state,
        labels, sealed FROM state WHERE kind = 0;
    CREATE VIEW intent AS
      SELECT serial, CASE kind WHEN 1 THEN 'label' ELSE 'seal' END AS action, copy, grams, seq,
        state AS outcome, evidence FROM state WHERE kind > 0;
    """

  /// The courier's number of a parcel, and the way back from it to the parcel.
  private static let second = """
    ALTER TABLE state ADD COLUMN waybill TEXT;
    ALTER TABLE state ADD COLUMN carrier TEXT;
    CREATE INDEX waybill ON state (waybill) WHERE waybill IS NOT NULL;
    DROP VIEW parcel;
    CREATE VIEW parcel AS
      SELECT serial, number, grams,
        CASE state WHEN 0 THEN 'open' WHEN 1 THEN 'done' ELSE 'voided' END AS state,
        labels, sealed, waybill, carrier FROM state WHERE kind = 0;
    """

  /// The chain of events; what precedes the oldest event kept; the corrections of each boot's clock;
  /// what a salvaged ledger still owes the hub, and the waybills it knew.
  ///
  /// `state` gets a number for a key (``key(_:_:_:)``): a table that grows at its right edge only
  /// appends, where one in the order of its words moves rows between pages. That more than pays for
  /// the 32 bytes of each link.
  private static let third = """
    ALTER TABLE records ADD COLUMN chain BLOB NOT NULL DEFAULT x'';
    ALTER TABLE telemetry ADD COLUMN chain BLOB NOT NULL DEFAULT x'';
    ALTER TABLE acknowledged ADD COLUMN purged INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE acknowledged ADD COLUMN anchor BLOB NOT NULL DEFAULT x'';
    ALTER TABLE acknowledged ADD COLUMN epoch TEXT NOT NULL DEFAULT '';
    UPDATE acknowledged SET epoch = coalesce((SELECT value FROM epoch), '');
    CREATE TABLE correction (
      boot INTEGER NOT NULL, monotonic INTEGER NOT NULL, offset INTEGER NOT NULL,
      quality INTEGER NOT NULL, PRIMARY KEY (boot, monotonic)
    ) WITHOUT ROWID;
    CREATE TABLE archived (
      epoch TEXT NOT NULL, lane TEXT NOT NULL, upto INTEGER NOT NULL, last INTEGER NOT NULL,
      PRIMARY KEY (epoch, lane)
    ) WITHOUT ROWID;
    CREATE TABLE archive (
      epoch TEXT NOT NULL, lane TEXT NOT NULL, seq INTEGER NOT NULL, type TEXT NOT NULL,
      body BLOB NOT NULL, boot TEXT NOT NULL, monotonic INTEGER NOT NULL, wall INTEGER NOT NULL,
      quality INTEGER NOT NULL, chain BLOB NOT NULL, PRIMARY KEY (epoch, lane, seq)
    ) WITHOUT ROWID;
    CREATE TABLE former_waybill (text TEXT PRIMARY KEY) WITHOUT ROWID;
    DROP VIEW parcel;
    DROP VIEW intent;
    CREATE TABLE state_3 (
      id INTEGER PRIMARY KEY, serial INTEGER NOT NULL, kind INTEGER NOT NULL,
      copy INTEGER NOT NULL, grams INTEGER NOT NULL, seq INTEGER, state INTEGER,
      evidence INTEGER, number TEXT, labels INTEGER, sealed INTEGER, waybill TEXT, carrier TEXT
    );
    INSERT INTO state_3 SELECT serial * 4096 + kind * 256 + copy, serial, kind, copy, grams, seq,
      state, evidence, number, labels, sealed, waybill, carrier FROM state
      ORDER BY serial, kind, copy;
    DROP TABLE state;
    ALTER TABLE state_3 RENAME TO state;
    CREATE INDEX waybill ON state (waybill) WHERE waybill IS NOT NULL;
    CREATE VIEW parcel AS
      SELECT serial, number, grams,
        CASE state WHEN 0 THEN 'open' WHEN 1 THEN 'done' ELSE 'voided' END AS state,
        labels, sealed, waybill, carrier FROM state WHERE kind = 0;
    CREATE VIEW intent AS
      SELECT serial, CASE kind WHEN 1 THEN 'label' WHEN 2 THEN 'seal' ELSE 'strap' END AS action,
        copy, grams, seq, state AS outcome, evidence FROM state WHERE kind > 0;
    """

  /// The key of a row of `state`: kind and copy must stay below 16 and 256.
  static func key(_ serial: Int, _ kind: Int = 0, _ copy: Int = 0) -> Int {
    serial * 4096 + kind * 256 + copy
  }

  /// Takes the steps that a file lacks; the first makes the epoch.
  static func migrate(_ db: Database, path: String) throws {
    let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    try check(db, version: version, path: path)
    for (index, step) in steps.enumerated().dropFirst(version) {
      let sql: String
      switch step {
      case .sql(let text): sql = text
      case .chaining:
        try Chain.complete(db, epoch: epoch(db, path: path))
        sql = ""
      }
      try db.inTransaction(.immediate) {
        try db.execute(sql: sql)
        if index == 0 {
          try db.execute(sql: "PRAGMA application_id = \(applicationID)")
          let epoch = Epoch(UInt64.random(in: .min ... .max))
          try db.execute(sql: "INSERT INTO epoch VALUES (?)", arguments: [epoch.description])
        }
        try db.execute(sql: "PRAGMA user_version = \(index + 1)")
        return .commit
      }
    }
  }

  /// Refuses files of other programs and of newer versions before anything is changed in them.
  static func check(_ db: Database, version: Int, path: String) throws {
    let attempted = "opening \(path)"
    let application = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
    let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
    let fresh = application == 0 && version == 0 && tables == 0
    guard fresh || application == applicationID else {
      throw LedgerError(
        .foreign,
        attempted: attempted,
        cause: "its application id is \(application), not \(applicationID)"
      )
    }
    guard version <= steps.count else {
      throw LedgerError(
        .newerSchema(found: version, known: steps.count),
        attempted: attempted,
        cause: "it has schema \(version), and this version knows up to \(steps.count)"
      )
    }
  }

  /// The epoch that was made with the file.
  ///
  /// It stands once by itself and once with each lane: one spoilt bit of it would make all events
  /// those of another ledger.
  static func epoch(_ db: Database, path: String) throws -> Epoch {
    let copies = Set(try epochs(db))
    guard let text = copies.first, copies.count == 1, let epoch = Epoch(text) else {
      let cause = copies.count > 1 ? "its copies of the epoch differ" : "it has no epoch"
      throw LedgerError(.corrupt, attempted: "opening \(path)", cause: cause)
    }
    return epoch
  }

  /// All copies of the epoch that can be read.
  static func epochs(_ db: Database) throws -> [String] {
    let own = try String.fetchAll(db, sql: "SELECT value FROM epoch")
    let columns = try Row.fetchAll(db, sql: "PRAGMA table_info(acknowledged)")
    guard columns.contains(where: { $0["name"] == "epoch" }) else { return own }
    return own + (try String.fetchAll(db, sql: "SELECT epoch FROM acknowledged"))
  }
}
