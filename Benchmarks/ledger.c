// The limit that the Swift ledger is measured against: the same statements into the same tables,
// three transactions a parcel, WAL, synchronous=FULL, straight to SQLite.
//
//   cc -O2 -o ledger ledger.c -lsqlite3 -lcrypto && ./ledger /var/tmp/ledger-c.sqlite 5000
//
// Prints parcels per second, and the bytes handed to write(2) per parcel. The file is made anew.
#include <inttypes.h>
#include <openssl/sha.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static sqlite3 *db;
static sqlite3_int64 sequence;

static void fail(const char *what) {
  fprintf(stderr, "%s: %s\n", what, sqlite3_errmsg(db));
  exit(1);
}

static void execute(const char *sql) {
  if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) fail(sql);
}

static sqlite3_stmt *prepare(const char *sql) {
  sqlite3_stmt *statement;
  if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK)
    fail(sql);
  return statement;
}

static void step(sqlite3_stmt *statement) {
  if (sqlite3_step(statement) != SQLITE_DONE) fail(sqlite3_sql(statement));
  sqlite3_reset(statement);
}

static sqlite3_stmt *begin, *commit, *record, *open_parcel, *arm, *settle, *labelled, *sealed,
    *finish, *tally;

static void prepare_all(void) {
  begin = prepare("BEGIN IMMEDIATE");
  commit = prepare("COMMIT");
  record = prepare("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  open_parcel = prepare(
      "INSERT INTO state (id, serial, kind, copy, grams, state, number, labels, sealed)"
      " VALUES (?1 * 4096, ?1, 0, 0, ?, 0, ?, 0, 0)"
      " ON CONFLICT DO UPDATE SET grams = iif(state = 0, excluded.grams, grams)"
      " WHERE number = excluded.number");
  arm = prepare(
      "INSERT INTO state (id, serial, kind, copy, grams, seq)"
      " VALUES (?1 * 4096 + ?2 * 256 + ?3, ?1, ?2, ?3, ?4, ?5)"
      " ON CONFLICT DO UPDATE SET grams = excluded.grams, seq = excluded.seq"
      " WHERE state IS NULL");
  settle = prepare(
      "UPDATE state SET state = ?, evidence = ?"
      " WHERE id = ? * 4096 + ? * 256 + ? AND state IS NULL");
  labelled = prepare(
      "UPDATE state SET labels = max(labels, ?) WHERE id = ? * 4096");
  sealed = prepare("UPDATE state SET sealed = 1 WHERE id = ? * 4096");
  finish = prepare(
      "INSERT INTO state (id, serial, kind, copy, grams, state, number, labels, sealed)"
      " VALUES (?1 * 4096, ?1, 0, 0, ?, 1, ?, ?, ?)"
      " ON CONFLICT DO UPDATE SET grams = excluded.grams, state = 1, labels = excluded.labels,"
      " sealed = excluded.sealed WHERE state = 0 AND number = excluded.number");
  tally = prepare(
      "INSERT INTO tally VALUES (?, ?, 1, ?)"
      " ON CONFLICT DO UPDATE SET n = n + 1, grams = grams + excluded.grams");
}

// From Sources/Ledger/Schema.swift.
static void make_tables(void) {
  execute("PRAGMA page_size = 512; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
          "PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = 4000");
  execute(
      "CREATE TABLE records (seq INTEGER PRIMARY KEY, type INTEGER NOT NULL, body BLOB NOT NULL,"
      " boot INTEGER NOT NULL, monotonic INTEGER NOT NULL, wall INTEGER NOT NULL,"
      " quality INTEGER NOT NULL, chain BLOB NOT NULL);"
      "CREATE TABLE state (id INTEGER PRIMARY KEY, serial INTEGER NOT NULL, kind INTEGER NOT NULL, copy INTEGER NOT NULL,"
      " grams INTEGER NOT NULL, seq INTEGER, state INTEGER, evidence INTEGER, number TEXT,"
      " labels INTEGER, sealed INTEGER, waybill TEXT, carrier TEXT);"
      "CREATE INDEX waybill ON state (waybill) WHERE waybill IS NOT NULL;"
      "CREATE TABLE tally (hour INTEGER NOT NULL, kind INTEGER NOT NULL, n INTEGER NOT NULL,"
      " grams INTEGER NOT NULL, PRIMARY KEY (hour, kind)) WITHOUT ROWID;");
}

static sqlite3_int64 now(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

// SHA-256 of the last link and of as many bytes as Event.canonical has for this event.
static const unsigned char *next_link(int type, const char *body) {
  static unsigned char bytes[512], link[32];
  size_t length = strlen(body) + 24 + 16 + 3 + 16 + 32 + 32;
  memcpy(bytes, link, 32);
  bytes[32] = (unsigned char)type;
  memcpy(bytes + length - strlen(body), body, strlen(body));
  SHA256(bytes, length, link);
  return link;
}

static void append(int type, const char *body) {
  sqlite3_bind_int64(record, 1, ++sequence);
  sqlite3_bind_int(record, 2, type);
  sqlite3_bind_blob(record, 3, body, (int)strlen(body), SQLITE_TRANSIENT);
  sqlite3_bind_int(record, 4, 1);
  sqlite3_bind_int64(record, 5, now(CLOCK_MONOTONIC));
  sqlite3_bind_int64(record, 6, now(CLOCK_REALTIME) / 1000000);
  sqlite3_bind_int(record, 7, 0);
  sqlite3_bind_blob(record, 8, next_link(type, body), 32, SQLITE_TRANSIENT);
  step(record);
}

static void count(int kind, int grams) {
  sqlite3_bind_int64(tally, 1, now(CLOCK_REALTIME) / 3600000000000LL);
  sqlite3_bind_int(tally, 2, kind);
  sqlite3_bind_int(tally, 3, grams);
  step(tally);
}

static void intent(int serial, const char *number, int kind, int grams) {
  char body[256];
  snprintf(body, sizeof body, "{\"action\":\"%s\",\"copy\":1,\"grams\":%d,\"parcel\":\"%s\"}",
           kind == 1 ? "label" : "seal", grams, number);
  append(2, body);
  sqlite3_bind_int(open_parcel, 1, serial);
  sqlite3_bind_int(open_parcel, 2, grams);
  sqlite3_bind_text(open_parcel, 3, number, -1, SQLITE_TRANSIENT);
  step(open_parcel);
  int values[] = {serial, kind, 1, grams};
  for (int i = 0; i < 4; i++) sqlite3_bind_int(arm, i + 1, values[i]);
  sqlite3_bind_int64(arm, 5, sequence);
  step(arm);
}

static void outcome(int serial, const char *number, int kind) {
  char body[256];
  snprintf(body, sizeof body,
           "{\"action\":\"%s\",\"copy\":1,\"evidence\":\"%s\",\"outcome\":\"done\","
           "\"parcel\":\"%s\"}",
           kind == 1 ? "label" : "seal", kind == 1 ? "status-sequence" : "counter", number);
  append(3, body);
  int values[] = {0, kind == 1 ? 2 : 1, serial, kind, 1};
  for (int i = 0; i < 5; i++) sqlite3_bind_int(settle, i + 1, values[i]);
  step(settle);
  if (kind == 1) {
    sqlite3_bind_int(labelled, 1, 1);
    sqlite3_bind_int(labelled, 2, serial);
    step(labelled);
  } else {
    sqlite3_bind_int(sealed, 1, serial);
    step(sealed);
  }
  count(kind + 1, 0);
}

static void dispatched(int serial, const char *number, int grams) {
  char body[256];
  snprintf(body, sizeof body,
           "{\"direction\":\"up\",\"grams\":%d,\"labelCopy\":1,\"parcel\":\"%s\","
           "\"sealed\":true,\"stage\":\"collect\"}",
           grams, number);
  append(4, body);
  sqlite3_bind_int(finish, 1, serial);
  sqlite3_bind_int(finish, 2, grams);
  sqlite3_bind_text(finish, 3, number, -1, SQLITE_TRANSIENT);
  sqlite3_bind_int(finish, 4, 1);
  sqlite3_bind_int(finish, 5, 1);
  step(finish);
  count(0, grams);
}

static long long written(void) {
  char line[128];
  long long bytes = 0;
  FILE *file = fopen("/proc/self/io", "r");
  while (file && fgets(line, sizeof line, file)) sscanf(line, "wchar: %lld", &bytes);
  if (file) fclose(file);
  return bytes;
}

int main(int argc, char **argv) {
  if (argc < 2) return fprintf(stderr, "usage: ledger FILE [PARCELS]\n"), 64;
  int parcels = argc > 2 ? atoi(argv[2]) : 5000;
  const char *suffixes[] = {"", "-wal", "-shm"};
  char name[4096];
  for (int i = 0; i < 3; i++) {
    snprintf(name, sizeof name, "%s%s", argv[1], suffixes[i]);
    unlink(name);
  }
  if (sqlite3_open(argv[1], &db) != SQLITE_OK) fail("open");
  make_tables();
  prepare_all();
  long long bytes = written();
  sqlite3_int64 start = now(CLOCK_MONOTONIC);
  for (int serial = 1; serial <= parcels; serial++) {
    char number[64];
    int grams = 500 + serial % 9000;
    snprintf(number, sizeof number, "SM017-K3F9-%06d-7", serial);
    step(begin), intent(serial, number, 1, grams), step(commit);
    step(begin), outcome(serial, number, 1), intent(serial, number, 2, grams), step(commit);
    step(begin), outcome(serial, number, 2), dispatched(serial, number, grams), step(commit);
  }
  double seconds = (now(CLOCK_MONOTONIC) - start) / 1e9;
  printf("C: %.0f parcels/s, %lld bytes written per parcel\n", parcels / seconds,
         (written() - bytes) / parcels);
  return 0;
}
