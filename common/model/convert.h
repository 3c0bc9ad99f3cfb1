// Conversion of stored tensor blocks to float and to bf16.
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/model/gguf.h"  // TensorType

namespace model {

// bf16 is the upper half of a float. Rounds to nearest, ties to even; NaN stays NaN.
uint16_t float_to_bf16(float value);
float bf16_to_float(uint16_t bits);
float half_to_float(uint16_t bits);   // IEEE binary16
uint16_t float_to_half(float value);  // round to nearest even; too large becomes infinity

// Converts `count` values stored as `type` (count is a multiple of block_values(type)).
// A block of Q8_0, Q4_0 or Q4_1 holds 32 values v = q*d, (q-8)*d or q*d+m, where d and m are fp16;
// in the Q4 types the low nibbles are values 0 to 15 and the high nibbles values 16 to 31.
void to_float(TensorType type, const void* blocks, size_t count, float* out);
void to_bf16(TensorType type, const void* blocks, size_t count, uint16_t* out);

// True when any of the `count` values is NaN or infinite.
bool has_nonfinite(const float* values, size_t count);
bool has_nonfinite_bf16(const uint16_t* values, size_t count);

}  // namespace model
