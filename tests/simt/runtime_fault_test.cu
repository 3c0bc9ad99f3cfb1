// Errors that end a context: they stay until the device is reset. On a GPU a reset in the middle of
// a program has other effects too, so this is for the simulator.
#include <cuda_runtime.h>

#include <string>

#include "tests/catch.h"

#ifdef SIMT_SIMULATOR
namespace {

__global__ void write_kernel(int* out, int i) { out[i] = 1; }
__global__ void call_api_kernel(int* out) {
  void* p = nullptr;
  *out = cudaMalloc(&p, 4) == cudaErrorNotPermitted;
}

}  // namespace

TEST_CASE("an illegal address is sticky until the device is reset", "[simt]") {
  int* p = nullptr;
  REQUIRE(cudaMalloc(&p, 4) == cudaSuccess);
  write_kernel<<<1, 1>>>(p, 1 << 20);
  CHECK(cudaPeekAtLastError() == cudaErrorIllegalAddress);
  CHECK(cudaGetLastError() == cudaErrorIllegalAddress);
  CHECK(cudaGetLastError() == cudaErrorIllegalAddress);
  CHECK(std::string(simtLastErrorDetail()).find("write_kernel") != std::string::npos);
  void* q = nullptr;
  cudaEvent_t event = nullptr;
  CHECK(cudaDeviceSynchronize() == cudaErrorIllegalAddress);
  CHECK(cudaMalloc(&q, 4) == cudaErrorIllegalAddress);
  CHECK(cudaFree(p) == cudaErrorIllegalAddress);
  CHECK(cudaEventCreate(&event) == cudaErrorIllegalAddress);
  write_kernel<<<1, 1>>>(p, 0);
  CHECK(cudaGetLastError() == cudaErrorIllegalAddress);

  REQUIRE(cudaDeviceReset() == cudaSuccess);
  CHECK(cudaGetLastError() == cudaSuccess);
  REQUIRE(cudaMalloc(&p, 4) == cudaSuccess);
  write_kernel<<<1, 1>>>(p, 0);
  CHECK(cudaDeviceSynchronize() == cudaSuccess);
  int value = 0;
  REQUIRE(cudaMemcpy(&value, p, 4, cudaMemcpyDeviceToHost) == cudaSuccess);
  CHECK(value == 1);
  CHECK(cudaFree(p) == cudaSuccess);
}

TEST_CASE("a fault inside a graph is the graph launch's error", "[simt]") {
  int* p = nullptr;
  cudaStream_t stream;
  REQUIRE(cudaMalloc(&p, 4) == cudaSuccess);
  REQUIRE(cudaStreamCreate(&stream) == cudaSuccess);
  REQUIRE(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal) == cudaSuccess);
  write_kernel<<<1, 1, 0, stream>>>(p, 1 << 20);
  cudaGraph_t graph;
  cudaGraphExec_t exec;
  REQUIRE(cudaStreamEndCapture(stream, &graph) == cudaSuccess);
  REQUIRE(cudaGraphInstantiate(&exec, graph, 0) == cudaSuccess);
  CHECK(cudaGraphLaunch(exec, stream) == cudaErrorIllegalAddress);
  CHECK(cudaStreamSynchronize(stream) == cudaErrorIllegalAddress);
  REQUIRE(cudaDeviceReset() == cudaSuccess);
}

TEST_CASE("a kernel may not call the runtime API", "[simt]") {
  int* p = nullptr;
  REQUIRE(cudaMallocManaged(&p, 4) == cudaSuccess);
  call_api_kernel<<<1, 1>>>(p);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  CHECK(*p == 1);
  CHECK(cudaFree(p) == cudaSuccess);
}

TEST_CASE("a launch by an untyped kernel address is refused with advice", "[simt]") {
  void* arguments[] = {nullptr};
  CHECK(cudaLaunchKernel(reinterpret_cast<const void*>(write_kernel), dim3(1), dim3(1),
                         arguments) == cudaErrorInvalidDeviceFunction);
  CHECK(std::string(simtLastErrorDetail()).find("pass the kernel itself") != std::string::npos);
  cudaGetLastError();
}
#endif
