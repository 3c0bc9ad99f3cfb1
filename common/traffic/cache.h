// The cache model: sectored L1 and L2 with lines of 128 bytes in four sectors of 32.
//
// L1 (one an SM): write-through, no allocation on a write, emptied at each launch. A store updates
// a sector that is there and leaves the rest alone, so stores never change what L1 holds. L2 (one):
// write-back with byte masks. A write needs no fill; a read of a sector that is only partly written
// does. Kept between launches.
#pragma once

#include <cstdint>
#include <vector>

#include "common/traffic/cache_sets.h"

namespace traffic {

class L1Cache {
 public:
  // Takes `bytes` (whole lines) and empties it.
  void resize(uint64_t bytes) { sets_.resize(bytes / kLineBytes); }

  // A load of the sectors `mask` of a line. Returns those that were there; all are there
  // afterwards.
  unsigned load(uint32_t key, unsigned mask) {
    if (sets_.lines() == 0) return 0;
    CacheSet& set = sets_.set_of(key);
    int way = set.find(key);
    unsigned present = 0;
    if (way >= 0) {
      present = set.valid_of(way);
    } else {
      way = set.oldest();
      set.tags[way] = key;
      set.valid &= ~(kAllSectors << 4 * way);
    }
    set.touch(way);
    set.valid |= mask << 4 * way;
    return present & mask;
  }
  void prefetch(uint32_t key) const {
    if (sets_.lines() != 0) sets_.prefetch(key);
  }
  // Forgets sectors (an atomic changes them at L2).
  void drop(uint32_t key, unsigned mask);

 private:
  CacheSets sets_;
};

// What an access to L2 did besides.
struct L2Result {
  unsigned hit = 0;            // sectors of a load or atomic that were there whole
  uint32_t evicted = kNoLine;  // the line that had to go
  unsigned written_back = 0;   // its dirty sectors
};

class L2Cache {
 public:
  explicit L2Cache(uint64_t bytes);

  // Sectors `mask` of a line: the missing ones are filled from VRAM.
  L2Result load(uint32_t line, unsigned mask);
  // The same, and they are changed.
  L2Result atomic(uint32_t line, unsigned mask);
  // Whole sectors are written: no fill.
  L2Result store(uint32_t line, unsigned mask);
  // Some bytes of a line are written: no fill either, their sectors stay partly written.
  L2Result store_bytes(uint32_t line, const ByteMask& bytes);

  // Sectors of `mask` that hold all their bytes. Changes nothing.
  unsigned present(uint32_t line, unsigned mask);
  // A copy engine writes `mask` in VRAM behind the cache. Of those sectors, the ones in `whole` are
  // overwritten and their old contents dropped; the dirty rest has to be written back: returned.
  unsigned overwrite(uint32_t line, unsigned mask, unsigned whole);

  // Calls visit(line, dirty sectors) for each dirty line, in a fixed order; all is clean
  // afterwards.
  template <typename Visit>
  void flush(Visit visit) {
    for (size_t i = 0; i < sets_.size(); ++i) {
      CacheSet& set = sets_.at(i);
      for (int way = 0; way < CacheSet::kWays; ++way) {
        const unsigned dirty = set.dirty_of(way);
        if (dirty != 0) visit(set.tags[way], dirty);
      }
      // A sector that was only partly written is not known whole: it goes.
      set.dirty = 0;
    }
  }
  void prefetch(uint32_t line) const { sets_.prefetch(line); }
  // Empties it, writing nothing back.
  void clear() { sets_.clear(); }
  uint64_t bytes() const { return sets_.lines() * kLineBytes; }

 private:
  struct Place {
    CacheSet* set;
    int way;
  };
  // Finds the line or makes room for it; counts as a use.
  Place place(uint32_t line, L2Result& result);
  ByteMask& bytes_of(const Place& place);

  CacheSets sets_;
  std::vector<ByteMask> written_;  // of partly written sectors, by set and way; made at first use
};

}  // namespace traffic
