// Names the CPU or the GPU.
#include "common/decode/machine.h"

#include <cuda_runtime.h>

#include <cstdlib>
#include <fstream>
#include <thread>

#include "common/gpu/check.h"  // CUDA_CHECK

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
