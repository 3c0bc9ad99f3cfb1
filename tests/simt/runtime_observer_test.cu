// What the runtime tells the observer: allocations, copies, names, declared work, phases,
// libraries.
// The observer belongs to the simulator: under nvcc this file is empty.
#include <cuda_runtime.h>

#ifdef SIMT_SIMULATOR
#include <sstream>
#include <string>
#include <vector>

#include "tests/catch.h"
#include "tests/simt/watcher.h"

namespace {

__global__ void nothing_kernel() {}
#if SIMT_TRACED
__global__ void copy_kernel(int* to, const int* from) { to[threadIdx.x] = from[threadIdx.x]; }
#endif

// Writes down what it hears, a line each.
class Listener : public Watcher {
 public:
  std::string take() {
    std::string text = heard_.str();
    heard_.str("");
    return text;
  }

  void launch_begin(const simt::LaunchInfo& launch) override {
    heard_ << "launch " << launch.blocks << " on " << launch.call->stream << "\n";
  }
  void copy(const simt::CopyInfo& c) override {
    heard_ << (c.source ? "copy " : "fill ") << c.bytes << " " << space(c.from) << " to "
           << space(c.to) << (c.pageable ? " pageable" : "") << " on " << c.stream << "\n";
  }
  void library(const simt::LibraryInfo& l) override {
    heard_ << l.name << " " << l.read_bytes << " " << l.written_bytes << "\n";
  }
  void work(double fp32, double int8) override { heard_ << "work " << fp32 << " " << int8 << "\n"; }
  void phase(int phase, int token) override { heard_ << "phase " << phase << " " << token << "\n"; }
  void allocated(const simt::Allocation& a) override { tell("allocated", a); }
  void freed(const simt::Allocation& a) override { tell("freed", a); }
  void named(const simt::Allocation& a) override { tell("named", a); }
  void warp(unsigned, const simt::WarpRequest* requests, size_t count) override {
    for (size_t i = 0; i < count; i++) {
      const simt::WarpRequest& r = requests[i];
      heard_ << (r.kind == simt::AccessKind::kLoad ? "loads " : "stores ") << r.bytes * r.lanes
             << " " << space(r.space) << "\n";
    }
  }

 private:
  static const char* space(simt::Space s) { return s == simt::Space::kDevice ? "device" : "host"; }
  void tell(const char* what, const simt::Allocation& a) {
    heard_ << what << " " << a.bytes << " " << space(a.space) << " " << a.name << "\n";
  }
  std::ostringstream heard_;
};

}  // namespace

TEST_CASE("the observer hears of allocations, names and copies", "[simt]") {
  Listener listener;
  void *device = nullptr, *pinned = nullptr;
  char here[100] = {};
  REQUIRE(cudaMalloc(&device, 100) == cudaSuccess);
  REQUIRE(cudaMallocHost(&pinned, 50) == cudaSuccess);
  simtNameMemory(device, "scores");
  CHECK(listener.take() ==
        "allocated 100 device unnamed\nallocated 50 host unnamed\nnamed 100 device scores\n");
  REQUIRE(cudaMemcpy(device, here, 100, cudaMemcpyHostToDevice) == cudaSuccess);
  REQUIRE(cudaMemcpyAsync(pinned, device, 50, cudaMemcpyDeviceToHost, nullptr) == cudaSuccess);
  REQUIRE(cudaMemset(device, 0, 100) == cudaSuccess);
  REQUIRE(cudaMemcpy2D(here, 10, device, 20, 10, 5, cudaMemcpyDeviceToHost) == cudaSuccess);
  CHECK(listener.take() ==
        "copy 100 host to device pageable on 0\n"
        "copy 50 device to host on 0\n"
        "fill 100 device to device on 0\n"
        "copy 50 device to host pageable on 0\n");
  REQUIRE(cudaMemcpy(device, here, 101, cudaMemcpyHostToDevice) == cudaErrorInvalidValue);
  cudaGetLastError();
  REQUIRE(cudaFree(device) == cudaSuccess);
  REQUIRE(cudaFreeHost(pinned) == cudaSuccess);
  CHECK(listener.take() == "freed 100 device scores\nfreed 50 host unnamed\n");
}

TEST_CASE("declared work belongs to the next launch, also when a graph replays it", "[simt]") {
  Listener listener;
  simtBeginPhase(1, 42);
  simtDeclareWork(1000, 5);
  CHECK(listener.take() == "phase 1 42\n");
  nothing_kernel<<<3, 32>>>();
  CHECK(listener.take() == "work 1000 5\nlaunch 3 on 0\n");
  nothing_kernel<<<3, 32>>>();
  CHECK(listener.take() == "launch 3 on 0\n");

  cudaStream_t stream;
  REQUIRE(cudaStreamCreate(&stream) == cudaSuccess);
  const std::string on = " on " + std::to_string(simt::stream_id(stream)) + "\n";
  REQUIRE(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal) == cudaSuccess);
  simtDeclareWork(7, 0);
  nothing_kernel<<<2, 32, 0, stream>>>();
  nothing_kernel<<<1, 32, 0, stream>>>();
  cudaGraph_t graph;
  cudaGraphExec_t exec;
  REQUIRE(cudaStreamEndCapture(stream, &graph) == cudaSuccess);
  REQUIRE(cudaGraphInstantiate(&exec, graph, 0) == cudaSuccess);
  CHECK(listener.take().empty());
  for (int i = 0; i < 2; i++) {
    REQUIRE(cudaGraphLaunch(exec, stream) == cudaSuccess);
    CHECK(listener.take() == "work 7 0\nlaunch 2" + on + "launch 1" + on);
  }
  cudaGraphExecDestroy(exec);
  cudaGraphDestroy(graph);
  cudaStreamDestroy(stream);
}

TEST_CASE("a library's declared bytes are heard, and a failed launch's work is dropped", "[simt]") {
  Listener listener;
  simtDeclareLibrary("thrust::sort_by_key", 4096, 2048);
  CHECK(listener.take() == "thrust::sort_by_key 4096 2048\n");
  simtDeclareWork(9, 9);
  nothing_kernel<<<0, 32>>>();
  CHECK(cudaGetLastError() == cudaErrorInvalidConfiguration);
  nothing_kernel<<<1, 32>>>();
  CHECK(listener.take() == "launch 1 on 0\n");
}

#if SIMT_TRACED
TEST_CASE("a kernel's reads of registered memory are host traffic", "[simt]") {
  std::vector<int> numbers(64, 11);
  int *device = nullptr, *mapped = nullptr;
  REQUIRE(cudaMalloc(&device, 128) == cudaSuccess);
  REQUIRE(cudaHostRegister(numbers.data(), 256, cudaHostRegisterMapped) == cudaSuccess);
  REQUIRE(cudaHostGetDevicePointer(&mapped, numbers.data(), 0) == cudaSuccess);
  Listener listener;
  copy_kernel<<<1, 32>>>(device, mapped);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  CHECK(listener.take() == "launch 1 on 0\nloads 128 host\nstores 128 device\n");
  int back = 0;
  REQUIRE(cudaMemcpy(&back, device + 31, sizeof back, cudaMemcpyDeviceToHost) == cudaSuccess);
  CHECK(back == 11);
  REQUIRE(cudaHostUnregister(numbers.data()) == cudaSuccess);
  REQUIRE(cudaFree(device) == cudaSuccess);
}
#endif
#endif
