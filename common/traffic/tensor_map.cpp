// Names and pages.
#include "common/traffic/tensor_map.h"

#include <algorithm>

namespace traffic {

uint32_t TensorMap::id(const std::string& name) {
  const auto [it, fresh] = ids_.try_emplace(name, static_cast<uint32_t>(names_.size()));
  if (fresh) names_.push_back(name);
  return it->second;
}

void TensorMap::set(const simt::Allocation& a) {
  if (a.space == simt::Space::kShared) return;
  std::vector<uint32_t>& pages = pages_[a.space == simt::Space::kHost];
  const uint64_t first = a.offset / simt::kPageBytes;
  const uint64_t end = (a.offset + a.bytes + simt::kPageBytes - 1) / simt::kPageBytes;
  if (pages.size() < end) pages.resize(std::max<uint64_t>(end, pages.size() * 3 / 2));
  std::fill(pages.begin() + static_cast<int64_t>(first), pages.begin() + static_cast<int64_t>(end),
            id(a.name));
}

}  // namespace traffic
