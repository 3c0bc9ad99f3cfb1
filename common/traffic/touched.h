// Which sectors of each allocation a launch read and wrote: a bit a sector, from the streams of its
// blocks. Only asked for when events are written.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "common/traffic/allocation_map.h"
#include "common/traffic/block_recorder.h"
#include "common/traffic/events.h"

namespace traffic {

constexpr size_t kMaxRanges = 256;  // of one allocation, read or written

// Joins neighbours across the smallest gaps until there are at most `most`; false if there was
// nothing to do.
bool join_ranges(std::vector<ByteRange>& ranges, size_t most);

class TouchedSectors {
 public:
  explicit TouchedSectors(const AllocationMap& allocations) : allocations_(allocations) {}

  void add(const BlockStream& block);
  // What was added since the last call, by allocation in order of their ids.
  std::vector<TouchedRanges> drain();

 private:
  // The 128 sectors of a page, from the lowest bit on.
  using Bits = std::array<uint64_t, 2>;
  struct Page {
    Bits read{}, written{};
  };
  void mark(uint32_t key, unsigned sectors, simt::AccessKind kind);
  static void append(std::vector<ByteRange>& ranges, const Bits& bits, uint64_t page_begin,
                     const AllocationMap::Place& place);

  const AllocationMap& allocations_;
  std::array<std::vector<Page>, 2> pages_;        // of device and host memory
  std::array<std::vector<uint32_t>, 2> touched_;  // numbers of pages that have bits
};

}  // namespace traffic
