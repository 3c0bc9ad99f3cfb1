// Random inputs for tests, on the host and on the device, and how results are compared.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "common/gpu/bf16.h"       // bf16
#include "common/gpu/buffer.h"     // DeviceBuffer, upload, download
#include "common/model/convert.h"  // float_to_bf16
#include "tests/decode/source.h"   // Source

namespace values {

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
