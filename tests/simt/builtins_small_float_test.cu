// bf16 and fp16: every bit pattern, exact rounding, arithmetic with one rounding, and the names.
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <type_traits>
#include <vector>

#include "tests/catch.h"

namespace {

#ifdef SIMT_SIMULATOR  // memcpy and warp shuffles move them; CUDA's own pairs are not trivial
static_assert(std::is_trivially_copyable<__half>::value, "");
static_assert(std::is_trivially_copyable<__nv_bfloat162>::value, "");
#endif
static_assert(sizeof(__half) == 2 && alignof(__half2) == 4 && sizeof(__nv_bfloat162) == 4, "");

// The reference knows a format by its sizes alone and rounds by looking at the two neighbours.
struct Format {
  int exponent_bits, fraction_bits;
};
constexpr Format kHalf{5, 10}, kBfloat16{8, 7};

// The value of a bit pattern, by definition. An infinity stands at the next power of two, which is
// where it is when numbers are rounded.
double value_of(Format f, uint16_t bits, bool finite_infinity = false) {
  const int bias = (1 << (f.exponent_bits - 1)) - 1, top = (1 << f.exponent_bits) - 1;
  const int exponent = bits >> f.fraction_bits & top;
  const int fraction = bits & ((1 << f.fraction_bits) - 1);
  double magnitude;
  if (exponent == top && !finite_infinity) {
    magnitude = fraction == 0 ? INFINITY : NAN;
  } else if (exponent == 0) {
    magnitude = std::ldexp(fraction, 1 - bias - f.fraction_bits);
  } else {
    magnitude = std::ldexp(fraction + (1 << f.fraction_bits), exponent - bias - f.fraction_bits);
  }
  return bits & 0x8000 ? -magnitude : magnitude;
}

// Nearest, ties to even, by bisection over the patterns.
uint16_t nearest(Format f, long double x) {
  if (std::isnan(x)) return 0x7fff;
  const uint16_t sign = std::signbit(x) ? 0x8000 : 0;
  const long double magnitude = std::fabs(x);
  const unsigned infinity = ((1u << f.exponent_bits) - 1) << f.fraction_bits;
  unsigned low = 0,
           high = infinity;  // value(low) <= magnitude, unless it is beyond infinity's place
  if (magnitude >= value_of(f, static_cast<uint16_t>(infinity), true)) return sign | infinity;
  while (high - low > 1) {
    const unsigned middle = (low + high) / 2;
    (value_of(f, static_cast<uint16_t>(middle), true) <= magnitude ? low : high) = middle;
  }
  const long double below = magnitude - value_of(f, static_cast<uint16_t>(low), true);
  const long double above = value_of(f, static_cast<uint16_t>(high), true) - magnitude;
  const bool up = above < below || (above == below && low % 2 == 1);
  return static_cast<uint16_t>(sign | (up ? high : low));
}

// Floats that lie on and around every rounding boundary of a format.
std::vector<float> hard_floats(Format f) {
  std::vector<float> result = {0.0f, -0.0f,  INFINITY, -INFINITY,
                               NAN,  1e-45f, -1e-45f,  3.4028235e38f};
  for (unsigned bits = 0; bits < 0x7fff; ++bits) {
    const double a = value_of(f, static_cast<uint16_t>(bits), true);
    const double b = value_of(f, static_cast<uint16_t>(bits + 1), true);
    if (std::isnan(a) || std::isnan(b)) continue;
    const float middle = static_cast<float>((a + b) / 2);
    if (!std::isfinite(middle)) continue;
    for (float x : {static_cast<float>(a), middle, std::nextafter(middle, INFINITY),
                    std::nextafter(middle, 0.0f)}) {
      result.push_back(x);
      result.push_back(-x);
    }
  }
  return result;
}

__global__ void widen_kernel(float* half, float* bf16) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  half[i] = __half2float(__ushort_as_half(static_cast<unsigned short>(i)));
  bf16[i] = __bfloat162float(__ushort_as_bfloat16(static_cast<unsigned short>(i)));
}

__global__ void round_kernel(const float* in, unsigned short* half, unsigned short* bf16, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  half[i] = __half_as_ushort(__float2half_rn(in[i]));
  bf16[i] = __bfloat16_as_ushort(__float2bfloat16_rn(in[i]));
}

template <class Small>
struct Results {
  Small add, subtract, multiply, divide, fused, least, greatest;
};

template <class Small>
__global__ void arithmetic_kernel(const unsigned short* in, Results<Small>* out, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  Small v[3];
  for (int k = 0; k < 3; ++k) {
    const unsigned short bits = in[i * 3 + k];
    memcpy(&v[k], &bits, sizeof(bits));
  }
  out[i].add = __hadd(v[0], v[1]);
  out[i].subtract = v[0] - v[1];
  out[i].multiply = __hmul(v[0], v[1]);
  out[i].divide = v[0] / v[1];
  out[i].fused = __hfma(v[0], v[1], v[2]);
  out[i].least = __hmin(v[0], v[1]);
  out[i].greatest = __hmax(v[0], v[1]);
}

template <class T>
uint16_t bits_of(T x) {
  uint16_t bits;
  memcpy(&bits, &x, sizeof(bits));
  return bits;
}
// Any NaN is as good as any other.
bool same(Format f, uint16_t a, uint16_t b) {
  return a == b || (std::isnan(value_of(f, a)) && std::isnan(value_of(f, b)));
}

template <class Small>
void check_arithmetic(Format f) {
  constexpr int kCases = 20000;
  std::mt19937 random(Catch::rngSeed());
  std::vector<unsigned short> in;
  for (int i = 0; i < kCases; ++i) {
    const unsigned a = random(), b = random();
    in.push_back(static_cast<unsigned short>(a));
    // Near exponents, so that sums cancel; and products that nearly cancel the addend.
    in.push_back(static_cast<unsigned short>(i % 2 ? b : a ^ (b & 0x8fff)));
    const long double product =
        static_cast<long double>(value_of(f, in[i * 3])) * value_of(f, in[i * 3 + 1]);
    in.push_back(i % 3 ? static_cast<unsigned short>(b >> 16)
                       : static_cast<unsigned short>(nearest(f, -product) + (b >> 30)));
  }
  unsigned short* device_in;
  Results<Small>* device_out;
  REQUIRE(cudaMalloc(&device_in, in.size() * 2) == cudaSuccess);
  REQUIRE(cudaMalloc(&device_out, kCases * sizeof(Results<Small>)) == cudaSuccess);
  cudaMemcpy(device_in, in.data(), in.size() * 2, cudaMemcpyHostToDevice);
  arithmetic_kernel<Small><<<(kCases + 255) / 256, 256>>>(device_in, device_out, kCases);
  std::vector<Results<Small>> out(kCases);
  REQUIRE(cudaMemcpy(out.data(), device_out, kCases * sizeof(Results<Small>),
                     cudaMemcpyDeviceToHost) == cudaSuccess);
  for (int i = 0; i < kCases; ++i) {
    const long double a = value_of(f, in[i * 3]), b = value_of(f, in[i * 3 + 1]),
                      c = value_of(f, in[i * 3 + 2]);
    CAPTURE(in[i * 3], in[i * 3 + 1], in[i * 3 + 2]);
    REQUIRE(same(f, bits_of(out[i].add), nearest(f, a + b)));
    REQUIRE(same(f, bits_of(out[i].subtract), nearest(f, a - b)));
    REQUIRE(same(f, bits_of(out[i].multiply), nearest(f, a * b)));
    REQUIRE(same(f, bits_of(out[i].divide), nearest(f, a / b)));
    // A long double holds the exact sum only if the two are close enough.
    const long double product = a * b;
    const bool exact = std::isnan(product + c) || std::isinf(product + c) || product == 0 ||
                       c == 0 || std::abs(std::ilogb(product) - std::ilogb(c)) < 40;
    if (exact) REQUIRE(same(f, bits_of(out[i].fused), nearest(f, product + c)));
    if (a != b) REQUIRE(same(f, bits_of(out[i].least), nearest(f, std::fmin(a, b))));
    if (a != b) REQUIRE(same(f, bits_of(out[i].greatest), nearest(f, std::fmax(a, b))));
  }
  cudaFree(device_in);
  cudaFree(device_out);
}

// The pairs' names, and what has no other test; used in device code.
__global__ void names_kernel(float* out) {
  const __nv_bfloat162 b = __floats2bfloat162_rn(1.5f, -2.0f);
  const float2 wide = __bfloat1622float2(b);
  out[0] = wide.x + wide.y;
  out[1] = __low2float(b) * 10 + __high2float(b);
  out[2] = __bfloat162float(__low2bfloat16(b)) - __bfloat162float(__high2bfloat16(b));
  out[3] = __low2float(__hfma2(b, b, b));
  out[4] = __high2float(__lowhigh2highlow(b));
  out[5] = __hbeq2(b, b) && !__hbne2(b, b) && __hgt(b.x, b.y) && b.x != b.y;
  const half2 h = __floats2half2_rn(3.0f, 4.0f);
  out[6] = __half22float2(h).x * 10 + __half22float2(h).y;
  out[7] = __low2float(h * h) + __high2float(__hadd2(h, h));
  out[8] = __half2float(hsqrt(__high2half(h))) + __bfloat162float(hexp(__float2bfloat16(0.0f)));
  out[9] = __half2int_rn(__float2half(2.5f)) * 10 + __half2int_rz(__float2half(-2.5f));
  out[10] = __half2float(__float2half_rz(2049.9f)) + __half2float(__float2half_ru(2049.9f));
  out[11] =
      __half2float(__float2half_rd(-0.1f)) < -0.1f && __half2float(__float2half_rz(-0.1f)) > -0.1f;
  half sum = 1.0f;
  sum += __float2half(0.5f);
  const float plain = sum;
  out[12] = plain + __half2float(__habs(__hneg(sum)));
  out[13] = __hisnan(__float2half(NAN)) && __hisinf(__float2bfloat16(-INFINITY)) &&
            !__hlt(sum, __float2half(NAN)) && __hltu(sum, __float2half(NAN));
  union {
    uint4 all;
    __nv_bfloat162 pairs[4];
  } view;
  view.all = make_uint4(0x3f803f80u, 0x40004000u, 0, 0x40404040u);
  out[14] = __low2float(view.pairs[0]) + __high2float(view.pairs[1]) + __low2float(view.pairs[3]);
}

}  // namespace

TEST_CASE("all 65536 patterns widen to their value", "[simt][builtins]") {
  float *half, *bf16;
  REQUIRE(cudaMalloc(&half, 65536 * sizeof(float)) == cudaSuccess);
  REQUIRE(cudaMalloc(&bf16, 65536 * sizeof(float)) == cudaSuccess);
  widen_kernel<<<256, 256>>>(half, bf16);
  std::vector<float> half_out(65536), bf16_out(65536);
  cudaMemcpy(half_out.data(), half, 65536 * sizeof(float), cudaMemcpyDeviceToHost);
  REQUIRE(cudaMemcpy(bf16_out.data(), bf16, 65536 * sizeof(float), cudaMemcpyDeviceToHost) ==
          cudaSuccess);
  auto equal = [](double expected, float seen) {
    if (std::isnan(expected)) return std::isnan(seen);
    return expected == seen && std::signbit(expected) == std::signbit(seen);
  };
  for (unsigned bits = 0; bits < 65536; ++bits) {
    CAPTURE(bits);
    REQUIRE(equal(value_of(kHalf, static_cast<uint16_t>(bits)), half_out[bits]));
    REQUIRE(equal(value_of(kBfloat16, static_cast<uint16_t>(bits)), bf16_out[bits]));
  }
  cudaFree(half);
  cudaFree(bf16);
}

TEST_CASE("floats round to the nearest, ties to even, at every boundary", "[simt][builtins]") {
  std::vector<float> in = hard_floats(kHalf);
  const std::vector<float> more = hard_floats(kBfloat16);
  in.insert(in.end(), more.begin(), more.end());
  const int n = static_cast<int>(in.size());
  float* device_in;
  unsigned short *half, *bf16;
  REQUIRE(cudaMalloc(&device_in, n * sizeof(float)) == cudaSuccess);
  REQUIRE(cudaMalloc(&half, n * 2) == cudaSuccess);
  REQUIRE(cudaMalloc(&bf16, n * 2) == cudaSuccess);
  cudaMemcpy(device_in, in.data(), n * sizeof(float), cudaMemcpyHostToDevice);
  round_kernel<<<(n + 255) / 256, 256>>>(device_in, half, bf16, n);
  std::vector<unsigned short> half_out(n), bf16_out(n);
  cudaMemcpy(half_out.data(), half, n * 2, cudaMemcpyDeviceToHost);
  REQUIRE(cudaMemcpy(bf16_out.data(), bf16, n * 2, cudaMemcpyDeviceToHost) == cudaSuccess);
  for (int i = 0; i < n; ++i) {
    const uint16_t expected_half = nearest(kHalf, in[i]), expected_bf16 = nearest(kBfloat16, in[i]);
    if (half_out[i] != expected_half || bf16_out[i] != expected_bf16) {
      CAPTURE(in[i]);
      REQUIRE(half_out[i] == expected_half);
      REQUIRE(bf16_out[i] == expected_bf16);
    }
  }
#ifdef SIMT_SIMULATOR
  // The code for CPUs without a conversion instruction.
  for (float x : in) {
    if (!std::isnan(x)) REQUIRE(simt::float_to_half_portable(x) == nearest(kHalf, x));
  }
  for (unsigned bits = 0; bits < 65536; ++bits) {
    const double expected = value_of(kHalf, static_cast<uint16_t>(bits));
    if (!std::isnan(expected)) {
      REQUIRE(simt::half_to_float_portable(static_cast<uint16_t>(bits)) == expected);
    }
  }
#endif
  cudaFree(device_in);
  cudaFree(half);
  cudaFree(bf16);
}

TEST_CASE("arithmetic rounds once", "[simt][builtins]") {
  SECTION("fp16") { check_arithmetic<__half>(kHalf); }
  SECTION("bf16") { check_arithmetic<__nv_bfloat16>(kBfloat16); }
}

TEST_CASE("doubles round to a half once, not by way of a float", "[simt][builtins]") {
  const double tie = 1.0 + 0x1p-11, above = tie + 0x1p-40;
  CHECK(bits_of(__double2half(tie)) == 0x3c00);
  CHECK(bits_of(__double2half(above)) == 0x3c01);
  CHECK(bits_of(__double2bfloat16(1.0 + 0x1p-8 + 0x1p-40)) == 0x3f81);
}

TEST_CASE("the names of CUDA's headers mean what they say", "[simt][builtins]") {
  float* device;
  float out[15];
  REQUIRE(cudaMalloc(&device, sizeof(out)) == cudaSuccess);
  names_kernel<<<1, 1>>>(device);
  REQUIRE(cudaMemcpy(out, device, sizeof(out), cudaMemcpyDeviceToHost) == cudaSuccess);
  const float expected[15] = {
      -0.5f, 13.0f, 3.5f, 3.75f, 1.5f, 1.0f, 34.0f, 17.0f, 3.0f, 18.0f, 2048.0f + 2050.0f,
      1.0f,  3.0f,  1.0f, 6.0f};
  for (int i = 0; i < 15; ++i) {
    CAPTURE(i);
    CHECK(out[i] == expected[i]);
  }
  cudaFree(device);
}
