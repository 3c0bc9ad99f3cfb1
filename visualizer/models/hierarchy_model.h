// What the hierarchy panel shows: how many bytes went over each link between two levels of memory,
// and how long the roofline says that each level took for them.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/traffic/roofline.h"
#include "visualizer/core/recording.h"

namespace viz {

// A way between two levels. "Toward" is toward the arithmetic.
enum class Link {
  kShared,  // registers and shared memory: bytes of the lanes
  kL1,      // registers and L1: sectors that warps asked for
  kL2,      // L1 and L2
  kVram,    // L2 and VRAM: fills and write-backs
  kPinned,  // L1 and host RAM over PCIe: kernels that use pinned memory
  kCopies,  // VRAM and host RAM over PCIe: copies by the runtime
};
constexpr int kLinks = 6;
const char* link_id(Link link);      // "shared", "l1", ...: for export
const char* link_title(Link link);   // "L2 and VRAM"
const char* toward_name(Link link);  // what its bytes toward the arithmetic are called: "fills"
const char* away_name(Link link);    // "write-backs"

// Bytes.
struct Flow {
  uint64_t toward = 0, away = 0;
  uint64_t bytes() const { return toward + away; }
  Flow& operator+=(const Flow& other);
  bool operator==(const Flow&) const = default;
};
using LinkFlows = std::array<Flow, kLinks>;

// What one tensor moves over each link, in a kernel and in a copy. Shared memory belongs to none.
LinkFlows kernel_flows(const traffic::MemoryCounts& counts);
LinkFlows copy_flows(const traffic::MemoryCounts& counts);

struct LinkView {
  Flow all;                                     // counted
  std::array<Flow, kTensorClasses> by_class{};  // counted; for kShared inferred from walks
  double seconds = 0;                           // modelled: what the link alone would take for it
  // Of kShared, what no walk tells of.
  Flow of_no_class() const;
};

// One part of the work.
struct HierarchyView {
  size_t launches = 0, copies = 0, library_calls = 0;
  traffic::MemoryCounts kernels;   // counted, of launches
  traffic::MemoryCounts all;       // counted, of launches, copies and the flush
  traffic::KernelCounts shared;    // counted
  traffic::DeclaredWork declared;  // declared
  traffic::LibraryCounts library;  // declared
  std::array<LinkView, kLinks> links;

  // Modelled, as Recording::seconds_by_bound() has it; a library's, which rests on declared bytes,
  // stands apart.
  BoundSeconds seconds_by_bound{};
  double library_seconds = 0;
  double seconds = 0;

  const LinkView& link(Link l) const { return links[static_cast<int>(l)]; }
  double l1_hit_rate() const;  // of the bytes loaded; NaN when there are none
  double l2_hit_rate() const;  // of loads and atomics
  // Where most of the modelled time goes, and its share of it.
  traffic::Bound bound() const;
  double bound_share() const;
  // VRAM bytes that do not pass L2's link: of copies.
  uint64_t copied_vram_bytes() const;
};

struct TensorFlows {
  std::string name;
  TensorClass tensor_class = TensorClass::kOther;
  LinkFlows links;  // kShared stays 0
};

// Keeps the sums of one range of work. A range that begins where the last one began and ends later
// costs only the work that was added.
class HierarchyModel {
 public:
  // Brings the model to this part of the recording.
  void look(const Recording& recording, WorkRange range);

  const HierarchyView& view() const { return view_; }
  // Those that move anything over `link`, most bytes first.
  std::vector<TensorFlows> tensors(Link link) const;
  Flow flow_of(const std::string& tensor, Link link) const;

  // The most bytes that any direction of a link has in one piece of work, or in one column, among
  // all of the recording that are of the same kind as the end of this part: loading, prefill, or
  // making tokens. What a full width stands for.
  uint64_t most_in_work() const { return most_in_work_[kind_]; }
  uint64_t most_in_column() const { return most_in_column_[kind_]; }

 private:
  void add(const Recording& recording, size_t work);
  void add_launch(const Recording& recording, const traffic::LaunchEvent& launch);
  void add_copy(const Recording& recording, size_t work, bool flush);
  void add_tensor(const traffic::TensorTraffic& tensor, const LinkFlows& flows);
  void learn_most(const Recording& recording);

  const Recording* recording_ = nullptr;
  WorkRange range_;
  HierarchyView view_;
  std::map<std::string, LinkFlows> tensors_;

  size_t learnt_ = 0;  // works whose size is known
  int column_ = -1;
  LinkFlows column_flows_;  // of the column that the last of them is in
  static constexpr int kKinds = 4;
  int kind_ = 0;  // of column that the part ends in
  std::array<uint64_t, kKinds> most_in_work_{}, most_in_column_{};
};

// Of a launch whose block walk was recorded: what share of the bytes that its lanes write to and
// read from shared memory are values of which class, as they were loaded. Inferred, from one block;
// what was computed belongs to no class.
struct SharedShares {
  std::array<double, kTensorClasses> written{}, read{};
};
SharedShares shared_shares(const Recording& recording, const traffic::BlockWalk& walk);

}  // namespace viz
