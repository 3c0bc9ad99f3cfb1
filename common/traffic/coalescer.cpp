// Requests with gaps and requests with one address a lane.
#include "common/traffic/coalescer.h"

#include <array>

#include "common/traffic/sectors.h"

namespace traffic::detail {
namespace {

constexpr int kBitWords = 8;  // lanes within 512 sectors need no sorting
using SectorBits = std::array<uint64_t, kBitWords>;

// The sectors of lanes in any order as bits from `low` on. False if they lie too far apart.
bool sector_bits(const uint64_t* addresses, int lanes, uint32_t bytes, uint64_t& low,
                 SectorBits& bits) {
  uint64_t lowest = addresses[0], highest = addresses[0];
  for (int i = 1; i < lanes; ++i) {
    lowest = std::min(lowest, addresses[i]);
    highest = std::max(highest, addresses[i]);
  }
  low = lowest >> 5;
  if (((highest + bytes - 1) >> 5) - low >= 64 * kBitWords) return false;
  bits = {};
  for (int i = 0; i < lanes; ++i) {
    const uint64_t first = (addresses[i] >> 5) - low,
                   last = ((addresses[i] + bytes - 1) >> 5) - low;
    bits[first >> 6] |= uint64_t{1} << (first & 63);
    bits[last >> 6] |= uint64_t{1} << (last & 63);
  }
  return true;
}

// Collects runs of bytes in ascending order, joins those that touch, and writes entries.
class Runs {
 public:
  Runs(uint64_t base, WordBuffer& out) : base_(base), out_(out) {}

  void add(uint64_t begin, uint64_t last) {
    if (any_ && begin <= last_ + 1) {
      last_ = std::max(last_, last);
      return;
    }
    flush();
    begin_ = begin;
    last_ = last;
    any_ = true;
  }
  unsigned finish() {
    flush();
    return sectors_;
  }

 private:
  void flush() {
    if (!any_) return;
    sectors_ += push_run(base_, begin_, last_, out_);
    base_ &= ~(uint64_t{1} << kFirstShift);
  }

  uint64_t base_, begin_ = 0, last_ = 0;
  WordBuffer& out_;
  unsigned sectors_ = 0;
  bool any_ = false;
};

unsigned push_sector_bits(uint64_t low, const SectorBits& bits, uint64_t base, WordBuffer& out) {
  Runs runs(base, out);
  for (uint64_t word : bits) {
    for (; word != 0; word &= word - 1) {
      const uint64_t at = (low + static_cast<uint64_t>(__builtin_ctzll(word))) << 5;
      runs.add(at, at + 31);
    }
    low += 64;
  }
  return runs.finish();
}

// A store whose lanes (ascending) leave gaps inside sectors: one entry with byte masks a line.
unsigned push_with_gaps(const uint64_t* addresses, int lanes, uint32_t lane_bytes, uint64_t base,
                        WordBuffer& out) {
  unsigned sectors = 0;
  ByteMask bytes{};
  uint64_t line = addresses[0] >> 7;
  const auto flush = [&] {
    out.reserve_more(8);
    out.push(base | line | uint64_t{1} << kGapsShift);
    out.push(bytes[0] | uint64_t{bytes[1]} << 32);
    out.push(bytes[2] | uint64_t{bytes[3]} << 32);
    for (uint32_t b : bytes) sectors += b != 0;
    base &= ~(uint64_t{1} << kFirstShift);
    bytes = {};
  };
  uint64_t done = 0;  // bytes below are marked: lanes may overlap
  for (int i = 0; i < lanes; ++i) {
    const uint64_t last = addresses[i] + lane_bytes - 1;
    for (uint64_t at = std::max(addresses[i], done); at <= last; at = (at | 127) + 1) {
      if (at >> 7 != line) flush();
      line = at >> 7;
      mark_bytes(bytes, at & 127, static_cast<uint32_t>(std::min(last, at | 127) & 127));
    }
    done = std::max(done, last + 1);
  }
  flush();
  return sectors;
}

// Whether two runs of ascending lanes share a sector without touching.
bool leaves_gaps(const uint64_t* addresses, int lanes, uint32_t bytes) {
  uint64_t end = addresses[0] + bytes;
  for (int i = 1; i < lanes; ++i) {
    if (addresses[i] > end && addresses[i] >> 5 == (end - 1) >> 5) return true;
    end = std::max(end, addresses[i] + bytes);
  }
  return false;
}

}  // namespace

unsigned coalesce_any(const simt::WarpRequest& r, uint64_t base, WordBuffer& out) {
  const int lanes = r.lanes;
  const bool store = r.kind == simt::AccessKind::kStore;
  std::array<uint64_t, 32> made;
  const uint64_t* addresses = r.addresses;
  if (addresses == nullptr) {
    uint64_t at = r.stride < 0 ? r.first + static_cast<uint64_t>(r.stride * (lanes - 1)) : r.first;
    const uint64_t step = static_cast<uint64_t>(r.stride < 0 ? -r.stride : r.stride);
    for (int i = 0; i < lanes; ++i, at += step) made[i] = at;
    addresses = made.data();
  } else {
    bool sorted = true;
    for (int i = 1; i < lanes; ++i) sorted &= addresses[i - 1] <= addresses[i];
    uint64_t low;
    SectorBits bits;
    if (!sorted && !store && r.bytes <= kSectorBytes &&
        sector_bits(addresses, lanes, r.bytes, low, bits)) {
      return push_sector_bits(low, bits, base, out);
    }
    if (!sorted) {
      std::copy(addresses, addresses + lanes, made.begin());
      std::sort(made.begin(), made.begin() + lanes);
      addresses = made.data();
    }
  }
  if (store && leaves_gaps(addresses, lanes, r.bytes)) {
    return push_with_gaps(addresses, lanes, r.bytes, base, out);
  }
  Runs runs(base, out);
  // Loads and atomics move whole sectors.
  const uint64_t round = store ? 0 : 31;
  for (int i = 0; i < lanes; ++i) {
    runs.add(addresses[i] & ~round, (addresses[i] + r.bytes - 1) | round);
  }
  return runs.finish();
}

}  // namespace traffic::detail
