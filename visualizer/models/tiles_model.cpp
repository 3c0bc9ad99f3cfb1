// From the steps of a walk to lanes and tiles.
#include "visualizer/models/tiles_model.h"

#include <algorithm>
#include <map>

#include "visualizer/models/vram_layout.h"  // short_name

namespace viz {
namespace {

using traffic::ByteRange;
using traffic::WalkStep;

// The allocation with that id that lives during `work`.
size_t allocation_of(const Recording& recording, uint32_t id, size_t work) {
  for (size_t a = 0; id != 0 && a < recording.allocations().size(); ++a) {
    const AllocationAt& allocation = recording.allocations()[a];
    if (allocation.id == id && allocation.from <= work && work < allocation.until) return a;
  }
  return SIZE_MAX;
}

class Builder {
 public:
  Builder(const Recording& recording, bool close) : recording_(recording), close_(close) {}

  void add(size_t work) {
    const traffic::LaunchEvent* launch = recording_.launch(work);
    if (launch == nullptr || !launch->walk) return;
    TileSegment segment;
    segment.work = work;
    segment.kernel = launch->kernel;
    segment.block = launch->walk->block;
    segment.blocks = uint64_t(launch->grid[0]) * launch->grid[1] * launch->grid[2];
    segment.threads = uint64_t(launch->block[0]) * launch->block[1] * launch->block[2];
    segment.shared_bytes = launch->shared_bytes;
    segment.cut = launch->walk->cut;
    segment.steps = launch->walk->steps.size();
    segment.begin = int(tiles_.columns.size());
    fresh_ = true, barrier_ = false;
    for (const WalkStep& step : launch->walk->steps) {
      if (step.kind == WalkStep::kBarrier) {
        ++segment.barriers;
        fresh_ = barrier_ = true;
      } else {
        take(step, work);
      }
    }
    segment.end = int(tiles_.columns.size());
    for (SharedTile& tile : tiles_.shared) tile.end = std::min(tile.end, segment.end);
    tiles_.shared_bytes = std::max(tiles_.shared_bytes, segment.shared_bytes);
    tiles_.segments.push_back(std::move(segment));
  }

  Tiles finish() {
    for (auto& [id, lane] : lanes_) finish_lane(lane);
    std::erase_if(tiles_.shared, [](const SharedTile& t) { return t.begin >= t.end; });
    const auto most = [](const TileLane& a, const TileLane& b) {
      const uint64_t x = a.loaded_bytes + a.stored_bytes, y = b.loaded_bytes + b.stored_bytes;
      return x != y ? x > y : a.allocation < b.allocation;
    };
    std::sort(tiles_.above.begin(), tiles_.above.end(), most);
    std::sort(tiles_.below.begin(), tiles_.below.end(), most);
    return std::move(tiles_);
  }

 private:
  void take(const WalkStep& step, size_t work) {
    if (fresh_ || !joins(step)) {
      tiles_.columns.push_back({step.kind, int(tiles_.segments.size()), barrier_});
      fresh_ = barrier_ = false;
      written_.clear();
    }
    if (step.kind == WalkStep::kSharedWrite) written_.push_back(step.shared);
    const int column = int(tiles_.columns.size()) - 1;
    switch (step.kind) {
      case WalkStep::kLoad:
      case WalkStep::kStore:
        return on_lane(step, work, column);
      case WalkStep::kSharedWrite:
        return write_shared(step, work, column);
      case WalkStep::kSharedRead:
        tiles_.shared_reads.push_back({column, step.kind, step.shared, step.bytes});
        return;
      case WalkStep::kBarrier:
        return;
    }
  }

  // Whether a step can stand in the column that is open.
  bool joins(const WalkStep& step) const {
    const WalkStep::Kind kind = tiles_.columns.back().kind;
    const auto shared = [](WalkStep::Kind k) {
      return k == WalkStep::kSharedWrite || k == WalkStep::kSharedRead;
    };
    if (!close_ || !shared(kind) || !shared(step.kind)) return kind == step.kind;
    if (step.kind == WalkStep::kSharedWrite && step.source == WalkStep::kNone) return true;
    return std::none_of(written_.begin(), written_.end(),
                        [&](const ByteRange& w) { return overlap(w, step.shared); });
  }

  void on_lane(const WalkStep& step, size_t work, int column) {
    TileLane& lane = lanes_[step.id];
    if (lane.marks.empty()) {
      lane.allocation = allocation_of(recording_, step.id, work);
      if (lane.allocation != SIZE_MAX) {
        const AllocationAt& a = recording_.allocations()[lane.allocation];
        lane.name = a.name;
        lane.shape = row_shape(a);
      }
    }
    if (step.kind == WalkStep::kStore) {
      lane.stored = true;
      lane.stored_bytes += step.bytes;
    } else {
      lane.round_trip |= lane.stored;
      lane.loaded = true;
      lane.loaded_bytes += step.bytes;
    }
    lane.marks.push_back({column, step.kind, step.range, step.bytes});
  }

  // What lay there before ends, where it is written over.
  void write_shared(const WalkStep& step, size_t work, int column) {
    const int segment_begin = tiles_.columns[size_t(column)].segment;
    std::vector<SharedTile> rest;
    for (SharedTile& old : tiles_.shared) {
      const bool lives =
          old.end > column && tiles_.columns[size_t(old.begin)].segment == segment_begin;
      if (!lives || !overlap(old.shared, step.shared)) continue;
      old.end = column;
      for (const ByteRange part : {ByteRange{old.shared.begin, step.shared.begin},
                                   ByteRange{step.shared.end, old.shared.end}}) {
        if (part.begin >= part.end) continue;
        SharedTile left = old;
        left.begin = column, left.end = kOpen, left.shared = part;
        left.label.clear();
        rest.push_back(std::move(left));
      }
    }
    SharedTile tile{column, kOpen, step.shared, step.source, SIZE_MAX, step.range, step.array, ""};
    tile.allocation =
        step.source == WalkStep::kNone ? SIZE_MAX : allocation_of(recording_, step.id, work);
    if (tile.allocation == SIZE_MAX) {
      tile.label = "not loaded";
    } else {
      const AllocationAt& a = recording_.allocations()[tile.allocation];
      tile.label = tensor_label(a.name) + " " + rows_text(row_shape(a), tile.range);
      if (step.source == WalkStep::kInferred) tile.label = "from " + tile.label;
    }
    tiles_.shared.push_back(std::move(tile));
    for (SharedTile& left : rest) tiles_.shared.push_back(std::move(left));
  }

  void finish_lane(TileLane& lane) {
    bool any = false;
    for (const TileMark& mark : lane.marks) {
      const ByteRange at = lane.on_axis(mark.range);
      lane.first = any ? std::min(lane.first, at.begin) : at.begin;
      lane.end = any ? std::max(lane.end, at.end) : at.end;
      any = true;
    }
    // An axis begins at 0 unless what is seen is far from there.
    if (lane.first <= 3 * (lane.end - lane.first)) lane.first = 0;
    if (lane.round_trip) {
      tiles_.round_trip_stored += lane.stored_bytes;
      tiles_.round_trip_loaded += lane.loaded_bytes;
    }
    (lane.stored ? tiles_.below : tiles_.above).push_back(std::move(lane));
  }

  static constexpr int kOpen = INT32_MAX;

  const Recording& recording_;
  const bool close_;                // reads and writes of shared memory share columns
  std::vector<ByteRange> written_;  // of shared memory, in the open column
  Tiles tiles_;
  std::map<uint32_t, TileLane> lanes_;
  bool fresh_ = true, barrier_ = false;
};

}  // namespace

ByteRange TileLane::on_axis(const ByteRange& bytes) const {
  if (!shape.known()) return bytes;
  const RowSpan span = row_span(shape, bytes);
  return {span.first_row, span.end_row};
}

Tiles tiles_of(const Recording& recording, const std::vector<size_t>& works) {
  const auto build = [&](bool close) {
    Builder builder(recording, close);
    for (size_t work : works) builder.add(work);
    return builder.finish();
  };
  Tiles tiles = build(false);
  return int(tiles.columns.size()) > kLongWalk ? build(true) : tiles;
}

}  // namespace viz
