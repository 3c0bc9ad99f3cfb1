// Conversions between float and the two 16-bit formats, exact: nearest with ties to even,
// infinities, NaN, denormals. Formats: IEEE 754 binary16; bfloat16 is the upper half of a binary32.
#pragma once

#include <cmath>
#include <cstdint>

#if defined(__F16C__)
#include <immintrin.h>
#endif

#include "simt/conversions.h"
#include "simt/keywords.h"

namespace simt {

// Toward zero, the last bit set if anything was lost ("round to odd"): rounding the result once
// more to a format of at least two bits less gives what rounding `x` itself would give.
SIMT_BUILTIN float to_float_odd(double x) {
  const float truncated = __double2float_rz(x);
  if (x != x || static_cast<double>(truncated) == x) return truncated;
  return same_bits<float>(same_bits<uint32_t>(truncated) | 1);
}
// a * b + c to odd. The product of two 16-bit floats is exact in a double.
inline float fma_odd(float a, float b, float c) {
  return to_float_odd(sum_odd(static_cast<double>(a) * b, c));
}

// NaN becomes 0x7fff, as a GPU's conversion has it.
SIMT_BUILTIN uint16_t float_to_bfloat16(float x) {
  const uint32_t bits = same_bits<uint32_t>(x);
  if (x != x) return 0x7fff;
  return static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}
SIMT_BUILTIN float bfloat16_to_float(uint16_t bits) {
  return same_bits<float>(static_cast<uint32_t>(bits) << 16);
}

// Without a conversion instruction.
inline uint16_t float_to_half_portable(float x) {
  const uint32_t bits = same_bits<uint32_t>(x), magnitude = bits & 0x7fffffff;
  const uint32_t sign = bits >> 16 & 0x8000;
  if (magnitude >= 0x477ff000) return static_cast<uint16_t>(sign | 0x7c00);  // 65520 and up
  if (magnitude < 0x38800000) {  // below 2^-14: a multiple of 2^-24
    const float scaled = same_bits<float>(magnitude) * 16777216.0f;
    return static_cast<uint16_t>(sign | static_cast<uint32_t>(nearbyintf(scaled)));
  }
  const uint32_t rounded = magnitude + 0xfff + (magnitude >> 13 & 1);
  return static_cast<uint16_t>(sign | (rounded - 0x38000000) >> 13);
}
inline float half_to_float_portable(uint16_t half) {
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000) << 16, magnitude = half & 0x7fff;
  if (magnitude >= 0x7c00) return same_bits<float>(sign | 0x7f800000);
  if (magnitude < 0x400) {
    const float value = static_cast<float>(magnitude) * (1.0f / 16777216.0f);
    return same_bits<float>(sign | same_bits<uint32_t>(value));
  }
  return same_bits<float>(sign | ((magnitude << 13) + 0x38000000));
}

// NaN becomes 0x7fff, and 0x7fffffff on the way back.
SIMT_BUILTIN uint16_t float_to_half(float x) {
  if (x != x) return 0x7fff;
#if defined(__F16C__)
  return _cvtss_sh(x, _MM_FROUND_TO_NEAREST_INT);
#elif defined(__aarch64__)
  return same_bits<uint16_t>(static_cast<__fp16>(x));
#else
  return float_to_half_portable(x);
#endif
}
SIMT_BUILTIN float half_to_float(uint16_t half) {
  if ((half & 0x7fff) > 0x7c00) return same_bits<float>(0x7fffffffu);
#if defined(__F16C__)
  return _cvtsh_ss(half);
#elif defined(__aarch64__)
  return static_cast<float>(same_bits<__fp16>(half));
#else
  return half_to_float_portable(half);
#endif
}

struct HalfFormat {
  static SIMT_BUILTIN uint16_t nearest(float x) { return float_to_half(x); }
  static SIMT_BUILTIN float widen(uint16_t bits) { return half_to_float(bits); }
};
struct Bfloat16Format {
  static SIMT_BUILTIN uint16_t nearest(float x) { return float_to_bfloat16(x); }
  static SIMT_BUILTIN float widen(uint16_t bits) { return bfloat16_to_float(bits); }
};

// The neighbours of a finite or infinite value.
SIMT_BUILTIN uint16_t next_up(uint16_t bits) {
  if (bits == 0x8000) return 0x0001;
  return static_cast<uint16_t>(bits & 0x8000 ? bits - 1 : bits + 1);
}
SIMT_BUILTIN uint16_t next_down(uint16_t bits) {
  if (bits == 0x0000) return 0x8001;
  return static_cast<uint16_t>(bits & 0x8000 ? bits + 1 : bits - 1);
}
template <class Format>
SIMT_BUILTIN uint16_t toward_zero(float x) {
  const uint16_t bits = Format::nearest(x);
  return fabsf(Format::widen(bits)) > fabsf(x) ? static_cast<uint16_t>(bits - 1) : bits;
}
template <class Format>
SIMT_BUILTIN uint16_t upward(float x) {
  const uint16_t bits = Format::nearest(x);
  return Format::widen(bits) < x ? next_up(bits) : bits;
}
template <class Format>
SIMT_BUILTIN uint16_t downward(float x) {
  const uint16_t bits = Format::nearest(x);
  return Format::widen(bits) > x ? next_down(bits) : bits;
}

}  // namespace simt
