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

constexpr unsigned kNobody = ~0u;

uint32_t bit(unsigned i) { return 1u << i; }
uint32_t above(unsigned i) { return ~0u << i << 1; }
unsigned lowest(uint32_t mask) { return static_cast<unsigned>(__builtin_ctz(mask)); }

inline void make_current(Worker& worker, unsigned thread) {
  worker.current = thread;
  worker.spins = 0;
  current_thread = &worker.context[thread];
  trace_resume(thread % kWarpSize);
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

// No later lane of the current warp can run: the thread to run next; kNobody when the block is
// done.
__attribute__((noinline)) unsigned next_elsewhere(Worker& worker) {
  if (worker.abort_pending) report_hang(worker, waiting_pc(worker, worker.current));
  unsigned warp_index = worker.current / kWarpSize;
  Warp& warp = worker.warp[warp_index];
  if (warp.ready != 0) return warp_index * kWarpSize + lowest(warp.ready);

  trace_flush(worker, warp_index);
  worker.ready_warps &= ~bit(warp_index);
  uint32_t ready = worker.ready_warps & above(warp_index);
  if (ready == 0) ready = worker.ready_warps;
  if (ready == 0) {
    if (worker.done == worker.threads) return kNobody;
    if (worker.at_barrier == worker.threads) {
      release_barrier(worker);
    } else if (!release_yielded(worker)) {
      report_stuck(worker);
    }
    ready = worker.ready_warps;
  }
  unsigned chosen = lowest(ready);
  return chosen * kWarpSize + lowest(worker.warp[chosen].ready);
}

// The thread to run after the current one, which does not run on.
inline unsigned next_thread(Worker& worker) {
  unsigned lane = worker.current % kWarpSize;
  uint32_t later = worker.warp[worker.current / kWarpSize].ready & above(lane);
  if (__builtin_expect(later != 0, 1)) return worker.current - lane + lowest(later);
  return next_elsewhere(worker);
}

// A thread that runs for the first time needs a stack.
inline bool start(Worker& worker, unsigned thread) {
  Warp& warp = worker.warp[thread / kWarpSize];
  bool fresh = (warp.started & bit(thread % kWarpSize)) == 0;
  warp.started |= bit(thread % kWarpSize);
  return fresh;
}

void fiber_main();

__attribute__((noinline)) void* new_fiber(Worker& worker, unsigned thread) {
  worker.stack[thread] = worker.stacks.take();
  return fiber_prepare(worker.stacks.top(worker.stack[thread]), fiber_main);
}

// The current thread has stopped at `sp`; who goes on, and where.
inline __attribute__((always_inline)) void* switch_from(Worker& worker, void* sp) {
  worker.sp[worker.current] = sp;
  trace_suspend(worker.current % kWarpSize);
  unsigned next = next_thread(worker);
  make_current(worker, next);
  if (__builtin_expect(start(worker, next), 0)) return new_fiber(worker, next);
  // Its neighbour most likely comes after it.
  auto* soon = static_cast<char*>(worker.sp[next + 1]);
  __builtin_prefetch(soon);
  __builtin_prefetch(soon + 64);
  __builtin_prefetch(soon + 128);
  return worker.sp[next];
}

__attribute__((noinline)) Rendezvous& partial_meeting(Warp& warp, uint32_t mask) {
  for (auto& part : warp.parts) {
    if (part->mask == mask) return *part;
  }
  warp.parts.push_back(std::make_unique<Rendezvous>());
  warp.parts.back()->mask = mask;
  return *warp.parts.back();
}

inline Rendezvous& meeting(Warp& warp, uint32_t mask) {
  return __builtin_expect(mask == ~0u, 1) ? warp.whole : partial_meeting(warp, mask);
}

// If every live lane of the meeting has come, they are all ready again.
inline void complete(Worker& worker, unsigned warp_index, Rendezvous& meeting) {
  Warp& warp = worker.warp[warp_index];
  if (__builtin_expect(meeting.arrived != (meeting.mask & warp.live), 1)) return;
  if (meeting.arrived == 0) return;
  if (warp.ready == 0 && warp.yielded == 0) trace_flush(worker, warp_index);
  warp.ready |= meeting.arrived;
  worker.ready_warps |= bit(warp_index);
  const unsigned slot = meeting.generation & 1;
  for (uint32_t gone = meeting.present[slot] & ~meeting.arrived; gone != 0; gone &= gone - 1) {
    meeting.values[slot][lowest(gone)] = 0;
  }
  meeting.present[slot] = meeting.arrived;
  meeting.arrived = 0;
  ++meeting.generation;
}

void finish_thread(Worker& worker) {
  unsigned warp_index = worker.current / kWarpSize, lane = worker.current % kWarpSize;
  Warp& warp = worker.warp[warp_index];
  ++worker.done;
  warp.live &= ~bit(lane);
  warp.ready &= ~bit(lane);
  trace_suspend(lane);
  complete(worker, warp_index, warp.whole);
  for (auto& part : warp.parts) complete(worker, warp_index, *part);
}

// The body of every fiber: runs the current CUDA thread, then whoever is next.
void fiber_main() {
  Worker& worker = *this_worker;
  const KernelCall& call = *worker.call;
  void* ignored = nullptr;
  unsigned stack = worker.stack[worker.current];
  for (;;) {
    call.invoke(call.arguments.get());
    finish_thread(worker);
    unsigned next = next_thread(worker);
    if (next == kNobody) break;
    make_current(worker, next);
    if (start(worker, next)) {
      worker.stack[next] = stack;  // a new thread takes over the stack of the one that has returned
      continue;
    }
    worker.stacks.give(stack);
    simt_switch(&ignored, worker.sp[next]);
  }
  worker.stacks.give(stack);
  simt_switch(&ignored, worker.main_sp);
}

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
    warp.live = warp.ready = lanes == kWarpSize ? ~0u : bit(lanes) - 1;
    warp.started = warp.at_barrier = warp.yielded = 0;
    warp.whole.mask = ~0u;
    warp.whole.arrived = 0;
    warp.parts.clear();
  }
  worker.ready_warps = worker.warps == 32 ? ~0u : bit(worker.warps) - 1;
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
  worker.arrays.clear();
  worker.shared_used = (worker.call->dynamic_shared + 15) / 16 * 16;
  clean_shared(worker, worker.shared_used);
  prepare_threads(worker, block);
  if (worker.observer != nullptr) worker.observer->block_begin(block);

  worker.stack[0] = worker.stacks.take();
  void* first = fiber_prepare(worker.stacks.top(worker.stack[0]), fiber_main);
  simt_scheduler_sp = worker.scheduler_stack;
  make_current(worker, 0);
  start(worker, 0);
  simt_switch(&worker.main_sp, first);
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

uint64_t waiting_pc(const Worker& worker, unsigned thread) {
  if (worker.sp[thread] == nullptr) return 0;
  return reinterpret_cast<uint64_t>(static_cast<const SavedFiber*>(worker.sp[thread])->resume) - 1;
}

}  // namespace simt

using simt::Worker;

extern "C" {

void* simt_at_barrier(void* sp) {
  Worker& worker = *simt::this_worker;
  simt::Warp& warp = worker.warp[worker.current / simt::kWarpSize];
  uint32_t lane = simt::bit(worker.current % simt::kWarpSize);
  warp.ready &= ~lane;
  warp.at_barrier |= lane;
  ++worker.at_barrier;
  return simt::switch_from(worker, sp);
}

void* simt_at_exchange(void* sp, unsigned mask, uint64_t value) {
  Worker& worker = *simt::this_worker;
  unsigned warp_index = worker.current / simt::kWarpSize, lane = worker.current % simt::kWarpSize;
  simt::Warp& warp = worker.warp[warp_index];
  worker.sp[worker.current] = sp;
  if ((mask & simt::bit(lane)) == 0) simt::report_not_in_mask(worker, mask);
  simt::Rendezvous& here = simt::meeting(warp, mask);
  uint64_t* values = here.values[here.generation & 1];
  static_cast<simt::SavedFiber*>(sp)->result = values;
  values[lane] = value;
  here.arrived |= simt::bit(lane);
  warp.ready &= ~simt::bit(lane);
  simt::trace_suspend(lane);
  simt::complete(worker, warp_index, here);
  return simt::switch_from(worker, sp);
}

void* simt_at_give_way(void* sp) {
  Worker& worker = *simt::this_worker;
  simt::Warp& warp = worker.warp[worker.current / simt::kWarpSize];
  uint32_t lane = simt::bit(worker.current % simt::kWarpSize);
  warp.ready &= ~lane;
  warp.yielded |= lane;
  return simt::switch_from(worker, sp);
}

}  // extern "C"
