// What a kernel calls of the scheduler without being switched away (simt/scheduler_api.h): where it
// is, votes at barriers, shared memory, the order of atomics, clocks.
#include <algorithm>

#include "common/simt/faults.h"
#include "common/simt/tracing.h"
#include "common/simt/worker.h"

namespace simt {

#if SIMT_TRACED
#define SIMT_POSITION(name, member) \
  unsigned name() { return current_thread->member; }
SIMT_POSITION(thread_x, thread.x)
SIMT_POSITION(thread_y, thread.y)
SIMT_POSITION(thread_z, thread.z)
SIMT_POSITION(lane_index, lane)
SIMT_POSITION(block_x, block.x)
SIMT_POSITION(block_y, block.y)
SIMT_POSITION(block_z, block.z)
SIMT_POSITION(block_dim_x, block_dim.x)
SIMT_POSITION(block_dim_y, block_dim.y)
SIMT_POSITION(block_dim_z, block_dim.z)
SIMT_POSITION(grid_dim_x, grid_dim.x)
SIMT_POSITION(grid_dim_y, grid_dim.y)
SIMT_POSITION(grid_dim_z, grid_dim.z)
#undef SIMT_POSITION
#endif

namespace {

// Adds a predicate to the vote at the coming barrier, waits there, returns how many held.
inline __attribute__((always_inline)) int vote(bool predicate) {
  Worker& worker = *this_worker;
  unsigned slot = worker.generation & 1;
  worker.vote_count[slot] += predicate;
  block_barrier();
  return worker.vote_count[slot];
}

}  // namespace

int block_barrier_count(int predicate) { return vote(predicate != 0); }
int block_barrier_and(int predicate) {
  return vote(predicate != 0) == static_cast<int>(this_worker->threads);
}
int block_barrier_or(int predicate) { return vote(predicate != 0) != 0; }

unsigned warp_live_mask() {
  Worker& worker = *this_worker;
  return worker.warp[worker.current / kWarpSize].live;
}

void* dynamic_shared(const char* name) {
  this_worker->layout.dynamic_name = name;
  return this_worker->shared;
}

void* static_shared(const void* key, size_t bytes, size_t align, const char* name) {
  Worker& worker = *this_worker;
  for (const SharedArray& array : worker.layout.arrays) {
    if (array.key == key) return worker.shared + array.offset;
  }
  RuntimeScope scope;
  align = std::max<size_t>(align, 16);
  uint64_t offset = (worker.shared_used + align - 1) / align * align;
  check_shared_limit(worker, offset + bytes, name);
  clean_shared(worker, offset + bytes);
  worker.shared_used = offset + bytes;
  worker.layout.arrays.push_back({key, name, offset, bytes});
  return worker.shared + offset;
}

void global_atomic_begin() {
  Worker& worker = *this_worker;
  if (worker.ordered) return;
  wait_for_lower_blocks(worker);
  worker.ordered = true;
}

// Most atomics never wait for anyone, so a thread gives way only after a run of them.
void spin_yield() {
  constexpr unsigned kPatience = 64;
  if (++this_worker->spins >= kPatience) simt_give_way();
}

uint64_t device_clock() { return ++this_worker->clock; }

}  // namespace simt
