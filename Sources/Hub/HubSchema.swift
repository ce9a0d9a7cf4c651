/// The tables of the hub's store, written for SQLite and translated for PostgreSQL.
enum HubSchema {
  /// The steps from nothing to now; a store notes how many it has taken.
  static let steps = [first, second, third]
  static var version: Int { steps.count }

  /// The first tables: a `stream` is one lane of one ledger.
  ///
  /// `event`, `quarantine` and `gap` together have no hole up to `durable`; rows beyond a hole are
  /// held until it fills. A sequence of 0 is an unknown one.
  private static let first = """
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

  /// Hash chain, keys of the stations, and what they cannot send any more.
  ///
  /// `highest` is the highest sequence that came, `chain` the link at `durable`. What is odd is
  /// found again by its `hash`, because no index takes whole bodies; rows of before have none.
  private static let second = """
    ALTER TABLE event ADD COLUMN chain BLOB;
    ALTER TABLE stream ADD COLUMN highest INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE stream ADD COLUMN chain BLOB;
    UPDATE stream SET highest = coalesce((SELECT max(seq) FROM event WHERE stream = stream.id), 0);
    CREATE TABLE conflict_2 (
      stream INTEGER NOT NULL REFERENCES stream (id), seq INTEGER NOT NULL, type TEXT NOT NULL,
      body BLOB NOT NULL, boot TEXT NOT NULL, monotonic INTEGER NOT NULL, wall INTEGER NOT NULL,
      quality TEXT NOT NULL, received INTEGER NOT NULL, times INTEGER NOT NULL DEFAULT 1,
      hash BLOB
    );
    INSERT INTO conflict_2 SELECT stream, seq, type, body, boot, monotonic, wall, quality,
      received, times, NULL FROM conflict;
    DROP TABLE conflict;
    ALTER TABLE conflict_2 RENAME TO conflict;
    CREATE TABLE quarantine_2 (
      stream INTEGER NOT NULL REFERENCES stream (id), seq INTEGER NOT NULL, raw BLOB NOT NULL,
      reason TEXT NOT NULL, received INTEGER NOT NULL, hash BLOB
    );
    INSERT INTO quarantine_2 SELECT stream, seq, raw, reason, received, NULL FROM quarantine;
    DROP TABLE quarantine;
    ALTER TABLE quarantine_2 RENAME TO quarantine;
    CREATE UNIQUE INDEX conflict_hash ON conflict (stream, seq, hash);
    CREATE UNIQUE INDEX quarantine_hash ON quarantine (stream, seq, hash);
    CREATE TABLE gap (
      stream INTEGER NOT NULL REFERENCES stream (id), first INTEGER NOT NULL,
      last INTEGER NOT NULL, received INTEGER NOT NULL, PRIMARY KEY (stream, first)
    );
    CREATE TABLE chain_break (
      stream INTEGER NOT NULL REFERENCES stream (id), seq INTEGER NOT NULL,
      received INTEGER NOT NULL, PRIMARY KEY (stream, seq)
    );
    CREATE TABLE station_key (
      site TEXT NOT NULL, key TEXT NOT NULL, state TEXT NOT NULL, first INTEGER NOT NULL,
      last INTEGER NOT NULL, times INTEGER NOT NULL, PRIMARY KEY (site, key)
    );
    """

  /// Which ledger brought the end of a parcel, and the boot and moment of it.
  ///
  /// One that is recorded anew in another ledger is the same end, and two ledgers of copied cards may
  /// issue one number twice. Ends of before tell none of it.
  private static let third = """
    CREATE TABLE parcel_3 (
      id INTEGER PRIMARY KEY, site TEXT NOT NULL REFERENCES site (id), number TEXT NOT NULL,
      state TEXT NOT NULL, grams INTEGER NOT NULL, direction TEXT, stage TEXT,
      wall INTEGER NOT NULL, stream INTEGER REFERENCES stream (id), boot TEXT, monotonic INTEGER,
      UNIQUE (site, number, stream)
    );
    INSERT INTO parcel_3 (site, number, state, grams, direction, stage, wall)
      SELECT site, number, state, grams, direction, stage, wall FROM parcel ORDER BY id;
    DROP TABLE parcel;
    ALTER TABLE parcel_3 RENAME TO parcel;
    """

  /// Takes the steps that a store lacks.
  static func migrate(_ session: some SQLSession, from version: Int, isPostgres: Bool) throws {
    for step in steps.dropFirst(version) {
      for statement in (isPostgres ? postgres(step) : step).split(separator: ";") {
        let text = statement.trimmingPrefix { $0.isWhitespace }
        if !text.isEmpty { try session.run(String(text)) }
      }
    }
  }

  /// The same tables in PostgreSQL's words.
  private static func postgres(_ step: String) -> String {
    step.replacing("id INTEGER", with: "id BIGINT GENERATED BY DEFAULT AS IDENTITY")
      .replacing("INTEGER", with: "BIGINT")
      .replacing("BLOB", with: "BYTEA")
      .replacing(" WITHOUT ROWID", with: "")
  }
}
