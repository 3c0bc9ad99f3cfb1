// Asking a recorder for sums and rows.
#include <set>

#include "common/traffic/recorder.h"
#include "common/traffic/tensor_map.h"

namespace traffic {

Totals Recorder::totals(const Filter& filter) const {
  Totals sum;
  for (const auto& [key, c] : cells_) {
    if (filter.phase && static_cast<int>(*filter.phase) != key.phase) continue;
    if (filter.token && *filter.token != key.token) continue;
    if (filter.kernel && *filter.kernel != kernel_names_[key.kernel]) continue;
    for (const auto& [tensor, counts] : c.memory) {
      if (!filter.tensor || *filter.tensor == tensors_->name(tensor)) sum.memory += counts;
    }
    if (!filter.tensor) sum += c.totals;
  }
  return sum;
}

std::vector<int> Recorder::tokens(Phase phase) const {
  std::set<int> found;
  for (const auto& [key, c] : cells_) {
    if (key.phase == static_cast<int>(phase)) found.insert(key.token);
  }
  return {found.begin(), found.end()};
}

std::vector<MemoryRow> Recorder::memory_rows() const {
  std::vector<MemoryRow> rows;
  for (const auto& [key, c] : cells_) {
    for (const auto& [tensor, counts] : c.memory) {
      rows.push_back({static_cast<Phase>(key.phase), key.token, kernel_names_[key.kernel],
                      tensors_->name(tensor), counts});
    }
  }
  return rows;
}

std::vector<KernelRow> Recorder::kernel_rows() const {
  std::vector<KernelRow> rows;
  for (const auto& [key, c] : cells_) {
    KernelRow row{static_cast<Phase>(key.phase), key.token, kernel_names_[key.kernel], c.totals};
    for (const auto& [tensor, counts] : c.memory) row.totals.memory += counts;
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<InstructionRow> Recorder::instruction_rows() const {
  std::vector<InstructionRow> rows;
  for (const auto& [kernel, list] : instructions_) {
    for (const InstructionCounts& c : list) rows.push_back({kernel_names_[kernel], c});
  }
  return rows;
}

}  // namespace traffic
