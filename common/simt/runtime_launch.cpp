// Launches: the configuration is checked as a GPU checks it, then the kernel runs or joins a graph.
// Attributes of kernels, occupancy, and what is declared about the next launch.
#include <algorithm>

#include "common/simt/runtime_state.h"
#include "simt/extensions.h"

namespace simt {

using namespace runtime;

namespace {

struct Work {
  bool declared = false;
  double fp32 = 0, int8 = 0;
};
thread_local Work next_work;  // simtDeclareWork

unsigned long long product(dim3 d) { return static_cast<unsigned long long>(d.x) * d.y * d.z; }

cudaError_t check_shape(const ApiCall& api, const KernelCall& call) {
  const dim3 g = call.grid, b = call.block;
  const auto limit = static_cast<unsigned long long>(device().threads_per_block);
  if (product(g) == 0 || product(b) == 0) {
    return api.fail(cudaErrorInvalidConfiguration,
                    "%s: grid (%u,%u,%u) and block (%u,%u,%u) must not be empty", call.name, g.x,
                    g.y, g.z, b.x, b.y, b.z);
  }
  if (b.x > kMaxBlockXY || b.y > kMaxBlockXY || b.z > kMaxBlockZ || product(b) > limit) {
    return api.fail(cudaErrorInvalidConfiguration,
                    "%s: block (%u,%u,%u): at most %llu threads, and (1024,1024,64)", call.name,
                    b.x, b.y, b.z, limit);
  }
  if (g.x > kMaxGridX || g.y > kMaxGridYZ || g.z > kMaxGridYZ) {
    return api.fail(cudaErrorInvalidConfiguration, "%s: grid (%u,%u,%u): at most (%u,%u,%u)",
                    call.name, g.x, g.y, g.z, kMaxGridX, kMaxGridYZ, kMaxGridYZ);
  }
  return cudaSuccess;
}

// Dynamic shared memory that a kernel may ask for, in bytes.
size_t dynamic_shared_limit(const void* function) {
  const auto it = state().functions.find(function);
  if (it != state().functions.end() && it->second.max_dynamic_shared > 0) {
    return it->second.max_dynamic_shared;
  }
  const size_t fixed = static_shared_bytes(function);
  return device().shared_per_block - std::min(fixed, device().shared_per_block);
}

cudaError_t check_shared(const ApiCall& api, const KernelCall& call) {
  const size_t limit = dynamic_shared_limit(call.function), most = device().shared_per_block_optin;
  if (call.dynamic_shared <= limit &&
      call.dynamic_shared + static_shared_bytes(call.function) <= most) {
    return cudaSuccess;
  }
  return api.fail(cudaErrorInvalidValue,
                  "%s: %zu bytes of dynamic shared memory, but it may use %zu "
                  "(cudaFuncSetAttribute raises that to at most %zu)",
                  call.name, call.dynamic_shared, limit, most);
}

cudaError_t execute(const KernelCall& call, const Work& work) {
  if (Observer* o = observer(); o && work.declared) o->work(work.fp32, work.int8);
  return note_fault(run_kernel(call));
}

}  // namespace

cudaError_t submit_launch(KernelCall call) {
  ApiCall api("kernel launch");
  const Work work = next_work;
  next_work = Work();
  if (api.refused()) return api.error();
  if (!call.function || !call.invoke) {
    return api.fail(cudaErrorInvalidDeviceFunction, "%s: no kernel", call.name);
  }
  if (cudaError_t error = check_shape(api, call)) return error;
  if (cudaError_t error = check_shared(api, call)) return error;
  CUstream_st* stream = find_stream_by_id(call.stream);
  if (!stream) return api.fail(cudaErrorInvalidResourceHandle, "%s: no such stream", call.name);
  return enqueue(api, *stream, cudaGraphNodeTypeKernel,
                 [call = std::move(call), work] { return execute(call, work); });
}

namespace {

cudaError_t set_attribute(const ApiCall& api, const void* function, cudaFuncAttribute attribute,
                          int value) {
  FunctionSettings& settings = state().functions[function];
  if (attribute == cudaFuncAttributeMaxDynamicSharedMemorySize) {
    const size_t fixed = static_shared_bytes(function), most = device().shared_per_block_optin;
    if (value < 0 || value + fixed > most) {
      return api.fail(cudaErrorInvalidValue,
                      "%d bytes of dynamic shared memory and %zu of static exceed %zu", value,
                      fixed, most);
    }
    settings.max_dynamic_shared = static_cast<size_t>(value);
    return cudaSuccess;
  }
  if (attribute == cudaFuncAttributePreferredSharedMemoryCarveout) {
    if (value < -1 || value > 100) return api.fail(cudaErrorInvalidValue, "%d percent", value);
    settings.carveout = value;
    return cudaSuccess;
  }
  return api.fail(cudaErrorInvalidValue, "the attribute %d is not simulated", attribute);
}

size_t round_up(size_t value, size_t unit) { return (value + unit - 1) / unit * unit; }

// Resident blocks of an SM, by threads, by block slots and by shared memory (registers are taken as
// 32 a thread, which never limits).
int blocks_per_sm(const void* function, int block_threads, size_t dynamic_shared) {
  const DeviceLimits& d = device();
  const size_t shared = static_shared_bytes(function) + dynamic_shared;
  if (shared > d.shared_per_block_optin) return 0;
  const size_t by_threads = d.threads_per_sm / round_up(block_threads, 32);
  // Shared memory is given out in units of 128 bytes.
  const size_t by_shared = d.shared_per_sm / (round_up(shared, 128) + d.shared_reserved_per_block);
  return static_cast<int>(std::min({by_threads, by_shared, static_cast<size_t>(d.blocks_per_sm)}));
}

}  // namespace
}  // namespace simt

using namespace simt::runtime;

cudaError_t cudaFuncSetAttribute(const void* function, cudaFuncAttribute attribute, int value) {
  ApiCall api(__func__);
  if (api.refused()) return api.error();
  if (!function) return api.fail(cudaErrorInvalidDeviceFunction, "no kernel");
  return simt::set_attribute(api, function, attribute, value);
}

cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attributes, const void* function) {
  ApiCall api(__func__);
  if (api.refused()) return api.error();
  if (!function) return api.fail(cudaErrorInvalidDeviceFunction, "no kernel");
  if (!attributes) return api.fail(cudaErrorInvalidValue, "the result pointer is null");
  const simt::DeviceLimits& d = simt::device();
  const auto it = state().functions.find(function);
  *attributes = cudaFuncAttributes();
  attributes->sharedSizeBytes = simt::static_shared_bytes(function);
  attributes->maxThreadsPerBlock = d.threads_per_block;
  attributes->numRegs = 32;
  attributes->ptxVersion = attributes->binaryVersion = d.compute_major * 10 + d.compute_minor;
  attributes->maxDynamicSharedSizeBytes = static_cast<int>(simt::dynamic_shared_limit(function));
  attributes->preferredShmemCarveout = it == state().functions.end()
                                           ? static_cast<int>(cudaSharedmemCarveoutDefault)
                                           : it->second.carveout;
  return cudaSuccess;
}

cudaError_t cudaFuncSetCacheConfig(const void*, cudaFuncCache) { return ApiCall(__func__).error(); }
cudaError_t cudaFuncSetSharedMemConfig(const void*, cudaSharedMemConfig) {
  return ApiCall(__func__).error();
}

cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, const void* function,
                                                          int block_threads,
                                                          size_t dynamic_shared) {
  ApiCall api(__func__);
  if (api.refused()) return api.error();
  if (!function) return api.fail(cudaErrorInvalidDeviceFunction, "no kernel");
  if (!blocks || block_threads <= 0) {
    return api.fail(cudaErrorInvalidValue, "blocks of %d threads", block_threads);
  }
  *blocks = block_threads > simt::device().threads_per_block
                ? 0
                : simt::blocks_per_sm(function, block_threads, dynamic_shared);
  return cudaSuccess;
}

cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(
    int* blocks, const void* function, int block_threads, size_t dynamic_shared, unsigned) {
  return cudaOccupancyMaxActiveBlocksPerMultiprocessor(blocks, function, block_threads,
                                                       dynamic_shared);
}

cudaError_t cudaOccupancyAvailableDynamicSMemPerBlock(size_t* bytes, const void* function,
                                                      int blocks, int block_threads) {
  ApiCall api(__func__);
  if (api.refused()) return api.error();
  if (!bytes || !function || blocks <= 0 || block_threads <= 0) {
    return api.fail(cudaErrorInvalidValue, "%d blocks of %d threads", blocks, block_threads);
  }
  const simt::DeviceLimits& d = simt::device();
  const size_t used = d.shared_reserved_per_block + simt::static_shared_bytes(function);
  const size_t each = d.shared_per_sm / static_cast<size_t>(blocks);
  *bytes = each > used ? std::min((each - used) / 128 * 128, d.shared_per_block_optin) : 0;
  return cudaSuccess;
}

cudaError_t cudaLaunchKernel(const void*, dim3, dim3, void**, size_t, cudaStream_t) {
  ApiCall api(__func__);
  if (api.refused()) return api.error();
  return api.fail(cudaErrorInvalidDeviceFunction,
                  "pass the kernel itself, not (void*)kernel: its argument types are needed here");
}

extern "C" void simtDeclareWork(double fp32_multiply_adds, double int8_multiply_adds) {
  simt::next_work = {true, fp32_multiply_adds, int8_multiply_adds};
}

extern "C" void simtBeginPhase(int phase, int token) {
  const std::lock_guard<std::recursive_mutex> lock(state().mutex);
  if (simt::Observer* o = simt::observer()) o->phase(phase, token);
}

extern "C" void simtDeclareLibrary(const char* name, uint64_t read_bytes, uint64_t written_bytes) {
  const std::lock_guard<std::recursive_mutex> lock(state().mutex);
  simt::LibraryInfo info;
  info.name = name;
  info.read_bytes = read_bytes;
  info.written_bytes = written_bytes;
  if (simt::Observer* o = simt::observer()) o->library(info);
}
