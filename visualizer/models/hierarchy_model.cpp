// Adds up what goes over each link.
#include "visualizer/models/hierarchy_model.h"

#include <algorithm>
#include <cmath>

namespace viz {

using traffic::Bound;
using traffic::LaunchEvent;
using traffic::MemoryCounts;

namespace {

Flow& at(LinkFlows& flows, Link link) { return flows[static_cast<int>(link)]; }

double ratio(uint64_t part, uint64_t whole) {
  return whole == 0 ? NAN : double(part) / double(whole);
}

uint64_t most_of(const LinkFlows& flows) {
  uint64_t most = 0;
  for (const Flow& f : flows) most = std::max({most, f.toward, f.away});
  return most;
}

// A prefill moves much more than a token: their widths are not compared.
int kind_of(traffic::Phase phase) {
  using traffic::Phase;
  return phase == Phase::kLoad ? 1 : phase == Phase::kPrefill ? 2 : phase == Phase::kFlush ? 3 : 0;
}

LinkFlows& operator+=(LinkFlows& to, const LinkFlows& from) {
  for (int i = 0; i < kLinks; ++i) to[i] += from[i];
  return to;
}

}  // namespace

const char* link_id(Link link) {
  static const char* const ids[] = {"shared", "l1", "l2", "vram", "pinned", "copies"};
  return ids[static_cast<int>(link)];
}

const char* link_title(Link link) {
  static const char* const titles[] = {"Registers and shared memory",
                                       "Registers and L1",
                                       "L1 and L2",
                                       "L2 and VRAM",
                                       "L1 and host RAM, over PCIe",
                                       "VRAM and host RAM, over PCIe"};
  return titles[static_cast<int>(link)];
}

const char* toward_name(Link link) {
  static const char* const names[] = {"read",  "loads",        "L1 misses",
                                      "fills", "pinned loads", "to the GPU"};
  return names[static_cast<int>(link)];
}

const char* away_name(Link link) {
  static const char* const names[] = {"written",     "stores",        "stores",
                                      "write-backs", "pinned stores", "to the host"};
  return names[static_cast<int>(link)];
}

Flow& Flow::operator+=(const Flow& other) {
  toward += other.toward;
  away += other.away;
  return *this;
}

LinkFlows kernel_flows(const MemoryCounts& c) {
  LinkFlows flows;
  at(flows, Link::kL1) = {c.l1_load_bytes, c.l1_store_bytes + c.l1_atomic_bytes};
  at(flows, Link::kL2) = {c.l2_load_bytes, c.l2_store_bytes + c.l2_atomic_bytes};
  at(flows, Link::kVram) = {c.vram_read_bytes, c.vram_write_bytes};
  at(flows, Link::kPinned) = {c.host_read_bytes, c.host_write_bytes};
  return flows;
}

LinkFlows copy_flows(const MemoryCounts& c) {
  LinkFlows flows;
  at(flows, Link::kCopies) = {c.host_read_bytes, c.host_write_bytes};
  return flows;
}

Flow LinkView::of_no_class() const {
  Flow known;
  for (const Flow& f : by_class) known += f;
  return {all.toward - std::min(all.toward, known.toward),
          all.away - std::min(all.away, known.away)};
}

double HierarchyView::l1_hit_rate() const {
  return ratio(kernels.l1_hit_bytes, kernels.l1_load_bytes);
}

double HierarchyView::l2_hit_rate() const {
  return ratio(kernels.l2_hit_bytes, kernels.l2_load_bytes + kernels.l2_atomic_bytes);
}

Bound HierarchyView::bound() const {
  const auto most = std::max_element(seconds_by_bound.begin(), seconds_by_bound.end());
  return static_cast<Bound>(most - seconds_by_bound.begin());
}

double HierarchyView::bound_share() const {
  return seconds > 0 ? seconds_by_bound[static_cast<int>(bound())] / seconds : 0;
}

uint64_t HierarchyView::copied_vram_bytes() const {
  return all.vram_bytes() - link(Link::kVram).all.bytes();
}

void HierarchyModel::look(const Recording& recording, WorkRange range) {
  range.end = std::min(range.end, recording.works().size());
  if (recording_ != &recording || learnt_ > recording.works().size()) {
    *this = {};
    recording_ = &recording;
  }
  learn_most(recording);
  if (!range.empty()) {
    kind_ = kind_of(recording.columns()[size_t(recording.column_of(range.end - 1))].phase);
  }
  if (range == range_) return;
  if (range.begin != range_.begin || range.end < range_.end) {
    view_ = {};
    tensors_.clear();
    range_ = {range.begin, range.begin};
  }
  for (; range_.end < range.end; ++range_.end) add(recording, range_.end);
}

void HierarchyModel::add(const Recording& recording, size_t work) {
  view_.seconds += recording.works()[work].seconds;
  if (const traffic::LibraryEvent* call = recording.library(work)) {
    ++view_.library_calls;
    view_.library += call->counts;
    view_.library_seconds += call->modelled_seconds;
    return;
  }
  view_.seconds_by_bound += recording.seconds_by_bound(work);
  if (const LaunchEvent* launch = recording.launch(work)) {
    add_launch(recording, *launch);
  } else {
    add_copy(recording, work, recording.works()[work].kind == Work::kFlush);
  }
}

void HierarchyModel::add_tensor(const traffic::TensorTraffic& tensor, const LinkFlows& flows) {
  const int c = static_cast<int>(class_of(tensor.name));
  for (int i = 0; i < kLinks; ++i) {
    view_.links[i].all += flows[i];
    view_.links[i].by_class[c] += flows[i];
  }
  tensors_[tensor.name] += flows;
  view_.all += tensor.counts;
}

void HierarchyModel::add_launch(const Recording& recording, const LaunchEvent& launch) {
  ++view_.launches;
  MemoryCounts memory;
  for (const traffic::TensorTraffic& t : launch.tensors) {
    add_tensor(t, kernel_flows(t.counts));
    memory += t.counts;
  }
  view_.kernels += memory;
  view_.shared += launch.counts;
  view_.declared += launch.declared;

  LinkView& shared = view_.links[static_cast<int>(Link::kShared)];
  const Flow bytes{launch.counts.shared_read_bytes, launch.counts.shared_write_bytes};
  shared.all += bytes;
  if (launch.walk && bytes.bytes() > 0) {
    const SharedShares shares = shared_shares(recording, *launch.walk);
    for (int c = 0; c < kTensorClasses; ++c) {
      shared.by_class[c] += {uint64_t(shares.read[c] * double(bytes.toward)),
                             uint64_t(shares.written[c] * double(bytes.away))};
    }
  }

  const traffic::GpuSpec& gpu = recording.run().gpu;
  const traffic::Estimate e = traffic::estimate_launch(gpu, memory, launch.counts, launch.declared);
  const std::pair<Link, Bound> levels[] = {{Link::kShared, Bound::kShared},
                                           {Link::kL1, Bound::kL1},
                                           {Link::kL2, Bound::kL2},
                                           {Link::kVram, Bound::kVram},
                                           {Link::kPinned, Bound::kPcie}};
  for (const auto& [link, bound] : levels) {
    view_.links[static_cast<int>(link)].seconds += e.level_seconds[static_cast<int>(bound)];
  }
}

void HierarchyModel::add_copy(const Recording& recording, size_t work, bool flush) {
  view_.copies += flush ? 0 : 1;
  MemoryCounts memory;
  for (const traffic::TensorTraffic& t : recording.tensors(work)) {
    add_tensor(t, flush ? kernel_flows(t.counts) : copy_flows(t.counts));
    memory += t.counts;
  }
  const traffic::GpuSpec& gpu = recording.run().gpu;
  const double pcie =
      double(std::max(memory.host_read_bytes, memory.host_write_bytes)) / gpu.pcie_bandwidth;
  const double vram = double(memory.vram_bytes()) / gpu.vram_bandwidth;
  view_.links[static_cast<int>(flush ? Link::kVram : Link::kCopies)].seconds += flush ? vram : pcie;
}

void HierarchyModel::learn_most(const Recording& recording) {
  for (; learnt_ < recording.works().size(); ++learnt_) {
    LinkFlows flows;
    const bool copy = recording.works()[learnt_].kind == Work::kCopy;
    for (const traffic::TensorTraffic& t : recording.tensors(learnt_)) {
      flows += copy ? copy_flows(t.counts) : kernel_flows(t.counts);
    }
    if (const LaunchEvent* launch = recording.launch(learnt_)) {
      at(flows, Link::kShared) = {launch->counts.shared_read_bytes,
                                  launch->counts.shared_write_bytes};
    }
    const int column = recording.column_of(learnt_);
    if (column != column_) column_flows_ = {};
    column_ = column;
    column_flows_ += flows;
    const int kind = kind_of(recording.columns()[size_t(column)].phase);
    most_in_work_[kind] = std::max(most_in_work_[kind], most_of(flows));
    most_in_column_[kind] = std::max(most_in_column_[kind], most_of(column_flows_));
  }
}

std::vector<TensorFlows> HierarchyModel::tensors(Link link) const {
  std::vector<TensorFlows> result;
  for (const auto& [name, flows] : tensors_) {
    if (flows[static_cast<int>(link)].bytes() == 0) continue;
    result.push_back({name, class_of(name), flows});
  }
  std::stable_sort(result.begin(), result.end(), [link](const auto& a, const auto& b) {
    return a.links[static_cast<int>(link)].bytes() > b.links[static_cast<int>(link)].bytes();
  });
  return result;
}

Flow HierarchyModel::flow_of(const std::string& tensor, Link link) const {
  const auto found = tensors_.find(tensor);
  return found == tensors_.end() ? Flow{} : found->second[static_cast<int>(link)];
}

}  // namespace viz
