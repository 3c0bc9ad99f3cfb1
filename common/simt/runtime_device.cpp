// The simulated GPU: what it says about itself, reset, and hints that are accepted.
#include <algorithm>
#include <cstdio>
#include <cstring>

#include "common/simt/runtime_state.h"

namespace simt {

using runtime::state;

void set_device(const DeviceLimits& limits) {
  const std::lock_guard<std::recursive_mutex> lock(state().mutex);
  state().limits = limits;
  set_device_memory_limit(limits.memory_bytes);
}

const DeviceLimits& device() { return state().limits; }

}  // namespace simt

using simt::runtime::ApiCall;
using simt::runtime::state;

namespace {

cudaError_t check_device(const ApiCall& api, int device) {
  if (device == 0) return cudaSuccess;
  return api.fail(cudaErrorInvalidDevice, "there is one device, number 0, not %d", device);
}

// A hint: it may fail as every call may, and changes nothing.
cudaError_t accept(const char* function) { return ApiCall(function).error(); }

template <class T>
cudaError_t give(const char* function, T* where, T value) {
  ApiCall api(function);
  if (api.refused()) return api.error();
  if (!where) return api.fail(cudaErrorInvalidValue, "the result pointer is null");
  *where = value;
  return cudaSuccess;
}

}  // namespace

// These three work after a sticky error too, as on a GPU.
cudaError_t cudaGetDeviceCount(int* count) {
  if (!count) return cudaErrorInvalidValue;
  *count = 1;
  return cudaSuccess;
}
cudaError_t cudaDriverGetVersion(int* version) {
  if (!version) return cudaErrorInvalidValue;
  *version = CUDART_VERSION;
  return cudaSuccess;
}
cudaError_t cudaRuntimeGetVersion(int* version) { return cudaDriverGetVersion(version); }

cudaError_t cudaGetDevice(int* device) { return give(__func__, device, 0); }
cudaError_t cudaSetDevice(int device) {
  ApiCall api(__func__);
  return api.refused() ? api.error() : check_device(api, device);
}
cudaError_t cudaInitDevice(int device, unsigned, unsigned) { return cudaSetDevice(device); }
cudaError_t cudaSetValidDevices(int*, int) { return accept(__func__); }
cudaError_t cudaChooseDevice(int* device, const cudaDeviceProp*) {
  return give(__func__, device, 0);
}
cudaError_t cudaSetDeviceFlags(unsigned flags) {
  ApiCall api(__func__);
  if (api.refused()) return api.error();
  state().device_flags = flags;
  return cudaSuccess;
}
cudaError_t cudaGetDeviceFlags(unsigned* flags) {
  return give(__func__, flags, state().device_flags);
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
  ApiCall api(__func__);
  if (api.refused()) return api.error();
  if (!properties) return api.fail(cudaErrorInvalidValue, "the result pointer is null");
  if (cudaError_t error = check_device(api, device)) return error;
  *properties = simt::runtime::device_properties();
  return cudaSuccess;
}

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device) {
  ApiCall api(__func__);
  if (api.refused()) return api.error();
  if (!value) return api.fail(cudaErrorInvalidValue, "the result pointer is null");
  if (cudaError_t error = check_device(api, device)) return error;
  if (simt::runtime::attribute_of(simt::runtime::device_properties(), attribute, value))
    return cudaSuccess;
  if (!simt::runtime::is_attribute(attribute)) {
    return api.fail(cudaErrorInvalidValue, "no attribute has the number %d", attribute);
  }
  *value = 0;
  return cudaSuccess;
}

cudaError_t cudaDeviceGetPCIBusId(char* text, int length, int device) {
  ApiCall api(__func__);
  if (api.refused()) return api.error();
  if (cudaError_t error = check_device(api, device)) return error;
  const char id[] = "0000:00:00.0";
  if (!text || length < static_cast<int>(sizeof id)) {
    return api.fail(cudaErrorInvalidValue, "the text needs %zu bytes", sizeof id);
  }
  std::memcpy(text, id, sizeof id);
  return cudaSuccess;
}

cudaError_t cudaDeviceCanAccessPeer(int* can, int, int) { return give(__func__, can, 0); }
cudaError_t cudaDeviceEnablePeerAccess(int, unsigned) {
  ApiCall api(__func__);
  return api.refused() ? api.error() : api.fail(cudaErrorInvalidDevice, "there is only one device");
}
cudaError_t cudaDeviceDisablePeerAccess(int) {
  ApiCall api(__func__);
  return api.refused() ? api.error() : api.fail(cudaErrorInvalidDevice, "there is only one device");
}

cudaError_t cudaDeviceSynchronize() {
  ApiCall api(__func__);
  return api.refused() ? api.error() : simt::runtime::refuse_in_capture(api);
}

// Frees all memory and handles, forgets all settings and errors. The only cure for a sticky error.
cudaError_t cudaDeviceReset() {
  if (simt::in_kernel()) return ApiCall(__func__).error();
  simt::runtime::State& s = state();
  const std::lock_guard<std::recursive_mutex> lock(s.mutex);
  simt::runtime::leave_captures();
  for (auto* stream : s.streams) delete stream;
  for (auto* event : s.events) delete event;
  for (auto* graph : s.graphs) delete graph;
  for (auto* exec : s.execs) delete exec;
  s.streams.clear();
  s.per_thread.clear();
  s.events.clear();
  s.graphs.clear();
  s.execs.clear();
  s.functions.clear();
  s.limit_values.clear();
  s.device_flags = 0;
  s.pool_threshold = 0;
  simt::runtime::free_all_memory();
  simt::runtime::clear_errors();
  return cudaSuccess;
}

cudaError_t cudaDeviceSetLimit(cudaLimit limit, size_t value) {
  ApiCall api(__func__);
  if (api.refused()) return api.error();
  if (limit < cudaLimitStackSize || limit > cudaLimitPersistingL2CacheSize) {
    return api.fail(cudaErrorUnsupportedLimit, "no limit has the number %d", limit);
  }
  state().limit_values[limit] = value;
  return cudaSuccess;
}

cudaError_t cudaDeviceGetLimit(size_t* value, cudaLimit limit) {
  ApiCall api(__func__);
  if (api.refused()) return api.error();
  if (!value) return api.fail(cudaErrorInvalidValue, "the result pointer is null");
  // CUDA's defaults: 1 KiB of stack, 1 MiB of printf buffer, 8 MiB of heap, ...
  const size_t defaults[] = {1 << 10, 1 << 20, 8 << 20, 2, 2048, 64, 0};
  if (limit < cudaLimitStackSize || limit > cudaLimitPersistingL2CacheSize) {
    return api.fail(cudaErrorUnsupportedLimit, "no limit has the number %d", limit);
  }
  const auto it = state().limit_values.find(limit);
  *value = it != state().limit_values.end() ? it->second : defaults[limit];
  return cudaSuccess;
}

cudaError_t cudaDeviceSetCacheConfig(cudaFuncCache) { return accept(__func__); }
cudaError_t cudaDeviceGetCacheConfig(cudaFuncCache* config) {
  return give(__func__, config, cudaFuncCachePreferNone);
}
cudaError_t cudaDeviceSetSharedMemConfig(cudaSharedMemConfig) { return accept(__func__); }
cudaError_t cudaDeviceGetSharedMemConfig(cudaSharedMemConfig* config) {
  return give(__func__, config, cudaSharedMemBankSizeFourByte);
}
cudaError_t cudaDeviceGetStreamPriorityRange(int* least, int* greatest) {
  ApiCall api(__func__);
  if (api.refused()) return api.error();
  if (least) *least = 0;
  if (greatest) *greatest = -5;
  return cudaSuccess;
}
cudaError_t cudaProfilerStart() { return accept(__func__); }
cudaError_t cudaProfilerStop() { return accept(__func__); }
