-- The hub's store as schema 3 had it. BYTES(text) and the types are put into each database's words.
CREATE TABLE site (
  id TEXT PRIMARY KEY, seen INTEGER NOT NULL,
  up_parcels INTEGER NOT NULL DEFAULT 0, up_grams INTEGER NOT NULL DEFAULT 0,
  down_parcels INTEGER NOT NULL DEFAULT 0, down_grams INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE stream (
  id INTEGER PRIMARY KEY, site TEXT NOT NULL REFERENCES site (id), epoch TEXT NOT NULL,
  lane TEXT NOT NULL, durable INTEGER NOT NULL DEFAULT 0, highest INTEGER NOT NULL DEFAULT 0, chain BLOB, UNIQUE (site, epoch, lane)
);
CREATE TABLE event (
  stream INTEGER NOT NULL REFERENCES stream (id), seq INTEGER NOT NULL, type TEXT NOT NULL,
  body BLOB NOT NULL, boot TEXT NOT NULL, monotonic INTEGER NOT NULL, wall INTEGER NOT NULL,
  quality TEXT NOT NULL, received INTEGER NOT NULL, chain BLOB, PRIMARY KEY (stream, seq)
) WITHOUT ROWID;
CREATE TABLE type_count (
  stream INTEGER NOT NULL REFERENCES stream (id), type TEXT NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY (stream, type)
) WITHOUT ROWID;
CREATE TABLE conflict (
  stream INTEGER NOT NULL REFERENCES stream (id), seq INTEGER NOT NULL, type TEXT NOT NULL,
  body BLOB NOT NULL, boot TEXT NOT NULL, monotonic INTEGER NOT NULL, wall INTEGER NOT NULL,
  quality TEXT NOT NULL, received INTEGER NOT NULL, times INTEGER NOT NULL DEFAULT 1,
  hash BLOB
);
CREATE TABLE quarantine (
  stream INTEGER NOT NULL REFERENCES stream (id), seq INTEGER NOT NULL, raw BLOB NOT NULL,
  reason TEXT NOT NULL, received INTEGER NOT NULL, hash BLOB
);
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
CREATE TABLE parcel (
  id INTEGER PRIMARY KEY, site TEXT NOT NULL REFERENCES site (id), number TEXT NOT NULL,
  state TEXT NOT NULL, grams INTEGER NOT NULL, direction TEXT, stage TEXT,
  wall INTEGER NOT NULL, stream INTEGER REFERENCES stream (id), boot TEXT, monotonic INTEGER,
  UNIQUE (site, number, stream)
);
CREATE UNIQUE INDEX conflict_hash ON conflict (stream, seq, hash);
CREATE UNIQUE INDEX quarantine_hash ON quarantine (stream, seq, hash);
INSERT INTO site (id, seen, up_parcels, up_grams) VALUES ('SM017', 7, 3, 3000);
INSERT INTO stream (site, epoch, lane, durable, highest) VALUES ('SM017', '123456789abcdef0', 'records', 2, 5);
INSERT INTO event (stream, seq, type, body, boot, monotonic, wall, quality, received, chain) VALUES
  (1, 1, 'parcel.dispatched', BYTES('BODY1'), 'boot-1', 5000000000, 1790000000042, 'ntp', 7, NULL);
INSERT INTO event (stream, seq, type, body, boot, monotonic, wall, quality, received, chain) VALUES
  (1, 2, 'parcel.dispatched', BYTES('BODY2'), 'boot-1', 5000000000, 1790000000042, 'ntp', 7, NULL);
INSERT INTO event (stream, seq, type, body, boot, monotonic, wall, quality, received, chain) VALUES
  (1, 5, 'parcel.dispatched', BYTES('BODY5'), 'boot-1', 5000000000, 1790000000042, 'ntp', 7, NULL);
INSERT INTO conflict (stream, seq, type, body, boot, monotonic, wall, quality, received, hash) VALUES
  (1, 2, 'parcel.dispatched', BYTES('{}'), 'boot-9', 1, 1, 'none', 7, NULL);
INSERT INTO quarantine (stream, seq, raw, reason, received, hash) VALUES
  (1, 4, BYTES('nonsense'), 'unreadable', 7, NULL);
INSERT INTO type_count (stream, type, n) VALUES (1, 'parcel.dispatched', 3);
INSERT INTO parcel (site, number, state, grams, direction, stage, wall, stream, boot, monotonic)
  VALUES ('SM017', 'PARCEL1', 'done', 1000, 'up', 'collect', 1790000000042, 1, 'boot-1', 5000000000);
INSERT INTO parcel (site, number, state, grams, direction, stage, wall, stream, boot, monotonic)
  VALUES ('SM017', 'PARCEL2', 'done', 1000, 'up', 'collect', 1790000000042, 1, 'boot-1', 5000000000);
INSERT INTO parcel (site, number, state, grams, direction, stage, wall, stream, boot, monotonic)
  VALUES ('SM017', 'PARCEL5', 'done', 1000, 'up', 'collect', 1790000000042, 1, 'boot-1', 5000000000);
INSERT INTO station_key (site, key, state, first, last, times) VALUES
  ('SM017', 'KEY', 'approved', 7, 7, 1);
