// CUDA_CHECK: every runtime call is checked, and a failure is an exception that says where.
#pragma once

#include <cuda_runtime.h>

#include <stdexcept>
#include <string>

namespace gpu {

// A CUDA call that failed, or a launcher's precondition that does not hold. what() is one line.
class CudaError : public std::runtime_error {
 public:
  CudaError(cudaError_t code, const char* expression, const char* file, int line)
      : std::runtime_error(std::string(file) + ":" + std::to_string(line) + ": " + expression +
                           ": " + cudaGetErrorName(code) + " (" + cudaGetErrorString(code) + ")"),
        code_(code) {}
  CudaError(const std::string& what, const char* file, int line)
      : std::runtime_error(std::string(file) + ":" + std::to_string(line) + ": " + what) {}
  cudaError_t code() const { return code_; }

 private:
  cudaError_t code_ = cudaErrorInvalidValue;
};

inline void check(cudaError_t code, const char* expression, const char* file, int line) {
  if (code != cudaSuccess) throw CudaError(code, expression, file, line);
}

}  // namespace gpu

// Throws gpu::CudaError with the expression, the file and the line.
#define CUDA_CHECK(expression) ::gpu::check((expression), #expression, __FILE__, __LINE__)

// A launcher's precondition on shapes: `message` says what was given and what is needed.
#define GPU_REQUIRE(condition, message) \
  ((condition) ? void() : throw ::gpu::CudaError((message), __FILE__, __LINE__))
