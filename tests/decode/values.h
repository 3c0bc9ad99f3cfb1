// Fresh random inputs for tests. The seed is new on every run and printed when a check fails; set
// LADDER_TEST_SEED to repeat a run.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include "common/gpu/bf16.h"       // bf16
#include "common/gpu/buffer.h"     // DeviceBuffer, upload, download
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

inline std::vector<gpu::bf16> to_bf16(const std::vector<float>& from) {
  std::vector<gpu::bf16> to(from.size());
  for (size_t i = 0; i < from.size(); ++i) to[i].bits = model::float_to_bf16(from[i]);
  return to;
}

inline gpu::DeviceBuffer<float> on_device(const std::vector<float>& from, const char* name = "in") {
  return gpu::upload(from, name);
}
inline gpu::DeviceBuffer<gpu::bf16> on_device_bf16(const std::vector<float>& from,
                                                   const char* name = "in") {
  return gpu::upload(to_bf16(from), name);
}

// An output that holds NaN everywhere, so that what a kernel leaves out shows.
inline gpu::DeviceBuffer<float> poisoned(size_t count, const char* name = "out") {
  return gpu::upload(std::vector<float>(count, std::numeric_limits<float>::quiet_NaN()), name);
}

// Equal to the last bit, NaN and signed zeros included.
inline bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

// The largest distance from what is expected; NaN when there is one.
inline double worst(const std::vector<float>& got, const std::vector<double>& expected) {
  double worst = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    const double error = std::abs(double(got[i]) - expected[i]);
    if (std::isnan(error)) return error;  // kept, or the next good value would hide it
    worst = std::max(worst, error);
  }
  return worst;
}

}  // namespace values
