// Fresh random numbers for tests. The seed is new on every run and printed when a check fails; set
// LADDER_TEST_SEED to repeat a run.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <random>
#include <vector>

#include "common/model/convert.h"  // float_to_bf16, bf16_to_float

namespace values {

inline uint64_t seed() {
  static const uint64_t seed = [] {
    const char* chosen = std::getenv("LADDER_TEST_SEED");
    return chosen != nullptr ? std::strtoull(chosen, nullptr, 10) : std::random_device{}();
  }();
  return seed;
}

#define INFO_SEED() INFO("LADDER_TEST_SEED=" << values::seed())

class Source {
 public:
  explicit Source(uint64_t salt = 0) : engine_(seed() * 1000003 + salt) {}
  // The same numbers on every run, for a test whose verdict is a matter of chance.
  static Source fixed(uint64_t seed) {
    Source source;
    source.engine_.seed(seed);
    return source;
  }
  float normal(double spread = 1) { return static_cast<float>(spread * normal_(engine_)); }
  int below(int limit) { return static_cast<int>(engine_() % static_cast<unsigned>(limit)); }
  std::vector<float> normals(size_t count, double spread = 1) {
    std::vector<float> out(count);
    for (float& value : out) value = normal(spread);
    return out;
  }
  // Values that a bf16 holds exactly, as floats.
  std::vector<float> bf16s(size_t count, double spread = 1) {
    std::vector<float> out(count);
    for (float& value : out) {
      value = model::bf16_to_float(model::float_to_bf16(normal(spread)));
    }
    return out;
  }

 private:
  std::mt19937_64 engine_;
  std::normal_distribution<double> normal_;
};

}  // namespace values
