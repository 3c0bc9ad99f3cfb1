// Sums the traffic of allocations.
#include "visualizer/models/vram_model.h"

#include <algorithm>

namespace viz {

using traffic::ByteRange;

void add_ranges(std::vector<ByteRange>& into, const std::vector<ByteRange>& more) {
  if (more.empty()) return;
  std::vector<ByteRange> all(into.size() + more.size());
  std::merge(into.begin(), into.end(), more.begin(), more.end(), all.begin(),
             [](const ByteRange& a, const ByteRange& b) { return a.begin < b.begin; });
  into.clear();
  for (const ByteRange& r : all) {
    if (!into.empty() && r.begin <= into.back().end) {
      into.back().end = std::max(into.back().end, r.end);
    } else {
      into.push_back(r);
    }
  }
}

uint64_t range_bytes(const std::vector<ByteRange>& ranges) {
  uint64_t bytes = 0;
  for (const ByteRange& r : ranges) bytes += r.end - r.begin;
  return bytes;
}

void VramHeat::index(const Recording& recording) {
  const auto& allocations = recording.allocations();
  // The name of an allocation may come after it.
  if (indexed_ == allocations.size() &&
      (allocations.empty() || allocations.back().name == last_name_)) {
    return;
  }
  by_id_.clear();
  by_name_.clear();
  for (size_t a = 0; a < allocations.size(); ++a) {
    by_id_[allocations[a].id] = a;
    by_name_[allocations[a].name].push_back(a);
  }
  indexed_ = allocations.size();
  last_name_ = allocations.back().name;
  heats_.resize(indexed_);
}

void VramHeat::update(const Recording& recording, WorkRange range) {
  range.end = std::min(range.end, recording.works().size());
  index(recording);
  size_t from = range_.end;
  if (range.begin != range_.begin || range.end < range_.end) {
    heats_.assign(heats_.size(), {});
    from = range.begin;
  }
  range_ = range;
  for (size_t work = from; work < range.end; ++work) add(recording, work);
}

// Which of several allocations of one name a launch used: the one that it touched. SIZE_MAX where
// that cannot be told.
size_t VramHeat::owner(const Recording& recording, size_t work, const std::vector<size_t>& named,
                       const traffic::LaunchEvent* launch) const {
  size_t found = SIZE_MAX, living = 0;
  for (size_t a : named) {
    const AllocationAt& allocation = recording.allocations()[a];
    if (allocation.from > work || allocation.until <= work) continue;
    ++living;
    if (launch == nullptr) {
      found = a;
      continue;
    }
    const auto touched = std::find_if(launch->touched.begin(), launch->touched.end(),
                                      [&](const auto& t) { return t.id == allocation.id; });
    if (touched == launch->touched.end()) continue;
    if (found != SIZE_MAX) return SIZE_MAX;
    found = a;
  }
  return launch == nullptr && living > 1 ? SIZE_MAX : found;
}

void VramHeat::add(const Recording& recording, size_t work) {
  const traffic::LaunchEvent* launch = recording.launch(work);
  for (const traffic::TensorTraffic& t : recording.tensors(work)) {
    const auto named = by_name_.find(t.name);
    if (named == by_name_.end()) continue;
    const auto& all = named->second;
    const size_t one = all.size() == 1 ? all[0] : owner(recording, work, all, launch);
    if (one != SIZE_MAX) {
      heats_[one].counts += t.counts;
      continue;
    }
    for (size_t a : all) heats_[a].counts += t.counts, heats_[a].shared_name = true;
  }
  if (launch == nullptr) return;
  for (const traffic::TouchedRanges& t : launch->touched) {
    const auto at = by_id_.find(t.id);
    if (at == by_id_.end()) continue;
    Heat& heat = heats_[at->second];
    add_ranges(heat.read, t.read);
    add_ranges(heat.written, t.written);
    heat.coarse |= t.coarse;
    has_ranges_ = true;
  }
}

const Heat& VramHeat::of(size_t allocation) const {
  static const Heat nothing;
  return allocation < heats_.size() ? heats_[allocation] : nothing;
}

double VramHeat::most_reads(const Recording& recording) const {
  double most = 0;
  for (size_t a = 0; a < heats_.size(); ++a) {
    const double bytes = double(recording.allocations()[a].bytes);
    if (bytes > 0) most = std::max(most, double(heats_[a].asked_read()) / bytes);
  }
  return most;
}

}  // namespace viz
