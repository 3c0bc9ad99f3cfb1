// Streams, events and host functions.
#include <thread>

#include "common/simt/runtime.h"
#include "cuda_runtime_api.h"
#include "tests/catch.h"

TEST_CASE("streams are made, asked and destroyed", "[simt]") {
  cudaStream_t plain, other;
  REQUIRE(cudaStreamCreate(&plain) == cudaSuccess);
  REQUIRE(cudaStreamCreateWithPriority(&other, cudaStreamNonBlocking, -1) == cudaSuccess);
  unsigned flags = 9;
  int priority = 9;
  REQUIRE(cudaStreamGetFlags(other, &flags) == cudaSuccess);
  REQUIRE(cudaStreamGetPriority(other, &priority) == cudaSuccess);
  CHECK(flags == cudaStreamNonBlocking);
  CHECK(priority == -1);
  CHECK(cudaStreamSynchronize(plain) == cudaSuccess);
  CHECK(cudaStreamQuery(plain) == cudaSuccess);
  CHECK(cudaStreamDestroy(plain) == cudaSuccess);
  CHECK(cudaStreamDestroy(plain) == cudaErrorInvalidResourceHandle);
  CHECK(cudaStreamSynchronize(plain) == cudaErrorInvalidResourceHandle);
  CHECK(cudaStreamDestroy(other) == cudaSuccess);
  CHECK(cudaStreamCreateWithFlags(&plain, 77) == cudaErrorInvalidValue);
  cudaGetLastError();
}

TEST_CASE("the default streams need not be made and cannot be destroyed", "[simt]") {
  CHECK(cudaStreamSynchronize(nullptr) == cudaSuccess);
  CHECK(cudaStreamSynchronize(cudaStreamLegacy) == cudaSuccess);
  CHECK(cudaStreamSynchronize(cudaStreamPerThread) == cudaSuccess);
  CHECK(simt::stream_id(nullptr) == 0);
  CHECK(simt::stream_id(cudaStreamLegacy) == 0);
  CHECK(cudaStreamDestroy(nullptr) == cudaErrorInvalidResourceHandle);
  CHECK(cudaStreamDestroy(cudaStreamPerThread) == cudaErrorInvalidResourceHandle);
  cudaGetLastError();
  const unsigned mine = simt::stream_id(cudaStreamPerThread);
  unsigned theirs = mine;
  std::thread([&] { theirs = simt::stream_id(cudaStreamPerThread); }).join();
  CHECK(mine != 0);
  CHECK(theirs != mine);
}

TEST_CASE("the last error belongs to a thread", "[simt]") {
  cudaGetLastError();
  cudaError_t theirs = cudaSuccess;
  std::thread([&] {
    cudaSetDevice(9);
    theirs = cudaPeekAtLastError();
  }).join();
  CHECK(theirs == cudaErrorInvalidDevice);
  CHECK(cudaPeekAtLastError() == cudaSuccess);
}

TEST_CASE("events measure the time between two points", "[simt]") {
  cudaEvent_t start, end;
  REQUIRE(cudaEventCreate(&start) == cudaSuccess);
  REQUIRE(cudaEventCreate(&end) == cudaSuccess);
  float milliseconds = -1;
  CHECK(cudaEventElapsedTime(&milliseconds, start, end) == cudaErrorInvalidResourceHandle);
  REQUIRE(cudaEventRecord(start) == cudaSuccess);
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  REQUIRE(cudaEventRecord(end, nullptr) == cudaSuccess);
  CHECK(cudaEventSynchronize(end) == cudaSuccess);
  CHECK(cudaEventQuery(end) == cudaSuccess);
  REQUIRE(cudaEventElapsedTime(&milliseconds, start, end) == cudaSuccess);
  CHECK(milliseconds >= 5);
  CHECK(milliseconds < 5000);
  CHECK(cudaStreamWaitEvent(nullptr, end) == cudaSuccess);
  CHECK(cudaEventDestroy(start) == cudaSuccess);
  CHECK(cudaEventDestroy(start) == cudaErrorInvalidResourceHandle);
  CHECK(cudaEventRecord(start) == cudaErrorInvalidResourceHandle);
  CHECK(cudaStreamWaitEvent(nullptr, start) == cudaErrorInvalidResourceHandle);
  CHECK(cudaEventDestroy(end) == cudaSuccess);
  cudaGetLastError();
}

TEST_CASE("an event without timing cannot be timed", "[simt]") {
  cudaEvent_t a, b;
  REQUIRE(cudaEventCreateWithFlags(&a, cudaEventDisableTiming) == cudaSuccess);
  REQUIRE(cudaEventCreate(&b) == cudaSuccess);
  REQUIRE(cudaEventRecord(a) == cudaSuccess);
  REQUIRE(cudaEventRecord(b) == cudaSuccess);
  float milliseconds = 0;
  CHECK(cudaEventElapsedTime(&milliseconds, a, b) == cudaErrorInvalidResourceHandle);
  cudaGetLastError();
  cudaEventDestroy(a);
  cudaEventDestroy(b);
}

TEST_CASE("host functions and callbacks run in the stream's order", "[simt]") {
  cudaStream_t stream;
  REQUIRE(cudaStreamCreate(&stream) == cudaSuccess);
  int calls = 0;
  const cudaHostFn_t add_one = [](void* p) { ++*static_cast<int*>(p); };
  const cudaStreamCallback_t add_ten = [](cudaStream_t, cudaError_t status, void* p) {
    if (status == cudaSuccess) *static_cast<int*>(p) += 10;
  };
  CHECK(cudaLaunchHostFunc(stream, add_one, &calls) == cudaSuccess);
  CHECK(cudaStreamAddCallback(stream, add_ten, &calls, 0) == cudaSuccess);
  REQUIRE(cudaStreamSynchronize(stream) == cudaSuccess);
  CHECK(calls == 11);
  CHECK(cudaLaunchHostFunc(stream, nullptr, &calls) == cudaErrorInvalidValue);
  cudaGetLastError();
  cudaStreamDestroy(stream);
}
