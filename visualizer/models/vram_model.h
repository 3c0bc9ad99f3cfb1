// The VRAM map: what each allocation was read and written in a part of the run, and where in it.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "visualizer/core/recording.h"
#include "visualizer/models/rows.h"

namespace viz {

// What happened to one allocation.
struct Heat {
  traffic::MemoryCounts counts;                   // counted
  std::vector<traffic::ByteRange> read, written;  // counted; ascending and apart
  bool coarse = false;                            // ranges were joined: there may be gaps in them
  bool shared_name = false;  // counts are those of all allocations with its name

  uint64_t asked_read() const { return counts.l1_load_bytes + counts.l1_atomic_bytes; }
  uint64_t asked_written() const { return counts.l1_store_bytes + counts.l1_atomic_bytes; }
  uint64_t far_read() const { return counts.vram_read_bytes + counts.host_read_bytes; }
  uint64_t far_written() const { return counts.vram_write_bytes + counts.host_write_bytes; }
  bool touched() const { return counts.requests() > 0 || far_read() + far_written() > 0; }
};

// Sums of a range of works, by allocation. A longer range with the same beginning continues the
// last one.
class VramHeat {
 public:
  void update(const Recording& recording, WorkRange range);
  const WorkRange& range() const { return range_; }

  // By index into Recording::allocations(); nothing happened: an empty Heat.
  const Heat& of(size_t allocation) const;
  // Whether the stream says where in an allocation its lanes were.
  bool has_ranges() const { return has_ranges_; }
  // The most times that an allocation was read as a whole: read bytes / size.
  double most_reads(const Recording& recording) const;

 private:
  void add(const Recording& recording, size_t work);
  void index(const Recording& recording);
  size_t owner(const Recording& recording, size_t work, const std::vector<size_t>& named,
               const traffic::LaunchEvent* launch) const;

  WorkRange range_;
  std::vector<Heat> heats_;
  bool has_ranges_ = false;
  size_t indexed_ = 0;
  std::string last_name_;
  std::unordered_map<uint32_t, size_t> by_id_;
  std::unordered_map<std::string, std::vector<size_t>> by_name_;
};

// Adds ranges to ranges; both ascend, so does the result, and what touches is joined.
void add_ranges(std::vector<traffic::ByteRange>& into, const std::vector<traffic::ByteRange>& more);
uint64_t range_bytes(const std::vector<traffic::ByteRange>& ranges);

}  // namespace viz
