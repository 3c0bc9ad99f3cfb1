// What a .cu file includes: the runtime API with its typed forms, the device side (simt/device.h),
// and the simulator's own functions. Under nvcc the toolkit's header of this name takes its place.
#pragma once

#define __CUDA_RUNTIME_H__  // programs ask for this to know that the header is there

#include <cstddef>
#include <cstdint>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

#include "common/simt/runtime.h"
#include "cuda_runtime_api.h"
#include "simt/device.h"
#include "simt/extensions.h"
#include "simt/scheduler_api.h"
#include "simt/symbols.h"

// Typed forms of the allocation calls.
template <class T>
cudaError_t cudaMalloc(T** pointer, size_t bytes) {
  return cudaMalloc(reinterpret_cast<void**>(pointer), bytes);
}
template <class T>
cudaError_t cudaMallocPitch(T** pointer, size_t* pitch, size_t width, size_t height) {
  return cudaMallocPitch(reinterpret_cast<void**>(pointer), pitch, width, height);
}
template <class T>
cudaError_t cudaMallocManaged(T** pointer, size_t bytes, unsigned flags = cudaMemAttachGlobal) {
  return cudaMallocManaged(reinterpret_cast<void**>(pointer), bytes, flags);
}
template <class T>
cudaError_t cudaMallocHost(T** pointer, size_t bytes, unsigned flags = 0) {
  return cudaHostAlloc(reinterpret_cast<void**>(pointer), bytes, flags);
}
template <class T>
cudaError_t cudaHostAlloc(T** pointer, size_t bytes, unsigned flags) {
  return cudaHostAlloc(reinterpret_cast<void**>(pointer), bytes, flags);
}
template <class T>
cudaError_t cudaHostGetDevicePointer(T** device, void* host, unsigned flags) {
  return cudaHostGetDevicePointer(reinterpret_cast<void**>(device), host, flags);
}
template <class T>
cudaError_t cudaMallocAsync(T** pointer, size_t bytes, cudaStream_t stream) {
  return cudaMallocAsync(reinterpret_cast<void**>(pointer), bytes, stream);
}

// Forms that take the kernel itself.
template <class... P>
cudaError_t cudaFuncSetAttribute(void (*kernel)(P...), cudaFuncAttribute attribute, int value) {
  return cudaFuncSetAttribute(reinterpret_cast<const void*>(kernel), attribute, value);
}
template <class... P>
cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attributes, void (*kernel)(P...)) {
  return cudaFuncGetAttributes(attributes, reinterpret_cast<const void*>(kernel));
}
template <class... P>
cudaError_t cudaFuncSetCacheConfig(void (*kernel)(P...), cudaFuncCache config) {
  return cudaFuncSetCacheConfig(reinterpret_cast<const void*>(kernel), config);
}
template <class... P>
cudaError_t cudaFuncSetSharedMemConfig(void (*kernel)(P...), cudaSharedMemConfig config) {
  return cudaFuncSetSharedMemConfig(reinterpret_cast<const void*>(kernel), config);
}
template <class... P>
cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, void (*kernel)(P...),
                                                          int block_threads,
                                                          size_t dynamic_shared) {
  return cudaOccupancyMaxActiveBlocksPerMultiprocessor(
      blocks, reinterpret_cast<const void*>(kernel), block_threads, dynamic_shared);
}

// The block size with the most resident threads on an SM, and the smallest grid that fills the GPU
// with such blocks. `shared_of(block_threads)` is the dynamic shared memory of a block, in bytes.
template <class SharedOf, class... P>
cudaError_t cudaOccupancyMaxPotentialBlockSizeVariableSMem(int* min_grid, int* block_threads,
                                                           void (*kernel)(P...), SharedOf shared_of,
                                                           int block_limit = 0) {
  int sm_count = 0, best_resident = 0, best_threads = 0, best_blocks = 0;
  cudaError_t error = cudaDeviceGetAttribute(&sm_count, cudaDevAttrMultiProcessorCount, 0);
  if (error != cudaSuccess) return error;
  const int largest = block_limit > 0 && block_limit < 1024 ? block_limit : 1024;
  for (int threads = largest; threads > 0; threads = (threads - 1) / 32 * 32) {
    int blocks = 0;
    error =
        cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, kernel, threads, shared_of(threads));
    if (error != cudaSuccess) return error;
    if (blocks * threads > best_resident) {
      best_resident = blocks * threads;
      best_threads = threads;
      best_blocks = blocks;
    }
  }
  *min_grid = best_blocks * sm_count;
  *block_threads = best_threads;
  return cudaSuccess;
}
template <class... P>
cudaError_t cudaOccupancyMaxPotentialBlockSize(int* min_grid, int* block_threads,
                                               void (*kernel)(P...), size_t dynamic_shared = 0,
                                               int block_limit = 0) {
  return cudaOccupancyMaxPotentialBlockSizeVariableSMem(
      min_grid, block_threads, kernel, [dynamic_shared](int) { return dynamic_shared; },
      block_limit);
}

namespace simt {
// A kernel with its arguments, copied.
template <class... P>
struct BoundKernel {
  void (*kernel)(P...);
  std::tuple<std::decay_t<P>...> arguments;

  static void invoke(const void* self) {
    const auto& bound = *static_cast<const BoundKernel*>(self);
    std::apply(bound.kernel, bound.arguments);
  }
};

template <class... P, size_t... I>
cudaError_t launch_pointers(void (*kernel)(P...), dim3 grid, dim3 block,
                            [[maybe_unused]] void** arguments, size_t dynamic_shared,
                            cudaStream_t stream, std::index_sequence<I...>) {
  KernelCall call;
  call.function = reinterpret_cast<const void*>(kernel);
  call.name = "kernel (cudaLaunchKernel)";
  call.grid = grid;
  call.block = block;
  call.dynamic_shared = dynamic_shared;
  call.stream = stream_id(stream);
  call.invoke = BoundKernel<P...>::invoke;
  call.arguments = std::make_shared<BoundKernel<P...>>(BoundKernel<P...>{
      kernel, std::tuple<std::decay_t<P>...>(*static_cast<std::decay_t<P>*>(arguments[I])...)});
  return submit_launch(call);
}
}  // namespace simt

template <class... P>
cudaError_t cudaLaunchKernel(void (*kernel)(P...), dim3 grid, dim3 block, void** arguments,
                             size_t dynamic_shared = 0, cudaStream_t stream = nullptr) {
  return simt::launch_pointers(kernel, grid, block, arguments, dynamic_shared, stream,
                               std::index_sequence_for<P...>());
}
