// The parts of the device built-ins that no hook may see: atomic updates, reads of a rendezvous'
// values. Compiled without instrumentation on both targets.
#include <atomic>

#include "common/simt/arena.h"
#include "simt/atomics.h"
#include "simt/debug.h"
#include "simt/memory.h"
#include "simt/warp.h"

namespace simt {
namespace {

template <class T>
T updated(AtomicOperation operation, T old, T value) {
  using Operation = AtomicOperation;
  if (operation == Operation::kAdd) return old + value;
  if (operation == Operation::kExchange) return value;
  if constexpr (std::is_integral_v<T>) {
    switch (operation) {
      case Operation::kSubtract:
        return old - value;
      case Operation::kMin:
        return value < old ? value : old;
      case Operation::kMax:
        return old < value ? value : old;
      case Operation::kIncrement:
        return old >= value ? 0 : old + 1;
      case Operation::kDecrement:
        return old == 0 || old > value ? value : old - 1;
      case Operation::kAnd:
        return old & value;
      case Operation::kOr:
        return old | value;
      case Operation::kXor:
        return old ^ value;
      default:
        break;
    }
  }
  return old;
}

// A block's shared memory is seen by its own OS thread alone, which runs one lane at a time.
template <class T, class Update>
T apply(T* p, Update update) {
  if (is_shared(p)) {
    T old = *p;
    *p = update(old);
    spin_yield();
    return old;
  }
  global_atomic_begin();
  std::atomic_ref<T> cell(*p);
  T old = cell.load();
  while (!cell.compare_exchange_weak(old, update(old))) {
  }
  spin_yield();
  return old;
}

}  // namespace

template <class T>
T atomic_update(AtomicOperation operation, T* p, T value) {
  return apply(p, [&](T old) { return updated(operation, old, value); });
}

template <class T>
T atomic_compare_and_swap(T* p, T expected, T desired) {
  return apply(p, [&](T old) { return old == expected ? desired : old; });
}

#define SIMT_INTEGER(T)                                \
  template T atomic_update<T>(AtomicOperation, T*, T); \
  template T atomic_compare_and_swap<T>(T*, T, T);
SIMT_INTEGER(int)
SIMT_INTEGER(unsigned)
SIMT_INTEGER(long)
SIMT_INTEGER(unsigned long)
SIMT_INTEGER(long long)
SIMT_INTEGER(unsigned long long)
#undef SIMT_INTEGER
template float atomic_update<float>(AtomicOperation, float*, float);
template double atomic_update<double>(AtomicOperation, double*, double);
template unsigned short atomic_compare_and_swap<unsigned short>(unsigned short*, unsigned short,
                                                                unsigned short);
template short atomic_compare_and_swap<short>(short*, short, short);

bool is_shared(const void* p) {
  return arena_offset(p) >> kSpaceShift == static_cast<uint64_t>(Space::kShared);
}
bool is_global(const void* p) {
  return arena_offset(p) >> kSpaceShift < static_cast<uint64_t>(Space::kShared);
}

void memory_fence() { std::atomic_thread_fence(std::memory_order_seq_cst); }

#if SIMT_TRACED
uint64_t lane_value(const uint64_t* values, unsigned lane) { return values[lane]; }
#endif

unsigned lanes_equal(const uint64_t* values, uint64_t value) {
  unsigned mask = 0;
  for (unsigned lane = 0; lane < 32; ++lane) {
    mask |= static_cast<unsigned>(values[lane] == value) << lane;
  }
  return mask;
}

uint32_t lanes_reduce(const uint64_t* values, WarpOperation operation) {
  bool any = false;
  uint32_t result = 0;
  for (unsigned lane = 0; lane < 32; ++lane) {
    if ((values[lane] & kPresent) == 0) continue;
    const uint32_t value = static_cast<uint32_t>(values[lane]);
    const int32_t old = static_cast<int32_t>(result), next = static_cast<int32_t>(value);
    if (!any) {
      result = value;
    } else if (operation == WarpOperation::kAdd) {
      result += value;
    } else if (operation == WarpOperation::kMinSigned) {
      result = next < old ? value : result;
    } else if (operation == WarpOperation::kMaxSigned) {
      result = old < next ? value : result;
    } else if (operation == WarpOperation::kMin) {
      result = value < result ? value : result;
    } else if (operation == WarpOperation::kMax) {
      result = result < value ? value : result;
    } else if (operation == WarpOperation::kAnd) {
      result &= value;
    } else if (operation == WarpOperation::kOr) {
      result |= value;
    } else {
      result ^= value;
    }
    any = true;
  }
  return result;
}

}  // namespace simt
