// IEEE half precision. Names: CUDA Math API, "Half Precision Intrinsics".
#pragma once

#include "simt/math.h"
#include "simt/small_float_types.h"

SIMT_SMALL_FLOAT(__half, __half2, __half_raw, __half2_raw, HalfFormat)

typedef __half half;
typedef __half2 half2;
typedef __half __nv_half;
typedef __half2 __nv_half2;
typedef __half nv_half;
typedef __half2 nv_half2;

// To half: nearest (ties to even), toward zero, down, up.
SIMT_BUILTIN __half __float2half(float x) { return __half(x); }
SIMT_BUILTIN __half __float2half_rn(float x) { return __half(x); }
SIMT_BUILTIN __half __float2half_rz(float x) {
  return __half(__half_raw{simt::toward_zero<simt::HalfFormat>(x)});
}
SIMT_BUILTIN __half __float2half_rd(float x) {
  return __half(__half_raw{simt::downward<simt::HalfFormat>(x)});
}
SIMT_BUILTIN __half __float2half_ru(float x) {
  return __half(__half_raw{simt::upward<simt::HalfFormat>(x)});
}
SIMT_BUILTIN __half __double2half(double x) { return __half(x); }
SIMT_BUILTIN __half __int2half_rn(int x) { return __half(x); }
SIMT_BUILTIN __half __uint2half_rn(unsigned x) { return __half(x); }
SIMT_BUILTIN __half __short2half_rn(short x) { return __half(x); }
SIMT_BUILTIN __half __ushort2half_rn(unsigned short x) { return __half(x); }

// From half.
SIMT_BUILTIN float __half2float(__half x) { return x; }
SIMT_BUILTIN int __half2int_rn(__half x) { return __float2int_rn(x); }
SIMT_BUILTIN int __half2int_rz(__half x) { return __float2int_rz(x); }
SIMT_BUILTIN int __half2int_rd(__half x) { return __float2int_rd(x); }
SIMT_BUILTIN int __half2int_ru(__half x) { return __float2int_ru(x); }
SIMT_BUILTIN unsigned __half2uint_rn(__half x) { return __float2uint_rn(x); }
SIMT_BUILTIN unsigned __half2uint_rz(__half x) { return __float2uint_rz(x); }
SIMT_BUILTIN unsigned __half2uint_rd(__half x) { return __float2uint_rd(x); }
SIMT_BUILTIN unsigned __half2uint_ru(__half x) { return __float2uint_ru(x); }

// Bits.
SIMT_BUILTIN unsigned short __half_as_ushort(__half x) { return x.__x; }
SIMT_BUILTIN short __half_as_short(__half x) { return static_cast<short>(x.__x); }
SIMT_BUILTIN __half __ushort_as_half(unsigned short x) { return __half(__half_raw{x}); }
SIMT_BUILTIN __half __short_as_half(short x) {
  return __half(__half_raw{static_cast<unsigned short>(x)});
}

// Pairs: x is the low half, y the high one.
SIMT_BUILTIN __half2 __halves2half2(__half low, __half high) { return __half2(low, high); }
SIMT_BUILTIN __half2 make_half2(__half low, __half high) { return __half2(low, high); }
SIMT_BUILTIN __half2 __half2half2(__half x) { return __half2(x, x); }
SIMT_BUILTIN __half2 __float2half2_rn(float x) { return __half2(__half(x), __half(x)); }
SIMT_BUILTIN __half2 __floats2half2_rn(float x, float y) { return __half2(__half(x), __half(y)); }
SIMT_BUILTIN __half2 __float22half2_rn(float2 v) { return __floats2half2_rn(v.x, v.y); }
SIMT_BUILTIN float2 __half22float2(__half2 v) { return float2{v.x, v.y}; }
SIMT_BUILTIN __half __low2half(__half2 v) { return v.x; }
SIMT_BUILTIN __half __high2half(__half2 v) { return v.y; }
SIMT_BUILTIN __half2 __low2half2(__half2 v) { return __half2(v.x, v.x); }
SIMT_BUILTIN __half2 __high2half2(__half2 v) { return __half2(v.y, v.y); }
SIMT_BUILTIN __half2 __lows2half2(__half2 a, __half2 b) { return __half2(a.x, b.x); }
SIMT_BUILTIN __half2 __highs2half2(__half2 a, __half2 b) { return __half2(a.y, b.y); }
