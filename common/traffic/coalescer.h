// Turns a warp request on VRAM or pinned host memory into 32-byte sectors, as stream entries.
#pragma once

#include <algorithm>

#include "common/traffic/stream.h"

namespace traffic {

namespace detail {
// The bytes [begin, last] as entries; returns how many sectors they touch.
inline unsigned push_run(uint64_t base, uint64_t begin, uint64_t last, WordBuffer& out) {
  const uint64_t lines = (last >> 7) - (begin >> 7);
  if (lines < kMaxLines) {
    out.push(base | begin >> 7 | lines << kLinesShift | (begin & 127) << kBeginShift |
             (last & 127) << kLastShift);
    return static_cast<unsigned>((last >> 5) - (begin >> 5)) + 1;
  }
  const uint64_t cut = ((begin >> 7) + kMaxLines) << 7;
  out.reserve_more(lines / kMaxLines + 2);
  const unsigned head = push_run(base, begin, cut - 1, out);
  return head + push_run(base & ~(uint64_t{1} << kFirstShift), cut, last, out);
}

unsigned coalesce_any(const simt::WarpRequest& request, uint64_t base, WordBuffer& out);
}  // namespace detail

// Appends the request to `out`. Returns its number of distinct sectors.
inline unsigned coalesce(const simt::WarpRequest& r, WordBuffer& out) {
  // At most two runs a lane, or three words for each of two lines a lane.
  out.reserve_more(256);
  const uint64_t base = entry_base(r.kind, r.space) | uint64_t{1} << kFirstShift;
  if (r.addresses == nullptr) {
    uint64_t begin = r.first, last = r.first;
    int64_t stride = r.stride;
    const int64_t span = stride * (r.lanes - 1);
    if (stride >= 0) {
      last += static_cast<uint64_t>(span);
    } else {
      begin += static_cast<uint64_t>(span);
      stride = -stride;
    }
    last += r.bytes - 1;
    // No gaps; or, where bytes do not matter, no sector left out.
    if (stride <= static_cast<int64_t>(r.bytes) ||
        (stride <= static_cast<int64_t>(kSectorBytes) && r.kind != simt::AccessKind::kStore)) {
      return detail::push_run(base, begin, last, out);
    }
  }
  return detail::coalesce_any(r, base, out);
}

}  // namespace traffic
