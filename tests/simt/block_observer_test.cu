// What a block's observer hears besides requests: which lanes took part, the block's barriers, and
// how its shared memory is laid out. And the shape of an allocation.
// The observer belongs to the simulator: under nvcc this file is empty.
#include <cuda_runtime.h>

#ifdef SIMT_SIMULATOR
#include <string>
#include <vector>

#include "tests/catch.h"
#include "tests/simt/watcher.h"

namespace {

#if SIMT_TRACED
// The odd lanes write, all read; the last warp is half a warp.
__global__ void shared_kernel(int* out) {
  extern __shared__ int dynamic[];
  __shared__ int fixed[40];
  if (threadIdx.x % 2 == 1) dynamic[threadIdx.x] = static_cast<int>(threadIdx.x) + 7;
  __syncthreads();
  fixed[threadIdx.x % 40] = 3;
  __syncthreads();
  out[threadIdx.x] = dynamic[threadIdx.x | 1] + fixed[0];
}
#endif

class Listener : public Watcher {
 public:
  struct Request {
    unsigned warp;
    uint32_t mask;
    uint8_t lanes;
    simt::AccessKind kind;
    simt::Space space;
    int barriers;  // that have been before it
    int value;     // at the first lane's address, for shared memory
  };
  std::vector<Request> requests;
  int barriers = 0;
  std::string layout;
  simt::Allocation latest;  // that was named

  void shared_memory(const simt::SharedMemory& shared) override { shared_ = &shared; }
  void warp(unsigned warp, const simt::WarpRequest* all, size_t count) override {
    for (size_t i = 0; i < count; ++i) {
      const simt::WarpRequest& r = all[i];
      const bool in_shared = r.space == simt::Space::kShared;
      const int value = in_shared ? *reinterpret_cast<const int*>(shared_->begin + r.first) : 0;
      requests.push_back({warp, r.mask, r.lanes, r.kind, r.space, barriers, value});
    }
  }
  void barrier() override { ++barriers; }
  void block_end(uint64_t) override {
    layout = std::string(shared_->dynamic_name) + " " + std::to_string(shared_->dynamic_bytes);
    for (const simt::SharedArray& a : shared_->arrays) {
      layout += ", " + std::string(a.name) + " at " + std::to_string(a.offset) + " of " +
                std::to_string(a.bytes);
    }
  }
  void named(const simt::Allocation& a) override { latest = a; }

 private:
  const simt::SharedMemory* shared_ = nullptr;
};

}  // namespace

TEST_CASE("a described allocation has a name and a shape", "[simt]") {
  Listener listener;
  void* memory = nullptr;
  REQUIRE(cudaMalloc(&memory, 240) == cudaSuccess);
  const int64_t lengths[] = {2, 3, 40};
  simtDescribeMemory(memory, "cache", lengths, 3);
  CHECK(listener.latest.name == "cache");
  CHECK(listener.latest.shape == std::vector<uint64_t>{2, 3, 40});
  simtNameMemory(memory, "other");  // says nothing of a shape
  CHECK(listener.latest.shape.empty());
  REQUIRE(cudaFree(memory) == cudaSuccess);
}

#if SIMT_TRACED
TEST_CASE("requests say which lanes took part, and barriers stand between them", "[simt]") {
  int* out = nullptr;
  REQUIRE(cudaMalloc(&out, 48 * sizeof(int)) == cudaSuccess);
  Listener listener;
  shared_kernel<<<1, 48, 200>>>(out);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  CHECK(listener.barriers == 2);
  CHECK(listener.layout == "dynamic 200, fixed at 208 of 160");
  using simt::AccessKind;
  using simt::Space;
  REQUIRE(listener.requests.size() == 10);  // five of each warp
  size_t writes = 0;
  for (const Listener::Request& r : listener.requests) {
    CAPTURE(r.warp, r.barriers, int(r.kind), int(r.space));
    const uint32_t all = r.warp == 0 ? 0xFFFFFFFFu : 0xFFFFu;
    if (r.barriers == 0) {
      ++writes;
      CHECK(r.mask == (all & 0xAAAAAAAAu));
      CHECK(r.lanes == (r.warp == 0 ? 16 : 8));
      CHECK(r.value == (r.warp == 0 ? 1 + 7 : 33 + 7));  // it is there already
    } else {
      CHECK(r.mask == all);
      CHECK(r.lanes == (r.warp == 0 ? 32 : 16));
    }
  }
  CHECK(writes == 2);
  REQUIRE(cudaFree(out) == cudaSuccess);
}
#endif
#endif
