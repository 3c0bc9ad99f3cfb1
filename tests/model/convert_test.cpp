// Conversions between number formats, against their definitions.
#include "common/model/convert.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include "tests/catch.h"

using model::TensorType;

namespace {

// Nearest bf16 by search among the two neighbours: the value is between them.
uint16_t nearest_bf16(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  uint16_t low = static_cast<uint16_t>(bits >> 16);
  uint16_t high = static_cast<uint16_t>(low + 1);
  double to_low = std::fabs(double(value) - double(model::bf16_to_float(low)));
  double to_high = std::fabs(double(model::bf16_to_float(high)) - double(value));
  if (to_low != to_high) return to_low < to_high ? low : high;
  return low % 2 == 0 ? low : high;
}

double half_value(uint16_t bits) {
  int exponent = bits >> 10 & 31;
  double mantissa = bits & 1023;
  double size =
      exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(1024 + mantissa, exponent - 25);
  return bits & 0x8000 ? -size : size;
}

}  // namespace

TEST_CASE("bf16 rounds to nearest, ties to even", "[model]") {
  std::mt19937 random(std::random_device{}());
  int wrong = 0;
  for (int i = 0; i < 200000; ++i) {
    uint32_t bits = static_cast<uint32_t>(random());
    if (i % 4 == 0) bits = (bits & 0xffff0000u) | 0x8000u;  // a tie
    float value;
    std::memcpy(&value, &bits, sizeof value);
    if (!std::isfinite(value) || std::fabs(value) > 3e38f) continue;
    wrong += model::float_to_bf16(value) != nearest_bf16(value);
  }
  CHECK(wrong == 0);
}

TEST_CASE("bf16 keeps NaN, infinity and signed zero", "[model]") {
  CHECK(std::isnan(model::bf16_to_float(model::float_to_bf16(std::nanf("")))));
  uint32_t signalling = 0x7f800001u;
  float value;
  std::memcpy(&value, &signalling, sizeof value);
  CHECK(std::isnan(model::bf16_to_float(model::float_to_bf16(value))));
  CHECK(model::float_to_bf16(std::numeric_limits<float>::infinity()) == 0x7f80);
  CHECK(model::float_to_bf16(std::numeric_limits<float>::max()) == 0x7f80);
  CHECK(model::float_to_bf16(-0.0f) == 0x8000);
}

TEST_CASE("every fp16 value converts to float and back", "[model]") {
  int wrong = 0;
  for (uint32_t bits = 0; bits < 65536; ++bits) {
    uint16_t half = static_cast<uint16_t>(bits);
    float value = model::half_to_float(half);
    bool special = (half >> 10 & 31) == 31;
    if (special && (half & 1023) != 0) {
      wrong += !std::isnan(value);
    } else {
      wrong += !special && double(value) != half_value(half);
      wrong += model::float_to_half(value) != half;
    }
  }
  CHECK(wrong == 0);
  CHECK(model::float_to_half(65519.0f) == 0x7bff);
  CHECK(model::float_to_half(65520.0f) == 0x7c00);
  CHECK(model::float_to_half(0x1.002p0f) == 0x3c00);  // a tie goes to the even one
  CHECK(model::float_to_half(0x1.006p0f) == 0x3c02);
}

TEST_CASE("Q8_0 is q*d", "[model]") {
  std::vector<uint8_t> block = {0x00, 0x38};  // 0.5
  for (int i = 0; i < 32; ++i) block.push_back(static_cast<uint8_t>(i * 8 - 128));
  float out[32];
  model::to_float(TensorType::kQ8_0, block.data(), 32, out);
  for (int i = 0; i < 32; ++i) CHECK(out[i] == 0.5f * float(i * 8 - 128));
}

TEST_CASE("Q4_0 is (q-8)*d, low nibbles first", "[model]") {
  std::vector<uint8_t> block = {0x00, 0x3c};  // 1.0
  for (int i = 0; i < 16; ++i) block.push_back(static_cast<uint8_t>(i | (15 - i) << 4));
  float out[32];
  model::to_float(TensorType::kQ4_0, block.data(), 32, out);
  for (int i = 0; i < 16; ++i) {
    CHECK(out[i] == float(i - 8));
    CHECK(out[16 + i] == float(15 - i - 8));
  }
}

TEST_CASE("Q4_1 is q*d+m, low nibbles first", "[model]") {
  std::vector<uint8_t> block = {0x00, 0x3c, 0x00, 0xc0};  // 1.0, -2.0
  for (int i = 0; i < 16; ++i) block.push_back(static_cast<uint8_t>(i | (15 - i) << 4));
  float out[32];
  model::to_float(TensorType::kQ4_1, block.data(), 32, out);
  for (int i = 0; i < 16; ++i) {
    CHECK(out[i] == float(i - 2));
    CHECK(out[16 + i] == float(15 - i - 2));
  }
}

TEST_CASE("to_bf16 is to_float and rounding, for every type", "[model]") {
  std::mt19937 random(std::random_device{}());
  for (TensorType type : {TensorType::kF32, TensorType::kF16, TensorType::kBF16, TensorType::kQ8_0,
                          TensorType::kQ4_0, TensorType::kQ4_1}) {
    constexpr size_t kCount = 96;
    std::vector<uint8_t> raw(kCount / model::block_values(type) * model::block_bytes(type));
    for (uint8_t& byte : raw) byte = static_cast<uint8_t>(random() % 60);  // no NaN, no infinity
    std::vector<float> floats(kCount);
    std::vector<uint16_t> halves(kCount);
    model::to_float(type, raw.data(), kCount, floats.data());
    model::to_bf16(type, raw.data(), kCount, halves.data());
    int wrong = 0;
    for (size_t i = 0; i < kCount; ++i) wrong += halves[i] != model::float_to_bf16(floats[i]);
    CHECK(wrong == 0);
  }
}
