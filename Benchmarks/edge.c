/* The C limit for one edge: poll, read, write on pipes, as Benchmarks/EdgeBench does it in Swift. */
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static int in[2], out[2];

static long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000L + t.tv_nsec;
}

static void *station(void *unused) {
  struct pollfd watched = {.fd = in[0], .events = POLLIN};
  char byte;
  for (;;) {
    if (poll(&watched, 1, -1) < 0) continue;
    if (read(in[0], &byte, 1) != 1) return unused;
    if (write(out[1], &byte, 1) != 1) return unused;
  }
}

static int compare(const void *a, const void *b) {
  long x = *(const long *)a, y = *(const long *)b;
  return x < y ? -1 : x > y;
}

int main(int argc, char **argv) {
  int count = argc > 1 ? atoi(argv[1]) : 2000;
  long pause = argc > 2 ? atol(argv[2]) : 1000;
  long *times = calloc(count, sizeof *times);
  pthread_t thread;
  if (!times || pipe(in) || pipe(out) || pthread_create(&thread, NULL, station, NULL)) return 1;
  for (int i = 0; i < count; i++) {
    char byte = 1;
    usleep(pause);
    long start = now();
    if (write(in[1], &byte, 1) != 1 || read(out[0], &byte, 1) != 1) return 1;
    times[i] = now() - start;
  }
  qsort(times, count, sizeof *times, compare);
  printf("%ld %ld\n", times[count / 2] / 1000, times[count * 99 / 100] / 1000);
  return 0;
}
