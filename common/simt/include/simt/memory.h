// Shared memory as the translator declares it, and loads and stores by name.
#pragma once

#include <cstddef>
#include <cstring>
#include <type_traits>

#include "simt/keywords.h"
#include "simt/scheduler_api.h"

namespace simt {

// A static __shared__ variable of type T. `key` is the same for all threads that run the
// declaration.
template <class T, size_t kAlign>
SIMT_BUILTIN T& shared_variable(const void* key, const char* name) {
  constexpr size_t kNatural = alignof(T);
  return *static_cast<T*>(
      static_shared(key, sizeof(T), kAlign > kNatural ? kAlign : kNatural, name));
}

// extern __shared__: T is an array of unknown bound.
template <class T>
SIMT_BUILTIN T& dynamic_shared_array(const char* name) {
  return *static_cast<T*>(dynamic_shared(name));
}

// What stands for an extern __shared__ array at namespace scope.
template <class T>
struct DynamicSharedArray {
  using Element = std::remove_extent_t<T>;
  SIMT_BUILTIN operator Element*() const { return static_cast<Element*>(dynamic_shared("")); }
};

// memcpy and memset of a kernel. A small constant size is one load and one store, which the hooks
// see. For others, traced programs call the functions under a name that g++ does not know, so that
// it neither expands them in place nor loses them: the linker leads these calls to counting
// versions.
#if SIMT_TRACED
void* memcpy_called(void* to, const void* from, size_t bytes) __asm__("memcpy");
void* memset_called(void* to, int value, size_t bytes) __asm__("memset");

SIMT_BUILTIN void* device_memcpy(void* to, const void* from, size_t bytes) {
  const bool one_access = bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8 || bytes == 16;
  if (__builtin_constant_p(bytes) && one_access) return __builtin_memcpy(to, from, bytes);
  return memcpy_called(to, from, bytes);
}
SIMT_BUILTIN void* device_memset(void* to, int value, size_t bytes) {
  return memset_called(to, value, bytes);
}
#else
SIMT_BUILTIN void* device_memcpy(void* to, const void* from, size_t bytes) {
  return __builtin_memcpy(to, from, bytes);
}
SIMT_BUILTIN void* device_memset(void* to, int value, size_t bytes) {
  return __builtin_memset(to, value, bytes);
}
#endif

// Which space a generic address is in.
bool is_shared(const void* p);
bool is_global(const void* p);

}  // namespace simt

SIMT_BUILTIN unsigned __isShared(const void* p) { return simt::is_shared(p); }
SIMT_BUILTIN unsigned __isGlobal(const void* p) { return simt::is_global(p); }

// Loads and stores with cache hints; the cache model has no use for the hint.
#define SIMT_LOAD(name)                   \
  template <class T>                      \
  SIMT_BUILTIN T name(const T* address) { \
    return *address;                      \
  }
SIMT_LOAD(__ldg)
SIMT_LOAD(__ldca)
SIMT_LOAD(__ldcg)
SIMT_LOAD(__ldcs)
SIMT_LOAD(__ldlu)
SIMT_LOAD(__ldcv)
#undef SIMT_LOAD

#define SIMT_STORE(name)                                                \
  template <class T>                                                    \
  SIMT_BUILTIN void name(T* address, std::enable_if_t<true, T> value) { \
    *address = value;                                                   \
  }
SIMT_STORE(__stwb)
SIMT_STORE(__stcg)
SIMT_STORE(__stcs)
SIMT_STORE(__stwt)
#undef SIMT_STORE
