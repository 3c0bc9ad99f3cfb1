// Atomics on global and shared memory.
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include <algorithm>
#include <vector>

#include "tests/catch.h"

namespace {

struct Cells {
  int add, subtract, least, greatest, exchanged, order;
  unsigned increment, decrement, all, any, odd, unsigned_add, locked, lock;
  unsigned long long wide, wide_greatest;
  float sum;
  double double_sum;
  __half half_sum;
  __nv_bfloat16 bf16_sum;
};

__global__ void update_kernel(Cells* c, int* old) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  old[i] = atomicAdd(&c->add, 1);
  atomicSub(&c->subtract, 2);
  atomicMin(&c->least, 500 - i);
  atomicMax(&c->greatest, i);
  atomicExch(&c->exchanged, i + 1);
  atomicInc(&c->increment, 99);
  atomicDec(&c->decrement, 99);
  atomicAnd(&c->all, ~(1u << i % 7));
  atomicOr(&c->any, 1u << i % 9);
  atomicXor(&c->odd, i);
  atomicAdd(&c->unsigned_add, 3);
  atomicAdd_block(&c->wide, 1ull << 33);
  atomicMax(&c->wide_greatest, static_cast<unsigned long long>(i) << 35);
  atomicAdd(&c->sum, 0.5f);
  atomicAdd_system(&c->double_sum, 0.25);
  atomicAdd(&c->half_sum, __float2half(1.0f));
  atomicAdd(&c->bf16_sum, __float2bfloat16(1.0f));
}

// A spin lock around an ordinary increment, one thread of each block at a time.
__global__ void lock_kernel(Cells* c) {
  if (threadIdx.x == 0) {
    while (atomicCAS(&c->lock, 0u, 1u) != 0) {
    }
    __threadfence();
    c->locked += 1;
    __threadfence();
    atomicExch(&c->lock, 0);
  }
}

__global__ void histogram_kernel(const unsigned char* in, unsigned* out, int n) {
  __shared__ unsigned bins[16];
  if (threadIdx.x < 16) bins[threadIdx.x] = 0;
  __syncthreads();
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) {
    atomicAdd(&bins[in[i] % 16], 1);
  }
  __syncthreads();
  if (threadIdx.x < 16) atomicAdd(&out[threadIdx.x], bins[threadIdx.x]);
}

// The last block to arrive adds up what the others left (the threadFenceReduction idiom).
__device__ unsigned arrived = 0;
__global__ void last_block_kernel(volatile int* partial, int* total) {
  __shared__ bool is_last;
  if (threadIdx.x == 0) {
    partial[blockIdx.x] = blockIdx.x;
    __threadfence();
    is_last = atomicInc(&arrived, gridDim.x) == gridDim.x - 1;
  }
  __syncthreads();
  if (is_last && threadIdx.x == 0) {
    int sum = 0;
    for (unsigned i = 0; i < gridDim.x; ++i) sum += partial[i];
    *total = sum;
    arrived = 0;
  }
}

// Values that other threads of the block write while this one looks.
__global__ void wait_kernel(volatile int* flag, int* out) {
  if (threadIdx.x == 0) {
    while (atomicAdd(const_cast<int*>(flag), 0) == 0) {
    }
    *out = 1;
  } else if (threadIdx.x == 40) {
    *flag = 1;
  }
}

}  // namespace

TEST_CASE("every atomic does what its name says, over blocks", "[simt][builtins]") {
  constexpr int kThreads = 8 * 64;
  Cells start{}, end;
  start.least = 1000;
  start.all = 0xff;
  Cells* cells;
  int* old;
  REQUIRE(cudaMalloc(&cells, sizeof(Cells)) == cudaSuccess);
  REQUIRE(cudaMalloc(&old, kThreads * sizeof(int)) == cudaSuccess);
  cudaMemcpy(cells, &start, sizeof(Cells), cudaMemcpyHostToDevice);
  update_kernel<<<8, 64>>>(cells, old);
  lock_kernel<<<8, 64>>>(cells);
  REQUIRE(cudaMemcpy(&end, cells, sizeof(Cells), cudaMemcpyDeviceToHost) == cudaSuccess);
  std::vector<int> order(kThreads);
  cudaMemcpy(order.data(), old, kThreads * sizeof(int), cudaMemcpyDeviceToHost);
  std::sort(order.begin(), order.end());
  for (int i = 0; i < kThreads; ++i) REQUIRE(order[i] == i);
  CHECK(end.add == kThreads);
  CHECK(end.subtract == -2 * kThreads);
  CHECK(end.least == 500 - (kThreads - 1));
  CHECK(end.greatest == kThreads - 1);
  CHECK(end.exchanged >= 1);
  CHECK(end.increment == kThreads % 100);
  CHECK(end.decrement == (100 - kThreads % 100) % 100);
  CHECK(end.all == 0x80);
  CHECK(end.any == 0x1ff);
  CHECK(end.odd == 0);
  CHECK(end.unsigned_add == 3 * kThreads);
  CHECK(end.wide == static_cast<unsigned long long>(kThreads) << 33);
  CHECK(end.wide_greatest == static_cast<unsigned long long>(kThreads - 1) << 35);
  CHECK(end.sum == 0.5f * kThreads);
  CHECK(end.double_sum == 0.25 * kThreads);
  CHECK(__half2float(end.half_sum) == kThreads);
  CHECK(__bfloat162float(end.bf16_sum) == 256);  // adding 1 to it is lost in rounding
  CHECK(end.locked == 8);
  cudaFree(cells);
  cudaFree(old);
}

TEST_CASE("a histogram over shared and global memory adds up", "[simt][builtins]") {
  std::vector<unsigned char> in(10000);
  std::vector<unsigned> expected(16, 0), out(16);
  for (size_t i = 0; i < in.size(); ++i) {
    in[i] = static_cast<unsigned char>(i * i % 251);
    ++expected[in[i] % 16];
  }
  unsigned char* device_in;
  unsigned* device_out;
  cudaMalloc(&device_in, in.size());
  cudaMalloc(&device_out, 16 * sizeof(unsigned));
  cudaMemset(device_out, 0, 16 * sizeof(unsigned));
  cudaMemcpy(device_in, in.data(), in.size(), cudaMemcpyHostToDevice);
  histogram_kernel<<<6, 96>>>(device_in, device_out, static_cast<int>(in.size()));
  REQUIRE(cudaMemcpy(out.data(), device_out, 16 * sizeof(unsigned), cudaMemcpyDeviceToHost) ==
          cudaSuccess);
  CHECK(out == expected);
  cudaFree(device_in);
  cudaFree(device_out);
}

TEST_CASE("the last block to arrive sees what all others wrote", "[simt][builtins]") {
  int *partial, *total, host = 0;
  cudaMalloc(&partial, 50 * sizeof(int));
  cudaMalloc(&total, sizeof(int));
  for (int repeat = 0; repeat < 3; ++repeat) {
    last_block_kernel<<<50, 32>>>(partial, total);
    REQUIRE(cudaMemcpy(&host, total, sizeof(int), cudaMemcpyDeviceToHost) == cudaSuccess);
    CHECK(host == 49 * 50 / 2);
  }
  cudaFree(partial);
  cudaFree(total);
}

TEST_CASE("a thread that waits on an atomic lets the one it waits for run", "[simt][builtins]") {
  int *flag, *out, host = 0;
  cudaMalloc(&flag, sizeof(int));
  cudaMalloc(&out, sizeof(int));
  cudaMemset(flag, 0, sizeof(int));
  wait_kernel<<<1, 64>>>(flag, out);
  REQUIRE(cudaMemcpy(&host, out, sizeof(int), cudaMemcpyDeviceToHost) == cudaSuccess);
  CHECK(host == 1);
  cudaFree(flag);
  cudaFree(out);
}
