// The parts of the cache model that are not on the shortest path.
#include "common/traffic/cache.h"

namespace traffic {

void CacheSets::resize(uint64_t lines) {
  clear();
  lines_ = lines;
  count_ = (lines + CacheSet::kWays - 1) / CacheSet::kWays;
  if (count_ == 0) return;
  ways_ = static_cast<uint32_t>(lines / count_);
  wider_ = lines % count_;
  if (sets_.size() < count_) sets_.resize(count_);
}

void L1Cache::drop(uint32_t key, unsigned mask) {
  if (sets_.lines() == 0) return;
  CacheSet& set = sets_.set_of(key);
  const int way = set.find(key);
  if (way >= 0) set.valid &= ~(mask << 4 * way);
}

L2Cache::L2Cache(uint64_t bytes) { sets_.resize(bytes < kLineBytes ? 1 : bytes / kLineBytes); }

L2Cache::Place L2Cache::place(uint32_t line, L2Result& result) {
  CacheSet& set = sets_.set_of(line);
  int way = set.find(line);
  if (way < 0) {
    way = set.oldest();
    if (set.tags[way] != kNoLine) {
      result.evicted = set.tags[way];
      result.written_back = set.dirty_of(way);
    }
    set.tags[way] = line;
    const uint32_t keep = ~(kAllSectors << 4 * way);
    set.valid &= keep;
    set.dirty &= keep;
  }
  set.touch(way);
  return {&set, way};
}

ByteMask& L2Cache::bytes_of(const Place& p) {
  if (written_.empty()) written_.resize(sets_.size() * CacheSet::kWays);
  return written_[sets_.index_of(*p.set) * CacheSet::kWays + static_cast<size_t>(p.way)];
}

L2Result L2Cache::load(uint32_t line, unsigned mask) {
  L2Result result;
  const Place p = place(line, result);
  result.hit = p.set->valid_of(p.way) & mask;
  p.set->valid |= mask << 4 * p.way;
  return result;
}

L2Result L2Cache::atomic(uint32_t line, unsigned mask) {
  L2Result result = load(line, mask);
  CacheSet& set = sets_.set_of(line);
  set.dirty |= mask << 4 * set.find(line);
  return result;
}

L2Result L2Cache::store(uint32_t line, unsigned mask) {
  L2Result result;
  const Place p = place(line, result);
  p.set->valid |= mask << 4 * p.way;
  p.set->dirty |= mask << 4 * p.way;
  return result;
}

L2Result L2Cache::store_bytes(uint32_t line, const ByteMask& bytes) {
  L2Result result;
  const Place p = place(line, result);
  for (int s = 0; s < 4; ++s) {
    if (bytes[s] == 0) continue;
    const uint32_t bit = 1u << (4 * p.way + s);
    if (!(p.set->valid & bit)) {
      uint32_t& written = bytes_of(p)[s];
      if (!(p.set->dirty & bit)) written = 0;
      written |= bytes[s];
      if (written == ~0u) p.set->valid |= bit;
    }
    p.set->dirty |= bit;
  }
  return result;
}

unsigned L2Cache::present(uint32_t line, unsigned mask) {
  const CacheSet& set = sets_.set_of(line);
  const int way = set.find(line);
  return way < 0 ? 0 : set.valid_of(way) & mask;
}

unsigned L2Cache::overwrite(uint32_t line, unsigned mask, unsigned whole) {
  CacheSet& set = sets_.set_of(line);
  const int way = set.find(line);
  if (way < 0) return 0;
  const unsigned written_back = set.dirty_of(way) & mask & ~whole;
  const uint32_t keep = ~(mask << 4 * way);
  set.valid &= keep;
  set.dirty &= keep;
  if (set.valid_of(way) == 0 && set.dirty_of(way) == 0) {
    set.tags[way] = kNoLine;
    set.retire(way);
  }
  return written_back;
}

}  // namespace traffic
