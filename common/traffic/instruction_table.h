// Statistics of each instruction that touched memory: a small open-addressing table, one per OS
// thread, so that counting a request is one look-up and a few additions.
#pragma once

#include <cstdint>
#include <vector>

#include "common/simt/observer.h"

namespace traffic {

// One instruction as it accessed one space with one width. A generic pointer that reads both VRAM
// and shared memory makes two of these.
struct InstructionCounts {
  uint64_t pc = 0;     // text offset
  uint32_t bytes = 0;  // a lane
  simt::AccessKind kind = simt::AccessKind::kLoad;
  simt::Space space = simt::Space::kDevice;
  uint64_t requests = 0;
  uint64_t lanes = 0;             // active lanes, summed
  uint64_t sectors = 0;           // VRAM and host: 32-byte sectors asked for
  uint64_t wavefronts = 0;        // shared memory
  uint64_t ideal_wavefronts = 0;  // shared memory: max(1, ceil(distinct bytes / 128)) a request
  uint64_t estimated = 0;         // requests merged from diverging lanes

  bool operator==(const InstructionCounts&) const = default;
};

// Sorts by pc, then space, kind and width, and adds up entries of the same instruction.
void merge_equal(std::vector<InstructionCounts>& counts);

class InstructionTable {
 public:
  InstructionTable();
  // The entry of the request's instruction, made when new. Valid until the next call.
  InstructionCounts& at(const simt::WarpRequest& request) {
    const uint64_t tag = key_tag(request);
    for (size_t slot = hash(request.pc, tag);; ++slot) {
      Slot& s = slots_[slot & mask_];
      if (s.tag == tag && s.counts.pc == request.pc) return s.counts;
      if (s.tag == 0) return insert(request);
    }
  }
  // Appends every entry to `into` and empties this table.
  void drain_into(std::vector<InstructionCounts>& into);

 private:
  struct Slot {
    InstructionCounts counts;
    uint64_t tag = 0;  // 0: free
  };
  static uint64_t key_tag(const simt::WarpRequest& r) {
    return uint64_t{r.bytes} << 5 | static_cast<uint64_t>(r.kind) << 3 |
           static_cast<uint64_t>(r.space) << 1 | 1;
  }
  static size_t hash(uint64_t pc, uint64_t tag) {
    return static_cast<size_t>((pc ^ tag << 32) * 0x9E3779B97F4A7C15u >> 40);
  }
  InstructionCounts& insert(const simt::WarpRequest& request);
  void grow();

  std::vector<Slot> slots_;     // a power of two
  std::vector<uint32_t> used_;  // slots that are not free
  size_t mask_ = 0;
};

}  // namespace traffic
