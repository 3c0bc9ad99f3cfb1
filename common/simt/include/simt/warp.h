// Warp shuffles, votes, matches and reductions. Each is one rendezvous of the lanes in its mask.
// Semantics: CUDA C++ Programming Guide, "Warp Shuffle Functions" and the sections around it.
#pragma once

#include <cstdint>
#include <type_traits>

#include "simt/keywords.h"
#include "simt/scheduler_api.h"

namespace simt {

// Reads of a rendezvous' values. Traced: out of line, so that no hook is called for them.
#if SIMT_TRACED
uint64_t lane_value(const uint64_t* values, unsigned lane) __attribute__((pure));
#else
SIMT_BUILTIN uint64_t lane_value(const uint64_t* values, unsigned lane) { return values[lane]; }
#endif
unsigned lanes_equal(const uint64_t* values, uint64_t value) __attribute__((pure));

// The lanes of this warp that come to this call together. Each waits until no thread of the block
// can go further without it.
unsigned active_lanes();

// A lane that takes part gives kPresent and 32 bits of its own; others read as 0.
constexpr uint64_t kPresent = uint64_t{1} << 32;
enum class WarpOperation { kAdd, kMinSigned, kMaxSigned, kMin, kMax, kAnd, kOr, kXor };
uint32_t lanes_reduce(const uint64_t* values, WarpOperation operation) __attribute__((pure));

template <class T>
SIMT_BUILTIN uint64_t to_bits(T value) {
  static_assert(sizeof(T) <= 8 && std::is_trivially_copyable<T>::value,
                "a warp shuffle moves a trivially copyable value of up to 8 bytes");
  uint64_t bits = 0;
  __builtin_memcpy(&bits, &value, sizeof(T));
  return bits;
}
template <class T>
SIMT_BUILTIN T from_bits(uint64_t bits) {
  T value;
  __builtin_memcpy(&value, &bits, sizeof(T));
  return value;
}

// The lane to read from, for segments of `width` lanes (a power of two).
SIMT_BUILTIN unsigned source_indexed(int source, int width) {
  const unsigned low = static_cast<unsigned>(width) - 1;
  return (lane_index() & ~low) | (static_cast<unsigned>(source) & low);
}
SIMT_BUILTIN unsigned source_up(unsigned delta, int width) {
  const unsigned lane = lane_index(), low = static_cast<unsigned>(width) - 1;
  return delta > (lane & low) ? lane : lane - delta;
}
SIMT_BUILTIN unsigned source_down(unsigned delta, int width) {
  const unsigned lane = lane_index(), low = static_cast<unsigned>(width) - 1;
  return delta > low - (lane & low) ? lane : lane + delta;
}
SIMT_BUILTIN unsigned source_xor(int bits, int width) {
  const unsigned lane = lane_index(), low = static_cast<unsigned>(width) - 1;
  const unsigned source = lane ^ static_cast<unsigned>(bits);
  return source > (lane | low) ? lane : source;
}

template <class T>
SIMT_BUILTIN T shuffle(unsigned mask, T value, unsigned source) {
  if constexpr (sizeof(T) <= 8) {
    return from_bits<T>(lane_value(warp_exchange(mask, to_bits(value)), source & 31));
  } else {  // a cooperative group's shuffle of a struct
    static_assert(sizeof(T) <= 32 && std::is_trivially_copyable<T>::value,
                  "a shuffle moves a trivially copyable value of up to 32 bytes");
    uint64_t words[(sizeof(T) + 7) / 8] = {};
    __builtin_memcpy(words, &value, sizeof(T));
    for (uint64_t& word : words) word = lane_value(warp_exchange(mask, word), source & 31);
    __builtin_memcpy(&value, words, sizeof(T));
    return value;
  }
}

SIMT_BUILTIN const uint64_t* vote(unsigned mask, bool predicate) {
  return warp_exchange(mask, kPresent | predicate);
}
template <class T>
SIMT_BUILTIN unsigned match(unsigned mask, T value) {
  const uint64_t bits = to_bits(value);
  const uint64_t low = kPresent | static_cast<uint32_t>(bits);
  unsigned equal = lanes_equal(warp_exchange(mask, low), low);
  if (sizeof(T) > 4) {
    const uint64_t high = kPresent | bits >> 32;
    equal &= lanes_equal(warp_exchange(mask, high), high);
  }
  return equal;
}
SIMT_BUILTIN uint32_t reduce(unsigned mask, uint32_t value, WarpOperation operation) {
  return lanes_reduce(warp_exchange(mask, kPresent | value), operation);
}

}  // namespace simt

template <class T>
SIMT_BUILTIN T __shfl_sync(unsigned mask, T value, int source, int width = 32) {
  return simt::shuffle(mask, value, simt::source_indexed(source, width));
}
template <class T>
SIMT_BUILTIN T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32) {
  return simt::shuffle(mask, value, simt::source_up(delta, width));
}
template <class T>
SIMT_BUILTIN T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32) {
  return simt::shuffle(mask, value, simt::source_down(delta, width));
}
template <class T>
SIMT_BUILTIN T __shfl_xor_sync(unsigned mask, T value, int bits, int width = 32) {
  return simt::shuffle(mask, value, simt::source_xor(bits, width));
}

SIMT_BUILTIN void __syncwarp(unsigned mask = 0xffffffffu) { simt::warp_exchange(mask, 0); }

SIMT_BUILTIN unsigned __ballot_sync(unsigned mask, int predicate) {
  return simt::lanes_equal(simt::vote(mask, predicate != 0), simt::kPresent | 1);
}
SIMT_BUILTIN int __any_sync(unsigned mask, int predicate) {
  return __ballot_sync(mask, predicate) != 0;
}
SIMT_BUILTIN int __all_sync(unsigned mask, int predicate) {
  return simt::lanes_equal(simt::vote(mask, predicate != 0), simt::kPresent) == 0;
}
SIMT_BUILTIN unsigned __activemask() { return simt::active_lanes(); }

template <class T>
SIMT_BUILTIN unsigned __match_any_sync(unsigned mask, T value) {
  return simt::match(mask, value);
}
// The lanes that take part if all have this value, else 0; *all_equal says which.
template <class T>
SIMT_BUILTIN unsigned __match_all_sync(unsigned mask, T value, int* all_equal) {
  const unsigned equal = simt::match(mask, value);
  const unsigned present = __ballot_sync(mask, 1);
  *all_equal = equal == present;
  return equal == present ? equal : 0;
}

#define SIMT_REDUCE(name, type, operation)                                                 \
  SIMT_BUILTIN type name(unsigned mask, type value) {                                      \
    return static_cast<type>(                                                              \
        simt::reduce(mask, static_cast<uint32_t>(value), simt::WarpOperation::operation)); \
  }
SIMT_REDUCE(__reduce_add_sync, unsigned, kAdd)
SIMT_REDUCE(__reduce_add_sync, int, kAdd)
SIMT_REDUCE(__reduce_min_sync, unsigned, kMin)
SIMT_REDUCE(__reduce_min_sync, int, kMinSigned)
SIMT_REDUCE(__reduce_max_sync, unsigned, kMax)
SIMT_REDUCE(__reduce_max_sync, int, kMaxSigned)
SIMT_REDUCE(__reduce_and_sync, unsigned, kAnd)
SIMT_REDUCE(__reduce_or_sync, unsigned, kOr)
SIMT_REDUCE(__reduce_xor_sync, unsigned, kXor)
#undef SIMT_REDUCE
