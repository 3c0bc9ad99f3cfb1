// Shared memory's bank conflicts: how many wavefronts a warp request takes.
//
// 32 banks of 4 bytes; in one wavefront each bank serves one 4-byte word, to any number of lanes
// (CUDA C++ Programming Guide, "Shared Memory" of compute capability 5.x and later). Accesses of 8
// bytes go in two halves of 16 lanes, of 16 bytes in four quarters of 8 lanes (NVIDIA, GTC 2019,
// talk S9593, "phases"); each part is served on its own and takes at least one wavefront. A request
// whose lanes all access one address is a broadcast and takes one wavefront. Real hardware can
// merge some more parts that share words; nobody documents which, so they are not merged here.
//
// The ideal is max(1, ceil(distinct bytes / 128)); wavefronts are never fewer.
#pragma once

#include "common/simt/observer.h"

namespace traffic {

struct Wavefronts {
  uint32_t count = 0, ideal = 0;
};

namespace detail {
Wavefronts wavefronts_any(const simt::WarpRequest& request);
}

// For a request on shared memory. An access wider than 16 bytes (a counted memcpy) is taken as
// accesses of 16 bytes, one after the other.
inline Wavefronts wavefronts(const simt::WarpRequest& r) {
  if (r.addresses == nullptr && r.bytes <= 16) {
    const uint64_t stride = static_cast<uint64_t>(r.stride < 0 ? -r.stride : r.stride);
    // log2 of the unit in which banks are used: accesses of 1 and 2 bytes inside a word are
    // accesses of that word.
    const int unit = r.bytes <= 4 ? 2 : r.bytes == 8 ? 3 : r.bytes == 16 ? 4 : 0;
    const uint64_t below = (uint64_t{1} << unit) - 1;
    const bool aligned = r.bytes <= 4 ? (r.first & 3) + r.bytes <= 4 : (r.first & below) == 0;
    if (unit != 0 && aligned && (stride & below) == 0) {
      if (stride == 0) return {1, 1};
      // Lanes that go together take a whole row of banks. Lanes i and j share a bank when
      // (i - j) * step is a multiple of the group, so a bank serves every `period`-th lane.
      const int group = 7 - unit;  // log2
      const int repeats = __builtin_ctz(static_cast<uint32_t>(stride >> unit) | 1u << group);
      const uint32_t full = r.lanes >> group, rest = r.lanes & ((1u << group) - 1);
      const uint32_t period = group - repeats;  // log2
      const uint32_t count = (full << repeats) + ((rest + (1u << period) - 1) >> period);
      return {count, full + (rest != 0)};
    }
  }
  return detail::wavefronts_any(r);
}

}  // namespace traffic
