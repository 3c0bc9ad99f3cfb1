// Counts what a test allocates, through this program's operator new.
#pragma once

#include <cstddef>

struct Allocations {
  size_t total = 0;    // bytes asked for
  size_t largest = 0;  // of one request
};

void reset_allocations();
Allocations allocations();  // since the last reset, of all threads
