-- A ledger as schema 1 left it: one parcel finished, one whose label is in doubt.
PRAGMA page_size = 512;
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
PRAGMA application_id = 0x595A4C31;
PRAGMA user_version = 1;
INSERT INTO epoch VALUES ('00000000000abcde');
INSERT INTO word VALUES (1, 'boot-1'), (2, 'action.intent');
INSERT INTO records VALUES
  (1, 2, CAST('{"action":"label","copy":1,"grams":900,"parcel":"PARCEL1"}' AS BLOB), 1, 1000, 1, 2);
INSERT INTO state VALUES (1, 0, 0, 900, NULL, 1, NULL, 'PARCEL1', 1, 0);
INSERT INTO state VALUES (1, 1, 1, 900, 1, 0, 0, NULL, NULL, NULL);
INSERT INTO state VALUES (2, 0, 0, 800, NULL, 0, NULL, 'PARCEL2', 0, 0);
INSERT INTO state VALUES (2, 1, 1, 800, 1, NULL, NULL, NULL, NULL, NULL);
