// Translated code at work: the ways in which tutorials launch kernels and share memory.
#include <cuda_runtime.h>

#include <vector>

#include "tests/catch.h"

#define CEIL_DIV(m, n) (((m) + (n)-1) / (n))
#define LAUNCH(kernel, grid, ...) kernel<<<grid, 64>>>(__VA_ARGS__)
#define GLOBAL_INDEX (blockIdx.x * blockDim.x + threadIdx.x)
#define SHARED_ARRAY(type, name, n) __shared__ type name[n]

extern __shared__ float file_shared[];

namespace {

__constant__ float scales[2] = {2.0f, 3.0f};
__device__ int runs = 0;
__device__ const int kTable[3] = {5, 6, 7};

template <typename T>
struct DynamicShared {
  __device__ operator T*() {
    extern __shared__ __align__(16) unsigned char raw_bytes[];
    return reinterpret_cast<T*>(raw_bytes);
  }
};

template <typename T>
__global__ void fill_kernel(T* out, T value, int n) {
  const int i = GLOBAL_INDEX;
  if (i < n) out[i] = value;
}

__global__ void default_kernel(int* out, int value = 7, bool add = true) {
  out[0] = add ? value + 1 : value;
}

__global__ void overloaded_kernel(int* out) { out[0] = 1; }
__global__ void overloaded_kernel(float* out) { out[0] = 2; }

template <class F>
__global__ void apply_kernel(int n, F f) {
  const int i = GLOBAL_INDEX;
  if (i < n) f(i);
}

namespace inner {
template <int kRows, class T>
__global__ void transpose_kernel(T* out, const T* in) {
  __shared__ T tile[kRows][kRows + 1], *unused_pointer;
  (void)unused_pointer;
  tile[threadIdx.y][threadIdx.x] = in[threadIdx.y * kRows + threadIdx.x];
  __syncthreads();
  out[threadIdx.y * kRows + threadIdx.x] = tile[threadIdx.x][threadIdx.y];
}
}  // namespace inner

template <typename T, unsigned kThreads>
__global__ void __launch_bounds__(kThreads) sum_kernel(const T* in, T* out, int n) {
  T* partial = DynamicShared<T>();
  T sum = 0;
  for (int i = threadIdx.x; i < n; i += kThreads) sum += in[i];
  partial[threadIdx.x] = sum;
  __syncthreads();
#pragma unroll
  for (unsigned half = kThreads / 2; half > 0; half /= 2) {
    if (threadIdx.x < half) partial[threadIdx.x] += partial[threadIdx.x + half];
    __syncthreads();
  }
  if (threadIdx.x == 0) *out = partial[0];
}

__global__ void file_shared_kernel(float* out) {
  file_shared[threadIdx.x] = threadIdx.x;
  __syncthreads();
  out[threadIdx.x] = file_shared[blockDim.x - 1 - threadIdx.x];
}

struct __align__(16) Wide {
  float a;
  int b;
};

__global__ void kinds_kernel(float* out, size_t* addresses) {
  __shared__ struct { float a, b; } pair;
  __shared__ volatile float flag;
  static __shared__ union {
    int i;
    float f;
  } both;
  __shared__ char odd;
  __shared__ Wide wide[2];
  char __shared__ __align__(64) aligned[3];
  SHARED_ARRAY(int, first, 4);
  SHARED_ARRAY(float, second, 2);
  if (threadIdx.x == 0) {
    pair.b = 1;
    flag = 2;
    both.f = 4;
    odd = 8;
    wide[1].b = 16;
    aligned[2] = 32;
    first[3] = 64;
    second[1] = 128;
  }
  __syncthreads();
  out[threadIdx.x] = pair.b + flag + both.f + odd + wide[1].b + aligned[2] + first[3] + second[1];
  addresses[0] = reinterpret_cast<size_t>(&wide[0]);
  addresses[1] = reinterpret_cast<size_t>(&aligned[0]);
  addresses[2] = reinterpret_cast<size_t>(&first[0]);
}

__global__ void variables_kernel(float* out) {
  out[threadIdx.x] = scales[threadIdx.x] * kTable[threadIdx.x + 1];
  if (threadIdx.x == 0) atomicAdd(&runs, 1);
}

__global__ void position_kernel(unsigned* out) {
  const uint3 thread = threadIdx, block = blockIdx;
  const dim3 size = blockDim, grid = gridDim;
  const unsigned in_block = (thread.z * size.y + thread.y) * size.x + thread.x;
  const unsigned in_grid = (block.z * grid.y + block.y) * grid.x + block.x;
  out[in_grid * size.x * size.y * size.z + in_block] = in_grid * 1000 + in_block;
}

template <class T>
class Managed {
 public:
  explicit Managed(int n) : n_(n) { REQUIRE(cudaMalloc(&data_, n * sizeof(T)) == cudaSuccess); }
  ~Managed() { cudaFree(data_); }
  Managed(const Managed&) = delete;
  Managed& operator=(const Managed&) = delete;
  T* get() const { return data_; }
  operator T*() const { return data_; }
  std::vector<T> host() const {
    std::vector<T> result(n_);
    REQUIRE(cudaMemcpy(result.data(), data_, n_ * sizeof(T), cudaMemcpyDeviceToHost) ==
            cudaSuccess);
    return result;
  }
  void fill(T value, cudaStream_t stream = 0) {
    dim3 gridDim(CEIL_DIV(n_, 32)), blockDim(32);
    chosen_<<<gridDim, blockDim, 0, stream>>>(data_, value, n_);
  }

 private:
  int n_;
  T* data_ = nullptr;
  void (*chosen_)(T*, T, int) = fill_kernel<T>;
};

}  // namespace

TEST_CASE("a kernel may be a template, overloaded, a pointer or a macro's", "[simt][translate]") {
  Managed<float> data(100);
  Managed<int> numbers(1);
  fill_kernel<<<CEIL_DIV(100, 32), 32>>>(data.get(), 1.5f, 100);  // the type is deduced
  CHECK(data.host() == std::vector<float>(100, 1.5f));
  fill_kernel<float><<<4, 32>>>(data, 2, 100);  // arguments convert to the parameters' types
  CHECK(data.host() == std::vector<float>(100, 2.0f));
  void (*pointer)(float*, float, int) = fill_kernel<float>;
  (*pointer)<<<4, 32>>>(data, 3.0, 100);
  CHECK(data.host() == std::vector<float>(100, 3.0f));
  data.fill(4);
  CHECK(data.host() == std::vector<float>(100, 4.0f));
  LAUNCH(fill_kernel<float>, 2, data, 5.0f, 100);
  CHECK(data.host() == std::vector<float>(100, 5.0f));
  overloaded_kernel<<<1, 1>>>(numbers.get());
  overloaded_kernel<<<1, 1>>>(data.get());
  CHECK(numbers.host()[0] == 1);
  CHECK(data.host()[0] == 2);
  default_kernel<<<1, 1>>>(numbers);
  CHECK(numbers.host()[0] == 8);
  default_kernel<<<1, 1>>>(numbers, 3, false);
  CHECK(numbers.host()[0] == 3);
  fill_kernel<float><<<1, 1>>>(NULL, 0, 0);
  fill_kernel<float><<<1, 1>>>({}, {}, 0);
  CHECK(cudaDeviceSynchronize() == cudaSuccess);
}

TEST_CASE("a lambda can be a kernel's argument", "[simt][translate]") {
  Managed<int> out(8);
  int* p = out;
  const int factor = 3;
  apply_kernel<<<1, 32>>>(8, [=] __device__(int i) { p[i] = factor * i; });
  CHECK(out.host() == std::vector<int>{0, 3, 6, 9, 12, 15, 18, 21});
}

TEST_CASE("static and dynamic shared arrays of any type work", "[simt][translate]") {
  Managed<int> in(16), out(16);
  int* p = in;
  apply_kernel<<<1, 32>>>(16, [=] __device__(int i) { p[i] = i; });
  inner::transpose_kernel<4, int><<<1, dim3(4, 4)>>>(out, in);
  CHECK(out.host() == std::vector<int>{0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15});
  sum_kernel<int, 64><<<1, 64, 64 * sizeof(int)>>>(in, out, 16);
  CHECK(out.host()[0] == 120);
  Managed<double> in_double(10), out_double(1);
  in_double.fill(0.5);
  sum_kernel<double, 32><<<1, 32, 32 * sizeof(double)>>>(in_double, out_double, 10);
  CHECK(out_double.host()[0] == 5.0);
  Managed<float> reversed(8);
  file_shared_kernel<<<1, 8, 8 * sizeof(float)>>>(reversed);
  CHECK(reversed.host() == std::vector<float>{7, 6, 5, 4, 3, 2, 1, 0});
}

TEST_CASE("shared scalars, structs, unions and aligned arrays work", "[simt][translate]") {
  Managed<float> out(64);
  Managed<size_t> addresses(3);
  kinds_kernel<<<2, 64>>>(out, addresses);
  CHECK(out.host() == std::vector<float>(64, 255.0f));
  CHECK(addresses.host()[0] % 16 == 0);
  CHECK(addresses.host()[1] % 64 == 0);
  CHECK(addresses.host()[2] % 4 == 0);
}

TEST_CASE("__constant__ and __device__ variables are read, written and copied",
          "[simt][translate]") {
  Managed<float> out(2);
  variables_kernel<<<1, 2>>>(out);
  CHECK(out.host() == std::vector<float>{12, 21});
  const float other[2] = {10, 100};
  REQUIRE(cudaMemcpyToSymbol(scales, other, sizeof(other)) == cudaSuccess);
  variables_kernel<<<1, 2>>>(out);
  CHECK(out.host() == std::vector<float>{60, 700});
  int count = 0;
  REQUIRE(cudaMemcpyFromSymbol(&count, runs, sizeof(count)) == cudaSuccess);
  CHECK(count == 2);
}

TEST_CASE("each thread knows its place in three dimensions", "[simt][translate]") {
  const dim3 grid(2, 3, 2), block(3, 2, 5);
  Managed<unsigned> out(12 * 30);
  position_kernel<<<grid, block>>>(out);
  const std::vector<unsigned> seen = out.host();
  for (unsigned i = 0; i < seen.size(); ++i) REQUIRE(seen[i] == i / 30 * 1000 + i % 30);
}
