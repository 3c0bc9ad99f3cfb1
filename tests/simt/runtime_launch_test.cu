// What a launch checks before the kernel runs; attributes, occupancy, symbols, typed calls.
#include <cuda_runtime.h>

#include "tests/catch.h"

namespace {

__constant__ float coefficients[4];
__device__ int counter_values[8];

__global__ void fill_kernel(int* out, int n, int value) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] = value + i;
}

__global__ void touch_shared_kernel(int* out) {
  extern __shared__ int dynamic[];
  dynamic[threadIdx.x] = threadIdx.x;
  __syncthreads();
  out[threadIdx.x] = dynamic[blockDim.x - 1 - threadIdx.x];
}

__global__ void evaluate_kernel(float* out) {
  out[threadIdx.x] = coefficients[threadIdx.x] * 2.0f;
  counter_values[threadIdx.x] = static_cast<int>(threadIdx.x) + 100;
}

struct Pair {
  double weight;
  int index;
};
__global__ void struct_kernel(Pair pair, int* out) { *out = pair.index + (pair.weight > 1); }

int value_at(const int* device, int i) {
  int value = 0;
  REQUIRE(cudaMemcpy(&value, device + i, sizeof value, cudaMemcpyDeviceToHost) == cudaSuccess);
  return value;
}

struct Ints {
  int* data = nullptr;
  explicit Ints(int n) { REQUIRE(cudaMalloc(&data, n * sizeof(int)) == cudaSuccess); }
  ~Ints() { cudaFree(data); }
};

}  // namespace

TEST_CASE("a kernel runs at its launch's grid and block", "[simt]") {
  Ints out(1000);
  fill_kernel<<<8, 128>>>(out.data, 1000, 5);
  REQUIRE(cudaGetLastError() == cudaSuccess);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  CHECK(value_at(out.data, 999) == 1004);
}

TEST_CASE("an empty or too large grid or block is an invalid configuration", "[simt]") {
  Ints out(4);
  const dim3 wrong[][2] = {
      {dim3(0), dim3(32)},        {dim3(1), dim3(0)},           {dim3(1), dim3(1025)},
      {dim3(1), dim3(32, 33)},    {dim3(1), dim3(1, 1, 65)},    {dim3(1), dim3(2048, 0)},
      {dim3(1, 65536), dim3(32)}, {dim3(1, 1, 65536), dim3(1)}, {dim3(0x80000000u), dim3(1)}};
  for (const auto& shape : wrong) {
    fill_kernel<<<shape[0], shape[1]>>>(out.data, 4, 0);
    CHECK(cudaGetLastError() == cudaErrorInvalidConfiguration);
    CHECK(cudaGetLastError() == cudaSuccess);
  }
  fill_kernel<<<dim3(1, 65535), dim3(1, 1, 64)>>>(out.data, 0, 0);
  CHECK(cudaGetLastError() == cudaSuccess);
}

TEST_CASE("more than 48 KB of dynamic shared memory must be asked for", "[simt]") {
  Ints out(64);
  touch_shared_kernel<<<1, 64, 48 << 10>>>(out.data);
  CHECK(cudaGetLastError() == cudaSuccess);
  touch_shared_kernel<<<1, 64, (48 << 10) + 4>>>(out.data);
  CHECK(cudaGetLastError() == cudaErrorInvalidValue);
  REQUIRE(cudaFuncSetAttribute(touch_shared_kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                               60 << 10) == cudaSuccess);
  touch_shared_kernel<<<1, 64, 60 << 10>>>(out.data);
  CHECK(cudaGetLastError() == cudaSuccess);
  CHECK(value_at(out.data, 0) == 63);
  touch_shared_kernel<<<1, 64, 61 << 10>>>(out.data);
  CHECK(cudaGetLastError() == cudaErrorInvalidValue);
  int most = 0;
  REQUIRE(cudaDeviceGetAttribute(&most, cudaDevAttrMaxSharedMemoryPerBlockOptin, 0) == cudaSuccess);
  CHECK(cudaFuncSetAttribute(touch_shared_kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                             most + 1) == cudaErrorInvalidValue);
  cudaGetLastError();
  cudaFuncAttributes attributes;
  REQUIRE(cudaFuncGetAttributes(&attributes, touch_shared_kernel) == cudaSuccess);
  CHECK(attributes.maxDynamicSharedSizeBytes == 60 << 10);
  CHECK(attributes.maxThreadsPerBlock == 1024);
}

TEST_CASE("a launch on a destroyed stream is refused", "[simt]") {
  Ints out(4);
  cudaStream_t stream;
  REQUIRE(cudaStreamCreate(&stream) == cudaSuccess);
  fill_kernel<<<1, 4, 0, stream>>>(out.data, 4, 0);
  CHECK(cudaGetLastError() == cudaSuccess);
  REQUIRE(cudaStreamDestroy(stream) == cudaSuccess);
#ifdef SIMT_SIMULATOR  // on a GPU this is undefined
  fill_kernel<<<1, 4, 0, stream>>>(out.data, 4, 0);
  CHECK(cudaGetLastError() == cudaErrorInvalidResourceHandle);
#endif
}

TEST_CASE("constant and device variables are copied by name", "[simt]") {
  const float numbers[4] = {1, 2, 3, 4};
  REQUIRE(cudaMemcpyToSymbol(coefficients, numbers, sizeof numbers) == cudaSuccess);
  float* out = nullptr;
  REQUIRE(cudaMalloc(&out, sizeof numbers) == cudaSuccess);
  evaluate_kernel<<<1, 4>>>(out);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  float back[4] = {};
  REQUIRE(cudaMemcpy(back, out, sizeof back, cudaMemcpyDeviceToHost) == cudaSuccess);
  CHECK(back[3] == 8);
  int counted[2] = {};
  REQUIRE(cudaMemcpyFromSymbol(counted, counter_values, sizeof counted, 2 * sizeof(int)) ==
          cudaSuccess);
  CHECK(counted[1] == 103);
  CHECK(cudaMemcpyToSymbol(coefficients, numbers, sizeof numbers, 4) == cudaErrorInvalidValue);
  cudaGetLastError();
  void* address = nullptr;
  size_t bytes = 0;
  REQUIRE(cudaGetSymbolAddress(&address, counter_values) == cudaSuccess);
  REQUIRE(cudaGetSymbolSize(&bytes, counter_values) == cudaSuccess);
  CHECK(bytes == sizeof counter_values);
  REQUIRE(cudaMemset(address, 0, bytes) == cudaSuccess);
  REQUIRE(cudaMemcpyFromSymbol(counted, counter_values, sizeof counted) == cudaSuccess);
  CHECK(counted[0] == 0);
  cudaFree(out);
}

TEST_CASE("cudaLaunchKernel takes the kernel and pointers to its arguments", "[simt]") {
  Ints out(300);
  int n = 300, value = 7;
  void* arguments[] = {&out.data, &n, &value};
  REQUIRE(cudaLaunchKernel(fill_kernel, dim3(3), dim3(100), arguments, 0, nullptr) == cudaSuccess);
  CHECK(value_at(out.data, 299) == 306);
  Pair pair = {2.5, 40};
  void* pair_arguments[] = {&pair, &out.data};
  REQUIRE(cudaLaunchKernel(struct_kernel, dim3(1), dim3(1), pair_arguments, 0, nullptr) ==
          cudaSuccess);
  CHECK(value_at(out.data, 0) == 41);
  CHECK(cudaLaunchKernel(fill_kernel, dim3(0), dim3(1), arguments, 0, nullptr) ==
        cudaErrorInvalidConfiguration);
  cudaGetLastError();
}

TEST_CASE("occupancy follows threads and shared memory", "[simt]") {
  int blocks = 0;
  REQUIRE(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, fill_kernel, 1024, 0) ==
          cudaSuccess);
  CHECK(blocks >= 1);
  REQUIRE(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, fill_kernel, 32, 40 << 10) ==
          cudaSuccess);
  cudaDeviceProp p;
  REQUIRE(cudaGetDeviceProperties(&p, 0) == cudaSuccess);
  CHECK(blocks == int(p.sharedMemPerMultiprocessor / ((40 << 10) + p.reservedSharedMemPerBlock)));
  int grid = 0, block = 0;
  REQUIRE(cudaOccupancyMaxPotentialBlockSize(&grid, &block, fill_kernel) == cudaSuccess);
  CHECK(block % 32 == 0);
  CHECK(grid % p.multiProcessorCount == 0);
}
