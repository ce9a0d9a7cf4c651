#pragma once
#include <zint.h>

// Arrays inside a C structure reach Swift as tuples of thousands of elements; these read them here.

static inline int yizhan_zint_module(const struct zint_symbol *symbol, int row, int column) {
  return symbol->encoded_data[row][column >> 3] >> (column & 7) & 1;
}

static inline const char *yizhan_zint_error(const struct zint_symbol *symbol) {
  return symbol->errtxt;
}
