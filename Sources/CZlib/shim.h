#pragma once
#include <zlib.h>

// deflateInit2 and inflateInit2 are macros. 15 + 16: the largest window, with a gzip header.

static inline int yz_deflate_start(z_stream *stream) {
  return deflateInit2(stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
}

static inline int yz_inflate_start(z_stream *stream) { return inflateInit2(stream, 15 + 16); }
