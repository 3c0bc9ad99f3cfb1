// Owners of memory: DeviceBuffer is VRAM, PinnedBuffer is host RAM that the GPU can reach over
// PCIe.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <utility>
#include <vector>

#include "common/gpu/check.h"  // CUDA_CHECK
#include "common/gpu/work.h"   // name_memory

namespace gpu {

// `count` values of T in VRAM, not initialized. Traffic is counted under `name`; whoever shows the
// memory is told the `shape` of its values.
// Move-only. Throws CudaError when the card is full.
template <typename T>
class DeviceBuffer {
 public:
  DeviceBuffer() = default;
  DeviceBuffer(size_t count, const char* name, const Shape& shape = {}) : count_(count) {
    if (count == 0) return;
    void* memory = nullptr;
    CUDA_CHECK(cudaMalloc(&memory, count * sizeof(T)));
    data_ = static_cast<T*>(memory);
    name_memory(data_, name, shape);
  }
  ~DeviceBuffer() { static_cast<void>(cudaFree(data_)); }  // a destructor never throws
  DeviceBuffer(DeviceBuffer&& other) noexcept { swap(other); }
  DeviceBuffer& operator=(DeviceBuffer&& other) noexcept {
    DeviceBuffer(std::move(other)).swap(*this);
    return *this;
  }

  T* data() { return data_; }
  const T* data() const { return data_; }
  size_t size() const { return count_; }
  size_t bytes() const { return count_ * sizeof(T); }

 private:
  void swap(DeviceBuffer& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(count_, other.count_);
  }
  T* data_ = nullptr;
  size_t count_ = 0;
};

// `count` values of T in page-locked host RAM, mapped into the GPU's address space: a kernel that
// reads device_data() fetches each sector over PCIe. Move-only.
template <typename T>
class PinnedBuffer {
 public:
  PinnedBuffer() = default;
  PinnedBuffer(size_t count, const char* name, const Shape& shape = {}) : count_(count) {
    if (count == 0) return;
    void* memory = nullptr;
    CUDA_CHECK(cudaHostAlloc(&memory, count * sizeof(T), cudaHostAllocMapped));
    data_ = static_cast<T*>(memory);
    name_memory(data_, name, shape);
  }
  ~PinnedBuffer() { static_cast<void>(cudaFreeHost(data_)); }
  PinnedBuffer(PinnedBuffer&& other) noexcept { swap(other); }
  PinnedBuffer& operator=(PinnedBuffer&& other) noexcept {
    PinnedBuffer(std::move(other)).swap(*this);
    return *this;
  }

  T* data() { return data_; }
  const T* data() const { return data_; }
  T* device_data() const {  // the address that kernels use
    if (data_ == nullptr) return nullptr;
    void* device = nullptr;
    CUDA_CHECK(cudaHostGetDevicePointer(&device, data_, 0));
    return static_cast<T*>(device);
  }
  size_t size() const { return count_; }
  size_t bytes() const { return count_ * sizeof(T); }

 private:
  void swap(PinnedBuffer& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(count_, other.count_);
  }
  T* data_ = nullptr;
  size_t count_ = 0;
};

// Copies between host RAM and VRAM; both return when the copy is done.
template <typename T>
void upload(DeviceBuffer<T>& to, const T* from, size_t count) {
  GPU_REQUIRE(count <= to.size(), "upload: the buffer is smaller than the data");
  if (count > 0) CUDA_CHECK(cudaMemcpy(to.data(), from, count * sizeof(T), cudaMemcpyHostToDevice));
}
template <typename T>
DeviceBuffer<T> upload(const std::vector<T>& from, const char* name) {
  DeviceBuffer<T> to(from.size(), name);
  upload(to, from.data(), from.size());
  return to;
}
template <typename T>
std::vector<T> download(const T* from, size_t count) {
  std::vector<T> to(count);
  if (count > 0) {
    CUDA_CHECK(cudaMemcpy(to.data(), from, count * sizeof(T), cudaMemcpyDeviceToHost));
  }
  return to;
}
template <typename T>
std::vector<T> download(const DeviceBuffer<T>& from) {
  return download(from.data(), from.size());
}

}  // namespace gpu
