// Atomic functions. The update itself is out of line, so no hook sees it; the wrapper is inlined
// and counts the access at the kernel's own instruction. All are templates, so that a program's own
// function of the same name (atomicAdd on double, for old GPUs) is preferred.
// Semantics: CUDA C++ Programming Guide, "Atomic Functions".
#pragma once

#include <type_traits>

#include "simt/keywords.h"
#include "simt/scheduler_api.h"

namespace simt {

enum class AtomicOperation {
  kAdd,
  kSubtract,
  kExchange,
  kMin,
  kMax,
  kIncrement,
  kDecrement,
  kAnd,
  kOr,
  kXor
};

// Waits for its turn when `p` is global memory, updates, lets others run. Returns the old value.
// Defined for int, unsigned, long, unsigned long, long long, unsigned long long, float, double and
// (exchange only) whatever else CUDA has.
template <class T>
T atomic_update(AtomicOperation operation, T* p, T value);
template <class T>
T atomic_compare_and_swap(T* p, T expected, T desired);

// A parameter from which T is not deduced: atomicAdd(&unsigned_counter, 1) takes an int.
template <class T>
struct Same {
  using type = T;
};
template <class T>
using SameT = typename Same<T>::type;

template <class T, class... Allowed>
constexpr bool kIsOneOf = (std::is_same<T, Allowed>::value || ...);
template <class T>
constexpr bool kIsAtomicInteger =
    kIsOneOf<T, int, unsigned, long, unsigned long, long long, unsigned long long>;

template <class T>
SIMT_BUILTIN T atomic(AtomicOperation operation, T* p, T value) {
  count_access(p, sizeof(T), 2);
  return atomic_update(operation, p, value);
}

}  // namespace simt

// `allowed` is the condition on T; each function exists for a block, a device and a system.
#define SIMT_ATOMIC_SCOPE(name, operation, allowed)                        \
  template <class T, std::enable_if_t<(allowed), int> = 0>                 \
  SIMT_BUILTIN T name(T* address, simt::SameT<T> value) {                  \
    return simt::atomic(simt::AtomicOperation::operation, address, value); \
  }
#define SIMT_ATOMIC(name, operation, allowed)         \
  SIMT_ATOMIC_SCOPE(name, operation, allowed)         \
  SIMT_ATOMIC_SCOPE(name##_block, operation, allowed) \
  SIMT_ATOMIC_SCOPE(name##_system, operation, allowed)

SIMT_ATOMIC(atomicAdd, kAdd, (simt::kIsAtomicInteger<T> || simt::kIsOneOf<T, float, double>))
SIMT_ATOMIC(atomicSub, kSubtract, (simt::kIsOneOf<T, int, unsigned>))
SIMT_ATOMIC(atomicExch, kExchange, (simt::kIsAtomicInteger<T> || simt::kIsOneOf<T, float>))
SIMT_ATOMIC(atomicMin, kMin, simt::kIsAtomicInteger<T>)
SIMT_ATOMIC(atomicMax, kMax, simt::kIsAtomicInteger<T>)
SIMT_ATOMIC(atomicInc, kIncrement, (simt::kIsOneOf<T, unsigned>))
SIMT_ATOMIC(atomicDec, kDecrement, (simt::kIsOneOf<T, unsigned>))
SIMT_ATOMIC(atomicAnd, kAnd, simt::kIsAtomicInteger<T>)
SIMT_ATOMIC(atomicOr, kOr, simt::kIsAtomicInteger<T>)
SIMT_ATOMIC(atomicXor, kXor, simt::kIsAtomicInteger<T>)
#undef SIMT_ATOMIC
#undef SIMT_ATOMIC_SCOPE

#define SIMT_ATOMIC_CAS(name)                                                                    \
  template <class T,                                                                             \
            std::enable_if_t<                                                                    \
                simt::kIsAtomicInteger<T> || simt::kIsOneOf<T, unsigned short, short>, int> = 0> \
  SIMT_BUILTIN T name(T* address, simt::SameT<T> compare, simt::SameT<T> value) {                \
    simt::count_access(address, sizeof(T), 2);                                                   \
    return simt::atomic_compare_and_swap(address, compare, value);                               \
  }
SIMT_ATOMIC_CAS(atomicCAS)
SIMT_ATOMIC_CAS(atomicCAS_block)
SIMT_ATOMIC_CAS(atomicCAS_system)
#undef SIMT_ATOMIC_CAS
