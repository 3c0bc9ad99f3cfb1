// What the rest of the simulator, and its tests, may ask of the runtime API's implementation.
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/simt/core.h"

namespace simt {

// The front of every launch: checks the configuration as a GPU does, then runs the kernel or, when
// its stream is being captured, adds it to the graph. Returns and records:
// cudaErrorInvalidConfiguration (a zero or too large grid or block), cudaErrorInvalidValue (more
// shared memory than the kernel may use), cudaErrorInvalidResourceHandle (no such stream), the
// capture errors, or what the kernel did wrong (run_kernel).
cudaError_t submit_launch(KernelCall call);

// The number of a stream, for KernelCall::stream: 0 for the default stream, then 1, 2, ... in order
// of creation. kNoStream for a handle that is not a live stream; submit_launch then fails.
constexpr unsigned kNoStream = ~0u;
unsigned stream_id(cudaStream_t stream);

// Tells the runtime that [address, address + bytes) is a __device__ or __constant__ variable:
// copies treat it as device memory. cudaMemcpyToSymbol and its family do this for the symbols they
// are given.
void register_symbol(const void* address, size_t bytes);

// The GPU that the API reports. The default is close to an H100 SXM: sizes from NVIDIA's H100
// datasheet and from the CUDA C++ Programming Guide, "Technical Specifications per Compute
// Capability".
struct DeviceLimits {
  const char* name = "H100-like";  // shown as "Decoder Ladder simulator (H100-like)"
  int compute_major = 9, compute_minor = 0;
  int sm_count = 132;
  size_t shared_per_sm = 228 << 10;            // bytes
  size_t shared_per_block = 48 << 10;          // bytes, without opting in
  size_t shared_per_block_optin = 227 << 10;   // bytes
  size_t shared_reserved_per_block = 1 << 10;  // bytes
  int threads_per_block = 1024;
  int threads_per_sm = 2048;
  int blocks_per_sm = 32;
  int registers_per_sm = 65536;
  size_t l2_bytes = 50 << 20;
  uint64_t memory_bytes = uint64_t{80} << 30;  // VRAM
  int clock_khz = 1980000;
  int memory_clock_khz = 2619000;
  int memory_bus_bits = 5120;
};
// Changes the simulated GPU; call it before the program allocates. Also sets device_memory_limit().
void set_device(const DeviceLimits& limits);
const DeviceLimits& device();

}  // namespace simt
