// What the kernels panel shows: the work of some part of a run, by kernel, by instance of it, and
// launch by launch.
#pragma once

#include <limits>
#include <set>
#include <string>
#include <vector>

#include "visualizer/core/recording.h"

namespace viz {

enum class KernelColumn {
  kName,
  kLaunches,      // counted; of a library: declared
  kSeconds,       // modelled
  kMeasured,      // by a clock
  kShare,         // of the modelled time
  kBound,         // modelled
  kVram,          // counted; of a library: declared
  kPcie,          // counted
  kL2Hit,         // counted, under the cache model
  kL1Hit,         // counted, under the cache model
  kShared,        // counted
  kWavefronts,    // counted: over ideal
  kEfficiency,    // counted: what lanes asked for, of the sectors that it took
  kMultiplyAdds,  // declared
  kIntensity,     // declared over counted: multiply-adds a VRAM byte
};
constexpr int kKernelColumns = 15;
struct KernelColumnInfo {
  const char* id;       // "vram_bytes": for export
  const char* title;    // "VRAM"
  const char* kind;     // "counted", "declared", "modelled", "measured"; empty for the name
  const char* meaning;  // a sentence or two
};
const KernelColumnInfo& column_info(KernelColumn column);

// The numbers of one row.
struct KernelSums : Sums {
  size_t launches = 0;  // or copies, or calls
  // By a clock, of a whole kernel in whole phases that were all measured; else NaN. No sum has it.
  double measured_seconds = std::numeric_limits<double>::quiet_NaN();

  KernelSums& operator+=(const KernelSums& other);
  // What its time is spent on. What is modelled from declared bytes counts only where nothing else
  // is there: in a library's row, and not in the total.
  BoundSeconds seconds_by_bound() const;
  traffic::Bound bound() const;  // where most of it goes
  // What a column sorts by, and shows; NaN where it does not apply. kName and kBound: 0.
  double value(KernelColumn column) const;
};

struct KernelRow {
  Work::Kind kind = Work::kLaunch;
  std::string name;  // by kernel_name()
  KernelSums sums;
  // Launches of the same template arguments, grid and block.
  struct Instance {
    std::string label;  // "<1>  8 x 256": arguments, blocks, threads
    KernelSums sums;
    std::vector<size_t> works;
  };
  std::vector<Instance> instances;  // as first used
};

// One line of the table.
struct KernelLine {
  int row = 0;
  int instance = -1;       // -1: the row itself
  size_t work = SIZE_MAX;  // a single launch; SIZE_MAX: none
  bool has_more = false;   // can be opened
  bool open = false;
};

class KernelsModel {
 public:
  // Brings the model to this part of the recording. A range that begins where the last one began
  // and ends later costs only the work that was added. True when anything changed.
  bool look(const Recording& recording, WorkRange range);
  // By this column; equal rows keep the order in which they were first used.
  void sort(KernelColumn column, bool descending);
  // Opens or closes a row ("matmul_kernel") or one of its instances.
  void toggle(const KernelLine& line);

  const std::vector<KernelRow>& rows() const { return rows_; }  // in order
  const KernelSums& total() const { return total_; }
  bool has_measured() const { return has_measured_; }  // kernels of the recording, somewhere
  const std::vector<KernelLine>& lines() const { return lines_; }
  const std::string& line_name(const KernelLine& line) const;
  KernelSums line_sums(const KernelLine& line) const;

  // The piece of work with this kernel that comes after `work`, or from the beginning again;
  // `work` itself when there is no other, SIZE_MAX when there is none at all.
  static size_t next_launch(const Recording& recording, const std::string& kernel, size_t work);

 private:
  void add(size_t work);
  void measure();  // looks up the measured times of rows and total
  void arrange();  // sorts rows and lists lines

  const Recording* recording_ = nullptr;
  WorkRange range_;
  std::vector<KernelRow> rows_;
  KernelSums total_;
  size_t measured_ = 0;  // recording.measured() when they were looked up
  bool has_measured_ = false;
  KernelColumn column_ = KernelColumn::kSeconds;
  bool descending_ = true;
  std::set<std::string> open_;  // names of rows; "name\nlabel" of instances
  std::vector<KernelLine> lines_;
};

// Of one piece of work.
KernelSums sums_of(const Recording& recording, size_t work);
// "<1>  8 x 256" of a launch; "to the GPU", "to the host" of a copy; else empty.
std::string instance_label(const Recording& recording, size_t work);

}  // namespace viz
