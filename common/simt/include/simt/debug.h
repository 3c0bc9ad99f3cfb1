// Traps, assert, clocks, fences: what device code does beside computing.
#pragma once

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "common/simt/core.h"
#include "simt/keywords.h"
#include "simt/scheduler_api.h"

// The translator writes these for assert and printf in device code. A function that is both host
// and device code finds out where it runs.
#ifdef NDEBUG
#define SIMT_ASSERT(...) static_cast<void>(0)
#else
#define SIMT_ASSERT(...)          \
  (static_cast<bool>(__VA_ARGS__) \
       ? static_cast<void>(0)     \
       : ::simt::assertion_failed(#__VA_ARGS__, __FILE__, __LINE__, __func__))
#endif
#define SIMT_PRINTF(...) \
  (::simt::in_kernel() ? ::simt::device_printf(__VA_ARGS__) : ::printf(__VA_ARGS__))

#define __trap() ::simt::device_trap("__trap()", "", __FILE__, __LINE__)
#define __brkpt() ::simt::device_trap("__brkpt()", "", __FILE__, __LINE__)

namespace simt {

[[noreturn]] inline void assertion_failed(const char* expression, const char* file, unsigned line,
                                          const char* function) {
  if (in_kernel()) device_trap("assertion failed", expression, file, line);
  ::fprintf(stderr, "%s:%u: %s: Assertion `%s' failed.\n", file, line, function, expression);
  ::abort();
}
SIMT_BUILTIN clock_t device_clock32() {
  return static_cast<clock_t>(static_cast<unsigned>(device_clock()));
}
void memory_fence();

}  // namespace simt

SIMT_BUILTIN long long clock64() { return static_cast<long long>(simt::device_clock()); }
SIMT_BUILTIN void __nanosleep(unsigned) { simt::spin_yield(); }

SIMT_BUILTIN void __threadfence() { simt::memory_fence(); }
SIMT_BUILTIN void __threadfence_block() { simt::memory_fence(); }
SIMT_BUILTIN void __threadfence_system() { simt::memory_fence(); }
