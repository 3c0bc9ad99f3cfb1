// One launch in progress, shared by the OS threads that run its blocks. Internal to the simulator.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "common/simt/worker.h"

namespace simt {

struct LaunchState {
  const KernelCall* call = nullptr;
  Observer* observer = nullptr;
  uint64_t first = 0, end = 0;                 // the blocks of this wave
  std::atomic<uint64_t> next{0};               // the lowest block that nobody has taken
  uint64_t chunk = 1;                          // blocks taken at a time
  std::vector<std::atomic<uint8_t>> finished;  // by block of the wave
  std::atomic<uint64_t> prefix{0};             // all blocks below have finished
  std::atomic<bool> stop{false};               // a block has faulted: start no more

  std::mutex mutex;
  Fault fault;
  uint64_t fault_block = 0;
  std::map<uint64_t, std::string> printed;  // by block, so that the order is the same on every run
  uint64_t static_shared = 0;
};

// Takes blocks of the wave until there are none.
void run_wave_part(Worker& worker, LaunchState& launch);

double watchdog_seconds();

// The OS threads that help the launching one. Started at the first launch that can use them.
class WorkerPool {
 public:
  explicit WorkerPool(unsigned threads);
  ~WorkerPool();
  unsigned size() const { return static_cast<unsigned>(workers_.size()); }
  Worker& worker(unsigned index) { return *workers_[index]; }
  // Runs the wave on `threads` of the workers, the calling thread as worker 0.
  void run(LaunchState& launch, unsigned threads);

 private:
  struct Shared;
  void helper(unsigned index);
  void watch();

  std::vector<std::unique_ptr<Worker>> workers_;
  std::unique_ptr<Shared> shared_;
};

}  // namespace simt
