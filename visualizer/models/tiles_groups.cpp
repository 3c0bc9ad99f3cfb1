// Which launches are looked at together.
#include <algorithm>
#include <map>

#include "visualizer/models/tiles_model.h"

namespace viz {
namespace {

bool contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

bool is_attention(const traffic::LaunchEvent& launch) {
  for (const traffic::TensorTraffic& t : launch.tensors) {
    const bool reads = t.counts.l1_load_bytes > 0;
    const bool writes = t.counts.l1_store_bytes > 0;
    if (reads && contains(t.name, "kv_cache")) return true;
    if ((reads || writes) && (contains(t.name, "scores") || contains(t.name, "partial"))) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::vector<WalkGroup> walk_groups(const Recording& recording, WorkRange part) {
  std::vector<WalkGroup> groups;
  bool goes_on = false;
  for (size_t work = part.begin; work < std::min(part.end, recording.works().size()); ++work) {
    const traffic::LaunchEvent* launch = recording.launch(work);
    const bool attention = launch != nullptr && is_attention(*launch);
    if (launch == nullptr || !launch->walk || launch->walk->steps.empty()) {
      goes_on = false;
      continue;
    }
    if (attention && goes_on) {
      groups.back().works.push_back(work);
    } else {
      groups.push_back({{work}, "", attention, 0});
    }
    goes_on = attention;
  }
  std::map<std::string, int> seen;
  for (WalkGroup& group : groups) {
    for (size_t work : group.works) {
      group.label += group.label.empty() ? (group.attention ? "attention: " : "") : ", ";
      group.label += recording.kernel_name(work);
    }
    group.nth = seen[group.label]++;
  }
  std::stable_partition(groups.begin(), groups.end(),
                        [](const WalkGroup& g) { return g.attention; });
  return groups;
}

}  // namespace viz
