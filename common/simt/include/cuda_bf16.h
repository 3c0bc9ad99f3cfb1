// bfloat16. Names: CUDA Math API, "Bfloat16 Precision Intrinsics".
#pragma once

#include "simt/math.h"
#include "simt/small_float_types.h"

SIMT_SMALL_FLOAT(__nv_bfloat16, __nv_bfloat162, __nv_bfloat16_raw, __nv_bfloat162_raw,
                 Bfloat16Format)

typedef __nv_bfloat16 nv_bfloat16;
typedef __nv_bfloat162 nv_bfloat162;

// To bfloat16: nearest (ties to even), toward zero, down, up.
SIMT_BUILTIN __nv_bfloat16 __float2bfloat16(float x) { return __nv_bfloat16(x); }
SIMT_BUILTIN __nv_bfloat16 __float2bfloat16_rn(float x) { return __nv_bfloat16(x); }
SIMT_BUILTIN __nv_bfloat16 __float2bfloat16_rz(float x) {
  return __nv_bfloat16(__nv_bfloat16_raw{simt::toward_zero<simt::Bfloat16Format>(x)});
}
SIMT_BUILTIN __nv_bfloat16 __float2bfloat16_rd(float x) {
  return __nv_bfloat16(__nv_bfloat16_raw{simt::downward<simt::Bfloat16Format>(x)});
}
SIMT_BUILTIN __nv_bfloat16 __float2bfloat16_ru(float x) {
  return __nv_bfloat16(__nv_bfloat16_raw{simt::upward<simt::Bfloat16Format>(x)});
}
SIMT_BUILTIN __nv_bfloat16 __double2bfloat16(double x) { return __nv_bfloat16(x); }
SIMT_BUILTIN __nv_bfloat16 __int2bfloat16_rn(int x) { return __nv_bfloat16(x); }
SIMT_BUILTIN __nv_bfloat16 __uint2bfloat16_rn(unsigned x) { return __nv_bfloat16(x); }
SIMT_BUILTIN __nv_bfloat16 __short2bfloat16_rn(short x) { return __nv_bfloat16(x); }
SIMT_BUILTIN __nv_bfloat16 __ushort2bfloat16_rn(unsigned short x) { return __nv_bfloat16(x); }

// From bfloat16.
SIMT_BUILTIN float __bfloat162float(__nv_bfloat16 x) { return x; }
SIMT_BUILTIN int __bfloat162int_rn(__nv_bfloat16 x) { return __float2int_rn(x); }
SIMT_BUILTIN int __bfloat162int_rz(__nv_bfloat16 x) { return __float2int_rz(x); }
SIMT_BUILTIN int __bfloat162int_rd(__nv_bfloat16 x) { return __float2int_rd(x); }
SIMT_BUILTIN int __bfloat162int_ru(__nv_bfloat16 x) { return __float2int_ru(x); }
SIMT_BUILTIN unsigned __bfloat162uint_rn(__nv_bfloat16 x) { return __float2uint_rn(x); }
SIMT_BUILTIN unsigned __bfloat162uint_rz(__nv_bfloat16 x) { return __float2uint_rz(x); }
SIMT_BUILTIN unsigned __bfloat162uint_rd(__nv_bfloat16 x) { return __float2uint_rd(x); }
SIMT_BUILTIN unsigned __bfloat162uint_ru(__nv_bfloat16 x) { return __float2uint_ru(x); }

// Bits.
SIMT_BUILTIN unsigned short __bfloat16_as_ushort(__nv_bfloat16 x) { return x.__x; }
SIMT_BUILTIN short __bfloat16_as_short(__nv_bfloat16 x) { return static_cast<short>(x.__x); }
SIMT_BUILTIN __nv_bfloat16 __ushort_as_bfloat16(unsigned short x) {
  return __nv_bfloat16(__nv_bfloat16_raw{x});
}
SIMT_BUILTIN __nv_bfloat16 __short_as_bfloat16(short x) {
  return __nv_bfloat16(__nv_bfloat16_raw{static_cast<unsigned short>(x)});
}

// Pairs: x is the low half, y the high one.
SIMT_BUILTIN __nv_bfloat162 __halves2bfloat162(__nv_bfloat16 low, __nv_bfloat16 high) {
  return __nv_bfloat162(low, high);
}
SIMT_BUILTIN __nv_bfloat162 make_bfloat162(__nv_bfloat16 low, __nv_bfloat16 high) {
  return __nv_bfloat162(low, high);
}
SIMT_BUILTIN __nv_bfloat162 __bfloat162bfloat162(__nv_bfloat16 x) { return __nv_bfloat162(x, x); }
SIMT_BUILTIN __nv_bfloat162 __float2bfloat162_rn(float x) {
  return __nv_bfloat162(__nv_bfloat16(x), __nv_bfloat16(x));
}
SIMT_BUILTIN __nv_bfloat162 __floats2bfloat162_rn(float x, float y) {
  return __nv_bfloat162(__nv_bfloat16(x), __nv_bfloat16(y));
}
SIMT_BUILTIN __nv_bfloat162 __float22bfloat162_rn(float2 v) {
  return __floats2bfloat162_rn(v.x, v.y);
}
SIMT_BUILTIN float2 __bfloat1622float2(__nv_bfloat162 v) { return float2{v.x, v.y}; }
SIMT_BUILTIN __nv_bfloat16 __low2bfloat16(__nv_bfloat162 v) { return v.x; }
SIMT_BUILTIN __nv_bfloat16 __high2bfloat16(__nv_bfloat162 v) { return v.y; }
SIMT_BUILTIN __nv_bfloat162 __low2bfloat162(__nv_bfloat162 v) { return __nv_bfloat162(v.x, v.x); }
SIMT_BUILTIN __nv_bfloat162 __high2bfloat162(__nv_bfloat162 v) { return __nv_bfloat162(v.y, v.y); }
SIMT_BUILTIN __nv_bfloat162 __lows2bfloat162(__nv_bfloat162 a, __nv_bfloat162 b) {
  return __nv_bfloat162(a.x, b.x);
}
SIMT_BUILTIN __nv_bfloat162 __highs2bfloat162(__nv_bfloat162 a, __nv_bfloat162 b) {
  return __nv_bfloat162(a.y, b.y);
}
