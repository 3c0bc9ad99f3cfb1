// The KV cache as rows by layer and position: which are filled, and which a part of the run read.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "visualizer/core/recording.h"
#include "visualizer/models/rows.h"

namespace viz {

// What is known of one row of one layer, all heads together.
enum class CacheCell : uint8_t {
  kEmpty,    // not written yet
  kComing,   // not written yet, but will be in this part of the run
  kKept,     // written before, not touched in this part
  kRead,     // read in this part
  kWritten,  // written in this part (and maybe read too)
};
// Neighbouring positions of a layer in the same state.
struct CacheRun {
  uint32_t layer = 0, first = 0, end = 0;
  CacheCell cell = CacheCell::kEmpty;
};

// What a tooltip says of one row. Works are indices, -1 for never.
struct CacheRowFacts {
  long last_written = -1;
  uint64_t bytes = 0;       // of all heads
  uint64_t launches = 0;    // of the part that read it
  uint64_t heads_read = 0;  // how many heads of it they read
};

// One allocation of a cache.
struct CacheGrid {
  size_t allocation = 0;
  std::string title;  // "K", "V", "draft K", or its name
  RowShape shape;
  uint64_t filled = 0;     // rows (of one layer each) written up to the position
  uint64_t rows_read = 0;  // in the part
  uint64_t rows_written = 0;
  std::vector<CacheRun> runs;  // by layer, then position; they cover everything
};

// Follows a recording that grows and a position that moves in it.
class CacheModel {
 public:
  // `work` is the current piece, `part` what is summed over.
  void update(const Recording& recording, size_t work, WorkRange part);

  const std::vector<CacheGrid>& grids() const { return grids_; }
  // Whether the stream says where in an allocation its lanes were; without it no row is known.
  bool has_ranges() const { return has_ranges_; }
  // Allocations of a KV cache whose shape the stream does not say.
  const std::vector<size_t>& without_shape() const { return without_shape_; }
  // Caches whose rows are less than a sector of 32 bytes: what is read cannot be told row by row.
  const std::vector<size_t>& too_fine() const { return too_fine_; }

  CacheRowFacts facts(const Recording& recording, size_t grid, uint64_t layer,
                      uint64_t position) const;

 private:
  struct Write {
    uint32_t work, layer, first, end;
  };
  struct History {
    std::vector<Write> writes;  // in the order of works
    std::vector<uint8_t> read;  // in the part: layer * rows + position
    std::vector<long> last;     // written by which work, up to the position
    size_t applied = 0;         // of writes, to `last`
  };

  bool find_grids(const Recording& recording, size_t work);
  void take_writes(const Recording& recording);
  void move_to(size_t work);
  void take_reads(const Recording& recording);
  void make_runs(size_t grid);

  std::vector<CacheGrid> grids_;
  std::vector<History> histories_;
  std::vector<size_t> without_shape_, too_fine_;
  size_t seen_works_ = 0;
  std::vector<size_t> living_;  // allocations of caches, at the position
  bool has_ranges_ = false;
  WorkRange part_;
  size_t work_ = 0;
};

}  // namespace viz
