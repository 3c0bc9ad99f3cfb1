// Chapter 01's idea: K and V of every token are kept, in VRAM or in host RAM.
#pragma once

#include "common/gpu/bf16.h"    // bf16
#include "common/gpu/buffer.h"  // DeviceBuffer, PinnedBuffer

namespace ch01 {

using gpu::bf16;

enum class KvMemory {
  kVram,
  kHost,  // page-locked host RAM: the same kernels read it over PCIe
};

// keys, values: (n_layers, n_heads, max_seq_len, head_dim).
struct KvCache {
  KvCache(KvMemory memory, int n_layers, int n_heads, int max_seq_len, int head_dim)
      : layer_stride(size_t(n_heads) * max_seq_len * head_dim),
        token_bytes(2 * sizeof(bf16) * n_layers * n_heads * head_dim) {
    const size_t count = n_layers * layer_stride;
    const gpu::Shape shape = {n_layers, n_heads, max_seq_len, head_dim};  // for who looks at it
    if (memory == KvMemory::kVram) {
      device_keys = gpu::DeviceBuffer<bf16>(count, "kv_cache.k", shape);
      device_values = gpu::DeviceBuffer<bf16>(count, "kv_cache.v", shape);
      keys = device_keys.data(), values = device_values.data();
    } else {
      host_keys = gpu::PinnedBuffer<bf16>(count, "kv_cache.k", shape);
      host_values = gpu::PinnedBuffer<bf16>(count, "kv_cache.v", shape);
      keys = host_keys.device_data(), values = host_values.device_data();
    }
  }

  bf16* layer_keys(int layer) const { return keys + layer * layer_stride; }
  bf16* layer_values(int layer) const { return values + layer * layer_stride; }

  size_t layer_stride;   // values of K (or V) in one layer
  uint64_t token_bytes;  // K and V of one token: 2 * 2 bytes * n_layers * n_heads * head_dim
  bf16* keys = nullptr;  // as kernels see them
  bf16* values = nullptr;
  gpu::DeviceBuffer<bf16> device_keys, device_values;  // one of these two pairs owns the memory
  gpu::PinnedBuffer<bf16> host_keys, host_values;
};

}  // namespace ch01
