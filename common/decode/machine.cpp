// Names the CPU or the GPU.
#include "common/decode/machine.h"

#include <cuda_runtime.h>

#include <cstdlib>
#include <fstream>
#include <thread>

#include "common/decode/error.h"  // DecodeError
#include "common/gpu/check.h"     // CUDA_CHECK

namespace decode {
namespace {

std::string cpu_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    const size_t colon = line.find(": ");
    if (line.rfind("model name", 0) == 0 && colon != std::string::npos) {
      return line.substr(colon + 2);
    }
  }
  return "CPU";
}

}  // namespace

std::string target_name() { return LADDER_TARGET; }

void prepare_device() {
  // All kernels are loaded at once: else the first launch of each would take the time for that.
  setenv("CUDA_MODULE_LOADING", "EAGER", 0);
  int count = 0;
  const cudaError_t code = cudaGetDeviceCount(&count);
  if (code == cudaSuccess && count > 0) return;
  throw DecodeError("ladder-" + target_name() + " found no CUDA device (" +
                    (code == cudaSuccess ? "none is there" : cudaGetErrorString(code)) +
                    "): it needs an NVIDIA GPU and its driver; ladder-native runs on the CPU");
}

std::string device_name() {
  if (target_name() == "gpu") {
    cudaDeviceProp properties;
    CUDA_CHECK(cudaGetDeviceProperties(&properties, 0));
    return properties.name;
  }
  const char* chosen = std::getenv("SIMT_THREADS");
  const int threads = chosen != nullptr ? std::atoi(chosen) : 0;
  const unsigned count = threads > 0 ? unsigned(threads) : std::thread::hardware_concurrency();
  return cpu_name() + ", " + std::to_string(count) + (count == 1 ? " thread" : " threads");
}

}  // namespace decode
