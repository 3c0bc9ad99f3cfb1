// Copies to and from __device__ and __constant__ variables, given by name as in CUDA.
// Here such a variable is an ordinary global one; these functions tell the runtime that it is
// device memory.
#pragma once

#include <cstddef>
#include <memory>

#include "driver_types.h"

namespace simt {

struct SymbolCopy {
  void* symbol;
  size_t symbol_bytes;
  void* other;  // the source or the destination
  size_t bytes, offset;
  cudaMemcpyKind kind;
  cudaStream_t stream;
  bool to_symbol, async;
};
cudaError_t symbol_copy(const SymbolCopy& copy);
void register_symbol(const void* address, size_t bytes);

template <class T>
void* symbol_address(const T& symbol) {
  return const_cast<void*>(static_cast<const volatile void*>(std::addressof(symbol)));
}

}  // namespace simt

template <class T>
cudaError_t cudaGetSymbolAddress(void** pointer, const T& symbol) {
  *pointer = simt::symbol_address(symbol);
  simt::register_symbol(*pointer, sizeof(T));
  return cudaSuccess;
}

template <class T>
cudaError_t cudaGetSymbolSize(size_t* bytes, const T& symbol) {
  simt::register_symbol(simt::symbol_address(symbol), sizeof(T));
  *bytes = sizeof(T);
  return cudaSuccess;
}

template <class T>
cudaError_t cudaMemcpyToSymbol(const T& symbol, const void* from, size_t bytes, size_t offset = 0,
                               cudaMemcpyKind kind = cudaMemcpyHostToDevice) {
  return simt::symbol_copy({simt::symbol_address(symbol), sizeof(T), const_cast<void*>(from), bytes,
                            offset, kind, nullptr, true, false});
}

template <class T>
cudaError_t cudaMemcpyToSymbolAsync(const T& symbol, const void* from, size_t bytes, size_t offset,
                                    cudaMemcpyKind kind, cudaStream_t stream = nullptr) {
  return simt::symbol_copy({simt::symbol_address(symbol), sizeof(T), const_cast<void*>(from), bytes,
                            offset, kind, stream, true, true});
}

template <class T>
cudaError_t cudaMemcpyFromSymbol(void* to, const T& symbol, size_t bytes, size_t offset = 0,
                                 cudaMemcpyKind kind = cudaMemcpyDeviceToHost) {
  return simt::symbol_copy(
      {simt::symbol_address(symbol), sizeof(T), to, bytes, offset, kind, nullptr, false, false});
}

template <class T>
cudaError_t cudaMemcpyFromSymbolAsync(void* to, const T& symbol, size_t bytes, size_t offset,
                                      cudaMemcpyKind kind, cudaStream_t stream = nullptr) {
  return simt::symbol_copy(
      {simt::symbol_address(symbol), sizeof(T), to, bytes, offset, kind, stream, false, true});
}
