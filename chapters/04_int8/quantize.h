// From floats to blocks of 32 small integers with one scale, on the host. The numbers are those of
// the quantizer that everyone uses for GGUF files (PyPI `gguf`, module quants), bit for bit.
//
// A block of Q8_0: d = the largest |x| / 127, q = x / d rounded, x is about q * d.
// A block of Q4_0: d = the value of the largest |x| / -8, q from -8 to 7, x is about q * d.
// d is stored as fp16, but q is found with d as it was before that rounding.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>

#include "common/model/convert.h"  // float_to_half
#include "common/model/error.h"    // ModelError

namespace ch04 {

constexpr int kBlock = 32;  // values that share a scale

// Both as in a GGUF file.
struct Q8Block {
  uint16_t scale;  // fp16
  int8_t values[kBlock];
};
struct Q4Block {
  uint16_t scale;               // fp16
  uint8_t nibbles[kBlock / 2];  // q + 8: values 0 to 15 in the low halves, 16 to 31 in the high
};
static_assert(sizeof(Q8Block) == 34 && sizeof(Q4Block) == 18, "as in a file");

// x * inverse as one rounded product: no compiler may fuse it with an addition.
inline float scaled(float x, float inverse) { return float(double(x) * double(inverse)); }

// 0 when there is none: the block is zero, or so small that its scale is zero as fp16.
inline float inverse_of(float scale) {
  const float inverse = 1 / scale;
  return std::isfinite(inverse) ? inverse : 0;
}

// Throws ModelError when a scale is no finite fp16: the block then has NaN, infinity, or values
// beyond 127 * 65504 (8 * 65504 for Q4_0).
inline uint16_t stored_scale(float scale, const std::string& tensor) {
  const uint16_t half = model::float_to_half(scale);
  if ((half & 0x7c00) == 0x7c00) {
    throw model::ModelError("tensor " + tensor + ": found a value that is not finite, or too " +
                            "large for the scale of its block, expected one that fits in fp16");
  }
  return half;
}

// The value with the largest magnitude (the first of them); NaN when there is one.
inline float extreme(const float (&x)[kBlock]) {
  float most = 0;
  for (const float value : x) {
    if (std::isnan(value)) return value;
    if (std::fabs(value) > std::fabs(most)) most = value;
  }
  return most;
}

// A shorter last block of a row is filled up with zeros by the caller: they change nothing.
inline void quantize(const float (&x)[kBlock], const std::string& tensor, Q8Block& block) {
  const float d = std::fabs(extreme(x)) / 127;
  block.scale = stored_scale(d, tensor);
  for (int i = 0; i < kBlock; ++i) {
    block.values[i] = int8_t(std::round(scaled(x[i], inverse_of(d))));  // half goes away from zero
  }
}

inline void quantize(const float (&x)[kBlock], const std::string& tensor, Q4Block& block) {
  const float d = extreme(x) / -8;
  block.scale = stored_scale(d, tensor);
  const auto nibble = [&](float value) {  // the value opposite to the extreme would be 16
    const int q = int(scaled(value, inverse_of(d)) + 8.5f);
    return uint8_t(q < 15 ? q : 15);
  };
  for (int i = 0; i < kBlock / 2; ++i) {
    block.nibbles[i] = uint8_t(nibble(x[i]) | nibble(x[i + kBlock / 2]) << 4);
  }
}

}  // namespace ch04
