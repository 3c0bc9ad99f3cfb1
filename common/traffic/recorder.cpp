// The life of a launch: waves are replayed as they end, and at its end everything is added up.
#include "common/traffic/recorder.h"

#include <algorithm>

#include "common/traffic/allocation_map.h"
#include "common/traffic/block_recorder.h"
#include "common/traffic/events.h"
#include "common/traffic/occupancy.h"
#include "common/traffic/replay.h"
#include "common/traffic/roofline.h"
#include "common/traffic/tensor_map.h"
#include "common/traffic/touched.h"
#include "common/traffic/walk_recorder.h"

namespace traffic {
namespace {

uint32_t threads_of(const simt::LaunchInfo& launch) {
  const dim3& b = launch.call->block;
  return b.x * b.y * b.z;
}

KernelCounts counts_of(const std::vector<InstructionCounts>& instructions) {
  KernelCounts k;
  for (const InstructionCounts& c : instructions) {
    k.estimated_requests += c.estimated;
    const uint64_t bytes = c.lanes * c.bytes;
    if (c.space != simt::Space::kShared) {
      k.lane_bytes += bytes;
      continue;
    }
    if (c.kind != simt::AccessKind::kStore) k.shared_read_bytes += bytes;
    if (c.kind != simt::AccessKind::kLoad) k.shared_write_bytes += bytes;
    k.shared_requests += c.requests;
    k.shared_wavefronts += c.wavefronts;
    k.shared_ideal_wavefronts += c.ideal_wavefronts;
  }
  return k;
}

}  // namespace

Recorder::Recorder(const GpuSpec& gpu)
    : gpu_(gpu),
      tensors_(std::make_unique<TensorMap>()),
      replay_(std::make_unique<Replay>(gpu, *tensors_)),
      allocations_(std::make_unique<AllocationMap>()),
      touched_(std::make_unique<TouchedSectors>(*allocations_)),
      walk_(std::make_unique<WalkRecorder>(*allocations_)) {}

Recorder::~Recorder() = default;

uint32_t Recorder::kernel_id(const std::string& name) {
  const auto [it, fresh] =
      kernel_ids_.try_emplace(name, static_cast<uint32_t>(kernel_names_.size()));
  if (fresh) kernel_names_.push_back(name);
  return it->second;
}

Recorder::Cell& Recorder::cell(uint32_t kernel) {
  return cells_[{static_cast<int>(phase_), token_, kernel}];
}

uint64_t Recorder::static_shared(const simt::LaunchInfo& launch) const {
  const auto known = static_shared_.find(launch.call->function);
  return std::max(launch.static_shared, known == static_shared_.end() ? 0 : known->second);
}

Occupancy Recorder::occupancy_of(const simt::LaunchInfo& launch) const {
  Occupancy o =
      occupancy(gpu_, threads_of(launch), static_shared(launch) + launch.call->dynamic_shared);
  // A block that this GPU could not run is simulated all the same, one an SM.
  if (o.wave_blocks == 0) o.wave_blocks = gpu_.sms;
  return o;
}

void Recorder::launch_begin(const simt::LaunchInfo& launch) {
  replay_->begin_launch(occupancy_of(launch).l1_bytes);
  if (events_ && launch.blocks > 0) {
    walk_->expect(walk_choice_.of(launch.blocks).value_or(WalkRecorder::kNoBlock));
  }
}

uint64_t Recorder::wave_blocks(const simt::LaunchInfo& launch) {
  return occupancy_of(launch).wave_blocks;
}

void Recorder::wave_begin(const simt::LaunchInfo&, uint64_t, uint64_t) {
  for (const auto& r : recorders_) {
    if (r) r->clear();
  }
}

void Recorder::wave_end(const simt::LaunchInfo& launch, uint64_t first, uint64_t) {
  std::vector<BlockStream> blocks;
  for (const auto& r : recorders_) {
    if (r) r->streams_into(blocks);
  }
  std::sort(blocks.begin(), blocks.end(),
            [](const BlockStream& a, const BlockStream& b) { return a.block < b.block; });
  if (events_) {
    for (const BlockStream& b : blocks) touched_->add(b);
  }
  // The first wave of a kernel's first launch was planned before its static shared memory was
  // known.
  const Occupancy o = occupancy_of(launch);
  if (first == 0) replay_->begin_launch(o.l1_bytes);
  for (size_t at = 0; at < blocks.size();) {
    const size_t end = std::min<size_t>(blocks.size(), at + o.wave_blocks);
    replay_->wave(
        {blocks.begin() + static_cast<int64_t>(at), blocks.begin() + static_cast<int64_t>(end)});
    at = end;
  }
}

simt::BlockObserver& Recorder::block_observer(unsigned os_thread) {
  const std::lock_guard<std::mutex> lock(recorders_mutex_);
  if (recorders_.size() <= os_thread) recorders_.resize(os_thread + 1);
  if (!recorders_[os_thread]) recorders_[os_thread] = std::make_unique<BlockRecorder>(*walk_);
  return *recorders_[os_thread];
}

std::vector<InstructionCounts> Recorder::drain_instructions() {
  std::vector<InstructionCounts> result;
  for (const auto& r : recorders_) {
    if (r) r->instructions().drain_into(result);
  }
  merge_equal(result);
  return result;
}

MemoryCounts Recorder::drain_memory(Cell& into, std::vector<TensorTraffic>* tensors) {
  MemoryCounts sum;
  for (const auto& [tensor, counts] : replay_->drain()) {
    into.memory[tensor] += counts;
    sum += counts;
    if (tensors) tensors->push_back({tensors_->name(tensor), counts});
  }
  return sum;
}

void Recorder::launch_end(const simt::LaunchInfo& launch) {
  if (launch.static_shared > 0) static_shared_[launch.call->function] = launch.static_shared;
  const uint32_t kernel = kernel_id(launch.call->name);
  Cell& c = cell(kernel);

  LaunchEvent event;
  const MemoryCounts memory = drain_memory(c, events_ ? &event.tensors : nullptr);
  std::vector<InstructionCounts> instructions = drain_instructions();
  KernelCounts counts = counts_of(instructions);
  counts.launches = 1;
  counts.blocks = launch.blocks;
  std::vector<InstructionCounts>& all = instructions_[kernel];
  all.insert(all.end(), instructions.begin(), instructions.end());
  merge_equal(all);

  next_work_.undeclared_launches = work_declared_ ? 0 : 1;
  const Estimate estimate = estimate_launch(gpu_, memory, counts, next_work_);
  c.totals.kernels += counts;
  c.totals.declared += next_work_;
  c.totals.modelled += kernel_time(estimate);

  if (events_) {
    const simt::KernelCall& call = *launch.call;
    event.index = launch.index;
    event.kernel = call.name;
    event.grid = {call.grid.x, call.grid.y, call.grid.z};
    event.block = {call.block.x, call.block.y, call.block.z};
    event.shared_bytes = static_shared(launch) + call.dynamic_shared;
    event.stream = call.stream;
    event.counts = counts;
    event.declared = next_work_;
    event.modelled_seconds = estimate.seconds;
    event.bound = estimate.bound;
    event.touched = touched_->drain();
    event.walk = walk_->take();
    events_->write(event);
  }
  next_work_ = {};
  work_declared_ = false;
}

void Recorder::cool_caches() { replay_->cool(); }

void Recorder::reset() {
  replay_->cool();
  replay_->drain();
  drain_instructions();
  cells_.clear();
  instructions_.clear();
  next_work_ = {};
  work_declared_ = false;
  phase_ = Phase::kLoad;
  token_ = -1;
}

}  // namespace traffic
