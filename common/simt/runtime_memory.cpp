// Allocating and freeing VRAM: plain, managed, from the memory pool. What a pointer points to.
#include <cstring>

#include "common/simt/runtime_state.h"
#include "simt/extensions.h"

namespace simt::runtime {

void tell_allocated(const void* pointer) {
  if (Observer* o = observer()) o->allocated(*find_allocation(pointer));
}

cudaError_t allocate_memory(const ApiCall& api, Space space, void** pointer, size_t bytes) {
  if (!pointer) return api.fail(cudaErrorInvalidValue, "the result pointer is null");
  *pointer = nullptr;
  if (bytes == 0) return cudaSuccess;  // as CUDA does: null, and no error
  *pointer = arena_allocate(space, bytes);
  if (!*pointer) {
    return api.fail(
        cudaErrorMemoryAllocation,
        "no room for %zu bytes (VRAM: %llu of %llu bytes in use), here or on this machine", bytes,
        static_cast<unsigned long long>(device_memory_used()),
        static_cast<unsigned long long>(device_memory_limit()));
  }
  tell_allocated(*pointer);
  return cudaSuccess;
}

void forget_allocation(const Allocation& allocation) {
  state().managed.erase(allocation.id);
  state().host_flags.erase(allocation.id);
  if (Observer* o = observer()) o->freed(allocation);
}

cudaError_t release_memory(const ApiCall& api, Space space, void* pointer, const char* kind) {
  if (!pointer) return cudaSuccess;
  if (arena_free(space, pointer)) {
    forget_allocation(*find_allocation(pointer));
    return cudaSuccess;
  }
  const Allocation* a = find_allocation(pointer);
  if (!a) return api.fail(cudaErrorInvalidValue, "%p is not %s", pointer, kind);
  if (!a->live) {
    return api.fail(cudaErrorInvalidValue, "'%s' (%p) was freed already", a->name.c_str(), pointer);
  }
  if (a->space != space) {
    return api.fail(cudaErrorInvalidValue, "'%s' (%p) is not %s", a->name.c_str(), pointer, kind);
  }
  return api.fail(cudaErrorInvalidValue, "%p is inside '%s', not its start", pointer,
                  a->name.c_str());
}

namespace {

CUmemPool_st* the_pool() { return reinterpret_cast<CUmemPool_st*>(&state()); }

cudaError_t check_pool(const ApiCall& api, cudaMemPool_t pool) {
  if (pool == the_pool()) return cudaSuccess;
  return api.fail(cudaErrorInvalidValue, "only the device's default memory pool exists");
}

}  // namespace

void free_all_memory() {
  State& s = state();
  for (auto& [start, registered] : s.registered) {
    if (registered.alias) {
      remove_alias(reinterpret_cast<void*>(start), registered.bytes, registered.alias);
    }
  }
  s.registered.clear();
  for (uint32_t id = 1; id <= allocation_count(); id++) {
    const Allocation& a = allocation(id);
    if (!a.live) continue;
    arena_free(a.space, arena_base + static_cast<int>(a.space) * kSpaceBytes + a.offset);
    forget_allocation(a);
  }
}

}  // namespace simt::runtime

using namespace simt::runtime;
using simt::Allocation;
using simt::find_allocation;
using simt::Space;

cudaError_t cudaMalloc(void** pointer, size_t bytes) {
  ApiCall api(__func__);
  if (api.refused()) return api.error();
  if (cudaError_t error = refuse_in_capture(api)) return error;
  return allocate_memory(api, Space::kDevice, pointer, bytes);
}

cudaError_t cudaMallocPitch(void** pointer, size_t* pitch, size_t width, size_t height) {
  ApiCall api(__func__);
  if (api.refused()) return api.error();
  if (cudaError_t error = refuse_in_capture(api)) return error;
  if (!pitch) return api.fail(cudaErrorInvalidValue, "the pitch pointer is null");
  *pitch = (width + 511) / 512 * 512;
  if (height != 0 && *pitch > SIZE_MAX / height) {
    return api.fail(cudaErrorInvalidValue, "%zu rows of %zu bytes are too many", height, *pitch);
  }
  return allocate_memory(api, Space::kDevice, pointer, *pitch * height);
}

cudaError_t cudaMallocManaged(void** pointer, size_t bytes, unsigned flags) {
  ApiCall api(__func__);
  if (api.refused()) return api.error();
  if (cudaError_t error = refuse_in_capture(api)) return error;
  if (bytes == 0 || (flags != cudaMemAttachGlobal && flags != cudaMemAttachHost)) {
    return api.fail(cudaErrorInvalidValue, "%zu bytes, flags %u", bytes, flags);
  }
  if (cudaError_t error = allocate_memory(api, Space::kDevice, pointer, bytes)) return error;
  state().managed.insert(find_allocation(*pointer)->id);
  return cudaSuccess;
}

cudaError_t cudaFree(void* pointer) {
  ApiCall api(__func__);
  if (api.refused()) return api.error();
  if (cudaError_t error = refuse_in_capture(api)) return error;
  return release_memory(api, Space::kDevice, pointer, "memory from cudaMalloc");
}

cudaError_t cudaMallocAsync(void** pointer, size_t bytes, cudaStream_t stream) {
  ApiCall api(__func__);
  if (api.refused()) return api.error();
  CUstream_st* s = find_stream(stream);
  if (!s) return api.fail(cudaErrorInvalidResourceHandle, "no such stream");
  if (s->capture) {
    invalidate(*s->capture);
    return api.fail(cudaErrorNotSupported, "allocations inside a graph are not simulated");
  }
  return allocate_memory(api, Space::kDevice, pointer, bytes);
}

cudaError_t cudaFreeAsync(void* pointer, cudaStream_t stream) {
  ApiCall api(__func__);
  if (api.refused()) return api.error();
  CUstream_st* s = find_stream(stream);
  if (!s) return api.fail(cudaErrorInvalidResourceHandle, "no such stream");
  if (s->capture) {
    invalidate(*s->capture);
    return api.fail(cudaErrorNotSupported, "frees inside a graph are not simulated");
  }
  return release_memory(api, Space::kDevice, pointer, "memory from cudaMallocAsync");
}

cudaError_t cudaMallocFromPoolAsync(void** pointer, size_t bytes, cudaMemPool_t pool,
                                    cudaStream_t stream) {
  ApiCall api(__func__);
  if (api.refused()) return api.error();
  if (cudaError_t error = check_pool(api, pool)) return error;
  return cudaMallocAsync(pointer, bytes, stream);
}

cudaError_t cudaDeviceGetDefaultMemPool(cudaMemPool_t* pool, int device) {
  ApiCall api(__func__);
  if (api.refused()) return api.error();
  if (!pool || device != 0) return api.fail(cudaErrorInvalidDevice, "device %d", device);
  *pool = the_pool();
  return cudaSuccess;
}
cudaError_t cudaDeviceGetMemPool(cudaMemPool_t* pool, int device) {
  return cudaDeviceGetDefaultMemPool(pool, device);
}

// The pool holds nothing back: freed memory goes to the arena. Only the threshold is remembered.
cudaError_t cudaMemPoolSetAttribute(cudaMemPool_t pool, cudaMemPoolAttr attribute, void* value) {
  ApiCall api(__func__);
  if (api.refused()) return api.error();
  if (cudaError_t error = check_pool(api, pool)) return error;
  if (!value) return api.fail(cudaErrorInvalidValue, "the value is null");
  if (attribute == cudaMemPoolAttrReleaseThreshold) {
    state().pool_threshold = *static_cast<unsigned long long*>(value);
  }
  return cudaSuccess;
}

cudaError_t cudaMemPoolGetAttribute(cudaMemPool_t pool, cudaMemPoolAttr attribute, void* value) {
  ApiCall api(__func__);
  if (api.refused()) return api.error();
  if (cudaError_t error = check_pool(api, pool)) return error;
  if (!value) return api.fail(cudaErrorInvalidValue, "the value is null");
  if (attribute <= cudaMemPoolReuseAllowInternalDependencies) {
    *static_cast<int*>(value) = 1;
  } else if (attribute == cudaMemPoolAttrReleaseThreshold) {
    *static_cast<unsigned long long*>(value) = state().pool_threshold;
  } else {
    *static_cast<unsigned long long*>(value) = simt::device_memory_used();
  }
  return cudaSuccess;
}

cudaError_t cudaMemPoolTrimTo(cudaMemPool_t pool, size_t) {
  ApiCall api(__func__);
  return api.refused() ? api.error() : check_pool(api, pool);
}

cudaError_t cudaMemGetInfo(size_t* free_bytes, size_t* total_bytes) {
  ApiCall api(__func__);
  if (api.refused()) return api.error();
  const uint64_t limit = simt::device_memory_limit(), used = simt::device_memory_used();
  if (free_bytes) *free_bytes = limit > used ? limit - used : 0;
  if (total_bytes) *total_bytes = limit;
  return cudaSuccess;
}

cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* attributes, const void* pointer) {
  ApiCall api(__func__);
  if (api.refused()) return api.error();
  if (!attributes) return api.fail(cudaErrorInvalidValue, "the result pointer is null");
  void* p = const_cast<void*>(pointer);
  *attributes = {cudaMemoryTypeUnregistered, cudaInvalidDeviceId, nullptr, p};
  if (find_registered(pointer)) {
    *attributes = {cudaMemoryTypeHost, 0, p, p};
    return cudaHostGetDevicePointer(&attributes->devicePointer, p, 0);
  }
  const Allocation* a = find_allocation(pointer);
  if (place_of(pointer, 0).device && !a) *attributes = {cudaMemoryTypeDevice, 0, p, nullptr};
  if (!a || !a->live) return cudaSuccess;
  if (state().managed.count(a->id)) {
    *attributes = {cudaMemoryTypeManaged, 0, p, p};
  } else if (a->space == Space::kDevice) {
    *attributes = {cudaMemoryTypeDevice, 0, p, nullptr};
  } else {
    *attributes = {cudaMemoryTypeHost, 0, p, p};
  }
  return cudaSuccess;
}

extern "C" void simtNameMemory(const void* pointer, const char* name) {
  simtDescribeMemory(pointer, name, nullptr, 0);
}

extern "C" void simtDescribeMemory(const void* pointer, const char* name, const int64_t* lengths,
                                   int dimensions) {
  const std::lock_guard<std::recursive_mutex> lock(state().mutex);
  if (const RegisteredMemory* registered = find_registered(pointer)) pointer = registered->alias;
  simt::name_allocation(pointer, name);
  simt::shape_allocation(pointer, std::vector<uint64_t>(lengths, lengths + dimensions));
  const Allocation* a = find_allocation(pointer);
  if (simt::Observer* o = simt::observer(); o && a) o->named(*a);
}
