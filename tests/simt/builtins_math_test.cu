// Math built-ins: values near double-precision references, exact where they must be, fused where
// they say so.
#include <cuda_runtime.h>
#include <math_constants.h>

#include <cmath>
#include <vector>

#include "tests/catch.h"

namespace {

constexpr int kFunctions = 22;

__global__ void math_kernel(const float* in, float* out, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const float x = in[i], y = 0.75f;
  float* r = out + i * kFunctions;
  r[0] = __expf(x);
  r[1] = __exp10f(x * 0.1f);
  r[2] = __logf(x);
  r[3] = __log2f(x);
  r[4] = __log10f(x);
  r[5] = __sinf(x);
  r[6] = __cosf(x);
  r[7] = __tanf(y);
  r[8] = __powf(x, y);
  r[9] = rsqrtf(x);
  r[10] = rcbrtf(x);
  r[11] = __frcp_rn(x);
  r[12] = __fsqrt_rn(x);
  r[13] = __fdividef(x, y);
  r[14] = exp10f(x * 0.1f);
  r[15] = sinpif(x);
  r[16] = cospif(x);
  r[17] = normcdff(x);
  r[18] = exp2f(x);
  r[19] = erff(x);
  r[20] = tanhf(x);
  __sincosf(x, &r[21], &r[6]);
}

std::vector<double> references(double x) {
  const double y = 0.75, pi = 3.14159265358979323846;
  return {std::exp(x),
          std::pow(10, static_cast<float>(x) * 0.1f),
          std::log(x),
          std::log2(x),
          std::log10(x),
          std::sin(x),
          std::cos(x),
          std::tan(y),
          std::pow(x, y),
          1 / std::sqrt(x),
          1 / std::cbrt(x),
          1 / x,
          std::sqrt(x),
          x / y,
          std::pow(10, static_cast<float>(x) * 0.1f),
          std::sin(pi * x),
          std::cos(pi * x),
          0.5 * std::erfc(-x / std::sqrt(2.0)),
          std::exp2(x),
          std::erf(x),
          std::tanh(x),
          std::sin(x)};
}

__global__ void exact_kernel(const float* in, float* out) {
  const float a = in[0], b = in[1], c = in[2];
  out[0] = fmaf(a, b, c);
  out[1] = __fmaf_rn(a, b, c);
  out[2] = __fadd_rn(__fmul_rn(a, b), c);
  out[3] = a * b + c;  // not contracted
  out[4] = __saturatef(-1.0f);
  out[5] = __saturatef(2.0f);
  out[6] = __saturatef(CUDART_NAN_F);
  out[7] = __saturatef(0.25f);
  out[8] = fmaxf(CUDART_NAN_F, 1.0f);
  out[9] = min(3.0f, 2.0f) + max(3.0, 2.0);
  out[10] = __int_as_float(__float_as_int(-a));
  out[11] = fmaxf(-CUDART_INF_F, a);
  out[12] = isnan(CUDART_NAN_F) ? 1.0f : 0.0f;
}

}  // namespace

TEST_CASE("math built-ins stay near their exact values", "[simt][builtins]") {
  std::vector<float> in;
  for (int i = 1; i < 400; ++i) in.push_back(0.03f * i);
  const int n = static_cast<int>(in.size());
  float *device_in, *device_out;
  cudaMalloc(&device_in, n * sizeof(float));
  cudaMalloc(&device_out, n * kFunctions * sizeof(float));
  cudaMemcpy(device_in, in.data(), n * sizeof(float), cudaMemcpyHostToDevice);
  math_kernel<<<(n + 63) / 64, 64>>>(device_in, device_out, n);
  std::vector<float> out(n * kFunctions);
  REQUIRE(cudaMemcpy(out.data(), device_out, out.size() * sizeof(float), cudaMemcpyDeviceToHost) ==
          cudaSuccess);
  for (int i = 0; i < n; ++i) {
    const std::vector<double> expected = references(in[i]);
    for (int f = 0; f < kFunctions; ++f) {
      CAPTURE(f, in[i]);
      const double error = std::fabs(out[i * kFunctions + f] - expected[f]);
      REQUIRE(error <= 4e-6 * std::fabs(expected[f]) + 2e-6);
    }
  }
  cudaFree(device_in);
  cudaFree(device_out);
}

TEST_CASE("fmaf fuses, and nothing else does", "[simt][builtins]") {
  const float a = 1.0f + 0x1p-12f,
              c = -1.0f;  // a * a = 1 + 2^-11 + 2^-24, the last bit of which is lost
  const float in[3] = {a, a, c};
  float *device_in, *device_out;
  cudaMalloc(&device_in, sizeof(in));
  cudaMalloc(&device_out, 16 * sizeof(float));
  cudaMemcpy(device_in, in, sizeof(in), cudaMemcpyHostToDevice);
  exact_kernel<<<1, 1>>>(device_in, device_out);
  float out[13];
  REQUIRE(cudaMemcpy(out, device_out, sizeof(out), cudaMemcpyDeviceToHost) == cudaSuccess);
  CHECK(out[0] == 0x1p-11f + 0x1p-24f);
  CHECK(out[1] == out[0]);
  CHECK(out[2] == 0x1p-11f);
#ifdef SIMT_SIMULATOR
  CHECK(out[3] == out[2]);  // nvcc would fuse this one
#endif
  CHECK(out[4] == 0.0f);
  CHECK(out[5] == 1.0f);
  CHECK(out[6] == 0.0f);
  CHECK(out[7] == 0.25f);
  CHECK(out[8] == 1.0f);
  CHECK(out[9] == 5.0f);
  CHECK(out[10] == -a);
  CHECK(out[11] == a);
  CHECK(out[12] == 1.0f);
  cudaFree(device_in);
  cudaFree(device_out);
}
