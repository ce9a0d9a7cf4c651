// One small interface over both major versions of libgpiod, which share symbol names but not
// meanings. Version 1 defines GPIOD_BIT, version 2 does not.
//
// Conventions: functions that can fail return 0 or a count, and a negative errno; a null pointer
// leaves the reason in errno. Text is cut to what the kernel keeps (32 bytes with the NUL).
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <gpiod.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// The kernel's limit for one request.
#define YZ_GPIO_MAX_LINES 64
// How many edges one call of yz_lines_read brings at most.
#define YZ_GPIO_MAX_EDGES 64

enum { YZ_BIAS_AS_IS, YZ_BIAS_DISABLED, YZ_BIAS_PULL_UP, YZ_BIAS_PULL_DOWN };

struct yz_chip_info {
  char name[32];
  char label[32];
  unsigned int lines;
};

struct yz_line_info {
  char name[32];
  char consumer[32];
  bool used;
  bool output;
  bool active_low;
};

struct yz_line_spec {
  unsigned int offset;
  bool active_low;
  int bias;
};

struct yz_edge {
  // Position in the request, not the line's offset.
  int position;
  bool active;
  // CLOCK_MONOTONIC.
  int64_t nanoseconds;
  // Counts all edges of the request from 1; 0 where the version has no such number.
  uint32_t sequence;
};

// Lines of one chip that were requested together.
struct yz_lines;

static inline void yz_copy_text(char out[32], const char *text) {
  memset(out, 0, 32);
  if (text) strncpy(out, text, 31);
}

// Reads must never block, not even when another event has been taken in between.
static inline int yz_never_block(int fd) {
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0) return -errno;
  return 0;
}

#ifdef GPIOD_BIT
#include "version1.h"
#else
#include "version2.h"
#endif
