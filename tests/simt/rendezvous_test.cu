// Warps that meet in every way, one after the other: whole and partial rendezvous, barriers, lanes
// that give way, lanes that leave. What a lane reads must not depend on the order in which the
// scheduler runs the lanes.
#include <cuda_runtime.h>

#include <random>
#include <vector>

#include "common/simt/core.h"
#include "tests/catch.h"

namespace {

constexpr unsigned kAll = 0xffffffffu;
constexpr int kMeetings = 7;

// What the warp does in one round; the host's model below says what it comes to.
enum Meeting { kWhole, kHalves, kBarrier, kGiveWay, kSyncWarp, kBallot, kThirds };

__device__ unsigned meet(int meeting, unsigned value, int* cell) {
  const int lane = threadIdx.x % 32;
  switch (meeting) {
    case kWhole:
      return value * 31 + __shfl_xor_sync(kAll, value, 1);
    case kHalves: {  // the lower half meets once, the upper three times
      const unsigned half = lane < 16 ? 0x0000ffffu : 0xffff0000u;
      for (int i = 0; i < (lane < 16 ? 1 : 3); ++i) value += __shfl_xor_sync(half, value, 8) + 1;
      return value;
    }
    case kBarrier:
      __syncthreads();
      return value + 7;
    case kGiveWay:  // long enough to be sent to the back
      for (int i = 0; i < (lane % 3 == 0 ? 70 : 0); ++i) atomicAdd(cell, 0);
      return value + 11;
    case kSyncWarp:
      __syncwarp();
      return value * 5;
    case kBallot:
      return value ^ __ballot_sync(kAll, (value & 1) != 0);
    default: {
      unsigned third = 0;
      for (int i = lane % 3; i < 32; i += 3) third |= 1u << i;
      return value + __shfl_sync(third, value, lane % 3 + 3);
    }
  }
}

__global__ void meetings_kernel(const int* meetings, int count, int stay, int* cell,
                                unsigned* out) {
  unsigned value = threadIdx.x * 2654435761u;
  for (int i = 0; i < count; ++i) value = meet(meetings[i], value, cell);
  if (static_cast<int>(threadIdx.x % 32) >= stay) {  // some lanes leave; the others meet once more
    out[threadIdx.x] = value;
    return;
  }
  out[threadIdx.x] = value + __ballot_sync(kAll, true);
}

// One round of a whole warp.
void model(int meeting, unsigned (&v)[32]) {
  unsigned old[32];
  const auto keep = [&] { std::copy(v, v + 32, old); };
  keep();
  unsigned ballot = 0;
  for (int i = 0; i < 32; ++i) ballot |= (old[i] & 1) << i;
  for (int i = 0; i < 32; ++i) {
    if (meeting == kWhole) v[i] = old[i] * 31 + old[i ^ 1];
    if (meeting == kBarrier) v[i] = old[i] + 7;
    if (meeting == kGiveWay) v[i] = old[i] + 11;
    if (meeting == kSyncWarp) v[i] = old[i] * 5;
    if (meeting == kBallot) v[i] = old[i] ^ ballot;
    if (meeting == kThirds) v[i] = old[i] + old[i % 3 + 3];
  }
  for (int turn = 0; meeting == kHalves && turn < 3; ++turn) {
    keep();
    for (int i = turn == 0 ? 0 : 16; i < 32; ++i) v[i] = old[i] + old[i ^ 8] + 1;
  }
}

template <class T>
T* upload(const std::vector<T>& host) {
  T* device = nullptr;
  REQUIRE(cudaMalloc(&device, host.size() * sizeof(T)) == cudaSuccess);
  REQUIRE(cudaMemcpy(device, host.data(), host.size() * sizeof(T), cudaMemcpyHostToDevice) ==
          cudaSuccess);
  return device;
}

}  // namespace

TEST_CASE("warps may meet in any way after any other", "[simt][scheduler]") {
  std::mt19937 random(Catch::rngSeed());
  int* cell = upload(std::vector<int>{0});
  for (int repeat = 0; repeat < 60; ++repeat) {
    const int threads = 32 * (1 + static_cast<int>(random() % 5));
    const int stay = static_cast<int>(random() % 33);
    std::vector<int> meetings(1 + random() % 20);
    for (int& m : meetings) m = static_cast<int>(random() % kMeetings);
    int* device_meetings = upload(meetings);
    unsigned* out = upload(std::vector<unsigned>(threads, 0xdeadbeefu));
    meetings_kernel<<<1, threads>>>(device_meetings, static_cast<int>(meetings.size()), stay, cell,
                                    out);
    REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
    std::vector<unsigned> got(threads);
    REQUIRE(cudaMemcpy(got.data(), out, threads * sizeof(unsigned), cudaMemcpyDeviceToHost) ==
            cudaSuccess);
    const unsigned stayed = stay == 32 ? kAll : (1u << stay) - 1;
    for (int warp = 0; warp < threads / 32; ++warp) {
      unsigned v[32];
      for (int i = 0; i < 32; ++i) v[i] = (warp * 32 + i) * 2654435761u;
      for (int m : meetings) model(m, v);
      for (int i = 0; i < 32; ++i) {
        INFO("warp " << warp << " lane " << i << " stay " << stay);
        REQUIRE(got[warp * 32 + i] == v[i] + (i < stay ? stayed : 0));
      }
    }
    cudaFree(device_meetings);
    cudaFree(out);
  }
  cudaFree(cell);
}
