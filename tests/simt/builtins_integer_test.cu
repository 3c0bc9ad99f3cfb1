// Integer intrinsics and casts, in a kernel, against plain references.
#include <cuda_runtime.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include "tests/catch.h"

namespace {

struct Words {
  unsigned a, b, c;
};

constexpr int kResults = 20;

__global__ void integer_kernel(const Words* in, long long* out, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const unsigned a = in[i].a, b = in[i].b, c = in[i].c;
  const int sa = static_cast<int>(a), sb = static_cast<int>(b), sc = static_cast<int>(c);
  const unsigned long long wide = static_cast<unsigned long long>(a) << 32 | b;
  long long* r = out + i * kResults;
  r[0] = __popc(a);
  r[1] = __popcll(wide);
  r[2] = __clz(sa);
  r[3] = __clzll(static_cast<long long>(wide));
  r[4] = __ffs(sa);
  r[5] = __ffsll(static_cast<long long>(wide));
  r[6] = __brev(a);
  r[7] = __byte_perm(a, b, c & 0x7777);
  r[8] = __funnelshift_l(a, b, c);
  r[9] = __funnelshift_r(a, b, c);
  r[10] = __mulhi(sa, sb);
  r[11] = __umulhi(a, b);
  r[12] = __mul24(sa, sb);
  r[13] = __umul24(a, b);
  r[14] = __sad(sa, sb, c);
  r[15] = __usad(a, b, c);
  r[16] = __dp4a(sa, sb, sc);
  r[17] = __dp4a(a, b, c);
  r[18] = min(sa, sb) + static_cast<long long>(max(a, b));
  r[19] = __hadd(sa, sb);
}

// Bit by bit.
int count_bits(unsigned long long x) {
  int n = 0;
  for (int i = 0; i < 64; ++i) n += static_cast<int>(x >> i & 1);
  return n;
}
int leading_zeros(unsigned long long x, int bits) {
  int n = 0;
  while (n < bits && (x >> (bits - 1 - n) & 1) == 0) ++n;
  return n;
}
int first_set(unsigned long long x) {
  for (int i = 0; i < 64; ++i) {
    if (x >> i & 1) return i + 1;
  }
  return 0;
}
unsigned reversed(unsigned x) {
  unsigned r = 0;
  for (int i = 0; i < 32; ++i) r |= (x >> i & 1) << (31 - i);
  return r;
}
// The sign of the low 24 bits, extended.
long long low24(unsigned x) { return static_cast<int>(x << 8) / 256; }

void check(const Words& in, const long long* r) {
  const unsigned a = in.a, b = in.b, c = in.c;
  const long long sa = static_cast<int>(a), sb = static_cast<int>(b);
  const unsigned long long wide = static_cast<unsigned long long>(a) << 32 | b;
  CAPTURE(a, b, c);
  REQUIRE(r[0] == count_bits(a));
  REQUIRE(r[1] == count_bits(wide));
  REQUIRE(r[2] == leading_zeros(a, 32));
  REQUIRE(r[3] == leading_zeros(wide, 64));
  REQUIRE(r[4] == first_set(a));
  REQUIRE(r[5] == first_set(wide));
  REQUIRE(r[6] == reversed(a));
  unsigned char bytes[8];
  memcpy(bytes, &a, 4);
  memcpy(bytes + 4, &b, 4);
  unsigned permuted = 0;
  for (int i = 0; i < 4; ++i) permuted |= static_cast<unsigned>(bytes[c >> (4 * i) & 7]) << (8 * i);
  REQUIRE(r[7] == permuted);
  const unsigned shift = c & 31;
  REQUIRE(r[8] == (shift == 0 ? b : (b << shift | a >> (32 - shift))));
  REQUIRE(r[9] == (shift == 0 ? a : (a >> shift | b << (32 - shift))));
  REQUIRE(r[10] ==
          static_cast<long long>(std::floor(static_cast<long double>(sa * sb) / 4294967296.0L)));
  REQUIRE(r[11] == static_cast<long long>(static_cast<unsigned long long>(a) * b >> 32));
  REQUIRE(r[12] == static_cast<int>(static_cast<unsigned>(low24(a) * low24(b))));
  REQUIRE(r[13] ==
          static_cast<unsigned>((a & 0xffffffu) * static_cast<unsigned long long>(b & 0xffffffu)));
  REQUIRE(r[14] == static_cast<unsigned>(static_cast<unsigned>(std::llabs(sa - sb)) + c));
  REQUIRE(r[15] == static_cast<unsigned>((a > b ? a - b : b - a) + c));
  long long signed_dot = 0, unsigned_dot = 0;
  for (int i = 0; i < 4; ++i) {
    signed_dot += static_cast<signed char>(bytes[i]) * static_cast<signed char>(bytes[4 + i]);
    unsigned_dot += bytes[i] * bytes[4 + i];
  }
  REQUIRE(r[16] == static_cast<int>(static_cast<unsigned>(signed_dot + c)));
  REQUIRE(r[17] == static_cast<unsigned>(unsigned_dot + c));
  REQUIRE(r[18] == (sa < sb ? sa : sb) + static_cast<long long>(a > b ? a : b));
  REQUIRE(r[19] == static_cast<long long>(std::floor((sa + sb) / 2.0)));
}

struct Casts {
  int to_int[4];
  unsigned to_unsigned[4];
  long long to_ll_nearest;
  float from_int[4];
};

__global__ void cast_kernel(const float* in, const int* in_int, Casts* out, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const float x = in[i];
  Casts& r = out[i];
  r.to_int[0] = __float2int_rn(x);
  r.to_int[1] = __float2int_rz(x);
  r.to_int[2] = __float2int_rd(x);
  r.to_int[3] = __float2int_ru(x);
  r.to_unsigned[0] = __float2uint_rn(x);
  r.to_unsigned[1] = __float2uint_rz(x);
  r.to_unsigned[2] = __float2uint_rd(x);
  r.to_unsigned[3] = __float2uint_ru(x);
  r.to_ll_nearest = __float2ll_rn(x);
  r.from_int[0] = __int2float_rn(in_int[i]);
  r.from_int[1] = __int2float_rz(in_int[i]);
  r.from_int[2] = __int2float_rd(in_int[i]);
  r.from_int[3] = __int2float_ru(in_int[i]);
}

template <class T>
T saturated(double x) {
  if (std::isnan(x)) return 0;
  if (x > static_cast<double>(std::numeric_limits<T>::max())) return std::numeric_limits<T>::max();
  if (x < static_cast<double>(std::numeric_limits<T>::min())) return std::numeric_limits<T>::min();
  return static_cast<T>(x);
}
// Nearest integer, ties to even, without the library's rounding.
double nearest(double x) {
  const double below = std::floor(x), rest = x - below;
  if (rest != 0.5) return rest < 0.5 ? below : below + 1;
  return std::fmod(below, 2.0) == 0 ? below : below + 1;
}

}  // namespace

TEST_CASE("integer intrinsics give what their definitions say", "[simt][builtins]") {
  std::vector<Words> in;
  const unsigned corners[] = {0u,          1u,          2u,          31u,        32u,
                              0x7fffffffu, 0x80000000u, 0x80808080u, 0xffffffffu};
  for (unsigned a : corners) {
    for (unsigned b : corners) {
      for (unsigned c : corners) in.push_back({a, b, c});
    }
  }
  std::mt19937 random(Catch::rngSeed());
  for (int i = 0; i < 2000; ++i) {
    in.push_back({static_cast<unsigned>(random()), static_cast<unsigned>(random()),
                  static_cast<unsigned>(random())});
  }
  const int n = static_cast<int>(in.size());
  Words* device_in;
  long long* device_out;
  REQUIRE(cudaMalloc(&device_in, n * sizeof(Words)) == cudaSuccess);
  REQUIRE(cudaMalloc(&device_out, n * kResults * sizeof(long long)) == cudaSuccess);
  cudaMemcpy(device_in, in.data(), n * sizeof(Words), cudaMemcpyHostToDevice);
  integer_kernel<<<(n + 127) / 128, 128>>>(device_in, device_out, n);
  std::vector<long long> out(n * kResults);
  REQUIRE(cudaMemcpy(out.data(), device_out, out.size() * sizeof(long long),
                     cudaMemcpyDeviceToHost) == cudaSuccess);
  for (int i = 0; i < n; ++i) check(in[i], &out[i * kResults]);
  cudaFree(device_in);
  cudaFree(device_out);
}

TEST_CASE("casts round as named, saturate, and turn NaN into zero", "[simt][builtins]") {
  std::vector<float> in = {0.0f,     -0.0f,         0.5f,           1.5f,          2.5f,
                           -0.5f,    -1.5f,         1e30f,          -1e30f,        3e9f,
                           -3e9f,    2147483648.0f, -2147483648.0f, 4294967296.0f, NAN,
                           INFINITY, -INFINITY,     2147483520.0f,  1e-40f};
  std::mt19937 random(Catch::rngSeed());
  for (int i = 0; i < 2000; ++i) {
    in.push_back(std::ldexp(static_cast<float>(static_cast<int>(random())), -(i % 40)));
  }
  const int n = static_cast<int>(in.size());
  std::vector<int> integers;
  for (int i = 0; i < n; ++i) integers.push_back(static_cast<int>(random()));
  integers[0] = std::numeric_limits<int>::min();
  integers[1] = std::numeric_limits<int>::max();
  integers[2] = 0;
  float* device_in;
  int* device_integers;
  Casts* device_out;
  cudaMalloc(&device_in, n * sizeof(float));
  cudaMalloc(&device_integers, n * sizeof(int));
  cudaMalloc(&device_out, n * sizeof(Casts));
  cudaMemcpy(device_in, in.data(), n * sizeof(float), cudaMemcpyHostToDevice);
  cudaMemcpy(device_integers, integers.data(), n * sizeof(int), cudaMemcpyHostToDevice);
  cast_kernel<<<(n + 127) / 128, 128>>>(device_in, device_integers, device_out, n);
  std::vector<Casts> out(n);
  REQUIRE(cudaMemcpy(out.data(), device_out, n * sizeof(Casts), cudaMemcpyDeviceToHost) ==
          cudaSuccess);
  for (int i = 0; i < n; ++i) {
    const double x = in[i];
    CAPTURE(x, integers[i]);
    const double rounded[4] = {nearest(x), x < 0 ? std::ceil(x) : std::floor(x), std::floor(x),
                               std::ceil(x)};
    for (int mode = 0; mode < 4; ++mode) {
      REQUIRE(out[i].to_int[mode] == saturated<int>(rounded[mode]));
      REQUIRE(out[i].to_unsigned[mode] == saturated<unsigned>(rounded[mode]));
    }
    if (std::fabs(x) < 1e18) REQUIRE(out[i].to_ll_nearest == static_cast<long long>(rounded[0]));
    const double exact = integers[i];
    REQUIRE(out[i].from_int[0] == static_cast<float>(integers[i]));
    REQUIRE(std::fabs(static_cast<double>(out[i].from_int[1])) <= std::fabs(exact));
    REQUIRE(static_cast<double>(out[i].from_int[2]) <= exact);
    REQUIRE(static_cast<double>(out[i].from_int[3]) >= exact);
    REQUIRE(std::fabs(static_cast<double>(out[i].from_int[2]) - out[i].from_int[3]) <= 256);
  }
  cudaFree(device_in);
  cudaFree(device_integers);
  cudaFree(device_out);
}
