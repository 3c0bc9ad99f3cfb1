// What one block of a kernel did with its tiles: loads from VRAM, what stood in shared memory and
// for how long, stores. From LaunchEvent::walk.
//
// Time goes in *columns*: neighbouring steps of one kind (loads, shared writes, shared reads,
// stores) share one; a barrier begins a new one. In a long walk reads and writes of shared memory
// share one too, as long as nothing that was written in it is read, or overwritten by a load.
#pragma once

#include <string>
#include <vector>

#include "visualizer/core/recording.h"
#include "visualizer/models/rows.h"

namespace viz {

// Launches that are looked at together: the kernels of one attention, or one launch.
struct WalkGroup {
  std::vector<size_t> works;  // in order, all with a walk
  std::string label;          // "attention: scores_kernel, softmax_kernel, weighted_values_kernel"
  bool attention = false;
  int nth = 0;  // of the groups with the same label, from 0: mostly the layer
};
// The groups of that part of the work, attentions first. An attention is neighbouring launches that
// read a KV cache, or that use scores or partial results.
std::vector<WalkGroup> walk_groups(const Recording& recording, WorkRange part);

// One launch in the picture.
struct TileSegment {
  size_t work = 0;
  std::string kernel;
  uint64_t block = 0, blocks = 0, threads = 0, shared_bytes = 0;
  int barriers = 0;
  size_t steps = 0;
  bool cut = false;
  int begin = 0, end = 0;  // columns
};

struct TileColumn {
  traffic::WalkStep::Kind kind = traffic::WalkStep::kLoad;
  int segment = 0;
  bool after_barrier = false;
};

// One step: a load, a store, or a shared read (whose `range` is of shared memory).
struct TileMark {
  int column = 0;
  traffic::WalkStep::Kind kind = traffic::WalkStep::kLoad;
  traffic::ByteRange range;
  uint64_t bytes = 0;
};

// What was loaded from or stored to one allocation, as rows over time.
struct TileLane {
  size_t allocation = 0;  // index into Recording::allocations(); SIZE_MAX: not known
  std::string name;
  RowShape shape;
  bool loaded = false, stored = false;
  bool round_trip = false;                      // stored, and loaded after that
  uint64_t loaded_bytes = 0, stored_bytes = 0;  // by the lanes of the block
  // What its axis shows: rows, or bytes where the shape is not known.
  uint64_t first = 0, end = 0;
  std::vector<TileMark> marks;  // in order

  // A range in the units of the axis.
  traffic::ByteRange on_axis(const traffic::ByteRange& bytes) const;
};

// Something in shared memory, from the column in which it is written until it is written over.
struct SharedTile {
  int begin = 0, end = 0;     // columns
  traffic::ByteRange shared;  // within the block's shared memory
  traffic::WalkStep::Source source = traffic::WalkStep::kNone;
  size_t allocation = SIZE_MAX;  // of the values; SIZE_MAX: not known, or computed
  traffic::ByteRange range;      // in it
  std::string array;             // of shared memory; may be empty
  std::string label;             // "K rows 32-63", "not loaded"
};

struct Tiles {
  std::vector<TileSegment> segments;
  std::vector<TileColumn> columns;
  std::vector<TileLane> above;  // only loaded from, most bytes first
  std::vector<TileLane> below;  // stored to
  std::vector<SharedTile> shared;
  std::vector<TileMark> shared_reads;
  uint64_t shared_bytes = 0;  // the most of any segment
  // Of what goes to VRAM and comes back within the picture.
  uint64_t round_trip_stored = 0, round_trip_loaded = 0;

  bool empty() const { return columns.empty(); }
};
Tiles tiles_of(const Recording& recording, const std::vector<size_t>& works);
constexpr int kLongWalk = 64;  // columns

// How many lanes of either side are drawn where there is room for so many: the longer side gives
// way first, and each keeps one. Those with most bytes come first.
struct LaneCounts {
  size_t above = 0, below = 0;
};
LaneCounts lanes_that_fit(size_t above, size_t below, size_t room);
// "2 more, without room here: q 512 B, V scales 64 B"; empty when all are shown. Counted bytes,
// both ways.
std::string left_out_text(const std::vector<TileLane>& lanes, size_t shown);

inline bool overlap(const traffic::ByteRange& a, const traffic::ByteRange& b) {
  return a.begin < b.end && b.begin < a.end;
}

// "K" for "kv_cache.k", else the name without its class and layer.
std::string tensor_label(const std::string& name);
// One sentence on what happens in a column: "K rows 32-63 of layer 0, head 1 are copied to shared
// memory".
std::string column_text(const Recording& recording, const Tiles& tiles, int column);

}  // namespace viz
