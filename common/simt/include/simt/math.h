// Math built-ins beyond <math.h>. The fast ones (__expf, ...) are as exact as the host's library:
// a GPU's approximations differ from them by a few units in the last place.
// Names: CUDA Math API.
//
// C linkage, because glibc declares some of these names itself (__expf always, sinpif and rsqrtf in
// new versions), and then the declarations must agree.
#pragma once

#include <math.h>

#include "simt/conversions.h"
#include "simt/integer.h"
#include "simt/keywords.h"

#define SIMT_MATH extern "C" inline __attribute__((always_inline))
#define SIMT_MATH_1(name, expression) \
  SIMT_MATH float name(float x) noexcept { return expression; }
#define SIMT_MATH_2(name, expression) \
  SIMT_MATH float name(float x, float y) noexcept { return expression; }
#define SIMT_MATH_1D(name, expression) \
  SIMT_MATH double name(double x) noexcept { return expression; }

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

SIMT_MATH_1(rsqrtf, 1.0f / sqrtf(x))
SIMT_MATH_1D(rsqrt, 1.0 / sqrt(x))
SIMT_MATH_1(rcbrtf, 1.0f / cbrtf(x))
SIMT_MATH_1D(rcbrt, 1.0 / cbrt(x))
SIMT_MATH_1(sinpif, static_cast<float>(sin(3.14159265358979323846 * remainder(x, 2.0))))
SIMT_MATH_1(cospif, static_cast<float>(cos(3.14159265358979323846 * remainder(x, 2.0))))
SIMT_MATH_1(normcdff, 0.5f * erfcf(-x * 0.70710678118654752f))
SIMT_MATH_2(fdividef, x / y)
SIMT_BUILTIN float rsqrt(float x) { return rsqrtf(x); }
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

// A double holds the exact product of two floats, so the directed roundings of it are one step.
SIMT_BUILTIN float __fmul_rz(float x, float y) {
  return __double2float_rz(static_cast<double>(x) * y);
}
SIMT_BUILTIN float __fmul_rd(float x, float y) {
  return __double2float_rd(static_cast<double>(x) * y);
}
SIMT_BUILTIN float __fmul_ru(float x, float y) {
  return __double2float_ru(static_cast<double>(x) * y);
}

// A number beats a NaN, as fminf and fmaxf have it.
SIMT_BUILTIN float min(float a, float b) { return fminf(a, b); }
SIMT_BUILTIN float max(float a, float b) { return fmaxf(a, b); }
SIMT_BUILTIN double min(double a, double b) { return fmin(a, b); }
SIMT_BUILTIN double max(double a, double b) { return fmax(a, b); }
SIMT_BUILTIN double min(float a, double b) { return fmin(a, b); }
SIMT_BUILTIN double max(float a, double b) { return fmax(a, b); }
SIMT_BUILTIN double min(double a, float b) { return fmin(a, b); }
SIMT_BUILTIN double max(double a, float b) { return fmax(a, b); }

#undef SIMT_MATH_1
#undef SIMT_MATH_2
#undef SIMT_MATH_1D
#undef SIMT_MATH
