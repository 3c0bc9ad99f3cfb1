// Pages and places.
#include "common/traffic/allocation_map.h"

#include <algorithm>

namespace traffic {

void AllocationMap::add(const simt::Allocation& a) {
  if (a.space == simt::Space::kShared) return;
  std::vector<uint32_t>& pages = pages_[a.space == simt::Space::kHost];
  const uint64_t first = a.offset / simt::kPageBytes;
  const uint64_t end = (a.offset + a.bytes + simt::kPageBytes - 1) / simt::kPageBytes;
  if (pages.size() < end) pages.resize(std::max<uint64_t>(end, pages.size() * 3 / 2));
  std::fill(pages.begin() + static_cast<int64_t>(first), pages.begin() + static_cast<int64_t>(end),
            a.id);
  if (places_.size() <= a.id) places_.resize(a.id + 1);
  places_[a.id] = {a.offset, a.bytes};
}

}  // namespace traffic
