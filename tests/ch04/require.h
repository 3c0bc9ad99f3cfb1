// What holds for each of chapter 04's kernels.
#pragma once

#include <cstdint>

#include "tests/catch.h"
#include "tests/ch04/kernels_under_test.h"
#include "tests/decode/recording.h"

inline uint64_t ceil_div(uint64_t value, uint64_t by) { return (value + by - 1) / by; }

inline void require_bytes(const Recording& counted, const gpu::KernelBytes& bytes) {
  const traffic::MemoryCounts memory = counted.totals().memory;
  CHECK(memory.vram_read_bytes == bytes.read());
  CHECK(memory.vram_write_bytes == bytes.written());
  CHECK(memory.host_bytes() == 0);
}

// What holds for every kernel that ships.
inline void require_clean(const Recording& counted) {
  const traffic::KernelCounts kernels = counted.totals().kernels;
  CHECK(kernels.launches == 1);
  CHECK(kernels.estimated_requests == 0);
  CHECK(kernels.shared_wavefronts == kernels.shared_ideal_wavefronts);
  CHECK(counted.totals().declared.undeclared_launches == 0);
}
