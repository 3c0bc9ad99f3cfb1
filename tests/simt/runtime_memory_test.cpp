// Allocating, freeing, and what a pointer is.
#include <stdlib.h>

#include <cstring>
#include <string>
#include <vector>

#include "common/simt/arena.h"
#include "cuda_runtime_api.h"
#include "simt/extensions.h"
#include "tests/catch.h"

namespace {

void* device_memory(size_t bytes) {
  void* p = nullptr;
  REQUIRE(cudaMalloc(&p, bytes) == cudaSuccess);
  return p;
}

cudaPointerAttributes attributes_of(const void* p) {
  cudaPointerAttributes a;
  REQUIRE(cudaPointerGetAttributes(&a, p) == cudaSuccess);
  return a;
}

}  // namespace

TEST_CASE("VRAM is allocated, aligned and freed", "[simt]") {
  void* p = device_memory(1000);
  REQUIRE(p != nullptr);
  CHECK(reinterpret_cast<uintptr_t>(p) % 256 == 0);
  CHECK(cudaFree(p) == cudaSuccess);
  CHECK(cudaFree(nullptr) == cudaSuccess);
  void* none = p;
  CHECK(cudaMalloc(&none, 0) == cudaSuccess);
  CHECK(none == nullptr);
}

TEST_CASE("a wrong free is an invalid value", "[simt]") {
  char* p = static_cast<char*>(device_memory(1000));
  int on_stack = 0;
  CHECK(cudaFree(&on_stack) == cudaErrorInvalidValue);
  CHECK(cudaFree(p + 4) == cudaErrorInvalidValue);
  CHECK(cudaFreeHost(p) == cudaErrorInvalidValue);
  CHECK(cudaFree(p) == cudaSuccess);
  simtNameMemory(p, "scores");
  CHECK(cudaFree(p) == cudaErrorInvalidValue);
  CHECK(std::string(simtLastErrorDetail()).find("'scores'") != std::string::npos);
  CHECK(cudaGetLastError() == cudaErrorInvalidValue);
}

TEST_CASE("too much memory is cudaErrorMemoryAllocation, and free memory is told", "[simt]") {
  size_t free_before = 0, total = 0, free_after = 0;
  REQUIRE(cudaMemGetInfo(&free_before, &total) == cudaSuccess);
  void* p = nullptr;
  CHECK(cudaMalloc(&p, total + 1) == cudaErrorMemoryAllocation);
  CHECK(p == nullptr);
  CHECK(cudaGetLastError() == cudaErrorMemoryAllocation);
  p = device_memory(1 << 20);
  REQUIRE(cudaMemGetInfo(&free_after, &total) == cudaSuccess);
  CHECK(free_before - free_after == 1 << 20);
  CHECK(cudaFree(p) == cudaSuccess);
  CHECK(cudaMalloc(&p, size_t(-1)) == cudaErrorMemoryAllocation);
  cudaGetLastError();
}

TEST_CASE("a pitched allocation has rows at multiples of its pitch", "[simt]") {
  void* p = nullptr;
  size_t pitch = 0;
  REQUIRE(cudaMallocPitch(&p, &pitch, 100, 7) == cudaSuccess);
  CHECK(pitch >= 100);
  CHECK(pitch % 512 == 0);
  CHECK(cudaMemset(p, 0, pitch * 7) == cudaSuccess);
  CHECK(cudaFree(p) == cudaSuccess);
}

TEST_CASE("pinned host memory is used by both sides at one address", "[simt]") {
  void* p = nullptr;
  REQUIRE(cudaMallocHost(&p, 100) == cudaSuccess);
  std::memset(p, 1, 100);
  CHECK(attributes_of(p).type == cudaMemoryTypeHost);
  void* device = nullptr;
  REQUIRE(cudaHostGetDevicePointer(&device, p, 0) == cudaSuccess);
  CHECK(device == p);
  CHECK(cudaFree(p) == cudaErrorInvalidValue);
  CHECK(cudaFreeHost(p) == cudaSuccess);
  CHECK(cudaFreeHost(p) == cudaErrorInvalidValue);
  CHECK(cudaHostGetDevicePointer(&device, p, 0) == cudaErrorInvalidValue);
  unsigned flags = 0;
  REQUIRE(cudaHostAlloc(&p, 100, cudaHostAllocMapped | cudaHostAllocWriteCombined) == cudaSuccess);
  REQUIRE(cudaHostGetFlags(&flags, p) == cudaSuccess);
  CHECK(flags == (cudaHostAllocMapped | cudaHostAllocWriteCombined));
  CHECK(cudaHostAlloc(&p, 100, 0x100) == cudaErrorInvalidValue);
  CHECK(cudaFreeHost(p) == cudaSuccess);
  cudaGetLastError();
}

TEST_CASE("registered memory is seen from both sides, and is the program's own again", "[simt]") {
  std::vector<int> heap(5000, 3);
  int* const p = heap.data();
  REQUIRE(cudaHostRegister(p, heap.size() * sizeof(int), cudaHostRegisterMapped) == cudaSuccess);
  CHECK(cudaHostRegister(p + 10, 4, 0) == cudaErrorHostMemoryAlreadyRegistered);
  void* address = nullptr;
  REQUIRE(cudaHostGetDevicePointer(&address, p + 7, 0) == cudaSuccess);
  int* const device = static_cast<int*>(address);
  CHECK(*device == 3);
  p[7] = 4;
  CHECK(*device == 4);
  *device = 5;
  CHECK(p[7] == 5);
  CHECK(simt::find_allocation(device) != nullptr);  // so what kernels do to it is counted
  const cudaPointerAttributes a = attributes_of(p + 7);
  CHECK(a.type == cudaMemoryTypeHost);
  CHECK(a.devicePointer == device);
  CHECK(cudaHostUnregister(p) == cudaSuccess);
  CHECK(cudaHostUnregister(p) == cudaErrorHostMemoryNotRegistered);
  CHECK(attributes_of(p).type == cudaMemoryTypeUnregistered);
  CHECK(p[7] == 5);
  CHECK(p[4999] == 3);
  heap.assign(20000, 1);  // the heap still works
  CHECK(heap[19999] == 1);
  cudaGetLastError();
}

TEST_CASE("memory on the stack can be registered too", "[simt]") {
  int numbers[100];
  numbers[5] = 8;
  REQUIRE(cudaHostRegister(numbers, sizeof numbers, 0) == cudaSuccess);
  void* device = nullptr;
  REQUIRE(cudaHostGetDevicePointer(&device, numbers, 0) == cudaSuccess);
  CHECK(static_cast<int*>(device)[5] == 8);
  CHECK(cudaHostUnregister(numbers) == cudaSuccess);
  CHECK(numbers[5] == 8);
}

TEST_CASE("managed memory is touched by the host directly", "[simt]") {
  void* p = nullptr;
  REQUIRE(cudaMallocManaged(&p, 400) == cudaSuccess);
  static_cast<int*>(p)[99] = 7;
  CHECK(attributes_of(p).type == cudaMemoryTypeManaged);
  CHECK(cudaMemPrefetchAsync(p, 400, 0) == cudaSuccess);
  CHECK(cudaMemAdvise(p, 400, cudaMemAdviseSetReadMostly, 0) == cudaSuccess);
  CHECK(cudaMemPrefetchAsync(p, 5000, 0) == cudaErrorInvalidValue);
  int back = 0;
  CHECK(cudaMemcpy(&back, static_cast<int*>(p) + 99, 4, cudaMemcpyDeviceToHost) == cudaSuccess);
  CHECK(back == 7);
  CHECK(cudaFree(p) == cudaSuccess);
  CHECK(cudaMallocManaged(&p, 0) == cudaErrorInvalidValue);
  cudaGetLastError();
}

TEST_CASE("stream-ordered allocations work, with the default pool", "[simt]") {
  cudaStream_t stream;
  REQUIRE(cudaStreamCreate(&stream) == cudaSuccess);
  void* p = nullptr;
  REQUIRE(cudaMallocAsync(&p, 64, stream) == cudaSuccess);
  CHECK(attributes_of(p).type == cudaMemoryTypeDevice);
  CHECK(cudaFreeAsync(p, stream) == cudaSuccess);
  CHECK(cudaFreeAsync(p, stream) == cudaErrorInvalidValue);
  cudaMemPool_t pool;
  REQUIRE(cudaDeviceGetDefaultMemPool(&pool, 0) == cudaSuccess);
  unsigned long long threshold = ~0ull, back = 0;
  REQUIRE(cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &threshold) ==
          cudaSuccess);
  REQUIRE(cudaMemPoolGetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &back) == cudaSuccess);
  CHECK(back == threshold);
  REQUIRE(cudaStreamDestroy(stream) == cudaSuccess);
  CHECK(cudaMallocAsync(&p, 64, stream) == cudaErrorInvalidResourceHandle);
  cudaGetLastError();
}

TEST_CASE("an ordinary pointer is unregistered memory", "[simt]") {
  int on_stack = 0;
  const cudaPointerAttributes a = attributes_of(&on_stack);
  CHECK(a.type == cudaMemoryTypeUnregistered);
  CHECK(a.devicePointer == nullptr);
  void* p = device_memory(4);
  CHECK(attributes_of(p).type == cudaMemoryTypeDevice);
  CHECK(attributes_of(p).hostPointer == nullptr);
  CHECK(cudaFree(p) == cudaSuccess);
  CHECK(attributes_of(p).type == cudaMemoryTypeUnregistered);
}

TEST_CASE("a reset frees everything and makes handles stale", "[simt]") {
  void* p = device_memory(100);
  void* host = nullptr;
  cudaStream_t stream;
  REQUIRE(cudaMallocHost(&host, 100) == cudaSuccess);
  REQUIRE(cudaStreamCreate(&stream) == cudaSuccess);
  REQUIRE(cudaDeviceReset() == cudaSuccess);
  CHECK(simt::device_memory_used() == 0);
  CHECK(cudaFree(p) == cudaErrorInvalidValue);
  CHECK(cudaFreeHost(host) == cudaErrorInvalidValue);
  CHECK(cudaStreamSynchronize(stream) == cudaErrorInvalidResourceHandle);
  cudaGetLastError();
  p = device_memory(100);
  CHECK(cudaFree(p) == cudaSuccess);
}
