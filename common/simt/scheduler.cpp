// Runs one block: which CUDA thread goes on when another waits.
//
// A fiber runs CUDA threads one after another until one of them waits; only then does the next get
// a stack of its own. So a kernel without barriers is a plain loop over its threads. Lanes of a
// warp run in order, and a warp runs until all of its lanes wait or have returned; then the next
// warp.
#include <algorithm>

#include "common/simt/faults.h"
#include "common/simt/tracing.h"
#include "common/simt/worker.h"

namespace simt {

__thread ThreadContext* current_thread __attribute__((tls_model("initial-exec"))) = nullptr;
__thread Worker* this_worker __attribute__((tls_model("initial-exec"))) = nullptr;

namespace {

uint32_t bit(unsigned i) { return 1u << i; }
uint32_t above(unsigned i) { return i >= 31 ? 0 : ~0u << (i + 1); }
unsigned lowest(uint32_t mask) { return static_cast<unsigned>(__builtin_ctz(mask)); }

Lane& lane_of(Worker& worker, unsigned warp, unsigned lane) {
  return worker.lanes[warp * kWarpSize + lane];
}

void make_current(Worker& worker, Lane& lane) {
  worker.current = &lane;
  current_thread = &lane;
  lane.state = LaneState::kRunning;
  trace_resume(lane.lane);
}

// All threads have come to the barrier: they are ready again, from the first warp on.
void release_barrier(Worker& worker) {
  for (unsigned i = 0; i < worker.warps; ++i) {
    Warp& warp = worker.warp[i];
    warp.ready |= warp.at_barrier;
    warp.at_barrier = 0;
    if (warp.ready != 0) worker.ready_warps |= bit(i);
  }
  worker.at_barrier = 0;
  worker.vote_count[++worker.generation & 1] = 0;
}

// Those who let others go first are ready again. False if there are none.
bool release_yielded(Worker& worker) {
  bool any = false;
  for (unsigned i = 0; i < worker.warps; ++i) {
    Warp& warp = worker.warp[i];
    if (warp.yielded == 0) continue;
    warp.ready |= warp.yielded;
    warp.yielded = 0;
    worker.ready_warps |= bit(i);
    any = true;
  }
  return any;
}

// The lane to run after the current one, which does not run on. Null when the block is done.
Lane* next_lane(Worker& worker) {
  unsigned warp_index = worker.current->thread / kWarpSize;
  Warp& warp = worker.warp[warp_index];
  if (uint32_t later = warp.ready & above(worker.current->lane)) {
    return &lane_of(worker, warp_index, lowest(later));
  }
  if (warp.ready != 0) return &lane_of(worker, warp_index, lowest(warp.ready));

  trace_flush(worker, warp_index);
  worker.ready_warps &= ~bit(warp_index);
  uint32_t ready = worker.ready_warps & above(warp_index);
  if (ready == 0) ready = worker.ready_warps;
  if (ready == 0) {
    if (worker.done == worker.threads) return nullptr;
    if (worker.at_barrier == worker.threads) {
      release_barrier(worker);
    } else if (!release_yielded(worker)) {
      report_stuck(worker);
    }
    ready = worker.ready_warps;
  }
  unsigned chosen = lowest(ready);
  return &lane_of(worker, chosen, lowest(worker.warp[chosen].ready));
}

void fiber_main();

// The current lane waits; whoever is next runs. Returns when the lane runs again.
void suspend_current(Worker& worker) {
  Lane& me = *worker.current;
  me.state = LaneState::kSuspended;
  me.spins = 0;
  trace_suspend(me.lane);
  Lane* next = next_lane(worker);
  if (next != &me) {
    bool fresh = next->state == LaneState::kNew;
    if (fresh) {
      next->stack = worker.stacks.take();
      next->sp = fiber_prepare(worker.stacks.top(next->stack), fiber_main);
    }
    make_current(worker, *next);
    simt_switch(&me.sp, next->sp);
  } else {
    make_current(worker, me);
  }
  if (worker.abort_pending) report_hang(worker, me.wait_pc);
}

Rendezvous& meeting(Warp& warp, uint32_t mask) {
  if (mask == ~0u) return warp.whole;
  for (auto& part : warp.parts) {
    if (part->mask == mask) return *part;
  }
  warp.parts.push_back(std::make_unique<Rendezvous>());
  warp.parts.back()->mask = mask;
  return *warp.parts.back();
}

// If every live lane of the meeting has come, they are all ready again.
bool complete(Worker& worker, unsigned warp_index, Rendezvous& meeting) {
  Warp& warp = worker.warp[warp_index];
  if (meeting.arrived == 0 || meeting.arrived != (meeting.mask & warp.live)) return false;
  if (warp.ready == 0 && warp.yielded == 0) trace_flush(worker, warp_index);
  warp.ready |= meeting.arrived;
  worker.ready_warps |= bit(warp_index);
  meeting.arrived = 0;
  ++meeting.generation;
  return true;
}

void finish_lane(Worker& worker) {
  Lane& me = *worker.current;
  unsigned warp_index = me.thread / kWarpSize;
  Warp& warp = worker.warp[warp_index];
  me.state = LaneState::kDone;
  ++worker.done;
  warp.live &= ~bit(me.lane);
  warp.ready &= ~bit(me.lane);
  trace_suspend(me.lane);
  complete(worker, warp_index, warp.whole);
  for (auto& part : warp.parts) complete(worker, warp_index, *part);
}

// The body of every fiber: runs the current CUDA thread, then whoever is next.
void fiber_main() {
  Worker& worker = *this_worker;
  const KernelCall& call = *worker.call;
  void* ignored = nullptr;
  for (;;) {
    call.invoke(call.arguments.get());
    Lane& me = *worker.current;
    finish_lane(worker);
    Lane* next = next_lane(worker);
    if (next == nullptr) break;
    bool fresh = next->state == LaneState::kNew;
    make_current(worker, *next);
    if (fresh) {
      next->stack = me.stack;  // a new thread takes over the stack of the one that has returned
      continue;
    }
    worker.stacks.give(me.stack);
    simt_switch(&ignored, next->sp);
  }
  worker.stacks.give(worker.current->stack);
  simt_switch(&ignored, worker.main_sp);
}

void prepare_lanes(Worker& worker, uint64_t block) {
  const KernelCall& call = *worker.call;
  const dim3 size = call.block;
  const uint3 index = {static_cast<unsigned>(block % call.grid.x),
                       static_cast<unsigned>(block / call.grid.x % call.grid.y),
                       static_cast<unsigned>(block / call.grid.x / call.grid.y)};
  worker.threads = size.x * size.y * size.z;
  worker.warps = (worker.threads + kWarpSize - 1) / kWarpSize;
  if (worker.lanes.size() < worker.threads) worker.lanes.resize(worker.threads);
  unsigned i = 0;
  for (unsigned z = 0; z < size.z; ++z) {
    for (unsigned y = 0; y < size.y; ++y) {
      for (unsigned x = 0; x < size.x; ++x, ++i) {
        Lane& lane = worker.lanes[i];
        lane.thread = i;
        lane.ThreadContext::thread = uint3{x, y, z};
        lane.lane = i % kWarpSize;
        lane.block = index;
        lane.block_dim = size;
        lane.grid_dim = call.grid;
        lane.state = LaneState::kNew;
        lane.spins = 0;
        lane.wait_pc = 0;
      }
    }
  }
  for (unsigned w = 0; w < worker.warps; ++w) {
    Warp& warp = worker.warp[w];
    unsigned lanes = std::min(kWarpSize, worker.threads - w * kWarpSize);
    warp.live = warp.ready = lanes == kWarpSize ? ~0u : bit(lanes) - 1;
    warp.at_barrier = warp.yielded = 0;
    warp.whole.mask = ~0u;
    warp.whole.arrived = 0;
    warp.parts.clear();
  }
  worker.ready_warps = worker.warps == 32 ? ~0u : bit(worker.warps) - 1;
}

// Shared memory starts out as 0xFF bytes in every block, so that no block sees another's.
void clean_shared(Worker& worker, uint64_t bytes) {
  if (bytes > worker.shared_clean) {
    __builtin_memset(worker.shared + worker.shared_clean, 0xFF, bytes - worker.shared_clean);
    worker.shared_clean = bytes;
  }
}

}  // namespace

void run_block(Worker& worker, uint64_t block) {
  worker.block = block;
  worker.done = worker.at_barrier = worker.generation = 0;
  worker.vote_count[0] = worker.vote_count[1] = 0;
  worker.ordered = false;
  worker.faulted = false;
  worker.abort_pending = false;
  worker.clock = 0;
  worker.shared_clean = 0;
  worker.arrays.clear();
  worker.shared_used = (worker.call->dynamic_shared + 15) / 16 * 16;
  clean_shared(worker, worker.shared_used);
  prepare_lanes(worker, block);
  if (worker.observer != nullptr) worker.observer->block_begin(block);

  Lane& first = worker.lanes[0];
  first.stack = worker.stacks.take();
  void* start = fiber_prepare(worker.stacks.top(first.stack), fiber_main);
  make_current(worker, first);
  simt_switch(&worker.main_sp, start);
  worker.current = nullptr;
  current_thread = nullptr;
  trace_stop();
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

bool in_kernel() { return current_thread != nullptr; }

// --- what kernels call (simt/scheduler_api.h) ---

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

// Waits at the block's barrier with a predicate; how many threads' predicates held.
int wait_at_barrier(bool predicate, uint64_t pc) {
  Worker& worker = *this_worker;
  Lane& me = *worker.current;
  Warp& warp = worker.warp[me.thread / kWarpSize];
  unsigned slot = worker.generation & 1;
  worker.vote_count[slot] += predicate;
  warp.ready &= ~bit(me.lane);
  warp.at_barrier |= bit(me.lane);
  ++worker.at_barrier;
  me.wait_pc = pc;
  suspend_current(worker);
  return worker.vote_count[slot];
}

uint64_t caller(void* return_address) { return reinterpret_cast<uint64_t>(return_address); }

}  // namespace

void block_barrier() { wait_at_barrier(false, caller(__builtin_return_address(0))); }
int block_barrier_count(int predicate) {
  return wait_at_barrier(predicate != 0, caller(__builtin_return_address(0)));
}
int block_barrier_and(int predicate) {
  int count = wait_at_barrier(predicate != 0, caller(__builtin_return_address(0)));
  return count == static_cast<int>(this_worker->threads);
}
int block_barrier_or(int predicate) {
  return wait_at_barrier(predicate != 0, caller(__builtin_return_address(0))) != 0;
}

const uint64_t* warp_exchange(unsigned mask, uint64_t value) {
  Worker& worker = *this_worker;
  Lane& me = *worker.current;
  unsigned warp_index = me.thread / kWarpSize;
  Warp& warp = worker.warp[warp_index];
  me.wait_pc = caller(__builtin_return_address(0));
  if ((mask & bit(me.lane)) == 0) report_not_in_mask(worker, mask);
  Rendezvous& here = meeting(warp, mask);
  uint64_t* values = here.values[here.generation & 1];
  values[me.lane] = value;
  here.arrived |= bit(me.lane);
  warp.ready &= ~bit(me.lane);
  trace_suspend(me.lane);
  complete(worker, warp_index, here);
  if (warp.ready != bit(me.lane)) {
    suspend_current(worker);
  } else {
    trace_resume(me.lane);  // a meeting of one
  }
  return values;
}

unsigned warp_live_mask() {
  Worker& worker = *this_worker;
  return worker.warp[worker.current->thread / kWarpSize].live;
}

void* dynamic_shared() { return this_worker->shared; }

void* static_shared(const void* key, size_t bytes, size_t align, const char* name) {
  Worker& worker = *this_worker;
  for (const SharedArray& array : worker.arrays) {
    if (array.key == key) return worker.shared + array.offset;
  }
  RuntimeScope scope;
  align = std::max<size_t>(align, 16);
  uint64_t offset = (worker.shared_used + align - 1) / align * align;
  check_shared_limit(worker, offset + bytes, name);
  clean_shared(worker, offset + bytes);
  worker.shared_used = offset + bytes;
  worker.arrays.push_back({key, name, offset, bytes});
  return worker.shared + offset;
}

void global_atomic_begin() {
  Worker& worker = *this_worker;
  if (worker.ordered) return;
  wait_for_lower_blocks(worker);
  worker.ordered = true;
}

// Most atomics never wait for anyone, so a lane gives way only after a run of them.
void spin_yield() {
  constexpr unsigned kPatience = 64;
  Worker& worker = *this_worker;
  Lane& me = *worker.current;
  if (++me.spins < kPatience) return;
  Warp& warp = worker.warp[me.thread / kWarpSize];
  me.wait_pc = caller(__builtin_return_address(0));
  warp.ready &= ~bit(me.lane);
  warp.yielded |= bit(me.lane);
  suspend_current(worker);
}

// The access log is full: lets the warp's other lanes catch up, so that it can be emptied.
void yield_for_log() {
  Worker& worker = *this_worker;
  Lane& me = *worker.current;
  Warp& warp = worker.warp[me.thread / kWarpSize];
  warp.ready &= ~bit(me.lane);
  warp.yielded |= bit(me.lane);
  suspend_current(worker);
}

uint64_t device_clock() { return ++this_worker->clock; }

}  // namespace simt
