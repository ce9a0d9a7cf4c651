/* The C limits for a scale: what Benchmarks/ScaleBench does in Swift.
   `decode` prints MB/s of an XOR over the bytes and of XK3190 frames parsed by hand; `wire COUNT`
   prints p50 and p99 in microseconds from a frame on a pseudo terminal to its reader. */
#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

enum { CHUNK = 4096, SIZE = 256 * CHUNK, FRAME = 12 };

struct reading {
  int64_t grams, at;
  uint8_t raw[FRAME];
};

static uint8_t stream[SIZE];
static struct reading readings[CHUNK];
static volatile uint64_t sink;

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000L + t.tv_nsec;
}

static uint8_t nibble(uint8_t value) { return value + (value < 10 ? 0x30 : 0x37); }

static int frame(const uint8_t *b, int64_t *grams) {
  static const int64_t scale[5] = {1000000, 100000, 10000, 1000, 100};
  int64_t digits = 0;
  uint8_t check = b[1] ^ b[8];
  if (b[0] != 2 || b[11] != 3 || (b[1] != '+' && b[1] != '-') || b[8] < '0' || b[8] > '4') return 0;
  for (int i = 2; i < 8; i++) {
    uint8_t digit = b[i] - '0';
    if (digit > 9) return 0;
    digits = digits * 10 + digit;
    check ^= b[i];
  }
  if (b[9] != nibble(check >> 4) || b[10] != nibble(check & 15)) return 0;
  /* In thousandths, to the nearest gram; halves to the even neighbour. */
  int64_t scaled = digits * scale[b[8] - '0'], rest = scaled % 1000, whole = scaled / 1000;
  if (rest > 500 || (rest == 500 && (whole & 1))) whole++;
  *grams = b[1] == '-' ? -whole : whole;
  return 1;
}

/* Frames of one chunk behind what was left of the last one. */
static size_t decode(const uint8_t *bytes, size_t count) {
  static uint8_t buffer[CHUNK + FRAME];
  static size_t kept;
  size_t found = 0, head = 0, size = kept + count;
  memcpy(buffer + kept, bytes, count);
  while (size - head >= FRAME) {
    int64_t grams;
    if (!frame(buffer + head, &grams)) {
      head++;
      continue;
    }
    readings[found].grams = grams;
    readings[found].at = 0;
    memcpy(readings[found++].raw, buffer + head, FRAME);
    head += FRAME;
  }
  kept = size - head;
  memmove(buffer, buffer + head, kept);
  return found;
}

static size_t exclusive_or(const uint8_t *bytes, size_t count) {
  uint8_t sum = 0;
  /* Byte by byte, as a decoder must look at them. */
  for (size_t i = 0; i < count; i++) {
    sum ^= bytes[i];
    __asm__ volatile("" : "+r"(sum));
  }
  return sum;
}

static long rate(size_t (*pass)(const uint8_t *, size_t)) {
  long best = 0;
  for (int round = 0; round < 5; round++) {
    int64_t start = now(), bytes = 0, spent;
    do {
      for (size_t i = 0; i < SIZE; i += CHUNK) sink += pass(stream + i, CHUNK);
      bytes += SIZE;
      spent = now() - start;
    } while (spent < 100000000);
    if (bytes * 1000 / spent > best) best = bytes * 1000 / spent;
  }
  return best;
}

static int in, out[2];

static void *station(void *unused) {
  struct pollfd watched = {.fd = in, .events = POLLIN};
  char bytes[CHUNK];
  for (;;) {
    if (poll(&watched, 1, -1) < 0) continue;
    if (read(in, bytes, sizeof bytes) < 2) return unused;
    int64_t at = now();
    if (bytes[0] == 'S' && write(out[1], &at, sizeof at) != sizeof at) return unused;
  }
}

static int compare(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return x < y ? -1 : x > y;
}

static int wire(int count) {
  static const char text[] = "ST,GS,+  12.345  kg\r\n";
  int scale = posix_openpt(O_RDWR | O_NOCTTY);
  int64_t *times = calloc(count, sizeof *times), at;
  struct termios line;
  pthread_t thread;
  if (!times || scale < 0 || grantpt(scale) || unlockpt(scale) || pipe(out)) return 1;
  in = open(ptsname(scale), O_RDWR | O_NOCTTY);
  if (in < 0 || tcgetattr(in, &line)) return 1;
  cfmakeraw(&line);
  if (tcsetattr(in, TCSANOW, &line) || pthread_create(&thread, NULL, station, NULL)) return 1;
  for (int i = 0; i < count; i++) {
    usleep(5000);
    int64_t start = now();
    if (write(scale, text, sizeof text - 1) < 0 || read(out[0], &at, sizeof at) != sizeof at) return 1;
    times[i] = at - start;
  }
  qsort(times, count, sizeof *times, compare);
  printf("%ld %ld\n", (long)times[count / 2] / 1000, (long)times[count * 99 / 100] / 1000);
  return 0;
}

int main(int argc, char **argv) {
  static const uint8_t good[FRAME] = "\x02+012345319\x03";
  if (argc > 2 && !strcmp(argv[1], "wire")) return wire(atoi(argv[2]));
  for (size_t i = 0; i < SIZE; i++) stream[i] = good[i % FRAME];
  printf("xor %ld\nxk3190-continuous %ld\n", rate(exclusive_or), rate(decode));
  return 0;
}
