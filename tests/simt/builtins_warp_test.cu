// Warp shuffles, votes, matches and reductions; block votes.
#include <cuda_bf16.h>
#include <cuda_runtime.h>

#include <vector>

#include "tests/catch.h"

namespace {

constexpr unsigned kAll = 0xffffffffu;

template <class T>
std::vector<T> run(void (*kernel)(T*), int blocks, int threads, int per_thread) {
  T* device;
  const size_t n = static_cast<size_t>(blocks) * threads * per_thread;
  REQUIRE(cudaMalloc(&device, n * sizeof(T)) == cudaSuccess);
  REQUIRE(cudaMemset(device, 0, n * sizeof(T)) == cudaSuccess);
  kernel<<<blocks, threads>>>(device);
  std::vector<T> result(n);
  REQUIRE(cudaMemcpy(result.data(), device, n * sizeof(T), cudaMemcpyDeviceToHost) == cudaSuccess);
  cudaFree(device);
  return result;
}

__global__ void shuffle_kernel(int* out) {
  const int lane = threadIdx.x % 32;
  int* r = out + threadIdx.x * 16;
  r[0] = __shfl_sync(kAll, lane, 5);
  r[1] = __shfl_sync(kAll, lane, lane + 1);
  r[2] = __shfl_sync(kAll, lane, 3, 8);
  r[3] = __shfl_up_sync(kAll, lane, 2);
  r[4] = __shfl_up_sync(kAll, lane, 1, 4);
  r[5] = __shfl_down_sync(kAll, lane, 3);
  r[6] = __shfl_down_sync(kAll, lane, 2, 16);
  r[7] = __shfl_xor_sync(kAll, lane, 1);
  r[8] = __shfl_xor_sync(kAll, lane, 16, 8);
  r[9] = static_cast<int>(__shfl_xor_sync(kAll, lane * 1.5, 2) * 2);
  r[10] = static_cast<int>(__shfl_sync(kAll, static_cast<long long>(lane) << 40, 31) >> 40);
  r[11] = static_cast<int>(__bfloat162float(__shfl_down_sync(kAll, __float2bfloat16(lane), 1)));
  r[12] = static_cast<int>(__shfl_sync(kAll, lane * 0.5f, 9) * 2);
  r[13] = static_cast<int>(__shfl_sync(kAll, static_cast<unsigned>(lane), 7));
  const __nv_bfloat162 pair = __floats2bfloat162_rn(lane, -lane);
  r[14] = static_cast<int>(__high2float(__shfl_xor_sync(kAll, pair, 4)));
}

__global__ void vote_kernel(unsigned* out) {
  const unsigned lane = threadIdx.x % 32;
  unsigned* r = out + threadIdx.x * 12;
  r[0] = __ballot_sync(kAll, lane % 3 == 0);
  r[1] = static_cast<unsigned>(__any_sync(kAll, lane == 17));
  r[2] = static_cast<unsigned>(__all_sync(kAll, lane < 32));
  r[3] = static_cast<unsigned>(__all_sync(kAll, lane != 17));
  r[4] = __match_any_sync(kAll, lane / 4);
  r[5] = __match_any_sync(kAll, (lane % 2) * 1e300);
  int all_equal = -1;
  r[6] = __match_all_sync(kAll, 7ull << 40, &all_equal) + static_cast<unsigned>(all_equal);
  r[7] = __match_all_sync(kAll, lane, &all_equal) + static_cast<unsigned>(all_equal);
  r[8] = __reduce_add_sync(kAll, lane);
  r[9] = static_cast<unsigned>(__reduce_min_sync(kAll, 5 - static_cast<int>(lane)));
  r[10] = __reduce_max_sync(kAll, lane * 3) + __reduce_xor_sync(kAll, lane);
  r[11] = __reduce_or_sync(kAll, 1u << lane) & __reduce_and_sync(kAll, lane | 0x100);
}

// Lanes split; each part names its own.
__global__ void mask_kernel(unsigned* out) {
  const unsigned lane = threadIdx.x % 32;
  const unsigned odd = __ballot_sync(kAll, lane & 1);
  if (lane & 1) {
    out[threadIdx.x] = __shfl_sync(odd, lane, __ffs(static_cast<int>(odd)) - 1) * 1000 +
                       __reduce_add_sync(odd, 1u);
    __syncwarp(odd);
  } else {
    out[threadIdx.x] = __ballot_sync(~odd, lane >= 16);
  }
}

// Half of the lanes have returned: the rest are all that a full mask means, and the absent do not
// vote.
__global__ void returned_kernel(unsigned* out) {
  const unsigned lane = threadIdx.x % 32;
  const unsigned everyone = __ballot_sync(kAll, 1);
  if (lane >= 16) return;
  out[threadIdx.x] = __ballot_sync(kAll, 1);
  out[threadIdx.x] += static_cast<unsigned>(__all_sync(kAll, lane < 16)) << 20;
  out[threadIdx.x] += __reduce_add_sync(kAll, 1u) << 24;
  if (everyone != kAll) out[threadIdx.x] = 0;
}

__global__ void block_vote_kernel(int* out) {
  const int i = threadIdx.x;
  int* r = out + i * 4;
  r[0] = __syncthreads_count(i % 3 == 0);
  r[1] = __syncthreads_and(i < 96);
  r[2] = __syncthreads_and(i != 40);
  r[3] = __syncthreads_or(i == 40) * 2 + __syncthreads_or(i == 400);
}

}  // namespace

TEST_CASE("shuffles read the lane that their definition names", "[simt][builtins]") {
  const std::vector<int> out = run(shuffle_kernel, 1, 64, 16);
  for (int thread = 0; thread < 64; ++thread) {
    const int lane = thread % 32;
    const int* r = &out[thread * 16];
    CAPTURE(lane);
    CHECK(r[0] == 5);
    CHECK(r[1] == (lane + 1) % 32);
    CHECK(r[2] == lane / 8 * 8 + 3);
    CHECK(r[3] == (lane < 2 ? lane : lane - 2));
    CHECK(r[4] == (lane % 4 == 0 ? lane : lane - 1));
    CHECK(r[5] == (lane > 28 ? lane : lane + 3));
    CHECK(r[6] == (lane % 16 > 13 ? lane : lane + 2));
    CHECK(r[7] == (lane ^ 1));
    CHECK(r[8] == (lane < 16 ? lane : lane ^ 16));  // from an earlier segment, but not a later one
    CHECK(r[9] == (lane ^ 2) * 3);
    CHECK(r[10] == 31);
    CHECK(r[11] == (lane == 31 ? 31 : lane + 1));
    CHECK(r[12] == 9);
    CHECK(r[13] == 7);
    CHECK(r[14] == -(lane ^ 4));
  }
}

TEST_CASE("votes, matches and reductions see every lane of the mask", "[simt][builtins]") {
  const std::vector<unsigned> out = run(vote_kernel, 1, 64, 12);
  for (unsigned thread = 0; thread < 64; ++thread) {
    const unsigned lane = thread % 32;
    const unsigned* r = &out[thread * 12];
    CAPTURE(lane);
    CHECK(r[0] == 0x49249249u);
    CHECK(r[1] == 1);
    CHECK(r[2] == 1);
    CHECK(r[3] == 0);
    CHECK(r[4] == 0xfu << (lane / 4 * 4));
    CHECK(r[5] == (lane % 2 ? 0xaaaaaaaau : 0x55555555u));
    CHECK(r[6] == 0);  // all lanes, plus one
    CHECK(r[7] == 0);
    CHECK(r[8] == 496);
    CHECK(r[9] == static_cast<unsigned>(5 - 31));
    CHECK(r[10] == 93);
    CHECK(r[11] == 0x100);
  }
}

TEST_CASE("parts of a warp meet by themselves", "[simt][builtins]") {
  const std::vector<unsigned> out = run(mask_kernel, 1, 64, 1);
  for (unsigned thread = 0; thread < 64; ++thread) {
    CHECK(out[thread] == (thread & 1 ? 1000u + 16u : 0x55550000u));
  }
}

TEST_CASE("lanes that have returned do not vote", "[simt][builtins]") {
  const std::vector<unsigned> out = run(returned_kernel, 1, 32, 1);
  for (unsigned lane = 0; lane < 16; ++lane) {
    CHECK(out[lane] == 0xffffu + (1u << 20) + (16u << 24));
  }
}

TEST_CASE("a block's barrier counts predicates", "[simt][builtins]") {
  const std::vector<int> out = run(block_vote_kernel, 1, 96, 4);
  for (int i = 0; i < 96; ++i) {
    CHECK(out[i * 4] == 32);
    CHECK(out[i * 4 + 1] != 0);
    CHECK(out[i * 4 + 2] == 0);
    CHECK(out[i * 4 + 3] != 0);
  }
}
