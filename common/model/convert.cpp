// Dequantization and bf16 rounding; the formats are described in convert.h.
#include "common/model/convert.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace model {

namespace {

constexpr size_t kBlock = 32;

uint32_t float_bits(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

float bits_float(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

// Blocks lie in a byte buffer, so nothing is known of their alignment.
template <typename T>
T load(const unsigned char* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

float load_half(const unsigned char* from) { return half_to_float(load<uint16_t>(from)); }

void unpack_q8_0(const unsigned char* block, float* out) {
  float d = load_half(block);
  for (size_t i = 0; i < kBlock; ++i) out[i] = static_cast<int8_t>(block[2 + i]) * d;
}

void unpack_q4_0(const unsigned char* block, float* out) {
  float d = load_half(block);
  for (size_t i = 0; i < kBlock / 2; ++i) {
    out[i] = ((block[2 + i] & 15) - 8) * d;
    out[i + kBlock / 2] = ((block[2 + i] >> 4) - 8) * d;
  }
}

void unpack_q4_1(const unsigned char* block, float* out) {
  float d = load_half(block);
  float m = load_half(block + 2);
  for (size_t i = 0; i < kBlock / 2; ++i) {
    out[i] = (block[4 + i] & 15) * d + m;
    out[i + kBlock / 2] = (block[4 + i] >> 4) * d + m;
  }
}

// One block, or one value of an unquantized type.
void unpack(TensorType type, const unsigned char* block, float* out) {
  switch (type) {
    case TensorType::kF32:
      *out = load<float>(block);
      break;
    case TensorType::kF16:
      *out = load_half(block);
      break;
    case TensorType::kBF16:
      *out = bf16_to_float(load<uint16_t>(block));
      break;
    case TensorType::kQ8_0:
      unpack_q8_0(block, out);
      break;
    case TensorType::kQ4_0:
      unpack_q4_0(block, out);
      break;
    case TensorType::kQ4_1:
      unpack_q4_1(block, out);
      break;
  }
}

}  // namespace

uint16_t float_to_bf16(float value) {
  uint32_t bits = float_bits(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return static_cast<uint16_t>((bits >> 16) | 0x40);  // NaN
  uint32_t odd = (bits >> 16) & 1;
  return static_cast<uint16_t>((bits + 0x7fffu + odd) >> 16);
}

float bf16_to_float(uint16_t bits) { return bits_float(static_cast<uint32_t>(bits) << 16); }

float half_to_float(uint16_t bits) {
  uint32_t sign = static_cast<uint32_t>(bits & 0x8000u) << 16;
  uint32_t exponent = (bits >> 10) & 31;
  uint32_t mantissa = bits & 0x3ffu;
  if (exponent == 31) return bits_float(sign | 0x7f800000u | (mantissa << 13));
  if (exponent != 0) return bits_float(sign | ((exponent + 112) << 23) | (mantissa << 13));
  float magnitude = static_cast<float>(mantissa) * 0x1p-24f;  // zero or subnormal: exact
  return sign != 0 ? -magnitude : magnitude;
}

uint16_t float_to_half(float value) {
  uint32_t bits = float_bits(value);
  uint16_t sign = static_cast<uint16_t>((bits >> 16) & 0x8000u);
  uint32_t magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) return sign | 0x7e00;   // NaN
  if (magnitude >= 0x477ff000u) return sign | 0x7c00;  // 65520 and above round to infinity
  if (magnitude < 0x38800000u) {                       // below 2^-14: a multiple of 2^-24
    float scaled = bits_float(magnitude) * 0x1p24f;
    return static_cast<uint16_t>(sign | static_cast<uint16_t>(std::nearbyint(scaled)));
  }
  uint32_t odd = (magnitude >> 13) & 1;
  uint32_t rounded = magnitude + 0xfffu + odd;
  return static_cast<uint16_t>(sign | ((rounded - (112u << 23)) >> 13));
}

void to_float(TensorType type, const void* blocks, size_t count, float* out) {
  if (type == TensorType::kF32) {
    std::memcpy(out, blocks, count * sizeof(float));
    return;
  }
  const unsigned char* block = static_cast<const unsigned char*>(blocks);
  size_t values = block_values(type);
  size_t bytes = block_bytes(type);
  for (size_t i = 0; i < count; i += values, block += bytes) unpack(type, block, out + i);
}

void to_bf16(TensorType type, const void* blocks, size_t count, uint16_t* out) {
  if (type == TensorType::kBF16) {
    std::memcpy(out, blocks, count * sizeof(uint16_t));
    return;
  }
  const unsigned char* block = static_cast<const unsigned char*>(blocks);
  size_t values = block_values(type);
  size_t bytes = block_bytes(type);
  float unpacked[kBlock];
  for (size_t i = 0; i < count; i += values, block += bytes) {
    unpack(type, block, unpacked);
    for (size_t j = 0; j < values; ++j) out[i + j] = float_to_bf16(unpacked[j]);
  }
}

bool has_nonfinite(const float* values, size_t count) {
  return !std::all_of(values, values + count, [](float v) { return std::isfinite(v); });
}

bool has_nonfinite_bf16(const uint16_t* values, size_t count) {
  return std::any_of(values, values + count, [](uint16_t v) { return (v & 0x7f80) == 0x7f80; });
}

}  // namespace model
