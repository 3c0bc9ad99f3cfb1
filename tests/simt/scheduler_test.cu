// Threads wait for one another and go on: barriers, warp collectives, partial masks, odd sizes,
// atomics, printf; the same on any number of OS threads.
#include <cuda_runtime.h>

#include <cstdint>
#include <random>
#include <vector>

#include "common/simt/core.h"
#include "tests/catch.h"

namespace {

constexpr unsigned kAll = 0xffffffffu;

template <class T>
struct Device {
  explicit Device(size_t n) : count(n) { REQUIRE(cudaMalloc(&data, n * sizeof(T)) == cudaSuccess); }
  explicit Device(const std::vector<T>& host) : Device(host.size()) {
    cudaMemcpy(data, host.data(), count * sizeof(T), cudaMemcpyHostToDevice);
  }
  ~Device() { cudaFree(data); }
  std::vector<T> host() const {
    std::vector<T> out(count);
    REQUIRE(cudaMemcpy(out.data(), data, count * sizeof(T), cudaMemcpyDeviceToHost) == cudaSuccess);
    return out;
  }
  T* data = nullptr;
  size_t count;
};

// Each round, every thread reads what its neighbour wrote in the round before.
__global__ void ring_kernel(int* out, int rounds) {
  extern __shared__ int cells[];
  const int n = blockDim.x, me = threadIdx.x;
  cells[me] = me;
  for (int r = 0; r < rounds; ++r) {
    __syncthreads();
    int next = cells[(me + 1) % n];
    __syncthreads();
    cells[me] = next;
  }
  __syncthreads();
  out[blockIdx.x * n + me] = cells[me];
}

__global__ void votes_kernel(int* out) {
  const int me = threadIdx.x, n = blockDim.x;
  int count = __syncthreads_count(me % 3 == 0);
  int all = __syncthreads_and(me < n), not_all = __syncthreads_and(me != 0);
  int any = __syncthreads_or(me == n - 1), none = __syncthreads_or(me < 0);
  int again = __syncthreads_count(1);
  out[me] = count * 32 + (all != 0) * 16 + (not_all != 0) * 8 + (any != 0) * 4 + (none != 0) * 2 +
            (again == n);
}

// Sums 0..lane by shuffles, with every lane of a full or a partial warp.
__global__ void scan_kernel(const int* in, int* out) {
  const int me = threadIdx.x, lane = me % 32;
  const unsigned mask = __activemask();
  int sum = in[me];
  for (int step = 1; step < 32; step *= 2) {
    int other = __shfl_up_sync(mask, sum, step);
    if (lane >= step) sum += other;
  }
  out[me] = sum;
}

// The two halves of a warp go different ways and meet again.
__global__ void halves_kernel(int* out) {
  const int lane = threadIdx.x % 32;
  const unsigned half = lane < 16 ? 0x0000ffffu : 0xffff0000u;
  int value = lane;
  const int rounds = lane < 16 ? 3 : 7;
  for (int r = 0; r < rounds; ++r) value = __shfl_xor_sync(half, value, 1) + 1;
  __syncwarp();
  out[threadIdx.x] = __shfl_xor_sync(kAll, value, 16);
}

// Lanes that have returned are not waited for.
__global__ void leavers_kernel(unsigned* out) {
  const int lane = threadIdx.x;
  if (lane % 4 == 3) return;
  unsigned stayed = __ballot_sync(kAll, lane % 2 == 0);
  out[lane] = stayed;
}

__global__ void order_kernel(float* sum, int* last) {
  // Float addition is not associative: only a fixed order of blocks gives the same bits every time.
  if (threadIdx.x == 0) {
    atomicAdd(sum, 1.0f / (1 + blockIdx.x));
    atomicExch(last, blockIdx.x);
  }
}

__global__ void histogram_kernel(const uint8_t* in, int n, unsigned* bins) {
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) {
    atomicAdd(&bins[in[i]], 1u);
  }
}

// One lane waits in a loop for what another will write.
__global__ void spin_kernel(int* flag, int* out) {
  if (threadIdx.x == 0) {
    while (atomicAdd(flag, 0) == 0) {
    }
    *out = 42;
  } else if (threadIdx.x == blockDim.x - 1) {
    atomicExch(flag, 1);
  }
}

}  // namespace

TEST_CASE("a barrier holds every thread of a block of any size", "[simt][scheduler]") {
  for (int threads : {1, 2, 31, 32, 33, 127, 128, 500, 1024}) {
    for (int rounds : {0, 1, 5}) {
      Device<int> out(3 * threads);
      ring_kernel<<<3, threads, threads * sizeof(int)>>>(out.data, rounds);
      REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
      std::vector<int> got = out.host();
      for (int i = 0; i < 3 * threads; ++i) {
        REQUIRE(got[i] == (i % threads + rounds) % threads);
      }
    }
  }
}

TEST_CASE("a barrier counts its threads' votes", "[simt][scheduler]") {
  for (int threads : {1, 31, 32, 33, 127, 1024}) {
    Device<int> out(threads);
    votes_kernel<<<1, threads>>>(out.data);
    REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
    int expected = (threads + 2) / 3 * 32 + 16 + 4 + 1;  // thread 0 always spoils `not_all`
    for (int value : out.host()) REQUIRE(value == expected);
  }
}

TEST_CASE("a warp of any number of lanes can scan by shuffles", "[simt][scheduler]") {
  std::mt19937 random(Catch::rngSeed());
  for (int threads : {1, 2, 17, 31, 32, 33, 64, 100}) {
    std::vector<int> in(threads);
    for (int& v : in) v = static_cast<int>(random() % 1000);
    Device<int> input(in), out(threads);
    scan_kernel<<<1, threads>>>(input.data, out.data);
    REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
    std::vector<int> got = out.host();
    int sum = 0;
    for (int i = 0; i < threads; ++i) {
      sum = (i % 32 == 0 ? 0 : sum) + in[i];
      REQUIRE(got[i] == sum);
    }
  }
}

TEST_CASE("parts of a warp may go different ways and meet again", "[simt][scheduler]") {
  Device<int> out(64);
  halves_kernel<<<1, 64>>>(out.data);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  std::vector<int> got = out.host();
  for (int i = 0; i < 64; ++i) {
    int other = (i % 32) ^ 16, rounds = other < 16 ? 3 : 7;
    REQUIRE(got[i] == (other ^ 1) + rounds);  // an odd number of exchanges
  }
}

TEST_CASE("lanes that have returned are not waited for by their warp", "[simt][scheduler]") {
  Device<unsigned> out(32);
  leavers_kernel<<<1, 32>>>(out.data);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  std::vector<unsigned> got = out.host();
  for (int i = 0; i < 32; ++i) {
    if (i % 4 != 3) REQUIRE(got[i] == 0x55555555u);
  }
}

TEST_CASE("global atomics happen block by block, on any number of OS threads",
          "[simt][scheduler]") {
  std::vector<float> sums;
  for (unsigned threads : {1u, 2u, 8u}) {
    simt::set_thread_count(threads);
    for (int repeat = 0; repeat < 5; ++repeat) {
      Device<float> sum(std::vector<float>{0});
      Device<int> last(std::vector<int>{-1});
      order_kernel<<<1000, 64>>>(sum.data, last.data);
      REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
      REQUIRE(last.host()[0] == 999);
      sums.push_back(sum.host()[0]);
    }
  }
  simt::set_thread_count(0);
  float expected = 0;
  for (int b = 0; b < 1000; ++b) expected += 1.0f / (1 + b);
  for (float sum : sums) REQUIRE(sum == expected);
}

TEST_CASE("a histogram by atomics counts everything", "[simt][scheduler]") {
  std::mt19937 random(Catch::rngSeed());
  std::vector<uint8_t> in(12345);
  std::vector<unsigned> expected(256);
  for (uint8_t& v : in) ++expected[v = static_cast<uint8_t>(random() % 50 * 5)];
  Device<uint8_t> input(in);
  Device<unsigned> bins(std::vector<unsigned>(256));
  histogram_kernel<<<7, 96>>>(input.data, static_cast<int>(in.size()), bins.data);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  REQUIRE(bins.host() == expected);
}

TEST_CASE("a thread that spins on an atomic lets the others run", "[simt][scheduler]") {
  for (int threads : {32, 33, 256}) {
    Device<int> flag(std::vector<int>{0}), out(std::vector<int>{0});
    spin_kernel<<<1, threads>>>(flag.data, out.data);
    REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
    REQUIRE(out.host()[0] == 42);
  }
}
