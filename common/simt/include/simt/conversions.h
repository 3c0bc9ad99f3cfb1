// Casts between numbers and between their bits. Float to integer saturates and turns NaN into 0 (or
// into the most negative 64-bit number), as on a GPU. Semantics: CUDA Math API, "Type Casting
// Intrinsics"; PTX ISA, "cvt".
#pragma once

#include <cfenv>
#include <cmath>
#include <cstdint>
#include <limits>

#include "simt/keywords.h"

namespace simt {

template <class To, class From>
SIMT_BUILTIN To same_bits(From from) {
  static_assert(sizeof(To) == sizeof(From), "");
  To to;
  __builtin_memcpy(&to, &from, sizeof(to));
  return to;
}

// `x` has been rounded to an integral value already.
template <class Integer, class Float>
SIMT_BUILTIN Integer saturate_to(Float x) {
  using Limits = std::numeric_limits<Integer>;
  if (x != x)
    return sizeof(Integer) == 8 ? (Limits::is_signed ? Limits::min() : Integer{1} << 63) : 0;
  // The power of two above max() is exact in every floating-point type.
  const Float end = static_cast<Float>(Limits::max() / 2 + 1) * 2;
  if (x >= end) return Limits::max();
  if (x < static_cast<Float>(Limits::min())) return Limits::min();
  return static_cast<Integer>(x);
}

// The float next to `nearest` on the side of `exact` that a directed rounding asks for.
SIMT_BUILTIN float toward_zero(double exact, float nearest) {
  return fabs(static_cast<double>(nearest)) > fabs(exact) ? nextafterf(nearest, 0.0f) : nearest;
}
SIMT_BUILTIN float upward(double exact, float nearest) {
  return static_cast<double>(nearest) < exact ? nextafterf(nearest, INFINITY) : nearest;
}
SIMT_BUILTIN float downward(double exact, float nearest) {
  return static_cast<double>(nearest) > exact ? nextafterf(nearest, -INFINITY) : nearest;
}

// a + b in a double, rounded to odd: if the double is not exact, its last bit is set, so that it is
// on the same side of every number with fewer bits as the exact sum.
inline double sum_odd(double a, double b) {
  const double sum = a + b;
  if (!(fabs(sum) < INFINITY)) return sum;
  const double part = sum - a;
  const double lost = (a - (sum - part)) + (b - part);  // exact: Knuth's two-sum
  if (lost == 0 || (same_bits<uint64_t>(sum) & 1) != 0) return sum;
  return nextafter(sum, lost > 0 ? INFINITY : -INFINITY);
}

}  // namespace simt

SIMT_BUILTIN int __float_as_int(float x) { return simt::same_bits<int>(x); }
SIMT_BUILTIN unsigned __float_as_uint(float x) { return simt::same_bits<unsigned>(x); }
SIMT_BUILTIN float __int_as_float(int x) { return simt::same_bits<float>(x); }
SIMT_BUILTIN float __uint_as_float(unsigned x) { return simt::same_bits<float>(x); }
SIMT_BUILTIN long long __double_as_longlong(double x) { return simt::same_bits<long long>(x); }
SIMT_BUILTIN double __longlong_as_double(long long x) { return simt::same_bits<double>(x); }
SIMT_BUILTIN int __double2loint(double x) {
  return static_cast<int>(static_cast<uint32_t>(simt::same_bits<uint64_t>(x)));
}
SIMT_BUILTIN int __double2hiint(double x) {
  return static_cast<int>(static_cast<uint32_t>(simt::same_bits<uint64_t>(x) >> 32));
}
SIMT_BUILTIN double __hiloint2double(int high, int low) {
  return simt::same_bits<double>(static_cast<uint64_t>(static_cast<uint32_t>(high)) << 32 |
                                 static_cast<uint32_t>(low));
}

// Nearest (ties to even), toward zero, down, up. nearbyint and rint use the rounding mode in force,
// which nothing here changes from "nearest".
#define SIMT_FLOAT_TO(name, type, from, suffix)                                                 \
  SIMT_BUILTIN type name##_rn(from x) { return simt::saturate_to<type>(nearbyint##suffix(x)); } \
  SIMT_BUILTIN type name##_rz(from x) { return simt::saturate_to<type>(trunc##suffix(x)); }     \
  SIMT_BUILTIN type name##_rd(from x) { return simt::saturate_to<type>(floor##suffix(x)); }     \
  SIMT_BUILTIN type name##_ru(from x) { return simt::saturate_to<type>(ceil##suffix(x)); }
SIMT_FLOAT_TO(__float2int, int, float, f)
SIMT_FLOAT_TO(__float2uint, unsigned, float, f)
SIMT_FLOAT_TO(__float2ll, long long, float, f)
SIMT_FLOAT_TO(__float2ull, unsigned long long, float, f)
SIMT_FLOAT_TO(__double2int, int, double, )
SIMT_FLOAT_TO(__double2uint, unsigned, double, )
SIMT_FLOAT_TO(__double2ll, long long, double, )
SIMT_FLOAT_TO(__double2ull, unsigned long long, double, )
#undef SIMT_FLOAT_TO

// 32-bit integers and doubles: a double holds the exact value, so directed roundings are one step.
#define SIMT_TO_FLOAT(name, from)                                            \
  SIMT_BUILTIN float name##_rn(from x) { return static_cast<float>(x); }     \
  SIMT_BUILTIN float name##_rz(from x) {                                     \
    return simt::toward_zero(static_cast<double>(x), static_cast<float>(x)); \
  }                                                                          \
  SIMT_BUILTIN float name##_rd(from x) {                                     \
    return simt::downward(static_cast<double>(x), static_cast<float>(x));    \
  }                                                                          \
  SIMT_BUILTIN float name##_ru(from x) {                                     \
    return simt::upward(static_cast<double>(x), static_cast<float>(x));      \
  }
SIMT_TO_FLOAT(__int2float, int)
SIMT_TO_FLOAT(__uint2float, unsigned)
SIMT_TO_FLOAT(__double2float, double)
#undef SIMT_TO_FLOAT
SIMT_BUILTIN float __ll2float_rn(long long x) { return static_cast<float>(x); }
SIMT_BUILTIN float __ull2float_rn(unsigned long long x) { return static_cast<float>(x); }
SIMT_BUILTIN double __int2double_rn(int x) { return x; }
SIMT_BUILTIN double __uint2double_rn(unsigned x) { return x; }
SIMT_BUILTIN double __ll2double_rn(long long x) { return static_cast<double>(x); }
SIMT_BUILTIN double __ull2double_rn(unsigned long long x) { return static_cast<double>(x); }
