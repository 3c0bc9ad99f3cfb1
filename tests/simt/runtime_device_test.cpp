// The device that the API reports, and the API's errors.
#include <cstring>
#include <string>

#include "common/simt/runtime.h"
#include "cuda_runtime_api.h"
#include "simt/extensions.h"
#include "tests/catch.h"

TEST_CASE("there is one device, and it says that it is a simulator", "[simt]") {
  int count = 0, device = -1;
  REQUIRE(cudaGetDeviceCount(&count) == cudaSuccess);
  CHECK(count == 1);
  REQUIRE(cudaGetDevice(&device) == cudaSuccess);
  CHECK(device == 0);
  CHECK(cudaSetDevice(0) == cudaSuccess);
  CHECK(cudaSetDevice(1) == cudaErrorInvalidDevice);
  CHECK(cudaGetLastError() == cudaErrorInvalidDevice);
  cudaDeviceProp p;
  REQUIRE(cudaGetDeviceProperties(&p, 0) == cudaSuccess);
  CHECK(std::string(p.name).find("Decoder Ladder simulator (") == 0);
  CHECK(cudaGetDeviceProperties(&p, 7) == cudaErrorInvalidDevice);
  cudaGetLastError();
}

TEST_CASE("the default device has an H100's sizes", "[simt]") {
  cudaDeviceProp p;
  REQUIRE(cudaGetDeviceProperties(&p, 0) == cudaSuccess);
  CHECK(p.multiProcessorCount == 132);
  CHECK(p.major == 9);
  CHECK(p.minor == 0);
  CHECK(p.warpSize == 32);
  CHECK(p.maxThreadsPerBlock == 1024);
  CHECK(p.sharedMemPerBlock == 48 * 1024);
  CHECK(p.sharedMemPerBlockOptin == 227 * 1024);
  CHECK(p.sharedMemPerMultiprocessor == 228 * 1024);
  CHECK(p.l2CacheSize == 50 << 20);
  CHECK(p.maxGridSize[0] == 2147483647);
  CHECK(p.maxGridSize[1] == 65535);
  CHECK(p.maxThreadsDim[2] == 64);
}

TEST_CASE("attributes agree with the properties", "[simt]") {
  cudaDeviceProp p;
  REQUIRE(cudaGetDeviceProperties(&p, 0) == cudaSuccess);
  const auto attribute = [](cudaDeviceAttr which) {
    int value = -1;
    REQUIRE(cudaDeviceGetAttribute(&value, which, 0) == cudaSuccess);
    return value;
  };
  CHECK(attribute(cudaDevAttrMultiProcessorCount) == p.multiProcessorCount);
  CHECK(attribute(cudaDevAttrMaxSharedMemoryPerBlockOptin) == int(p.sharedMemPerBlockOptin));
  CHECK(attribute(cudaDevAttrComputeCapabilityMajor) == p.major);
  CHECK(attribute(cudaDevAttrWarpSize) == 32);
  CHECK(attribute(cudaDevAttrClusterLaunch) == 0);
  int value = 0;
  CHECK(cudaDeviceGetAttribute(&value, cudaDeviceAttr(100000), 0) == cudaErrorInvalidValue);
  cudaGetLastError();
}

TEST_CASE("another GPU can be simulated", "[simt]") {
  const simt::DeviceLimits before = simt::device();
  simt::DeviceLimits t4;
  t4.name = "T4";
  t4.compute_major = 7;
  t4.compute_minor = 5;
  t4.sm_count = 40;
  t4.shared_per_block_optin = t4.shared_per_sm = 64 << 10;
  t4.memory_bytes = uint64_t{16} << 30;
  simt::set_device(t4);
  cudaDeviceProp p;
  REQUIRE(cudaGetDeviceProperties(&p, 0) == cudaSuccess);
  CHECK(p.multiProcessorCount == 40);
  CHECK(std::string(p.name) == "Decoder Ladder simulator (T4)");
  size_t free_bytes = 0, total_bytes = 0;
  REQUIRE(cudaMemGetInfo(&free_bytes, &total_bytes) == cudaSuccess);
  CHECK(total_bytes == uint64_t{16} << 30);
  simt::set_device(before);
}

TEST_CASE("limits are remembered, hints are accepted", "[simt]") {
  size_t value = 0;
  REQUIRE(cudaDeviceSetLimit(cudaLimitStackSize, 4096) == cudaSuccess);
  REQUIRE(cudaDeviceGetLimit(&value, cudaLimitStackSize) == cudaSuccess);
  CHECK(value == 4096);
  CHECK(cudaDeviceSetLimit(cudaLimit(77), 1) == cudaErrorUnsupportedLimit);
  cudaGetLastError();
  CHECK(cudaDeviceSetCacheConfig(cudaFuncCachePreferL1) == cudaSuccess);
  CHECK(cudaProfilerStart() == cudaSuccess);
  int runtime = 0, driver = 0;
  REQUIRE(cudaRuntimeGetVersion(&runtime) == cudaSuccess);
  REQUIRE(cudaDriverGetVersion(&driver) == cudaSuccess);
  CHECK(runtime == CUDART_VERSION);
  CHECK(driver >= runtime);
}

TEST_CASE("cudaGetLastError gives the last error once, cudaPeekAtLastError leaves it", "[simt]") {
  cudaGetLastError();
  CHECK(cudaSetDevice(3) == cudaErrorInvalidDevice);
  CHECK(cudaSetDevice(0) == cudaSuccess);  // a success does not clear it
  CHECK(cudaPeekAtLastError() == cudaErrorInvalidDevice);
  CHECK(cudaPeekAtLastError() == cudaErrorInvalidDevice);
  CHECK(cudaGetLastError() == cudaErrorInvalidDevice);
  CHECK(cudaGetLastError() == cudaSuccess);
}

TEST_CASE("errors have CUDA's names, numbers and texts", "[simt]") {
  CHECK(int(cudaErrorInvalidConfiguration) == 9);
  CHECK(int(cudaErrorIllegalAddress) == 700);
  CHECK(int(cudaErrorStreamCaptureImplicit) == 906);
  CHECK(std::string(cudaGetErrorName(cudaErrorMemoryAllocation)) == "cudaErrorMemoryAllocation");
  CHECK(std::string(cudaGetErrorString(cudaErrorMemoryAllocation)) == "out of memory");
  CHECK(std::string(cudaGetErrorString(cudaSuccess)) == "no error");
  CHECK(std::string(cudaGetErrorString(cudaErrorIllegalAddress)) ==
        "an illegal memory access was encountered");
  CHECK(std::string(cudaGetErrorName(cudaError_t(12345))) == "unrecognized error code");
}

TEST_CASE("a failed call can be asked why", "[simt]") {
  CHECK(cudaSetDevice(3) == cudaErrorInvalidDevice);
  CHECK(std::string(simtLastErrorDetail()) ==
        "cudaSetDevice: invalid device ordinal: there is one device, number 0, not 3");
  cudaGetLastError();
}

TEST_CASE("null result pointers are refused", "[simt]") {
  CHECK(cudaGetDevice(nullptr) == cudaErrorInvalidValue);
  CHECK(cudaGetDeviceCount(nullptr) == cudaErrorInvalidValue);
  CHECK(cudaGetDeviceProperties(nullptr, 0) == cudaErrorInvalidValue);
  CHECK(cudaMalloc(static_cast<void**>(nullptr), 4) == cudaErrorInvalidValue);
  CHECK(cudaStreamCreate(nullptr) == cudaErrorInvalidValue);
  CHECK(cudaEventCreate(nullptr) == cudaErrorInvalidValue);
  cudaGetLastError();
}
