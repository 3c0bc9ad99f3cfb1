// Copies and fills: directions, ranges, rows, and what the observer hears.
#include <array>
#include <numeric>
#include <string>
#include <vector>

#include "cuda_runtime_api.h"
#include "simt/extensions.h"
#include "tests/catch.h"

namespace {

// 100 ints in VRAM, two such buffers, one in pinned memory.
struct Buffers {
  void *a = nullptr, *b = nullptr, *pinned = nullptr;
  std::array<int, 100> numbers, back;
  static constexpr size_t kBytes = 400;

  Buffers() {
    REQUIRE(cudaMalloc(&a, kBytes) == cudaSuccess);
    REQUIRE(cudaMalloc(&b, kBytes) == cudaSuccess);
    REQUIRE(cudaMallocHost(&pinned, kBytes) == cudaSuccess);
    std::iota(numbers.begin(), numbers.end(), 1);
    back.fill(0);
  }
  ~Buffers() {
    cudaFree(a);
    cudaFree(b);
    cudaFreeHost(pinned);
    cudaGetLastError();
  }
};

}  // namespace

TEST_CASE("bytes go there and back, over every kind of copy", "[simt]") {
  Buffers m;
  REQUIRE(cudaMemcpy(m.a, m.numbers.data(), m.kBytes, cudaMemcpyHostToDevice) == cudaSuccess);
  REQUIRE(cudaMemcpy(m.b, m.a, m.kBytes, cudaMemcpyDeviceToDevice) == cudaSuccess);
  REQUIRE(cudaMemcpy(m.pinned, m.b, m.kBytes, cudaMemcpyDeviceToHost) == cudaSuccess);
  REQUIRE(cudaMemcpy(m.back.data(), m.pinned, m.kBytes, cudaMemcpyHostToHost) == cudaSuccess);
  CHECK(m.back == m.numbers);
  m.back.fill(0);
  REQUIRE(cudaMemcpy(m.back.data(), m.a, m.kBytes, cudaMemcpyDefault) == cudaSuccess);
  CHECK(m.back == m.numbers);
}

TEST_CASE("a copy whose kind contradicts its pointers is refused", "[simt]") {
  Buffers m;
  void* host = m.numbers.data();
  CHECK(cudaMemcpy(host, m.a, 4, cudaMemcpyHostToDevice) == cudaErrorInvalidValue);
  CHECK(cudaMemcpy(m.a, host, 4, cudaMemcpyDeviceToHost) == cudaErrorInvalidValue);
  CHECK(cudaMemcpy(m.a, host, 4, cudaMemcpyDeviceToDevice) == cudaErrorInvalidValue);
  CHECK(cudaMemcpy(m.a, m.b, 4, cudaMemcpyHostToHost) == cudaErrorInvalidValue);
  CHECK(cudaMemcpy(m.a, host, 4, cudaMemcpyKind(9)) == cudaErrorInvalidMemcpyDirection);
  CHECK(cudaGetLastError() == cudaErrorInvalidMemcpyDirection);
}

TEST_CASE("a copy that leaves its allocation is refused, and says by how much", "[simt]") {
  Buffers m;
  simtNameMemory(m.a, "scores");
  std::vector<char> large(1000);
  CHECK(cudaMemcpy(m.a, large.data(), 401, cudaMemcpyHostToDevice) == cudaErrorInvalidValue);
  CHECK(std::string(simtLastErrorDetail()).find("1 bytes past the end of 'scores' (400 bytes)") !=
        std::string::npos);
  CHECK(cudaMemcpy(large.data(), static_cast<char*>(m.a) + 396, 8, cudaMemcpyDeviceToHost) ==
        cudaErrorInvalidValue);
  CHECK(cudaMemset(m.a, 0, 401) == cudaErrorInvalidValue);
  void* freed = nullptr;
  REQUIRE(cudaMalloc(&freed, 4) == cudaSuccess);
  REQUIRE(cudaFree(freed) == cudaSuccess);
  CHECK(cudaMemcpy(large.data(), freed, 4, cudaMemcpyDeviceToHost) == cudaErrorInvalidValue);
  CHECK(cudaMemcpy(large.data(), nullptr, 4, cudaMemcpyDefault) == cudaErrorInvalidValue);
  CHECK(cudaMemcpy(nullptr, nullptr, 0, cudaMemcpyHostToDevice) == cudaSuccess);
}

TEST_CASE("memory is filled with a byte, in VRAM and pinned, not elsewhere", "[simt]") {
  Buffers m;
  REQUIRE(cudaMemset(m.a, 1, m.kBytes) == cudaSuccess);
  REQUIRE(cudaMemcpy(m.back.data(), m.a, m.kBytes, cudaMemcpyDeviceToHost) == cudaSuccess);
  CHECK(m.back[99] == 0x01010101);
  CHECK(cudaMemset(m.pinned, 2, m.kBytes) == cudaSuccess);
  CHECK(static_cast<int*>(m.pinned)[0] == 0x02020202);
  CHECK(cudaMemset(m.back.data(), 2, 4) == cudaErrorInvalidValue);
}

TEST_CASE("rows are copied and filled at their pitch", "[simt]") {
  void* p = nullptr;
  size_t pitch = 0;
  REQUIRE(cudaMallocPitch(&p, &pitch, 12, 3) == cudaSuccess);
  REQUIRE(cudaMemset2D(p, pitch, 0, pitch, 3) == cudaSuccess);
  const int rows[3][4] = {{1, 2, 3, -1}, {4, 5, 6, -1}, {7, 8, 9, -1}};
  REQUIRE(cudaMemcpy2D(p, pitch, rows, 16, 12, 3, cudaMemcpyHostToDevice) == cudaSuccess);
  int back[9] = {};
  REQUIRE(cudaMemcpy2D(back, 12, p, pitch, 12, 3, cudaMemcpyDeviceToHost) == cudaSuccess);
  for (int i = 0; i < 9; i++) CHECK(back[i] == i + 1);
  CHECK(cudaMemcpy2D(back, 8, p, pitch, 12, 3, cudaMemcpyDeviceToHost) ==
        cudaErrorInvalidPitchValue);
  CHECK(cudaMemcpy2D(back, 12, p, pitch, 12, 4, cudaMemcpyDeviceToHost) == cudaErrorInvalidValue);
  CHECK(cudaFree(p) == cudaSuccess);
  cudaGetLastError();
}

TEST_CASE("asynchronous copies need a live stream", "[simt]") {
  Buffers m;
  cudaStream_t stream;
  REQUIRE(cudaStreamCreate(&stream) == cudaSuccess);
  CHECK(cudaMemcpyAsync(m.a, m.numbers.data(), 4, cudaMemcpyHostToDevice, stream) == cudaSuccess);
  CHECK(cudaMemsetAsync(m.b, 0, 4, stream) == cudaSuccess);
  REQUIRE(cudaStreamDestroy(stream) == cudaSuccess);
  CHECK(cudaMemcpyAsync(m.a, m.numbers.data(), 4, cudaMemcpyHostToDevice, stream) ==
        cudaErrorInvalidResourceHandle);
  CHECK(cudaMemsetAsync(m.b, 0, 4, stream) == cudaErrorInvalidResourceHandle);
}
