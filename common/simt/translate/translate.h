// Turns CUDA C++ into C++ that g++ takes, with the headers of common/simt/include:
//   kernel<<<grid, block, shared, stream>>>(...)   -> ::simt::launch(...)(...)
//   __shared__ declarations, static and extern      -> references into the block's shared memory
//   __device__ and __constant__ variables           -> plain variables, the former in a section
//   threadIdx.x, printf, assert, clock, memcpy ...  -> the simulator's functions, in device code
// Everything else, line numbers included, stays as it is.
//
// Host and device code are compiled in one pass. __CUDACC__ is not defined, since a library's
// header (Thrust) must take its host side. __CUDA_ARCH__ is 900 inside functions that run on the
// device only, and in an #if that chooses among such; elsewhere it is undefined, so a __host__
// __device__ function that tests it takes its host side. A program that must know where it is tests
// SIMT_SIMULATOR.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace simt::translate {

struct Diagnostic {
  int line, column;  // from 1
  std::string text;
};

struct Translation {
  std::string text;  // empty when there are errors
  std::vector<Diagnostic> errors;
};

// `path` is what __FILE__, messages and reports call the source. A file that nvcc would compile
// (and not a header) gets an #include of cuda_runtime.h in front, as nvcc does.
Translation translate(std::string_view source, std::string_view path, bool include_runtime);

}  // namespace simt::translate
