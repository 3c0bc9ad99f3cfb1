// Runs the threads of one block: which CUDA thread goes on when another waits.
//
// A fiber runs CUDA threads one after another until one of them waits; only then does the next get
// a stack of its own. So a kernel without barriers is a plain loop over its threads. Lanes of a
// warp run in order, and a warp runs until all of its lanes wait or have returned; then the next
// warp.
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

inline void leave_lockstep(Worker& worker) {
  if (worker.lockstep == Lockstep::kNo) return;
  Warp& warp = worker.warp[worker.current / kWarpSize];
  unsigned lane = worker.current % kWarpSize;
  warp.ready = ~0u << lane;
  if (worker.lockstep == Lockstep::kWhole) {
    warp.whole.arrived = bit(lane) - 1;
  } else {
    warp.at_barrier = bit(lane) - 1;
    worker.at_barrier += lane;
  }
  worker.lockstep = Lockstep::kNo;
}

// The first lane of `warp` is the next to run.
inline void enter_lockstep(Worker& worker, const Warp& warp) {
  worker.lockstep = warp.ready == ~0u ? Lockstep::kWhole : Lockstep::kNo;
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
  if (worker.observer != nullptr) {
    RuntimeScope scope;
    worker.observer->barrier();
  }
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
  if (warp.ready != 0) {
    enter_lockstep(worker, warp);
    return warp_index * kWarpSize + lowest(warp.ready);
  }

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
  enter_lockstep(worker, worker.warp[chosen]);
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
  const uint32_t lane = bit(thread % kWarpSize);
  if (__builtin_expect((warp.started & lane) != 0, 1)) return false;
  warp.started |= lane;
  return true;
}

void fiber_main();

__attribute__((noinline)) void* new_fiber(Worker& worker, unsigned thread) {
  worker.stack[thread] = worker.stacks.take();
  return fiber_prepare(worker.stacks.top(worker.stack[thread]), fiber_main);
}

// Where `next` goes on.
inline __attribute__((always_inline)) void* switch_to(Worker& worker, unsigned next) {
  make_current(worker, next);
  if (__builtin_expect(start(worker, next), 0)) return new_fiber(worker, next);
  // Its neighbour most likely comes after it.
  auto* soon = static_cast<char*>(worker.sp[next + 1]);
  __builtin_prefetch(soon);
  __builtin_prefetch(soon + 64);
  __builtin_prefetch(soon + 128);
  return worker.sp[next];
}

// The current thread has stopped at `sp`; who goes on, and where.
inline __attribute__((always_inline)) void* switch_from(Worker& worker, void* sp) {
  worker.sp[worker.current] = sp;
  trace_suspend(worker.current % kWarpSize);
  return switch_to(worker, next_thread(worker));
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

// The block's barrier in lockstep, not the last lane: the next one runs.
inline __attribute__((always_inline)) void* barrier_in_lockstep(Worker& worker, void* sp) {
  const unsigned current = worker.current;
  worker.lockstep = Lockstep::kBarrier;
  worker.sp[current] = sp;
  trace_suspend(current % kWarpSize);
  return switch_to(worker, current + 1);
}

__attribute__((noinline)) void* barrier(Worker& worker, void* sp) {
  leave_lockstep(worker);
  Warp& warp = worker.warp[worker.current / kWarpSize];
  uint32_t lane = bit(worker.current % kWarpSize);
  warp.ready &= ~lane;
  warp.at_barrier |= lane;
  ++worker.at_barrier;
  return switch_from(worker, sp);
}

// A whole rendezvous in lockstep: the next lane runs, or the first one once all have come.
inline __attribute__((always_inline)) void* exchange_in_lockstep(Worker& worker, void* sp,
                                                                 uint64_t value) {
  const unsigned current = worker.current, lane = current % kWarpSize;
  Rendezvous& whole = worker.warp[current / kWarpSize].whole;
  uint64_t* values = whole.values[whole.generation & 1];
  static_cast<SavedFiber*>(sp)->result = values;
  values[lane] = value;
  worker.sp[current] = sp;
  trace_suspend(lane);
  if (__builtin_expect(lane != kWarpSize - 1, 1)) return switch_to(worker, current + 1);
  if (worker.abort_pending) report_hang(worker, waiting_pc(worker, current));
  trace_flush(worker, current / kWarpSize);
  whole.present[whole.generation++ & 1] = ~0u;
  return switch_to(worker, current - lane);
}

__attribute__((noinline)) void* exchange(Worker& worker, void* sp, uint32_t mask, uint64_t value) {
  leave_lockstep(worker);
  unsigned warp_index = worker.current / kWarpSize, lane = worker.current % kWarpSize;
  Warp& warp = worker.warp[warp_index];
  worker.sp[worker.current] = sp;
  if ((mask & bit(lane)) == 0) report_not_in_mask(worker, mask);
  Rendezvous& here = meeting(warp, mask);
  uint64_t* values = here.values[here.generation & 1];
  static_cast<SavedFiber*>(sp)->result = values;
  values[lane] = value;
  here.arrived |= bit(lane);
  warp.ready &= ~bit(lane);
  trace_suspend(lane);
  complete(worker, warp_index, here);
  return switch_from(worker, sp);
}

void finish_thread(Worker& worker) {
  leave_lockstep(worker);
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

}  // namespace

void run_threads(Worker& worker) {
  worker.stack[0] = worker.stacks.take();
  void* first = fiber_prepare(worker.stacks.top(worker.stack[0]), fiber_main);
  simt_scheduler_sp = worker.scheduler_stack;
  make_current(worker, 0);
  start(worker, 0);
  simt_switch(&worker.main_sp, first);
  current_thread = nullptr;
  trace_stop();
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
  const unsigned lane = worker.current % simt::kWarpSize;
  const simt::Lockstep expected = lane == 0 ? simt::Lockstep::kWhole : simt::Lockstep::kBarrier;
  if (worker.lockstep == expected && lane != simt::kWarpSize - 1) {
    return simt::barrier_in_lockstep(worker, sp);
  }
  return simt::barrier(worker, sp);
}

void* simt_at_exchange(void* sp, unsigned mask, uint64_t value) {
  Worker& worker = *simt::this_worker;
  if (__builtin_expect((worker.lockstep == simt::Lockstep::kWhole) & (mask == ~0u), 1)) {
    return simt::exchange_in_lockstep(worker, sp, value);
  }
  return simt::exchange(worker, sp, mask, value);
}

void* simt_at_give_way(void* sp) {
  Worker& worker = *simt::this_worker;
  simt::leave_lockstep(worker);
  simt::Warp& warp = worker.warp[worker.current / simt::kWarpSize];
  uint32_t lane = simt::bit(worker.current % simt::kWarpSize);
  warp.ready &= ~lane;
  warp.yielded |= lane;
  return simt::switch_from(worker, sp);
}

}  // extern "C"
