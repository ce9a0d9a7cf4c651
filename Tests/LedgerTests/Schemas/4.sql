-- A ledger as schema 4 left it: one parcel finished, one whose label is in doubt, one labelled.
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
ALTER TABLE state ADD COLUMN waybill TEXT;
ALTER TABLE state ADD COLUMN carrier TEXT;
CREATE INDEX waybill ON state (waybill) WHERE waybill IS NOT NULL;
DROP VIEW parcel;
CREATE VIEW parcel AS
  SELECT serial, number, grams,
    CASE state WHEN 0 THEN 'open' WHEN 1 THEN 'done' ELSE 'voided' END AS state,
    labels, sealed, waybill, carrier FROM state WHERE kind = 0;
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
PRAGMA application_id = 0x595A4C31;
PRAGMA user_version = 4;
INSERT INTO epoch VALUES ('00000000000abcde');
INSERT INTO word VALUES (1, 'boot-1'), (2, 'action.intent'), (3, 'action.outcome'), (4, 'parcel.dispatched'), (5, 'station.started');
INSERT INTO records VALUES
  (1, 2, CAST('{"action":"label","carrier":"yto","copy":1,"grams":900,"parcel":"SM017-Y6FN-000001-T","waybill":"YT1234567890123"}' AS BLOB), 1, 1000, 1778428800001, 2,
  x'fe5b66af6830b808f5d993155f0ae6746c14206e774550a3e1da7d5dcfeb69a7');
INSERT INTO records VALUES
  (2, 3, CAST('{"action":"label","copy":1,"evidence":"counter","outcome":"done","parcel":"SM017-Y6FN-000001-T"}' AS BLOB), 1, 2000, 1778428800002, 2,
  x'da7a33d9765521b445b77d72083c12c940cadba1f37754819e4816a4bc44b983');
INSERT INTO records VALUES
  (3, 4, CAST('{"carrier":"yto","direction":"up","grams":900,"labelCopy":1,"parcel":"SM017-Y6FN-000001-T","sealed":false,"stage":"collect","waybill":"YT1234567890123"}' AS BLOB), 1, 3000, 1778428800003, 2,
  x'fcc4fc4ca067e4837b9dfbecd2c3c04d6441c8d19bf6a18bb22896932b2fed46');
INSERT INTO records VALUES
  (4, 2, CAST('{"action":"label","copy":1,"grams":800,"parcel":"SM017-Y6FN-000002-R"}' AS BLOB), 1, 4000, 1778428800004, 2,
  x'44cf105f3e12f3035f6561dba2459ec9ac8379e7e4ec2a62533ced1fa9ab962b');
INSERT INTO records VALUES
  (5, 2, CAST('{"action":"label","copy":1,"grams":700,"parcel":"SM017-Y6FN-000003-P"}' AS BLOB), 1, 5000, 1778428800005, 2,
  x'f0fb9164e52b4faf1ab6644fb2292d8b3db6a022c9ff29893c7d470d43b8a965');
INSERT INTO records VALUES
  (6, 3, CAST('{"action":"label","copy":1,"evidence":"worker","outcome":"done","parcel":"SM017-Y6FN-000003-P"}' AS BLOB), 1, 6000, 1778428800006, 2,
  x'7f83ede83077b4ff9cfac973f907e4eb1b7323bce3e96113ca036406b7a077fa');
INSERT INTO telemetry VALUES
  (1, 5, CAST('{"inDoubt":0,"version":"0.3"}' AS BLOB), 1, 1000, 1778428800001, 2,
  x'9d986f2aa457814118813b5cab8ef082c9c9efaa35001ca8fe151b7d1c0acb44');
UPDATE acknowledged SET epoch = '00000000000abcde';
UPDATE acknowledged SET upto = 2 WHERE lane = 'records';
INSERT INTO state (id, serial, kind, copy, grams, seq, state, evidence, number, labels, sealed, waybill, carrier)
  VALUES (4096, 1, 0, 0, 900, NULL, 1, NULL, 'SM017-Y6FN-000001-T', 1, 0, 'YT1234567890123', 'yto');
INSERT INTO state (id, serial, kind, copy, grams, seq, state, evidence, number, labels, sealed, waybill, carrier)
  VALUES (4353, 1, 1, 1, 900, 1, 0, 1, NULL, NULL, NULL, NULL, NULL);
INSERT INTO state (id, serial, kind, copy, grams, seq, state, evidence, number, labels, sealed, waybill, carrier)
  VALUES (8192, 2, 0, 0, 800, NULL, 0, NULL, 'SM017-Y6FN-000002-R', 0, 0, NULL, NULL);
INSERT INTO state (id, serial, kind, copy, grams, seq, state, evidence, number, labels, sealed, waybill, carrier)
  VALUES (8449, 2, 1, 1, 800, 4, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO state (id, serial, kind, copy, grams, seq, state, evidence, number, labels, sealed, waybill, carrier)
  VALUES (12288, 3, 0, 0, 700, NULL, 0, NULL, 'SM017-Y6FN-000003-P', 1, 0, NULL, NULL);
INSERT INTO state (id, serial, kind, copy, grams, seq, state, evidence, number, labels, sealed, waybill, carrier)
  VALUES (12545, 3, 1, 1, 700, 5, 0, 3, NULL, NULL, NULL, NULL, NULL);
INSERT INTO tally VALUES (494008, 0, 1, 900), (494008, 2, 2, 0);
