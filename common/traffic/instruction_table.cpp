// Growing, emptying and merging of the instruction tables.
#include "common/traffic/instruction_table.h"

#include <algorithm>
#include <tuple>

namespace traffic {
namespace {

auto key(const InstructionCounts& c) { return std::tie(c.pc, c.space, c.kind, c.bytes); }

}  // namespace

InstructionTable::InstructionTable() : slots_(256), mask_(255) {}

InstructionCounts& InstructionTable::insert(const simt::WarpRequest& request) {
  if ((used_.size() + 1) * 2 > slots_.size()) grow();
  const uint64_t tag = key_tag(request);
  size_t slot = hash(request.pc, tag) & mask_;
  while (slots_[slot].tag != 0) slot = (slot + 1) & mask_;
  slots_[slot].tag = tag;
  InstructionCounts& c = slots_[slot].counts;
  c = {};
  c.pc = request.pc;
  c.bytes = request.bytes;
  c.kind = request.kind;
  c.space = request.space;
  used_.push_back(static_cast<uint32_t>(slot));
  return c;
}

void InstructionTable::grow() {
  std::vector<Slot> old(slots_.size() * 2);
  old.swap(slots_);
  mask_ = slots_.size() - 1;
  for (uint32_t& index : used_) {
    const Slot& s = old[index];
    size_t slot = hash(s.counts.pc, s.tag) & mask_;
    while (slots_[slot].tag != 0) slot = (slot + 1) & mask_;
    slots_[slot] = s;
    index = static_cast<uint32_t>(slot);
  }
}

void InstructionTable::drain_into(std::vector<InstructionCounts>& into) {
  for (uint32_t slot : used_) {
    into.push_back(slots_[slot].counts);
    slots_[slot].tag = 0;
  }
  used_.clear();
}

void merge_equal(std::vector<InstructionCounts>& counts) {
  std::sort(counts.begin(), counts.end(),
            [](const InstructionCounts& a, const InstructionCounts& b) { return key(a) < key(b); });
  size_t kept = 0;
  for (size_t i = 1; i < counts.size(); ++i) {
    InstructionCounts& a = counts[kept];
    const InstructionCounts& b = counts[i];
    if (key(a) != key(b)) {
      counts[++kept] = b;
      continue;
    }
    a.requests += b.requests;
    a.lanes += b.lanes;
    a.sectors += b.sectors;
    a.wavefronts += b.wavefronts;
    a.ideal_wavefronts += b.ideal_wavefronts;
    a.estimated += b.estimated;
  }
  if (!counts.empty()) counts.resize(kept + 1);
}

}  // namespace traffic
