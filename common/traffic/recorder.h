// Counts what a traced program moves: the observer of the simulator. Warp requests become sectors
// on the threads that run the blocks (block_recorder.h); at the end of each wave they are replayed
// in a fixed order through L1 and L2 (replay.h), so the counts are the same for any number of
// threads.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/simt/observer.h"
#include "common/traffic/counts.h"
#include "common/traffic/gpu_spec.h"
#include "common/traffic/instruction_table.h"
#include "common/traffic/occupancy.h"
#include "common/traffic/walk.h"

namespace traffic {

class AllocationMap;
class BlockRecorder;
class EventWriter;
class Replay;
class TensorMap;
class TouchedSectors;
class WalkRecorder;
struct TensorTraffic;

// Which part of the counts to sum. An unset field means "all". With a tensor set, only `memory`
// of the totals is filled: the rest belongs to no tensor.
struct Filter {
  std::optional<Phase> phase;
  std::optional<int> token;
  std::optional<std::string> kernel;  // "(copy)" and "(flush)" are kernels here, see below
  std::optional<std::string> tensor;
};

// One line of the finest table. Copies stand under the kernel "(copy)", library calls under their
// name, what the end of the run writes back under "(flush)".
struct MemoryRow {
  Phase phase;
  int token;
  std::string kernel, tensor;
  MemoryCounts memory;
};
struct KernelRow {
  Phase phase;
  int token;
  std::string kernel;
  Totals totals;  // memory is the sum over its tensors
};
struct InstructionRow {
  std::string kernel;
  InstructionCounts counts;
};

class Recorder : public simt::Observer {
 public:
  explicit Recorder(const GpuSpec& gpu);
  ~Recorder() override;

  const GpuSpec& gpu() const { return gpu_; }

  // Every event also goes to this writer, which must outlive its use here. Null: none.
  void set_events(EventWriter* events) { events_ = events; }
  // The block of each later launch whose steps go into its event. None is watched without events.
  void set_walk(const WalkChoice& choice) { walk_choice_ = choice; }

  // The end of a run: what is dirty in L2 is written to VRAM, under Phase::kFlush, token -1.
  void finish();
  // Forgets all counts, empties the caches without charging anything, phase kLoad, token -1.
  // Allocations and their names stay.
  void reset();
  // Empties the caches without charging anything. Counts stay.
  void cool_caches();

  Totals totals(const Filter& filter = {}) const;
  std::vector<int> tokens(Phase phase) const;  // that have counts, ascending
  // In order of phase, token, and first use of kernel and tensor. Rows with equal keys are one.
  std::vector<MemoryRow> memory_rows() const;
  std::vector<KernelRow> kernel_rows() const;
  // Per kernel and instruction (text offset), over the whole run.
  std::vector<InstructionRow> instruction_rows() const;

  // simt::Observer
  void launch_begin(const simt::LaunchInfo& launch) override;
  uint64_t wave_blocks(const simt::LaunchInfo& launch) override;
  void wave_begin(const simt::LaunchInfo& launch, uint64_t first, uint64_t count) override;
  void wave_end(const simt::LaunchInfo& launch, uint64_t first, uint64_t count) override;
  void launch_end(const simt::LaunchInfo& launch) override;
  simt::BlockObserver& block_observer(unsigned os_thread) override;
  void copy(const simt::CopyInfo& copy) override;
  void library(const simt::LibraryInfo& call) override;
  void work(double fp32_multiply_adds, double int8_multiply_adds) override;
  void phase(int phase, int token) override;
  void allocated(const simt::Allocation& allocation) override;
  void freed(const simt::Allocation& allocation) override;
  void named(const simt::Allocation& allocation) override;

 private:
  struct Key {  // of the aggregated tables
    int phase, token;
    uint32_t kernel;
    auto operator<=>(const Key&) const = default;
  };
  struct Cell {
    Totals totals;                            // memory stays zero here
    std::map<uint32_t, MemoryCounts> memory;  // by tensor
  };

  uint32_t kernel_id(const std::string& name);
  uint64_t static_shared(const simt::LaunchInfo& launch) const;
  Occupancy occupancy_of(const simt::LaunchInfo& launch) const;
  Cell& cell(uint32_t kernel);  // of the current phase and token
  // Moves what the replay counted into `into` (and a copy into `tensors`, unless null); their sum.
  MemoryCounts drain_memory(Cell& into, std::vector<TensorTraffic>* tensors);
  std::vector<InstructionCounts> drain_instructions();

  GpuSpec gpu_;
  EventWriter* events_ = nullptr;
  WalkChoice walk_choice_;
  std::unique_ptr<TensorMap> tensors_;
  std::unique_ptr<Replay> replay_;
  std::unique_ptr<AllocationMap> allocations_;
  std::unique_ptr<TouchedSectors> touched_;
  std::unique_ptr<WalkRecorder> walk_;
  std::mutex recorders_mutex_;  // threads ask for their recorder at any time
  std::vector<std::unique_ptr<BlockRecorder>> recorders_;  // one an OS thread

  Phase phase_ = Phase::kLoad;
  int token_ = -1;
  DeclaredWork next_work_;
  bool work_declared_ = false;

  std::vector<std::string> kernel_names_;
  std::unordered_map<std::string, uint32_t> kernel_ids_;
  std::unordered_map<const void*, uint64_t> static_shared_;  // by kernel function, once known
  std::map<Key, Cell> cells_;
  std::map<uint32_t, std::vector<InstructionCounts>> instructions_;  // by kernel, sorted by key
};

}  // namespace traffic
