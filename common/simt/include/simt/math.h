// Math built-ins beyond <math.h>. The fast ones (__expf, ...) are as exact as the host's library:
// a GPU's approximations differ from them by a few units in the last place.
// Names: CUDA Math API.
//
// C linkage, because glibc declares some of these names itself (__expf and the like), and then the
// declarations must agree.
#pragma once

#include <math.h>

#include <type_traits>

#include "simt/conversions.h"
#include "simt/integer.h"
#include "simt/keywords.h"

#define SIMT_MATH extern "C" inline __attribute__((always_inline))
#define SIMT_MATH_1(name, expression) \
  SIMT_MATH float name(float x) noexcept { return expression; }
#define SIMT_MATH_2(name, expression) \
  SIMT_MATH float name(float x, float y) noexcept { return expression; }
#define SIMT_OPEN_1(type, name, expression) \
  template <class = void>                   \
  SIMT_BUILTIN type name(type x) {          \
    return expression;                      \
  }

SIMT_MATH_1(__expf, expf(x))
SIMT_MATH_1(__exp2f, exp2f(x))
SIMT_MATH_1(__exp10f, exp2f(x * 3.3219280948873623f))
SIMT_MATH_1(__logf, logf(x))
SIMT_MATH_1(__log2f, log2f(x))
SIMT_MATH_1(__log10f, log10f(x))
SIMT_MATH_1(__sinf, sinf(x))
SIMT_MATH_1(__cosf, cosf(x))
SIMT_MATH_1(__tanf, tanf(x))
SIMT_MATH_1(__tanhf, tanhf(x))
SIMT_MATH_2(__powf, powf(x, y))
SIMT_MATH void __sincosf(float x, float* sine, float* cosine) noexcept {
  *sine = sinf(x);
  *cosine = cosf(x);
}

// Templates, so that a C library or a program that has functions of these names comes first.
SIMT_OPEN_1(float, rsqrtf, 1.0f / sqrtf(x))
SIMT_OPEN_1(float, rsqrt, 1.0f / sqrtf(x))
SIMT_OPEN_1(double, rsqrt, 1.0 / sqrt(x))
SIMT_OPEN_1(float, rcbrtf, 1.0f / cbrtf(x))
SIMT_OPEN_1(double, rcbrt, 1.0 / cbrt(x))
SIMT_OPEN_1(float, sinpif, static_cast<float>(sin(3.14159265358979323846 * remainder(x, 2.0))))
SIMT_OPEN_1(float, cospif, static_cast<float>(cos(3.14159265358979323846 * remainder(x, 2.0))))
SIMT_OPEN_1(float, normcdff, 0.5f * erfcf(-x * 0.70710678118654752f))
SIMT_MATH_2(fdividef, x / y)
SIMT_BUILTIN float rhypotf(float x, float y) { return 1.0f / hypotf(x, y); }
SIMT_BUILTIN float norm3df(float x, float y, float z) {
  return static_cast<float>(
      sqrt(static_cast<double>(x) * x + static_cast<double>(y) * y + static_cast<double>(z) * z));
}

// One rounding each, never fused with a neighbour. The compiler is told not to contract
// (-ffp-contract=off), so the plain operators are that.
SIMT_MATH_2(__fadd_rn, x + y)
SIMT_MATH_2(__fsub_rn, x - y)
SIMT_MATH_2(__fmul_rn, x* y)
SIMT_MATH_2(__fdiv_rn, x / y)
SIMT_MATH_2(__fdividef, x / y)
SIMT_MATH_1(__frcp_rn, 1.0f / x)
SIMT_MATH_1(__fsqrt_rn, sqrtf(x))
SIMT_MATH_1(__frsqrt_rn, static_cast<float>(1.0 / sqrt(static_cast<double>(x))))
SIMT_MATH_1(__saturatef, x > 0.0f ? (x < 1.0f ? x : 1.0f) : 0.0f)
SIMT_BUILTIN float __fmaf_rn(float x, float y, float z) { return __builtin_fmaf(x, y, z); }
SIMT_BUILTIN double __fma_rn(double x, double y, double z) { return __builtin_fma(x, y, z); }
SIMT_BUILTIN double __dadd_rn(double x, double y) { return x + y; }
SIMT_BUILTIN double __dsub_rn(double x, double y) { return x - y; }
SIMT_BUILTIN double __dmul_rn(double x, double y) { return x * y; }
SIMT_BUILTIN double __ddiv_rn(double x, double y) { return x / y; }
SIMT_BUILTIN double __drcp_rn(double x) { return 1.0 / x; }
SIMT_BUILTIN double __dsqrt_rn(double x) { return sqrt(x); }

// Directed roundings. The exact result is first rounded to odd in a double, which keeps its side of
// every float.
#define SIMT_DIRECTED(suffix)                                                     \
  SIMT_BUILTIN float __fadd_##suffix(float x, float y) {                          \
    return __double2float_##suffix(simt::sum_odd(x, y));                          \
  }                                                                               \
  SIMT_BUILTIN float __fsub_##suffix(float x, float y) {                          \
    return __double2float_##suffix(simt::sum_odd(x, -static_cast<double>(y)));    \
  }                                                                               \
  SIMT_BUILTIN float __fmul_##suffix(float x, float y) {                          \
    return __double2float_##suffix(static_cast<double>(x) * y);                   \
  }                                                                               \
  SIMT_BUILTIN float __fmaf_##suffix(float x, float y, float z) {                 \
    return __double2float_##suffix(simt::sum_odd(static_cast<double>(x) * y, z)); \
  }
SIMT_DIRECTED(rz)
SIMT_DIRECTED(rd)
SIMT_DIRECTED(ru)
#undef SIMT_DIRECTED

// min and max of any two numbers, with C++'s usual conversions; of a number and a NaN, the number.
// Templates, so that a program's own min and max, and std's under `using namespace std`, come
// first.
namespace simt {
template <class A, class B>
using CommonT = std::enable_if_t<std::is_arithmetic<A>::value && std::is_arithmetic<B>::value,
                                 std::common_type_t<decltype(+A()), decltype(+B())>>;
SIMT_BUILTIN float lesser(float a, float b) { return __builtin_fminf(a, b); }
SIMT_BUILTIN double lesser(double a, double b) { return __builtin_fmin(a, b); }
SIMT_BUILTIN float larger(float a, float b) { return __builtin_fmaxf(a, b); }
SIMT_BUILTIN double larger(double a, double b) { return __builtin_fmax(a, b); }
template <class T>
SIMT_BUILTIN T lesser(T a, T b) {
  return b < a ? b : a;
}
template <class T>
SIMT_BUILTIN T larger(T a, T b) {
  return a < b ? b : a;
}
}  // namespace simt

template <class A, class B, class R = simt::CommonT<A, B>>
SIMT_BUILTIN R min(A a, B b) {
  return simt::lesser(static_cast<R>(a), static_cast<R>(b));
}
template <class A, class B, class R = simt::CommonT<A, B>>
SIMT_BUILTIN R max(A a, B b) {
  return simt::larger(static_cast<R>(a), static_cast<R>(b));
}

#undef SIMT_MATH_1
#undef SIMT_MATH_2
#undef SIMT_OPEN_1
#undef SIMT_MATH
