-- The hub's store as schema 1 had it. BYTES(text) and the types are put into each database's words.
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
INSERT INTO site (id, seen, up_parcels, up_grams) VALUES ('SM017', 7, 3, 3000);
INSERT INTO stream (site, epoch, lane, durable) VALUES ('SM017', '123456789abcdef0', 'records', 2);
INSERT INTO event (stream, seq, type, body, boot, monotonic, wall, quality, received) VALUES
  (1, 1, 'parcel.dispatched', BYTES('BODY1'), 'boot-1', 5000000000, 1790000000042, 'ntp', 7);
INSERT INTO event (stream, seq, type, body, boot, monotonic, wall, quality, received) VALUES
  (1, 2, 'parcel.dispatched', BYTES('BODY2'), 'boot-1', 5000000000, 1790000000042, 'ntp', 7);
INSERT INTO event (stream, seq, type, body, boot, monotonic, wall, quality, received) VALUES
  (1, 5, 'parcel.dispatched', BYTES('BODY5'), 'boot-1', 5000000000, 1790000000042, 'ntp', 7);
INSERT INTO conflict (stream, seq, type, body, boot, monotonic, wall, quality, received) VALUES
  (1, 2, 'parcel.dispatched', BYTES('{}'), 'boot-9', 1, 1, 'none', 7);
INSERT INTO quarantine (stream, seq, raw, reason, received) VALUES
  (1, 4, BYTES('nonsense'), 'unreadable', 7);
INSERT INTO type_count (stream, type, n) VALUES (1, 'parcel.dispatched', 3);
INSERT INTO parcel (site, number, state, grams, direction, stage, wall) VALUES
  ('SM017', 'PARCEL1', 'done', 1000, 'up', 'collect', 1790000000042);
INSERT INTO parcel (site, number, state, grams, direction, stage, wall) VALUES
  ('SM017', 'PARCEL2', 'done', 1000, 'up', 'collect', 1790000000042);
INSERT INTO parcel (site, number, state, grams, direction, stage, wall) VALUES
  ('SM017', 'PARCEL5', 'done', 1000, 'up', 'collect', 1790000000042);
