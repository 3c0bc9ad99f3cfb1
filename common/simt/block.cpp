// One block from its beginning to its end: positions of its threads, its shared memory, faults.
#include <algorithm>
#include <utility>

#include "common/simt/faults.h"
#include "common/simt/tracing.h"
#include "common/simt/worker.h"

namespace simt {
namespace {

// The positions of the block's threads; all of them ready, none started.
void prepare_threads(Worker& worker, uint64_t block) {
  const KernelCall& call = *worker.call;
  const dim3 size = call.block;
  const uint3 index = {static_cast<unsigned>(block % call.grid.x),
                       static_cast<unsigned>(block / call.grid.x % call.grid.y),
                       static_cast<unsigned>(block / call.grid.x / call.grid.y)};
  worker.threads = size.x * size.y * size.z;
  worker.warps = (worker.threads + kWarpSize - 1) / kWarpSize;
  unsigned i = 0;
  for (unsigned z = 0; z < size.z; ++z) {
    for (unsigned y = 0; y < size.y; ++y) {
      for (unsigned x = 0; x < size.x; ++x, ++i) {
        worker.context[i] = ThreadContext{uint3{x, y, z}, i % kWarpSize, index, size, call.grid};
      }
    }
  }
  for (unsigned w = 0; w < worker.warps; ++w) {
    Warp& warp = worker.warp[w];
    unsigned lanes = std::min(kWarpSize, worker.threads - w * kWarpSize);
    warp.live = warp.ready = lanes == kWarpSize ? ~0u : (1u << lanes) - 1;
    warp.started = warp.at_barrier = warp.yielded = 0;
    warp.whole.mask = ~0u;
    warp.whole.arrived = 0;
    warp.parts.clear();
  }
  worker.ready_warps = worker.warps == 32 ? ~0u : (1u << worker.warps) - 1;
  worker.lockstep = worker.warp[0].ready == ~0u ? Lockstep::kWhole : Lockstep::kNo;
}

}  // namespace

void clean_shared(Worker& worker, uint64_t bytes) {
  if (bytes > worker.shared_clean) {
    __builtin_memset(worker.shared + worker.shared_clean, 0xFF, bytes - worker.shared_clean);
    worker.shared_clean = bytes;
  }
}

void run_block(Worker& worker, uint64_t block) {
  worker.block = block;
  worker.done = worker.at_barrier = worker.generation = 0;
  worker.vote_count[0] = worker.vote_count[1] = 0;
  worker.ordered = false;
  worker.faulted = false;
  worker.abort_pending = false;
  worker.clock = 0;
  worker.shared_clean = 0;
  worker.layout.begin = worker.shared;
  worker.layout.dynamic_name = nullptr;
  worker.layout.dynamic_bytes = worker.call->dynamic_shared;
  worker.layout.arrays.clear();
  worker.shared_used = (worker.call->dynamic_shared + 15) / 16 * 16;
  clean_shared(worker, worker.shared_used);
  prepare_threads(worker, block);
  if (worker.observer != nullptr) {
    worker.observer->shared_memory(worker.layout);
    worker.observer->block_begin(block);
  }

  run_threads(worker);
  if (worker.observer != nullptr) worker.observer->block_end(block);
}

void abandon_block(Worker& worker, Fault fault) {
  keep_fault(worker, std::move(fault));
  worker.faulted = true;
  worker.stacks.give_all();
  worker.in_runtime = 0;
  trace_discard();
  void* ignored = nullptr;
  simt_switch(&ignored, worker.main_sp);
  __builtin_unreachable();
}

}  // namespace simt
