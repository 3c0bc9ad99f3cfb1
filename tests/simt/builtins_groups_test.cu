// Cooperative groups, device printf and assert, cached loads, memcpy and clocks in kernels.
#include <cooperative_groups.h>
#include <cooperative_groups/reduce.h>
#include <cuda_runtime.h>

#include <algorithm>
#include <cassert>
#include <cstdio>
#include <cstring>
#include <vector>

#include "tests/catch.h"

namespace {

namespace cg = cooperative_groups;

template <class T>
std::vector<T> run(void (*kernel)(T*), dim3 blocks, dim3 threads, int results) {
  T* device;
  REQUIRE(cudaMalloc(&device, results * sizeof(T)) == cudaSuccess);
  REQUIRE(cudaMemset(device, 0, results * sizeof(T)) == cudaSuccess);
  kernel<<<blocks, threads>>>(device);
  std::vector<T> result(results);
  REQUIRE(cudaMemcpy(result.data(), device, results * sizeof(T), cudaMemcpyDeviceToHost) ==
          cudaSuccess);
  cudaFree(device);
  return result;
}

template <unsigned kSize>
__device__ float tile_sum(const cg::thread_block_tile<kSize>& tile, float value) {
  for (unsigned offset = tile.size() / 2; offset > 0; offset /= 2) {
    value += tile.shfl_down(value, offset);
  }
  return tile.shfl(value, 0);
}

__device__ int group_sum(cg::thread_group group, int* scratch, int value) {
  const int rank = group.thread_rank();
  for (int half = group.size() / 2; half > 0; half /= 2) {
    scratch[rank] = value;
    group.sync();
    if (rank < half) value += scratch[rank + half];
    group.sync();
  }
  return value;
}

// Threads of a block that writes; 64 threads, 14 results each.
__global__ void tile_kernel(float* out) {
  __shared__ int scratch[64];
  const cg::thread_block block = cg::this_thread_block();
  const cg::thread_block_tile<32> warp = cg::tiled_partition<32>(block);
  const auto four = cg::tiled_partition<4>(warp);
  const float rank = block.thread_rank();
  float* r = out + block.thread_rank() * 14;
  r[0] = cg::reduce(warp, rank, cg::plus<float>());
  r[1] = cg::reduce(four, rank, cg::greater<float>());
  r[2] = cg::reduce(four, static_cast<int>(rank), cg::less<int>());
  r[3] = tile_sum<32>(warp, 1.0f);
  r[4] = warp.meta_group_rank() * 10 + warp.meta_group_size();
  r[5] = four.meta_group_rank() * 10 + four.meta_group_size();
  r[6] = four.ballot(four.thread_rank() == 2);
  r[7] = four.any(rank == 9) + 2 * warp.all(rank < 32);
  r[8] = four.shfl_xor(rank, 1) + 100 * four.shfl_up(four.thread_rank(), 1);
  r[9] = four.match_any(static_cast<int>(rank) / 2);
  const int sum = group_sum(block, scratch, 1);
  r[10] = block.thread_rank() == 0 ? sum : 64;
  r[11] = cg::reduce(warp, 1u << warp.thread_rank(), cg::bit_or<unsigned>()) == 0xffffffffu;
  const float4 far = warp.shfl(make_float4(rank, 1, 2, 3), 8);
  r[12] = far.x + far.w;
  const cg::coalesced_group thirds = cg::labeled_partition(warp, warp.thread_rank() % 3);
  r[13] = cg::reduce(thirds, static_cast<int>(warp.thread_rank()), cg::plus<int>()) + thirds.size();
  cg::sync(block);
}

__global__ void grid_kernel(unsigned* out) {
  const cg::grid_group grid = cg::this_grid();
  const cg::thread_block block = cg::this_thread_block();
  if (threadIdx.x == 1 && threadIdx.y == 2 && blockIdx.x == 1 && blockIdx.y == 2) {
    out[0] = grid.size();
    out[1] = grid.thread_rank();
    out[2] = block.group_index().y * 10 + block.thread_index().y;
    out[3] = block.size();
    out[4] = block.group_dim().x * 10 + block.group_dim().y;
  }
}

// One atomic for all the threads that are together (the warp-aggregated counter).
__global__ void aggregate_kernel(int* out) {
  const cg::coalesced_group active = cg::coalesced_threads();
  int first = 0;
  if (active.thread_rank() == 0) first = atomicAdd(out, static_cast<int>(active.size()));
  first = active.shfl(first, 0);
  out[1 + first + active.thread_rank()] = 1 + threadIdx.x;
}

// The same where only some threads come, in a loop, on both sides of a branch.
__device__ int aggregated_increment(int* counter) {
  const cg::coalesced_group active = cg::coalesced_threads();
  int first = 0;
  if (active.thread_rank() == 0) first = atomicAdd(counter, static_cast<int>(active.size()));
  return active.shfl(first, 0) + static_cast<int>(active.thread_rank());
}

// out[0] and out[1] count; what passes a filter is packed behind them.
__global__ void filter_kernel(int* out) {
  const int i = threadIdx.x;
  for (int round = 0; round < 3; ++round) {
    const int value = round * 100 + i;
    if (value % 3 == 0) {
      out[2 + aggregated_increment(&out[0])] = value;
    } else if (i % 2 == 0) {
      atomicAdd(&out[1], __popc(__activemask()) > 0 ? 1 : 0);
    }
  }
}

__host__ __device__ inline int checked_half(int x) {
  assert(x % 2 == 0);
  if (x > 100) printf("large: %d\n", x);
  return x / 2;
}

__global__ void misc_kernel(int* out) {
  const long long start = clock64();
  const int first = static_cast<int>(clock());
  out[0] = checked_half(8);
  __threadfence_block();
  out[1] = clock64() >= start && static_cast<int>(clock()) >= first;
  int words[12];
  for (int i = 0; i < 12; ++i) words[i] = i;
  memcpy(out + 2, words, sizeof(words));
  memset(out + 14, 0x11, 2 * sizeof(int));
  out[16] = __ldg(out + 4) + __ldcg(out + 5) + __ldcs(out + 6);
  __stcs(out + 17, 5);
  __stwt(out + 18, 6);
  out[19] = warpSize;
  __nanosleep(100);
}

__global__ void vector_kernel(float4* out, const float4* in) {
  float4 v = __ldg(in + threadIdx.x);
  v.x *= 2;
  out[threadIdx.x] = v;
  const float2 half = make_float2(v.x, v.y);
  reinterpret_cast<float2*>(out)[2 * threadIdx.x + 1] = half;
  out[threadIdx.x].w = __int_as_float(__float_as_int(v.w));
}

}  // namespace

TEST_CASE("tiles reduce, shuffle and vote among themselves", "[simt][builtins]") {
  const std::vector<float> out = run(tile_kernel, 1, 64, 64 * 14);
  for (int i = 0; i < 64; ++i) {
    const float* r = &out[i * 14];
    CAPTURE(i);
    CHECK(r[0] == (i < 32 ? 496 : 496 + 1024));
    CHECK(r[1] == i / 4 * 4 + 3);
    CHECK(r[2] == i / 4 * 4);
    CHECK(r[3] == 32);
    CHECK(r[4] == i / 32 * 10 + 2);
    CHECK(r[5] == i % 32 / 4 * 10 + 8);
    CHECK(r[6] == 4);
    CHECK(r[7] == (i / 4 == 2) + 2 * (i < 32));
    CHECK(r[8] == (i ^ 1) + 100 * (i % 4 == 0 ? 0 : i % 4 - 1));
    CHECK(r[9] == (i % 4 < 2 ? 3 : 12));
    CHECK(r[10] == 64);
    CHECK(r[11] == 1);
    CHECK(r[12] == i / 32 * 32 + 8 + 3);
    const int third = i % 32 % 3;  // 0, 3, ... 30; 1, 4, ... 31; 2, 5, ... 29
    CHECK(r[13] == (third == 0 ? 165 + 11 : third == 1 ? 176 + 11 : 155 + 10));
  }
}

TEST_CASE("the grid and the block know their sizes and ranks", "[simt][builtins]") {
  const std::vector<unsigned> out = run(grid_kernel, dim3(2, 3), dim3(4, 5), 5);
  CHECK(out == std::vector<unsigned>{120, 5 * 20 + 2 * 4 + 1, 22, 20, 45});
}

TEST_CASE("threads that are together share one atomic", "[simt][builtins]") {
  const std::vector<int> out = run(aggregate_kernel, 1, 64, 65);
  CHECK(out[0] == 64);
  std::vector<bool> seen(65, false);
  for (int i = 1; i <= 64; ++i) seen[out[i]] = true;
  for (int i = 1; i <= 64; ++i) CHECK(seen[i]);
}

TEST_CASE("threads that are together on one side of a branch find each other", "[simt][builtins]") {
  const std::vector<int> out = run(filter_kernel, 1, 64, 200);
  std::vector<int> expected;
  int others = 0;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 64; ++i) {
      const int value = round * 100 + i;
      if (value % 3 == 0) {
        expected.push_back(value);
      } else {
        others += i % 2 == 0;
      }
    }
  }
  CHECK(out[0] == static_cast<int>(expected.size()));
  std::vector<int> packed(out.begin() + 2, out.begin() + 2 + out[0]);
  std::sort(packed.begin(), packed.end());
  CHECK(packed == expected);
  CHECK(out[1] == others);
}

TEST_CASE("clocks, copies, hints and functions of both sides work in a kernel",
          "[simt][builtins]") {
  const std::vector<int> out = run(misc_kernel, 1, 1, 20);
  CHECK(out[0] == 4);
  CHECK(out[1] == 1);
  for (int i = 0; i < 12; ++i) CHECK(out[2 + i] == i);
  CHECK(out[14] == 0x11111111);
  CHECK(out[15] == 0x11111111);
  CHECK(out[16] == 2 + 3 + 4);
  CHECK(out[17] == 5);
  CHECK(out[18] == 6);
  CHECK(out[19] == 32);
  CHECK(checked_half(6) == 3);
}

TEST_CASE("vector types are loaded, stored and seen through other types", "[simt][builtins]") {
  std::vector<float4> in(8), out(8);
  for (int i = 0; i < 8; ++i) in[i] = make_float4(i, 10 + i, 20 + i, 30 + i);
  float4 *device_in, *device_out;
  REQUIRE(cudaMalloc(&device_in, 8 * sizeof(float4)) == cudaSuccess);
  REQUIRE(cudaMalloc(&device_out, 8 * sizeof(float4)) == cudaSuccess);
  cudaMemcpy(device_in, in.data(), 8 * sizeof(float4), cudaMemcpyHostToDevice);
  vector_kernel<<<1, 8>>>(device_out, device_in);
  REQUIRE(cudaMemcpy(out.data(), device_out, 8 * sizeof(float4), cudaMemcpyDeviceToHost) ==
          cudaSuccess);
  for (int i = 0; i < 8; ++i) {
    CHECK(out[i].x == 2 * i);
    CHECK(out[i].z == 2 * i);
    CHECK(out[i].w == 30 + i);
  }
  cudaFree(device_in);
  cudaFree(device_out);
}
