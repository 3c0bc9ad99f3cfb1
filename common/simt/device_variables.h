// __device__ variables: they lie in a section of the program, but are VRAM to a kernel. Counting
// gives them an allocation of their own, named "__device__ variables".
#pragma once

#include <cstdint>

// The ends of the section; null in a program that has none.
extern "C" const char __start_simt_device[] __attribute__((weak));
extern "C" const char __stop_simt_device[] __attribute__((weak));

namespace simt {

inline bool in_device_variables(uint64_t address) {
  auto start = reinterpret_cast<uint64_t>(__start_simt_device);
  return address - start < reinterpret_cast<uint64_t>(__stop_simt_device) - start;
}

// Where in VRAM they count as being: the offset of the section's start in Space::kDevice.
uint64_t device_variables_offset();

}  // namespace simt
