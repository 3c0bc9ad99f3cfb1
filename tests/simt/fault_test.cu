// What a kernel can do wrong is reported with kernel, block, thread, tensor and line, gives CUDA's
// error code, and does not hang or take the program down.
#include <cuda_runtime.h>

#include <string>

#include "common/simt/core.h"
#include "tests/catch.h"

namespace {

__global__ void past_the_end_kernel(float* x, int at) {
  if (threadIdx.x == 5 && blockIdx.x == 1) x[at] = 1;
}
__global__ void null_kernel(int* p) {
  if (threadIdx.x == 2) *p = 1;
}
__global__ void barrier_kernel() {
  if (threadIdx.x < 7) __syncthreads();
}
__global__ void collective_kernel(int* out) {
  if (threadIdx.x < 16) {
    out[threadIdx.x] = __shfl_xor_sync(0xffffffffu, 1, 1);
  } else {
    __syncthreads();
  }
}
__global__ void wrong_mask_kernel(int* out) { *out = __ballot_sync(0x2u, 1); }
__global__ void endless_kernel(volatile int* flag) {
  while (*flag == 0) {
  }
}
__global__ void busy_kernel(int* out) {
  volatile int zero = 0;  // on the stack: no access that anyone would count
  while (zero == 0) {
  }
  *out = zero;
}
__device__ __noinline__ int deeper(int n, int* keep) {
  if (n < 0) return 0;
  int local[64];
  for (int i = 0; i < 64; ++i) local[i] = n + i;
  *keep = local[n % 64];
  return deeper(n + 1, keep) + local[(n + 1) % 64];
}
__global__ void overflow_kernel(int* out) {
  if (threadIdx.x == 3) *out = deeper(1, out + 1);
}
__global__ void trap_kernel() {
  if (threadIdx.x == 9) __trap();
}
__global__ void divide_kernel(int* out, int zero) { *out = 7 / zero; }
#if SIMT_TRACED
__global__ void misaligned_kernel(float* x) {
  *reinterpret_cast<float4*>(x + 1) = make_float4(1, 2, 3, 4);
}
#endif
__global__ void too_much_static_kernel(int* out) {
  __shared__ int big[13000];
  big[threadIdx.x] = 1;
  __syncthreads();
  out[0] = big[0];
}
__global__ void fine_kernel(int* out) { *out = 77; }

struct Fixture {
  Fixture() {
    REQUIRE(cudaMalloc(&ints, 64 * sizeof(int)) == cudaSuccess);
    REQUIRE(cudaMalloc(&floats, 100 * sizeof(float)) == cudaSuccess);
    simtNameMemory(floats, "scores");
    simt::set_watchdog_seconds(0.3);
  }
  ~Fixture() {
    cudaDeviceReset();
    simt::set_watchdog_seconds(60);
  }
  // Checks the error, and that the report has each of the words; then that all works again.
  void expect(cudaError_t error, std::initializer_list<const char*> words) {
    cudaDeviceSynchronize();
    CHECK(cudaGetLastError() == error);
    const std::string text = simt::last_fault().text;
    for (const char* word : words) {
      INFO(text);
      CHECK(text.find(word) != std::string::npos);
    }
    REQUIRE(cudaDeviceReset() == cudaSuccess);
    int* out = nullptr;
    REQUIRE(cudaMalloc(&out, sizeof(int)) == cudaSuccess);
    fine_kernel<<<1, 1>>>(out);
    int got = 0;
    REQUIRE(cudaMemcpy(&got, out, sizeof got, cudaMemcpyDeviceToHost) == cudaSuccess);
    CHECK(got == 77);
  }
  int* ints = nullptr;
  float* floats = nullptr;
};

}  // namespace

TEST_CASE_METHOD(Fixture, "an access outside every allocation names the tensor it overran",
                 "[simt][fault]") {
  past_the_end_kernel<<<2, 32>>>(floats, 2000);
  expect(cudaErrorIllegalAddress, {"past_the_end_kernel", "block (1,0,0)", "thread (5,0,0)",
                                   "writes", "7600 bytes past", "'scores'", "fault_test.cu:13"});
}

TEST_CASE_METHOD(Fixture, "a null pointer is reported", "[simt][fault]") {
  null_kernel<<<1, 32>>>(nullptr);
  expect(cudaErrorIllegalAddress,
         {"null_kernel", "thread (2,0,0)", "null pointer", "fault_test.cu:16"});
}

TEST_CASE_METHOD(Fixture, "a barrier that some threads never reach is reported", "[simt][fault]") {
  barrier_kernel<<<2, 50>>>();
  expect(cudaErrorLaunchTimeout,
         {"barrier_kernel", "block (0,0,0)", "7 threads wait", "__syncthreads", "fault_test.cu:19",
          "43 threads have returned", "(7,0,0)"});
}

TEST_CASE_METHOD(Fixture, "a collective and a barrier that wait for each other are reported",
                 "[simt][fault]") {
  collective_kernel<<<1, 32>>>(ints);
  expect(cudaErrorLaunchTimeout, {"16 threads wait in __syncthreads", "fault_test.cu:25",
                                  "16 threads wait in a warp collective", "fault_test.cu:23"});
}

TEST_CASE_METHOD(Fixture, "a mask that leaves out its own lane is reported", "[simt][fault]") {
  wrong_mask_kernel<<<1, 1>>>(ints);
  expect(cudaErrorLaunchFailure, {"wrong_mask_kernel", "0x00000002", "own lane"});
}

TEST_CASE_METHOD(Fixture, "a kernel that never ends is cut off", "[simt][fault]") {
  cudaMemset(ints, 0, sizeof(int));
  SECTION("while it reads memory") {
    endless_kernel<<<1, 64>>>(ints);
    expect(cudaErrorLaunchTimeout, {"endless_kernel", "does not end", "fault_test.cu:"});
  }
  SECTION("while it only computes") {
    busy_kernel<<<1, 1>>>(ints);
    expect(cudaErrorLaunchTimeout, {"busy_kernel", "does not end", "fault_test.cu:"});
  }
}

TEST_CASE_METHOD(Fixture, "a stack overflow is reported", "[simt][fault]") {
  overflow_kernel<<<1, 32>>>(ints);
  expect(cudaErrorHardwareStackError, {"overflow_kernel", "thread (3,0,0)", "overflows its stack"});
}

TEST_CASE_METHOD(Fixture, "a trap and a division by zero are reported", "[simt][fault]") {
  SECTION("trap") {
    trap_kernel<<<1, 32>>>();
    expect(cudaErrorLaunchFailure, {"trap_kernel", "thread (9,0,0)", "__trap"});
  }
  SECTION("division") {
    divide_kernel<<<1, 1>>>(ints, 0);
    expect(cudaErrorLaunchFailure, {"divide_kernel", "divides an integer by zero"});
  }
}

#if SIMT_TRACED  // a native program makes whatever access the CPU allows
TEST_CASE_METHOD(Fixture, "a misaligned vector access is reported", "[simt][fault]") {
  misaligned_kernel<<<1, 1>>>(floats);
  expect(cudaErrorMisalignedAddress, {"misaligned_kernel", "misaligned"});
}
#endif

TEST_CASE_METHOD(Fixture, "more static shared memory than nvcc allows is reported",
                 "[simt][fault]") {
  too_much_static_kernel<<<1, 32>>>(ints);
  expect(cudaErrorInvalidValue,
         {"too_much_static_kernel", "'big'", "52000 bytes of at most 49152"});
}

TEST_CASE_METHOD(Fixture, "the lowest block's fault is the one reported, on any number of threads",
                 "[simt][fault]") {
  for (unsigned threads : {1u, 2u, 8u}) {
    simt::set_thread_count(threads);
    past_the_end_kernel<<<200, 32>>>(floats, 5000);
    CHECK(cudaDeviceSynchronize() == cudaErrorIllegalAddress);
    CHECK(simt::last_fault().text.find("block (1,0,0)") != std::string::npos);
    REQUIRE(cudaDeviceReset() == cudaSuccess);
    REQUIRE(cudaMalloc(&floats, 100 * sizeof(float)) == cudaSuccess);
  }
  simt::set_thread_count(0);
}
