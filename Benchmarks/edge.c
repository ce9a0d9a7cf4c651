/* The C limit for one edge: poll, read, write on pipes, as Benchmarks/EdgeBench does it in Swift.
 *
 * usage: edge [COUNT] [PAUSE_MICROSECONDS] [fifo]; prints p50, p99 and p99.9 in microseconds, from
 * before the edge is written to after the output is. With `fifo` the station's thread has the
 * priority that its unit grants, and the hands one less, so that the measure is of the station and
 * not of whoever keeps the clock. */
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int in[2], out[2];
static int is_fifo;
static atomic_long answered;

static long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000L + t.tv_nsec;
}

static void prefer(int priority) {
  struct sched_param parameters = {.sched_priority = priority};
  if (is_fifo && pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters)) {
    fprintf(stderr, "edge: SCHED_FIFO is refused; run as root\n");
    exit(1);
  }
}

static void *station(void *unused) {
  struct pollfd watched = {.fd = in[0], .events = POLLIN};
  char byte;
  prefer(50);
  for (;;) {
    if (poll(&watched, 1, -1) < 0) continue;
    if (read(in[0], &byte, 1) != 1) return unused;
    if (write(out[1], &byte, 1) != 1) return unused;
    atomic_store(&answered, now());
  }
}

static int compare(const void *a, const void *b) {
  long x = *(const long *)a, y = *(const long *)b;
  return x < y ? -1 : x > y;
}

static void show(const long *times, int count, int thousandths) {
  long time = times[(long)count * thousandths / 1000];
  printf("%ld.%ld%s", time / 1000, time % 1000 / 100, thousandths == 999 ? "\n" : " ");
}

int main(int argc, char **argv) {
  int count = argc > 1 ? atoi(argv[1]) : 2000;
  long pause = argc > 2 ? atol(argv[2]) : 1000;
  is_fifo = argc > 3 && !strcmp(argv[3], "fifo");
  long *times = calloc(count, sizeof *times);
  pthread_t thread;
  if (!times || pipe(in) || pipe(out) || pthread_create(&thread, NULL, station, NULL)) return 1;
  prefer(49);
  for (int i = 0; i < count; i++) {
    char byte = 1;
    long end;
    usleep(pause);
    atomic_store(&answered, 0);
    long start = now();
    if (write(in[1], &byte, 1) != 1 || read(out[0], &byte, 1) != 1) return 1;
    while (!(end = atomic_load(&answered))) sched_yield();
    times[i] = end - start;
  }
  qsort(times, count, sizeof *times, compare);
  show(times, count, 500);
  show(times, count, 990);
  show(times, count, 999);
  return 0;
}
