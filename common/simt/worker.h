// The state of one OS thread that runs blocks: its block's warps and lanes, its stacks, its shared
// memory. Internal to the simulator.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/simt/core.h"
#include "common/simt/fiber.h"
#include "common/simt/observer.h"
#include "simt/scheduler_api.h"

namespace simt {

constexpr unsigned kWarpSize = 32;
constexpr unsigned kMaxWarps = 32;
constexpr unsigned kMaxThreads = kMaxWarps * kWarpSize;

// The lanes of `mask` meet here: each leaves 8 bytes. Two arrays, used in turn, so that a lane that
// has gone on to the next meeting does not overwrite what a slower one has yet to read.
struct Rendezvous {
  uint32_t mask = 0;
  uint32_t arrived = 0;
  unsigned generation = 0;
  uint32_t present[2] = {};  // whose values an array holds; others' are 0
  uint64_t values[2][kWarpSize] = {};
};

struct Warp {
  uint32_t live = 0;        // lanes that have not returned
  uint32_t started = 0;     // lanes that have run at all
  uint32_t ready = 0;       // lanes that can run now
  uint32_t at_barrier = 0;  // lanes that wait at the block's barrier
  uint32_t yielded = 0;     // ready again once the others have had their turn
  Rendezvous whole;         // of the mask 0xffffffff
  std::vector<std::unique_ptr<Rendezvous>> parts;  // of every other mask that was used
};

struct LaunchState;  // launch.cpp

// The 32 lanes of the current warp take turns in order: those before the current lane have all come
// to the same place, the others can run. As long as this holds, the masks are not kept up
// (leave_lockstep does).
enum class Lockstep : uint8_t {
  kNo,
  kWhole,    // they come to the next whole rendezvous
  kBarrier,  // to the block's barrier
};

struct Worker {
  unsigned index = 0;  // 0 is the thread that launches
  LaunchState* launch = nullptr;
  const KernelCall* call = nullptr;
  BlockObserver* observer = nullptr;

  // The block.
  uint64_t block = 0;  // linear index
  unsigned threads = 0, warps = 0, done = 0;
  unsigned at_barrier = 0;
  unsigned generation = 0;     // of the block's barrier
  int vote_count[2] = {0, 0};  // threads whose predicate held, by generation
  uint32_t ready_warps = 0;
  Lockstep lockstep = Lockstep::kNo;
  bool ordered = false;  // all lower blocks have finished
  uint64_t clock = 0;
  unsigned current = 0;  // thread that runs, by linear index
  unsigned spins = 0;    // its atomics since it began to run
  Warp warp[kMaxWarps];

  // By thread. What a switch touches lies close together.
  void* sp[kMaxThreads + 1] = {};    // where a waiting thread has stopped: a SavedFiber
  unsigned stack[kMaxThreads] = {};  // the stack it runs on, once started
  ThreadContext context[kMaxThreads];

  // Shared memory: dynamic first, static arrays behind it in the order in which they are reached.
  char* shared = nullptr;
  uint64_t shared_used = 0, shared_clean = 0;  // bytes handed out; bytes that hold the fill pattern
  SharedMemory layout;                         // what is in it, for the observer

  StackPool stacks;
  void* main_sp = nullptr;  // the worker's own context while fibers run

  // Faults and time.
  char* fault_stack = nullptr;      // top; where a signal's handler continues
  char* report_stack = nullptr;     // top; where the report is written
  char* scheduler_stack = nullptr;  // top
  volatile int in_runtime = 0;      // a hang must not be cut off inside the runtime
  volatile bool abort_pending = false;
  std::atomic<uint64_t> progress{0};  // odd while a block runs; changes with each block
  bool faulted = false;
  std::string printed;  // device printf of the block
};

extern __thread Worker* this_worker __attribute__((tls_model("initial-exec")));

// While it lives, the watchdog waits instead of cutting the kernel off.
class RuntimeScope {
 public:
  RuntimeScope() {
    if (this_worker != nullptr) this_worker->in_runtime = this_worker->in_runtime + 1;
  }
  ~RuntimeScope() {
    if (this_worker != nullptr) this_worker->in_runtime = this_worker->in_runtime - 1;
  }
  RuntimeScope(const RuntimeScope&) = delete;
  RuntimeScope& operator=(const RuntimeScope&) = delete;
};

// Runs one block to its end, or until it faults (worker.faulted).
void run_block(Worker& worker, uint64_t block);
// Runs its threads, which have been prepared, until all have returned (scheduler.cpp).
void run_threads(Worker& worker);
// Ends the running block here and now: never returns to the kernel. Prints nothing.
[[noreturn]] void abandon_block(Worker& worker, Fault fault);
// Shared memory starts out as 0xFF bytes in every block, so that no block sees another's: fills the
// first `bytes` of it, as far as that has not been done (block.cpp).
void clean_shared(Worker& worker, uint64_t bytes);
// Waits until every block below this worker's has finished (launch.cpp).
void wait_for_lower_blocks(Worker& worker);

}  // namespace simt
