// What L1 and L2 share: lines in sets, least recently used first out, found by a hashed index.
//
// A set has up to 8 ways; its order of use is a permutation packed into 8 nibbles, so that a hit
// costs a few operations. Any number of lines works: the first sets get one way more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/traffic/sectors.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace traffic {

constexpr uint32_t kNoLine = ~0u;

// Exactly one cache line of the machine that simulates.
struct alignas(64) CacheSet {
  static constexpr int kWays = 8;

  uint32_t tags[kWays];  // line keys, kNoLine when empty
  uint32_t order;        // nibble 0: the way used last
  uint32_t valid;        // 4 sector bits a way
  uint32_t dirty;        // likewise (L2)
  uint32_t epoch;        // of the cache when the set was last emptied
  uint32_t ways;

  void empty(uint32_t now, uint32_t new_ways) {
    for (uint32_t& tag : tags) tag = kNoLine;
    order = 0x76543210u;
    valid = dirty = 0;
    epoch = now;
    ways = new_ways;
  }

  // The way that holds `key`, or -1.
  int find(uint32_t key) const {
#if defined(__SSE2__)
    const __m128i k = _mm_set1_epi32(static_cast<int>(key));
    const __m128i* t = reinterpret_cast<const __m128i*>(tags);
    const __m128i hits = _mm_packs_epi32(_mm_cmpeq_epi32(_mm_load_si128(t), k),
                                         _mm_cmpeq_epi32(_mm_load_si128(t + 1), k));
    const int bits = _mm_movemask_epi8(hits);  // two a way
    return bits ? __builtin_ctz(static_cast<unsigned>(bits)) / 2 : -1;
#else
    for (int way = 0; way < kWays; ++way) {
      if (tags[way] == key) return way;
    }
    return -1;
#endif
  }

  // Bit offset of a way's nibble in `order`.
  int position(int way) const {
    const uint32_t ones = 0x11111111u;
    const uint32_t x = order ^ static_cast<uint32_t>(way) * ones;
    return __builtin_ctz((x - ones) & ~x & ones << 3) - 3;
  }
  void touch(int way) {
    if (static_cast<int>(order & 15) == way) return;
    const int p = position(way);
    const uint32_t younger = order & ((1u << p) - 1);
    const uint32_t older = order & (~15u << p);
    order = older | younger << 4 | static_cast<uint32_t>(way);
  }
  // Makes the way the next one to go.
  void retire(int way) {
    const int p = position(way);
    const int last = 4 * (static_cast<int>(ways) - 1);
    if (p == last) return;
    const uint32_t between = order >> (p + 4) & ((1u << (last - p)) - 1);
    const uint32_t kept = order & (((1u << p) - 1) | ~15u << last);
    order = kept | between << p | static_cast<uint32_t>(way) << last;
  }
  int oldest() const { return static_cast<int>(order >> 4 * (ways - 1) & 15); }

  unsigned valid_of(int way) const { return valid >> 4 * way & kAllSectors; }
  unsigned dirty_of(int way) const { return dirty >> 4 * way & kAllSectors; }
};
static_assert(sizeof(CacheSet) == 64);

// All sets. Emptying and resizing take constant time: a set is emptied when it is used next.
class CacheSets {
 public:
  // Room for `lines` lines (0: nothing ever stays), empty.
  void resize(uint64_t lines);
  void clear() { ++epoch_; }
  uint64_t lines() const { return lines_; }

  // Needs lines() > 0.
  CacheSet& set_of(uint32_t key) { return at(index_of_key(key)); }
  // Asks for a set ahead of its use: the sets of many SMs do not fit into a CPU's caches.
  void prefetch(uint32_t key) const { __builtin_prefetch(&sets_[index_of_key(key)], 1); }
  // Sets by number, for walking all lines.
  size_t size() const { return count_; }
  CacheSet& at(size_t i) {
    CacheSet& set = sets_[i];
    if (set.epoch != epoch_) set.empty(epoch_, ways_ + (i < wider_ ? 1 : 0));
    return set;
  }
  size_t index_of(const CacheSet& set) const { return static_cast<size_t>(&set - sets_.data()); }

 private:
  size_t index_of_key(uint32_t key) const {
    // Fibonacci hashing: neighbours, and lines a power of two apart, spread evenly over the sets.
    const uint64_t hash = key * 0x9E3779B97F4A7C15u >> 32;
    return hash * count_ >> 32;
  }

  std::vector<CacheSet> sets_;
  uint64_t lines_ = 0;
  size_t count_ = 0;   // sets in use
  size_t wider_ = 0;   // the first sets have one way more
  uint32_t ways_ = 0;  // of the others
  uint32_t epoch_ = 1;
};

}  // namespace traffic
