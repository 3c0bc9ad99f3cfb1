// The bench's work as plain C++ loops that the compiler may vectorize: what the simulator is held
// against. Compiled with -O3 -march=native -ffast-math.
#include <vector>

#include "common/decode/bench_kernels.h"
#include "common/decode/cpu_time.h"  // cpu_seconds

namespace decode {
namespace {

volatile float sink;  // so that the loops are not dropped

template <typename Loop>
double time_once(const Loop& loop) {
  const double start = cpu_seconds();
  loop();
  return cpu_seconds() - start;
}

}  // namespace

double time_plain_gemv() {
  constexpr int n = kGemvSize;
  static const std::vector<float> w(size_t(n) * n, 1.0f), x(n, 2.0f);
  static std::vector<float> y(n);
  return time_once([&] {
    for (int row = 0; row < n; ++row) {
      float sum = 0;
      for (int k = 0; k < n; ++k) sum += w[size_t(row) * n + k] * x[k];
      y[row] = sum;
    }
    sink = y[n - 1];
  });
}

double time_plain_matmul() {
  constexpr int n = kMatmulSize;
  static const std::vector<float> a(size_t(n) * n, 1.0f), b(size_t(n) * n, 2.0f);
  static std::vector<float> c(size_t(n) * n);
  return time_once([&] {
    for (int row = 0; row < n; ++row) {
      float* out = &c[size_t(row) * n];
      for (int col = 0; col < n; ++col) out[col] = 0;
      for (int k = 0; k < n; ++k) {
        for (int col = 0; col < n; ++col)
          out[col] += a[size_t(row) * n + k] * b[size_t(k) * n + col];
      }
    }
    sink = c[size_t(n) * n - 1];
  });
}

}  // namespace decode
