// The access stream: everything a traced program does to memory, told to one observer. Counting
// (common/traffic) is such an observer; a checker can be another. A native program has no observer
// and no hooks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "common/simt/arena.h"
#include "common/simt/core.h"

namespace simt {

enum class AccessKind : uint8_t { kLoad = 0, kStore = 1, kAtomic = 2 };

// One warp request: what the lanes of one warp did at one execution of one instruction.
// Lane i of the `lanes` active ones accessed `first + i * stride`, or `addresses[i]` when that is
// set.
struct WarpRequest {
  uint64_t pc = 0;                      // text offset of the instruction, the same on every run
  uint64_t first = 0;                   // offset in its space
  int64_t stride = 0;                   // bytes
  const uint64_t* addresses = nullptr;  // offsets in its space, `lanes` of them
  uint32_t bytes = 0;                   // a lane: 1 to 16; larger for a counted memcpy or memset
  uint32_t mask = ~0u;                  // bit l: lane l took part; the active ones, in order
  uint8_t lanes = 0;                    // 1 to 32
  AccessKind kind = AccessKind::kLoad;
  Space space = Space::kDevice;
  bool estimated = false;  // merged from lanes whose paths differed
};

// A static __shared__ array of the running kernel.
struct SharedArray {
  const void* key;
  const char* name;
  uint64_t offset;  // from the start of the block's shared memory
  uint64_t bytes;
};

// The shared memory of a running block: first the dynamic part, behind it the static arrays in the
// order in which its threads reach their declarations.
struct SharedMemory {
  const char* begin = nullptr;         // the byte that has offset 0
  const char* dynamic_name = nullptr;  // of the extern array; null until a thread has reached it
  uint64_t dynamic_bytes = 0;
  std::vector<SharedArray> arrays;
};

// One launch, as the observer sees it. Lives until launch_end returns.
struct LaunchInfo {
  uint64_t index = 0;  // launches count from 0
  const KernelCall* call = nullptr;
  uint64_t blocks = 0;
  uint64_t static_shared = 0;  // bytes; known from the first wave_end on
};

// A copy or fill by the runtime API (not by a kernel). Spaces of plain host memory are kHost.
struct CopyInfo {
  Space to = Space::kDevice, from = Space::kHost;
  const void* destination = nullptr;
  const void* source = nullptr;  // null for a fill
  uint64_t bytes = 0;
  bool pageable = false;  // the host side is ordinary memory, not pinned
  unsigned stream = 0;
};

// A library's work on device memory (Thrust), with bytes that the caller declares.
struct LibraryInfo {
  const char* name = "";  // "thrust::sort_by_key"
  uint64_t read_bytes = 0, written_bytes = 0, launches = 1;
};

// What one OS thread hands the requests of its blocks to. Called by that thread only.
class BlockObserver {
 public:
  virtual ~BlockObserver() = default;
  // Of the block that begins next. Lives until it ends, and grows until then.
  virtual void shared_memory(const SharedMemory&) {}
  virtual void block_begin(uint64_t block) = 0;  // linear index
  // The requests of warp `warp` between two of its rendezvous, in program order. All of them have
  // been done: what was stored is in memory.
  virtual void warp(unsigned warp, const WarpRequest* requests, size_t count) = 0;
  // All threads of the block have met; every warp's requests up to here have been told.
  virtual void barrier() {}
  virtual void block_end(uint64_t block) = 0;
};

class Observer {
 public:
  virtual ~Observer() = default;
  virtual void launch_begin(const LaunchInfo& launch) = 0;
  // How many blocks are resident on the GPU at one time. They run in any order, on any OS thread,
  // and wave_end follows when all of [first, first + count) are done; waves come in order.
  virtual uint64_t wave_blocks(const LaunchInfo& launch) = 0;
  virtual void wave_begin(const LaunchInfo& launch, uint64_t first, uint64_t count) = 0;
  virtual void wave_end(const LaunchInfo& launch, uint64_t first, uint64_t count) = 0;
  virtual void launch_end(const LaunchInfo& launch) = 0;
  virtual BlockObserver& block_observer(unsigned os_thread) = 0;  // os_thread < thread_count()
  virtual void copy(const CopyInfo& copy) = 0;
  virtual void library(const LibraryInfo& call) = 0;
  // Operations of the next launch, as its launcher declares them.
  virtual void work(double fp32_multiply_adds, double int8_multiply_adds) = 0;
  // What follows belongs to this phase and token (simtBeginPhase in cuda_runtime.h).
  virtual void phase(int phase, int token) = 0;
  virtual void allocated(const Allocation& allocation) = 0;
  virtual void freed(const Allocation& allocation) = 0;
  virtual void named(const Allocation& allocation) = 0;
};

// Null until set. Not owned. Set it before the first launch of a program.
void set_observer(Observer* observer);
Observer* observer();

}  // namespace simt
