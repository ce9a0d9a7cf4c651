import GRDB

/// The tables of the hub's SQLite store.
enum HubSchema {
  /// `YZH1`, in the file's header.
  static let applicationID = 0x595A_4831
  static let version = 1

  /// The first version of the tables.
  ///
  /// A `stream` is one lane of one ledger. `event` and `quarantine` together have no gap up to
  /// `durable`; rows beyond a gap are held until it fills. A sequence of 0 is an unknown one.
  private static let tables = """
    CREATE TABLE site (
      id TEXT PRIMARY KEY, seen INTEGER NOT NULL,
      up_parcels INTEGER NOT NULL DEFAULT 0, up_grams INTEGER NOT NULL DEFAULT 0,
      down_parcels INTEGER NOT NULL DEFAULT 0, down_grams INTEGER NOT NULL DEFAULT 0
    ) WITHOUT ROWID;
    CREATE TABLE stream (
      id INTEGER PRIMARY KEY, site TEXT NOT NULL REFERENCES site (id), epoch TEXT NOT NULL,
      lane TEXT NOT NULL, durable INTEGER NOT NULL DEFAULT 0, UNIQUE (site, epoch, lane)
    );
    CREATE TABLE event (
      stream INTEGER NOT NULL REFERENCES stream (id), seq INTEGER NOT NULL, type TEXT NOT NULL,
      body BLOB NOT NULL, boot TEXT NOT NULL, monotonic INTEGER NOT NULL, wall INTEGER NOT NULL,
      quality TEXT NOT NULL, received INTEGER NOT NULL, PRIMARY KEY (stream, seq)
    ) WITHOUT ROWID;
    CREATE TABLE conflict (
      stream INTEGER NOT NULL REFERENCES stream (id), seq INTEGER NOT NULL, type TEXT NOT NULL,
      body BLOB NOT NULL, boot TEXT NOT NULL, monotonic INTEGER NOT NULL, wall INTEGER NOT NULL,
      quality TEXT NOT NULL, received INTEGER NOT NULL, times INTEGER NOT NULL DEFAULT 1,
      PRIMARY KEY (stream, seq, type, body, boot, monotonic, wall, quality)
    ) WITHOUT ROWID;
    CREATE TABLE quarantine (
      stream INTEGER NOT NULL REFERENCES stream (id), seq INTEGER NOT NULL, raw BLOB NOT NULL,
      reason TEXT NOT NULL, received INTEGER NOT NULL, PRIMARY KEY (stream, seq, raw)
    ) WITHOUT ROWID;
    CREATE TABLE type_count (
      stream INTEGER NOT NULL REFERENCES stream (id), type TEXT NOT NULL, n INTEGER NOT NULL,
      PRIMARY KEY (stream, type)
    ) WITHOUT ROWID;
    CREATE TABLE parcel (
      id INTEGER PRIMARY KEY, site TEXT NOT NULL REFERENCES site (id), number TEXT NOT NULL,
      state TEXT NOT NULL, grams INTEGER NOT NULL, direction TEXT, stage TEXT,
      wall INTEGER NOT NULL,
      UNIQUE (site, number)
    );
    """

  static func migrate(_ db: Database, path: String) throws {
    let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    let application = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
    let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
    if application == 0, version == 0, tables == 0 {
      try db.inTransaction(.immediate) {
        try db.execute(sql: Self.tables)
        try db.execute(sql: "PRAGMA application_id = \(applicationID)")
        try db.execute(sql: "PRAGMA user_version = \(Self.version)")
        return .commit
      }
    } else {
      try check(application: application, version: version, path: path)
    }
  }

  static func check(_ db: Database, path: String) throws {
    try check(
      application: try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0,
      version: try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0,
      path: path
    )
  }

  private static func check(application: Int, version: Int, path: String) throws {
    guard application == applicationID else {
      throw HubError(
        attempted: "opening \(path)",
        cause: "it is not a hub's store",
        remedy: "check the path: the file was left untouched"
      )
    }
    guard version <= Self.version else {
      throw HubError(
        attempted: "opening \(path)",
        cause: "it has schema \(version), this version knows 1",
        remedy: "install the version of yizhan-hub that wrote this store, or a newer one"
      )
    }
  }
}
