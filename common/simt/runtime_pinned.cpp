// Pinned host memory: allocated in the arena, or a program's own memory that is registered.
//
// Registered memory gets a second address in the arena (the same pages, mapped twice), so that what
// kernels read and write through cudaHostGetDevicePointer is counted as host traffic.
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/simt/runtime_state.h"

namespace simt::runtime {
namespace {

// The whole pages that hold [pointer, pointer + bytes).
struct Pages {
  char* start;
  size_t bytes;
  size_t inside;  // of the pointer, from the first page's start
};
Pages pages_of(void* pointer, size_t bytes) {
  const uintptr_t page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  const uintptr_t begin = reinterpret_cast<uintptr_t>(pointer);
  const uintptr_t first = begin / page * page, end = (begin + bytes + page - 1) / page * page;
  return {reinterpret_cast<char*>(first), end - first, begin - first};
}

// The calling thread's stack cannot be mapped anew under its own feet.
bool on_this_stack(const Pages& pages) {
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return true;
  void* stack = nullptr;
  size_t bytes = 0;
  pthread_attr_getstack(&attributes, &stack, &bytes);
  pthread_attr_destroy(&attributes);
  const char* low = static_cast<char*>(stack);
  return pages.start < low + bytes && pages.start + pages.bytes > low;
}

bool write_all(int file, const char* from, size_t bytes) {
  size_t done = 0;
  while (done < bytes) {
    const ssize_t n = pwrite(file, from + done, bytes - done, static_cast<off_t>(done));
    if (n <= 0) return false;
    done += static_cast<size_t>(n);
  }
  return true;
}

bool map_file(int file, void* where, size_t bytes) {
  return mmap(where, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0) != MAP_FAILED;
}

}  // namespace

void* alias_host_memory(void* pointer, size_t bytes) {
  const Pages pages = pages_of(pointer, bytes);
  if (on_this_stack(pages)) return nullptr;
  const int file = memfd_create("simt-registered", MFD_CLOEXEC);
  if (file < 0) return nullptr;
  // The pages may hold other things of the heap too, the arena's own book among them: nothing may
  // be allocated between the copy and its taking the pages' place.
  char* alias = static_cast<char*>(arena_allocate(Space::kHost, pages.bytes));
  if (alias && (!map_file(file, alias, pages.bytes) || !write_all(file, pages.start, pages.bytes) ||
                !map_file(file, pages.start, pages.bytes))) {
    arena_free(Space::kHost, alias);
    alias = nullptr;
  }
  close(file);
  return alias ? alias + pages.inside : nullptr;
}

// Puts private memory with the same content back in the registered place.
void remove_alias(void* pointer, size_t bytes, void* alias) {
  const Pages pages = pages_of(pointer, bytes);
  void* copy =
      mmap(nullptr, pages.bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (copy != MAP_FAILED) {
    __builtin_memcpy(copy, pages.start, pages.bytes);
    mremap(copy, pages.bytes, pages.bytes, MREMAP_MAYMOVE | MREMAP_FIXED, pages.start);
  }
  arena_free(Space::kHost, static_cast<char*>(alias) - pages.inside);
}

RegisteredMemory* find_registered(const void* pointer, uintptr_t* start) {
  const uintptr_t p = reinterpret_cast<uintptr_t>(pointer);
  auto it = state().registered.upper_bound(p);
  if (it == state().registered.begin()) return nullptr;
  --it;
  if (p >= it->first + it->second.bytes) return nullptr;
  if (start) *start = it->first;
  return &it->second;
}

}  // namespace simt::runtime

using namespace simt::runtime;
using simt::Allocation;
using simt::find_allocation;
using simt::Space;

cudaError_t cudaMallocHost(void** pointer, size_t bytes) {
  return cudaHostAlloc(pointer, bytes, cudaHostAllocDefault);
}

cudaError_t cudaHostAlloc(void** pointer, size_t bytes, unsigned flags) {
  ApiCall api(__func__);
  if (api.refused()) return api.error();
  if (cudaError_t error = refuse_in_capture(api)) return error;
  if (flags & ~7u) return api.fail(cudaErrorInvalidValue, "unknown flags 0x%x", flags);
  if (cudaError_t error = allocate_memory(api, Space::kHost, pointer, bytes)) return error;
  if (*pointer) state().host_flags[find_allocation(*pointer)->id] = flags | cudaHostAllocMapped;
  return cudaSuccess;
}

cudaError_t cudaFreeHost(void* pointer) {
  ApiCall api(__func__);
  if (api.refused()) return api.error();
  if (cudaError_t error = refuse_in_capture(api)) return error;
  return release_memory(api, Space::kHost, pointer, "memory from cudaMallocHost or cudaHostAlloc");
}

cudaError_t cudaHostRegister(void* pointer, size_t bytes, unsigned flags) {
  ApiCall api(__func__);
  if (api.refused()) return api.error();
  if (cudaError_t error = refuse_in_capture(api)) return error;
  if (!pointer || bytes == 0 || (flags & ~15u)) {
    return api.fail(cudaErrorInvalidValue, "%p, %zu bytes, flags 0x%x", pointer, bytes, flags);
  }
  if (simt::in_arena(pointer)) {
    return api.fail(cudaErrorHostMemoryAlreadyRegistered, "%p was allocated by CUDA", pointer);
  }
  const uintptr_t start = reinterpret_cast<uintptr_t>(pointer);
  const auto next = state().registered.lower_bound(start);
  if (find_registered(pointer) ||
      (next != state().registered.end() && next->first < start + bytes)) {
    return api.fail(cudaErrorHostMemoryAlreadyRegistered, "%p overlaps registered memory", pointer);
  }
  RegisteredMemory registered{bytes, flags, alias_host_memory(pointer, bytes)};
  if (registered.alias) tell_allocated(registered.alias);
  state().registered[start] = registered;
  return cudaSuccess;
}

cudaError_t cudaHostUnregister(void* pointer) {
  ApiCall api(__func__);
  if (api.refused()) return api.error();
  if (cudaError_t error = refuse_in_capture(api)) return error;
  const auto it = state().registered.find(reinterpret_cast<uintptr_t>(pointer));
  if (it == state().registered.end()) {
    return api.fail(cudaErrorHostMemoryNotRegistered, "%p", pointer);
  }
  if (void* alias = it->second.alias) {
    const Allocation* allocation = find_allocation(alias);
    remove_alias(pointer, it->second.bytes, alias);
    forget_allocation(*allocation);
  }
  state().registered.erase(it);
  return cudaSuccess;
}

cudaError_t cudaHostGetDevicePointer(void** device, void* host, unsigned flags) {
  ApiCall api(__func__);
  if (api.refused()) return api.error();
  if (!device || flags != 0) return api.fail(cudaErrorInvalidValue, "flags must be 0");
  *device = nullptr;
  uintptr_t start = 0;
  if (const RegisteredMemory* registered = find_registered(host, &start)) {
    const size_t inside = reinterpret_cast<uintptr_t>(host) - start;
    *device = registered->alias ? static_cast<char*>(registered->alias) + inside : host;
    return cudaSuccess;
  }
  const Allocation* a = find_allocation(host);
  if (!a || !a->live || a->space != Space::kHost) {
    return api.fail(cudaErrorInvalidValue, "%p is not pinned host memory", host);
  }
  *device = host;
  return cudaSuccess;
}

cudaError_t cudaHostGetFlags(unsigned* flags, void* host) {
  ApiCall api(__func__);
  if (api.refused()) return api.error();
  const Allocation* a = find_allocation(host);
  const auto it = a ? state().host_flags.find(a->id) : state().host_flags.end();
  if (!flags || it == state().host_flags.end()) {
    return api.fail(cudaErrorInvalidValue, "%p is not from cudaHostAlloc", host);
  }
  *flags = it->second;
  return cudaSuccess;
}
