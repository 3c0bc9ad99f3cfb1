// SIMT_SMALL_FLOAT(scalar, pair, raw, pair_raw, Format): one 16-bit type, its pair, and
// what is the same for both: constructors, arithmetic, comparisons, math. cuda_fp16.h and
// cuda_bf16.h use it once each, and add the names that contain the type's. Names and rounding: CUDA
// Math API, "Half Precision" and "Bfloat16 Precision" intrinsics.
#pragma once

#include <type_traits>

#include "simt/atomics.h"
#include "simt/small_float.h"
#include "vector_types.h"

#define SIMT_SMALL_FLOAT(scalar, pair, raw, pair_raw, Format)                                    \
  struct raw {                                                                                   \
    unsigned short x;                                                                            \
  };                                                                                             \
  struct alignas(4) pair_raw {                                                                   \
    unsigned short x, y;                                                                         \
  };                                                                                             \
  struct alignas(2) scalar {                                                                     \
    unsigned short __x;                                                                          \
    scalar() = default;                                                                          \
    SIMT_BUILTIN scalar(raw bits) : __x(bits.x) {}                                               \
    SIMT_BUILTIN scalar(float value) : __x(simt::Format::nearest(value)) {}                      \
    SIMT_BUILTIN scalar(double value) : __x(simt::Format::nearest(simt::to_float_odd(value))) {} \
    template <class T, std::enable_if_t<std::is_integral<T>::value, int> = 0>                    \
    SIMT_BUILTIN scalar(T value) : scalar(static_cast<double>(value)) {}                         \
    SIMT_BUILTIN operator float() const { return simt::Format::widen(__x); }                     \
    SIMT_BUILTIN operator raw() const { return raw{__x}; }                                       \
  };                                                                                             \
  struct alignas(4) pair {                                                                       \
    scalar x, y;                                                                                 \
    pair() = default;                                                                            \
    SIMT_BUILTIN pair(const scalar& a, const scalar& b) : x(a), y(b) {}                          \
    SIMT_BUILTIN pair(pair_raw bits) : x(raw{bits.x}), y(raw{bits.y}) {}                         \
  };                                                                                             \
  SIMT_SMALL_ARITHMETIC(scalar, pair, raw, Format)                                               \
  SIMT_SMALL_COMPARISONS(scalar, pair)                                                           \
  SIMT_SMALL_MATH(scalar, pair)                                                                  \
  SIMT_SMALL_ATOMICS(scalar, pair)

// One rounding: a float holds enough of a sum or quotient (24 >= 2 * 11 + 2 bits) that rounding it
// again is harmless, a double all of a product, and fma is rounded to odd first.
#define SIMT_SMALL_BINARY(scalar, pair, name, name2, op, expression)                       \
  SIMT_BUILTIN scalar name(scalar a, scalar b) { return scalar(expression); }              \
  SIMT_BUILTIN pair name2(pair a, pair b) { return pair(name(a.x, b.x), name(a.y, b.y)); } \
  SIMT_BUILTIN scalar name##_rn(scalar a, scalar b) { return name(a, b); }                 \
  SIMT_BUILTIN scalar name##_sat(scalar a, scalar b) {                                     \
    return scalar(__saturatef(static_cast<float>(name(a, b))));                            \
  }                                                                                        \
  SIMT_BUILTIN scalar operator op(scalar a, scalar b) { return name(a, b); }               \
  SIMT_BUILTIN pair operator op(pair a, pair b) { return name2(a, b); }                    \
  SIMT_BUILTIN scalar& operator op##=(scalar& a, scalar b) { return a = name(a, b); }      \
  SIMT_BUILTIN pair& operator op##=(pair& a, pair b) { return a = name2(a, b); }

#define SIMT_SMALL_ARITHMETIC(scalar, pair, raw, Format)                                         \
  SIMT_SMALL_BINARY(scalar, pair, __hadd, __hadd2, +,                                            \
                    static_cast<float>(a) + static_cast<float>(b))                               \
  SIMT_SMALL_BINARY(scalar, pair, __hsub, __hsub2, -,                                            \
                    static_cast<float>(a) - static_cast<float>(b))                               \
  SIMT_SMALL_BINARY(scalar, pair, __hmul, __hmul2, *,                                            \
                    static_cast<double>(static_cast<float>(a)) * static_cast<float>(b))          \
  SIMT_SMALL_BINARY(scalar, pair, __hdiv, __h2div, /,                                            \
                    static_cast<double>(static_cast<float>(a)) / static_cast<float>(b))          \
  SIMT_BUILTIN scalar __hfma(scalar a, scalar b, scalar c) {                                     \
    return scalar(simt::fma_odd(a, b, c));                                                       \
  }                                                                                              \
  SIMT_BUILTIN pair __hfma2(pair a, pair b, pair c) {                                            \
    return pair(__hfma(a.x, b.x, c.x), __hfma(a.y, b.y, c.y));                                   \
  }                                                                                              \
  SIMT_BUILTIN scalar __hneg(scalar a) {                                                         \
    return scalar(raw{static_cast<unsigned short>(a.__x ^ 0x8000)});                             \
  }                                                                                              \
  SIMT_BUILTIN scalar __habs(scalar a) {                                                         \
    return scalar(raw{static_cast<unsigned short>(a.__x & 0x7fff)});                             \
  }                                                                                              \
  SIMT_BUILTIN pair __hneg2(pair a) { return pair(__hneg(a.x), __hneg(a.y)); }                   \
  SIMT_BUILTIN pair __habs2(pair a) { return pair(__habs(a.x), __habs(a.y)); }                   \
  SIMT_BUILTIN scalar operator-(scalar a) { return __hneg(a); }                                  \
  SIMT_BUILTIN scalar operator+(scalar a) { return a; }                                          \
  SIMT_BUILTIN pair operator-(pair a) { return __hneg2(a); }                                     \
  SIMT_BUILTIN scalar& operator++(scalar& a) { return a = __hadd(a, scalar(1.0f)); }             \
  SIMT_BUILTIN scalar& operator--(scalar& a) { return a = __hsub(a, scalar(1.0f)); }             \
  SIMT_BUILTIN bool __hisnan(scalar a) { return isnan(static_cast<float>(a)); }                  \
  /* A number beats a NaN (a signalling one too); the _nan forms are the other way round. */     \
  SIMT_BUILTIN scalar __hmax(scalar a, scalar b) {                                               \
    const float x = a, y = b;                                                                    \
    return isnan(x) ? scalar(y) : isnan(y) || y < x ? scalar(x) : scalar(y);                     \
  }                                                                                              \
  SIMT_BUILTIN scalar __hmin(scalar a, scalar b) {                                               \
    const float x = a, y = b;                                                                    \
    return isnan(x) ? scalar(y) : isnan(y) || x < y ? scalar(x) : scalar(y);                     \
  }                                                                                              \
  SIMT_BUILTIN scalar __hmax_nan(scalar a, scalar b) {                                           \
    return __hisnan(a) || __hisnan(b) ? scalar(NAN) : __hmax(a, b);                              \
  }                                                                                              \
  SIMT_BUILTIN scalar __hmin_nan(scalar a, scalar b) {                                           \
    return __hisnan(a) || __hisnan(b) ? scalar(NAN) : __hmin(a, b);                              \
  }                                                                                              \
  SIMT_BUILTIN pair __hmax2(pair a, pair b) { return pair(__hmax(a.x, b.x), __hmax(a.y, b.y)); } \
  SIMT_BUILTIN pair __hmin2(pair a, pair b) { return pair(__hmin(a.x, b.x), __hmin(a.y, b.y)); } \
  SIMT_BUILTIN int __hisinf(scalar a) {                                                          \
    return isinf(static_cast<float>(a)) ? (static_cast<float>(a) > 0 ? 1 : -1) : 0;              \
  }                                                                                              \
  SIMT_BUILTIN float __low2float(pair a) { return a.x; }                                         \
  SIMT_BUILTIN float __high2float(pair a) { return a.y; }                                        \
  SIMT_BUILTIN pair __lowhigh2highlow(pair a) { return pair(a.y, a.x); }

// The plain forms are false for a NaN (and != true); the ...u forms are true for it.
#define SIMT_SMALL_COMPARISON(scalar, pair, name, op)                           \
  SIMT_BUILTIN bool __h##name(scalar a, scalar b) {                             \
    return static_cast<float>(a) op static_cast<float>(b);                      \
  }                                                                             \
  SIMT_BUILTIN bool __h##name##u(scalar a, scalar b) {                          \
    return __hisnan(a) || __hisnan(b) || __h##name(a, b);                       \
  }                                                                             \
  SIMT_BUILTIN pair __h##name##2(pair a, pair b) {                              \
    return pair(scalar(__h##name(a.x, b.x) ? 1.0f : 0.0f),                      \
                scalar(__h##name(a.y, b.y) ? 1.0f : 0.0f));                     \
  }                                                                             \
  SIMT_BUILTIN bool __hb##name##2(pair a, pair b) {                             \
    return __h##name(a.x, b.x) && __h##name(a.y, b.y);                          \
  }                                                                             \
  SIMT_BUILTIN bool operator op(scalar a, scalar b) { return __h##name(a, b); } \
  SIMT_BUILTIN bool operator op(pair a, pair b) { return __hb##name##2(a, b); }

#define SIMT_SMALL_COMPARISONS(scalar, pair)  \
  SIMT_SMALL_COMPARISON(scalar, pair, eq, ==) \
  SIMT_SMALL_COMPARISON(scalar, pair, ne, !=) \
  SIMT_SMALL_COMPARISON(scalar, pair, lt, <)  \
  SIMT_SMALL_COMPARISON(scalar, pair, le, <=) \
  SIMT_SMALL_COMPARISON(scalar, pair, gt, >)  \
  SIMT_SMALL_COMPARISON(scalar, pair, ge, >=)

#define SIMT_SMALL_UNARY(scalar, pair, name, expression) \
  SIMT_BUILTIN scalar h##name(scalar a) {                \
    const float x = a;                                   \
    return scalar(expression);                           \
  }                                                      \
  SIMT_BUILTIN pair h2##name(pair a) { return pair(h##name(a.x), h##name(a.y)); }

#define SIMT_SMALL_MATH(scalar, pair)                                       \
  SIMT_SMALL_UNARY(scalar, pair, exp, expf(x))                              \
  SIMT_SMALL_UNARY(scalar, pair, exp2, exp2f(x))                            \
  SIMT_SMALL_UNARY(scalar, pair, exp10, __exp10f(x))                        \
  SIMT_SMALL_UNARY(scalar, pair, log, logf(x))                              \
  SIMT_SMALL_UNARY(scalar, pair, log2, log2f(x))                            \
  SIMT_SMALL_UNARY(scalar, pair, log10, log10f(x))                          \
  SIMT_SMALL_UNARY(scalar, pair, sin, sinf(x))                              \
  SIMT_SMALL_UNARY(scalar, pair, cos, cosf(x))                              \
  SIMT_SMALL_UNARY(scalar, pair, tanh, tanhf(x))                            \
  SIMT_SMALL_UNARY(scalar, pair, sqrt, sqrtf(x))                            \
  SIMT_SMALL_UNARY(scalar, pair, rsqrt, 1.0 / sqrt(static_cast<double>(x))) \
  SIMT_SMALL_UNARY(scalar, pair, rcp, 1.0 / static_cast<double>(x))         \
  SIMT_SMALL_UNARY(scalar, pair, ceil, ceilf(x))                            \
  SIMT_SMALL_UNARY(scalar, pair, floor, floorf(x))                          \
  SIMT_SMALL_UNARY(scalar, pair, trunc, truncf(x))                          \
  SIMT_SMALL_UNARY(scalar, pair, rint, nearbyintf(x))

// atomicAdd, as the loop over atomicCAS that such a GPU would need without the instruction; counted
// once. A pair is added as two halves, as on a GPU: not one transaction.
#define SIMT_SMALL_ATOMICS(scalar, pair)                                                       \
  inline scalar atomicAdd(scalar* address, scalar value) {                                     \
    unsigned short* bits = reinterpret_cast<unsigned short*>(address);                         \
    simt::count_access(address, sizeof(scalar), 2);                                            \
    return simt::atomic_modify(address, bits, [&](scalar old) { return __hadd(old, value); }); \
  }                                                                                            \
  inline pair atomicAdd(pair* address, pair value) {                                           \
    const scalar x = atomicAdd(&address->x, value.x);                                          \
    return pair(x, atomicAdd(&address->y, value.y));                                           \
  }

namespace simt {

// Replaces *p by update(*p) in one step. Returns the old value.
template <class T, class Update>
inline T atomic_modify(T*, unsigned short* bits, Update update) {
  unsigned short seen = atomic_compare_and_swap<unsigned short>(bits, 0, 0);
  while (true) {
    T old;
    __builtin_memcpy(&old, &seen, sizeof(old));
    const T desired = update(old);
    unsigned short desired_bits;
    __builtin_memcpy(&desired_bits, &desired, sizeof(desired_bits));
    const unsigned short found = atomic_compare_and_swap(bits, seen, desired_bits);
    if (found == seen) return old;
    seen = found;
  }
}

}  // namespace simt
