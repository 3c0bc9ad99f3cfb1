// Requests with gaps and requests with one address a lane.
#include "common/traffic/coalescer.h"

#include <array>

#include "common/traffic/cache.h"  // ByteMask

namespace traffic::detail {
namespace {

struct Run {
  uint64_t begin, last;  // bytes
};

// Joins runs (sorted by begin) that touch or overlap; returns how many are left.
int join(Run* runs, int count) {
  int kept = 0;
  for (int i = 1; i < count; ++i) {
    if (runs[i].begin <= runs[kept].last + 1) {
      runs[kept].last = std::max(runs[kept].last, runs[i].last);
    } else {
      runs[++kept] = runs[i];
    }
  }
  return kept + 1;
}

// Sector bits of lanes that lie within 16 lines of the lowest one, in any order. False if they
// don't.
bool narrow_sectors(const uint64_t* addresses, int lanes, uint32_t bytes, uint64_t& low_sector,
                    uint64_t& bits) {
  uint64_t low = addresses[0], high = addresses[0];
  for (int i = 1; i < lanes; ++i) {
    low = std::min(low, addresses[i]);
    high = std::max(high, addresses[i]);
  }
  low_sector = low >> 5;
  if (((high + bytes - 1) >> 5) - low_sector >= 64) return false;
  bits = 0;
  for (int i = 0; i < lanes; ++i) {
    bits |= uint64_t{1} << ((addresses[i] >> 5) - low_sector);
    bits |= uint64_t{1} << (((addresses[i] + bytes - 1) >> 5) - low_sector);
  }
  return true;
}

unsigned push_sector_bits(uint64_t low_sector, uint64_t bits, uint64_t base, WordBuffer& out) {
  unsigned sectors = 0;
  while (bits != 0) {
    const int at = __builtin_ctzll(bits);
    const uint64_t rest = ~(bits >> at);
    const int length = rest == 0 ? 64 : __builtin_ctzll(rest);
    const uint64_t begin = (low_sector + static_cast<uint64_t>(at)) << 5;
    sectors += push_run(base, begin, begin + static_cast<uint64_t>(length) * 32 - 1, out);
    base &= ~(uint64_t{1} << kFirstShift);
    bits = at + length >= 64 ? 0 : bits >> (at + length) << (at + length);
  }
  return sectors;
}

// A store whose runs share sectors: one entry with byte masks a line. Runs are sorted and disjoint.
unsigned push_with_gaps(const Run* runs, int count, uint64_t base, WordBuffer& out) {
  unsigned sectors = 0;
  int i = 0;
  uint64_t at = runs[0].begin;
  while (i < count) {
    const uint64_t line = at >> 7;
    ByteMask bytes{};
    // All that lies in this line; `at` moves on to what comes next.
    while (i < count && at >> 7 == line) {
      const uint64_t last = std::min(runs[i].last, line * 128 + 127);
      for (uint64_t b = at; b <= last; ++b) bytes[b >> 5 & 3] |= 1u << (b & 31);
      if (last == runs[i].last) {
        ++i;
        if (i < count) at = runs[i].begin;
      } else {
        at = last + 1;
      }
    }
    out.reserve_more(8);
    out.push(base | line | uint64_t{1} << kGapsShift);
    out.push(bytes[0] | uint64_t{bytes[1]} << 32);
    out.push(bytes[2] | uint64_t{bytes[3]} << 32);
    for (uint32_t b : bytes) sectors += b != 0;
    base &= ~(uint64_t{1} << kFirstShift);
  }
  return sectors;
}

unsigned push_runs(const Run* runs, int count, uint64_t base, WordBuffer& out) {
  unsigned sectors = 0;
  for (int i = 0; i < count; ++i) {
    sectors += push_run(base, runs[i].begin, runs[i].last, out);
    out.reserve_more(64);
    base &= ~(uint64_t{1} << kFirstShift);
  }
  return sectors;
}

}  // namespace

unsigned coalesce_any(const simt::WarpRequest& r, uint64_t base, WordBuffer& out) {
  const int lanes = r.lanes;
  const bool store = r.kind == simt::AccessKind::kStore;
  std::array<uint64_t, 32> made;
  const uint64_t* addresses = r.addresses;
  bool sorted = true;
  if (addresses == nullptr) {
    for (int i = 0; i < lanes; ++i) made[i] = r.first + static_cast<uint64_t>(r.stride * i);
    if (r.stride < 0) std::reverse(made.begin(), made.begin() + lanes);
    addresses = made.data();
  } else {
    for (int i = 1; i < lanes; ++i) sorted &= addresses[i - 1] <= addresses[i];
  }
  if (!store && !sorted && r.bytes <= kSectorBytes) {
    uint64_t low_sector, bits;
    if (narrow_sectors(addresses, lanes, r.bytes, low_sector, bits)) {
      return push_sector_bits(low_sector, bits, base, out);
    }
  }
  if (!sorted) {
    std::copy(addresses, addresses + lanes, made.begin());
    std::sort(made.begin(), made.begin() + lanes);
    addresses = made.data();
  }
  std::array<Run, 32> runs;
  for (int i = 0; i < lanes; ++i) {
    runs[i] = {addresses[i], addresses[i] + r.bytes - 1};
    // Loads and atomics move whole sectors.
    if (!store) runs[i] = {runs[i].begin & ~uint64_t{31}, runs[i].last | 31};
  }
  const int count = join(runs.data(), lanes);
  for (int i = 1; store && i < count; ++i) {
    if (runs[i - 1].last >> 5 == runs[i].begin >> 5) {
      return push_with_gaps(runs.data(), count, base, out);
    }
  }
  return push_runs(runs.data(), count, base, out);
}

}  // namespace traffic::detail
