// The sampler's work on device memory, done by Thrust. This header names no Thrust type, so only
// the two files that include device_sort.inl see Thrust: device_sort_cpp.cpp (its C++ backend, on
// the simulator's memory) and device_sort_cuda.cu (its CUDA backend).
#pragma once

#include <cstddef>

struct CUstream_st;  // what a cudaStream_t points to

namespace decode {

using DeviceStream = CUstream_st*;  // cudaStream_t, without its header

// Temporary memory for Thrust: cut off one after another, all given back by reset().
struct DevicePool {
  char* memory = nullptr;
  size_t bytes = 0;
  size_t used = 0;
  void reset() { used = 0; }
  // Bytes that suffice for the functions below on `count` values.
  static size_t bytes_for(size_t count) { return 64 * count + (size_t{4} << 20); }
};

// All arrays are in device memory. Each call returns when its result is there. DecodeError when the
// pool is too small.

// Index of the largest value; the lowest such index when several are equal.
int index_of_max(DevicePool& pool, DeviceStream stream, const float* values, int count);

// keys = values * factor, largest first, and ids = where each came from; equal keys in order of id.
void sort_descending(DevicePool& pool, DeviceStream stream, const float* values, float factor,
                     float* keys, int* ids, int count);

// cumulative[i] = sum over j <= i of exp(keys[j] - keys[0]). Returns the last one, summed apart.
double sum_exponentials(DevicePool& pool, DeviceStream stream, const float* keys,
                        double* cumulative, int count);

// The first index whose cumulative value is >= `threshold` (or, with `above`, > it); at most
// count-1.
int index_reaching(DevicePool& pool, DeviceStream stream, const double* cumulative, int count,
                   double threshold, bool above);

}  // namespace decode
