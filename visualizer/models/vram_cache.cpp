// Rows of the KV cache, from the ranges that launches touched.
#include "visualizer/models/vram_cache.h"

#include <algorithm>
#include <map>

namespace viz {
namespace {

constexpr uint64_t kSector = 32;          // bytes: how finely `touched` tells
constexpr uint64_t kMostRows = 1u << 22;  // of a grid; a larger one is not drawn row by row

bool ends_with(const std::string& text, const std::string& with) {
  return text.size() >= with.size() &&
         text.compare(text.size() - with.size(), with.size(), with) == 0;
}

bool is_cache(const std::string& name) { return name.find("kv_cache") != std::string::npos; }

std::string title_of(const std::string& name) {
  const std::string draft = class_of(name) == TensorClass::kDraft ? "draft " : "";
  if (ends_with(name, ".k")) return draft + "K";
  if (ends_with(name, ".v")) return draft + "V";
  return name;
}

const traffic::TouchedRanges* touched(const traffic::LaunchEvent* launch, uint32_t id) {
  if (launch == nullptr) return nullptr;
  for (const traffic::TouchedRanges& t : launch->touched) {
    if (t.id == id) return &t;
  }
  return nullptr;
}

}  // namespace

bool CacheModel::find_grids(const Recording& recording, size_t work) {
  std::vector<size_t> living;
  const auto& allocations = recording.allocations();
  for (size_t a = 0; a < allocations.size(); ++a) {
    if (allocations[a].from > work || allocations[a].until <= work) continue;
    if (is_cache(allocations[a].name)) living.push_back(a);
  }
  if (living == living_) return false;
  living_ = living;
  grids_.clear();
  without_shape_.clear();
  too_fine_.clear();
  std::map<std::string, int> titles;
  for (size_t a : living) {
    const RowShape shape = row_shape(allocations[a]);
    if (!shape.known() || shape.layers * shape.rows > kMostRows) {
      without_shape_.push_back(a);
    } else if (shape.row_bytes < kSector && allocations[a].shape.size() == 3) {
      too_fine_.push_back(a);
    } else {
      CacheGrid grid;
      grid.allocation = a;
      grid.title = title_of(allocations[a].name);
      const int nth = ++titles[grid.title];
      if (nth > 1) grid.title += " #" + std::to_string(nth);
      grid.shape = shape;
      grids_.push_back(std::move(grid));
    }
  }
  histories_.assign(grids_.size(), {});
  for (size_t g = 0; g < grids_.size(); ++g) {
    const size_t rows = size_t(grids_[g].shape.layers * grids_[g].shape.rows);
    histories_[g].read.assign(rows, 0);
    histories_[g].last.assign(rows, -1);
  }
  seen_works_ = 0;
  return true;
}

void CacheModel::take_writes(const Recording& recording) {
  for (size_t work = seen_works_; work < recording.works().size(); ++work) {
    const traffic::LaunchEvent* launch = recording.launch(work);
    if (launch == nullptr) continue;
    has_ranges_ |= !launch->touched.empty();
    for (size_t g = 0; g < grids_.size(); ++g) {
      const auto* t = touched(launch, recording.allocations()[grids_[g].allocation].id);
      if (t == nullptr) continue;
      for (const traffic::ByteRange& range : t->written) {
        each_run(grids_[g].shape, range,
                 [&](uint64_t layer, uint64_t, uint64_t first, uint64_t end) {
                   histories_[g].writes.push_back(
                       {uint32_t(work), uint32_t(layer), uint32_t(first), uint32_t(end)});
                 });
      }
    }
  }
  seen_works_ = recording.works().size();
}

// Makes `last` what it is when `work` has been done.
void CacheModel::move_to(size_t work) {
  for (size_t g = 0; g < grids_.size(); ++g) {
    History& h = histories_[g];
    if (h.applied > 0 && h.writes[h.applied - 1].work > work) {
      std::fill(h.last.begin(), h.last.end(), -1);
      h.applied = 0;
    }
    for (; h.applied < h.writes.size() && h.writes[h.applied].work <= work; ++h.applied) {
      const Write& w = h.writes[h.applied];
      const auto row = h.last.begin() + long(w.layer * grids_[g].shape.rows);
      std::fill(row + w.first, row + w.end, long(w.work));
    }
  }
  work_ = work;
}

void CacheModel::take_reads(const Recording& recording) {
  for (History& h : histories_) std::fill(h.read.begin(), h.read.end(), uint8_t(0));
  for (size_t work = part_.begin; work < std::min(part_.end, recording.works().size()); ++work) {
    const traffic::LaunchEvent* launch = recording.launch(work);
    for (size_t g = 0; g < grids_.size(); ++g) {
      const auto* t = touched(launch, recording.allocations()[grids_[g].allocation].id);
      if (t == nullptr) continue;
      for (const traffic::ByteRange& range : t->read) {
        each_run(grids_[g].shape, range,
                 [&](uint64_t layer, uint64_t, uint64_t first, uint64_t end) {
                   const auto row = histories_[g].read.begin() + long(layer * grids_[g].shape.rows);
                   std::fill(row + long(first), row + long(end), uint8_t(1));
                 });
      }
    }
  }
}

void CacheModel::make_runs(size_t g) {
  CacheGrid& grid = grids_[g];
  const History& h = histories_[g];
  std::vector<uint8_t> coming(h.last.size(), 0);
  for (size_t i = h.applied; i < h.writes.size() && h.writes[i].work < part_.end; ++i) {
    const Write& w = h.writes[i];
    const auto row = coming.begin() + long(w.layer * grid.shape.rows);
    std::fill(row + w.first, row + w.end, uint8_t(1));
  }
  grid.runs.clear();
  grid.filled = grid.rows_read = grid.rows_written = 0;
  for (uint32_t layer = 0; layer < grid.shape.layers; ++layer) {
    for (uint32_t position = 0; position < grid.shape.rows; ++position) {
      const size_t at = size_t(layer * grid.shape.rows + position);
      const bool filled = h.last[at] >= 0;
      const bool written = filled && part_.contains(size_t(h.last[at]));
      grid.filled += filled;
      grid.rows_read += h.read[at];
      grid.rows_written += written;
      const CacheCell cell = written                 ? CacheCell::kWritten
                             : !filled && coming[at] ? CacheCell::kComing
                             : !filled               ? CacheCell::kEmpty
                             : h.read[at]            ? CacheCell::kRead
                                                     : CacheCell::kKept;
      if (position > 0 && grid.runs.back().cell == cell) {
        ++grid.runs.back().end;
      } else {
        grid.runs.push_back({layer, position, position + 1, cell});
      }
    }
  }
}

void CacheModel::update(const Recording& recording, size_t work, WorkRange part) {
  const bool found = find_grids(recording, work);
  const bool longer = seen_works_ != recording.works().size();
  if (!found && !longer && work == work_ && part == part_) return;
  const bool other_part = part != part_;
  part_ = part;
  take_writes(recording);
  move_to(work);
  if (found || other_part) take_reads(recording);
  for (size_t g = 0; g < grids_.size(); ++g) make_runs(g);
}

CacheRowFacts CacheModel::facts(const Recording& recording, size_t g, uint64_t layer,
                                uint64_t position) const {
  CacheRowFacts facts;
  const CacheGrid& grid = grids_.at(g);
  facts.last_written = histories_[g].last.at(size_t(layer * grid.shape.rows + position));
  facts.bytes = grid.shape.heads * grid.shape.row_bytes;
  std::vector<bool> heads(grid.shape.heads, false);
  for (size_t work = part_.begin; work < std::min(part_.end, recording.works().size()); ++work) {
    const auto* t = touched(recording.launch(work), recording.allocations()[grid.allocation].id);
    if (t == nullptr) continue;
    bool reads = false;
    for (const traffic::ByteRange& range : t->read) {
      each_run(grid.shape, range, [&](uint64_t l, uint64_t head, uint64_t first, uint64_t end) {
        if (l != layer || position < first || position >= end) return;
        reads = heads[head] = true;
      });
    }
    facts.launches += reads;
  }
  facts.heads_read = uint64_t(std::count(heads.begin(), heads.end(), true));
  return facts;
}

}  // namespace viz
