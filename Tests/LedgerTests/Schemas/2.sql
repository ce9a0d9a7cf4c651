-- A ledger as schema 2 left it: one parcel finished, one whose label is in doubt, one labelled.
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
PRAGMA application_id = 0x595A4C31;
PRAGMA user_version = 2;
INSERT INTO epoch VALUES ('00000000000abcde');
INSERT INTO word VALUES (1, 'boot-1'), (2, 'action.intent'), (3, 'action.outcome'), (4, 'parcel.dispatched'), (5, 'station.started');
INSERT INTO records VALUES
  (1, 2, CAST('{"action":"label","carrier":"yto","copy":1,"grams":900,"parcel":"SM017-Y6FN-000001-T","waybill":"YT1234567890123"}' AS BLOB), 1, 1000, 1778428800001, 2);
INSERT INTO records VALUES
  (2, 3, CAST('{"action":"label","copy":1,"evidence":"counter","outcome":"done","parcel":"SM017-Y6FN-000001-T"}' AS BLOB), 1, 2000, 1778428800002, 2);
INSERT INTO records VALUES
  (3, 4, CAST('{"carrier":"yto","direction":"up","grams":900,"labelCopy":1,"parcel":"SM017-Y6FN-000001-T","sealed":false,"stage":"collect","waybill":"YT1234567890123"}' AS BLOB), 1, 3000, 1778428800003, 2);
INSERT INTO records VALUES
  (4, 2, CAST('{"action":"label","copy":1,"grams":800,"parcel":"SM017-Y6FN-000002-R"}' AS BLOB), 1, 4000, 1778428800004, 2);
INSERT INTO records VALUES
  (5, 2, CAST('{"action":"label","copy":1,"grams":700,"parcel":"SM017-Y6FN-000003-P"}' AS BLOB), 1, 5000, 1778428800005, 2);
INSERT INTO records VALUES
  (6, 3, CAST('{"action":"label","copy":1,"evidence":"worker","outcome":"done","parcel":"SM017-Y6FN-000003-P"}' AS BLOB), 1, 6000, 1778428800006, 2);
INSERT INTO telemetry VALUES
  (1, 5, CAST('{"inDoubt":0,"version":"0.3"}' AS BLOB), 1, 1000, 1778428800001, 2);
UPDATE acknowledged SET upto = 2 WHERE lane = 'records';
INSERT INTO state (serial, kind, copy, grams, seq, state, evidence, number, labels, sealed, waybill, carrier)
  VALUES (1, 0, 0, 900, NULL, 1, NULL, 'SM017-Y6FN-000001-T', 1, 0, 'YT1234567890123', 'yto');
INSERT INTO state (serial, kind, copy, grams, seq, state, evidence, number, labels, sealed, waybill, carrier)
  VALUES (1, 1, 1, 900, 1, 0, 1, NULL, NULL, NULL, NULL, NULL);
INSERT INTO state (serial, kind, copy, grams, seq, state, evidence, number, labels, sealed, waybill, carrier)
  VALUES (2, 0, 0, 800, NULL, 0, NULL, 'SM017-Y6FN-000002-R', 0, 0, NULL, NULL);
INSERT INTO state (serial, kind, copy, grams, seq, state, evidence, number, labels, sealed, waybill, carrier)
  VALUES (2, 1, 1, 800, 4, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO state (serial, kind, copy, grams, seq, state, evidence, number, labels, sealed, waybill, carrier)
  VALUES (3, 0, 0, 700, NULL, 0, NULL, 'SM017-Y6FN-000003-P', 1, 0, NULL, NULL);
INSERT INTO state (serial, kind, copy, grams, seq, state, evidence, number, labels, sealed, waybill, carrier)
  VALUES (3, 1, 1, 700, 5, 0, 3, NULL, NULL, NULL, NULL, NULL);
INSERT INTO tally VALUES (494008, 0, 1, 900), (494008, 2, 2, 0);
