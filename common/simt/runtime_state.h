// What the runtime API remembers, and the frame that every call of it runs in. Internal to
// runtime_*.cpp.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "common/simt/arena.h"
#include "common/simt/observer.h"
#include "common/simt/runtime.h"
#include "cuda_runtime_api.h"

struct CUgraphNode_st {
  cudaGraphNodeType type = cudaGraphNodeTypeEmpty;
  std::vector<CUgraphNode_st*> after;  // what it waits for
  std::function<cudaError_t()> run;
};

struct CUgraph_st {
  std::vector<std::shared_ptr<CUgraphNode_st>> nodes;  // in the order of capture
};

struct CUgraphExec_st {
  std::vector<std::shared_ptr<const CUgraphNode_st>> nodes;
};

namespace simt::runtime {

// One capture, from cudaStreamBeginCapture to cudaStreamEndCapture. Other streams join it through
// events.
struct Capture {
  unsigned long long id = 0;
  cudaStreamCaptureMode mode = cudaStreamCaptureModeGlobal;
  std::thread::id thread;
  CUstream_st* origin = nullptr;
  std::unique_ptr<CUgraph_st> graph = std::make_unique<CUgraph_st>();
  bool invalidated = false;
  bool ended = false;
};

}  // namespace simt::runtime

struct CUstream_st {
  unsigned id = 0;
  unsigned flags = 0;
  int priority = 0;
  std::shared_ptr<simt::runtime::Capture> capture;  // while it captures
  std::vector<CUgraphNode_st*> frontier;            // what its next captured operation waits for
};

struct CUevent_st {
  unsigned flags = 0;
  bool recorded = false;
  std::chrono::steady_clock::time_point time;
  std::shared_ptr<simt::runtime::Capture> capture;  // when last recorded in a capture
  std::vector<CUgraphNode_st*> frontier;
};

namespace simt::runtime {

struct FunctionSettings {
  size_t max_dynamic_shared = 0;  // as opted in; 0 = the default
  int carveout = cudaSharedmemCarveoutDefault;
};

struct RegisteredMemory {  // cudaHostRegister
  size_t bytes = 0;
  unsigned flags = 0;
  void* alias = nullptr;  // the same memory in the arena; null when it could not be had
};

struct State {
  std::recursive_mutex mutex;  // held through every call: operations run one at a time
  std::atomic<cudaError_t> sticky{cudaSuccess};

  CUstream_st default_stream;
  std::set<CUstream_st*> streams;  // created and per-thread ones
  std::map<std::thread::id, CUstream_st*> per_thread;
  unsigned last_stream_id = 0;
  std::set<CUevent_st*> events;
  std::set<CUgraph_st*> graphs;
  std::set<CUgraphExec_st*> execs;
  std::vector<std::shared_ptr<Capture>> captures;  // in progress
  unsigned long long last_capture_id = 0;

  std::unordered_set<uint32_t> managed;               // allocation ids
  std::unordered_map<uint32_t, unsigned> host_flags;  // cudaHostAlloc, by allocation id
  std::map<uintptr_t, RegisteredMemory> registered;
  std::map<uintptr_t, size_t> symbols;
  std::unordered_map<const void*, FunctionSettings> functions;

  DeviceLimits limits;
  unsigned device_flags = 0;
  std::map<int, size_t> limit_values;  // cudaDeviceSetLimit
  unsigned long long pool_threshold = 0;
};
State& state();

// The frame of one API call: holds the lock, refuses calls from kernels and calls after a sticky
// error, and turns a failure into the last error with an explanation.
class ApiCall {
 public:
  explicit ApiCall(const char* function);
  // True when the call may not go on; return error() then.
  bool refused() const { return error_ != cudaSuccess; }
  cudaError_t error() const { return error_; }
  // Records the error and why, in a line; returns it.
  cudaError_t fail(cudaError_t error, const char* format, ...) const
      __attribute__((format(printf, 3, 4)));

 private:
  const char* function_;
  std::unique_lock<std::recursive_mutex> lock_;
  cudaError_t error_ = cudaSuccess;
};

void explain(const char* function, cudaError_t error, const std::string& text);
void clear_errors();                        // cudaDeviceReset
cudaError_t note_fault(cudaError_t error);  // of a kernel: sticky when a GPU's would be

// The stream of a handle, null when there is none such.
CUstream_st* find_stream(cudaStream_t handle);
CUstream_st* find_stream_by_id(unsigned id);

// Calls that are not allowed while a stream captures: fails and invalidates the captures.
cudaError_t refuse_in_capture(const ApiCall& api);
// Work on the legacy stream while a blocking stream captures: the same, if `spoil`.
cudaError_t refuse_legacy_in_capture(const ApiCall& api, bool spoil = true);
// Adds a node to the stream's capture.
cudaError_t add_to_capture(const ApiCall& api, CUstream_st& stream, cudaGraphNodeType type,
                           std::function<cudaError_t()> run);
cudaError_t refuse_invalidated(const ApiCall& api, const Capture& capture);
// The stream waits for an event of a capture, and so becomes part of it.
cudaError_t join_capture(const ApiCall& api, CUstream_st& stream, const CUevent_st& event);
void invalidate(Capture& capture);
void end_capture(Capture& capture);  // its streams run on as usual
void leave_captures();               // cudaDeviceReset

// Runs an operation of a stream now, or keeps it when the stream captures.
template <class Run>
cudaError_t enqueue(const ApiCall& api, CUstream_st& stream, cudaGraphNodeType type, Run run) {
  if (stream.capture) return add_to_capture(api, stream, type, run);
  State& s = state();
  if (&stream == &s.default_stream && !s.captures.empty()) {
    if (cudaError_t error = refuse_legacy_in_capture(api)) return error;
  }
  return run();
}

// Limits of a launch that all GPUs of this age share.
constexpr unsigned kMaxGridX = 2147483647, kMaxGridYZ = 65535, kMaxBlockXY = 1024, kMaxBlockZ = 64;

cudaDeviceProp device_properties();
// The value of an attribute; false when it has none here (it is 0, or does not exist).
bool attribute_of(const cudaDeviceProp& p, cudaDeviceAttr attribute, int* value);
bool is_attribute(cudaDeviceAttr attribute);

// A pointer as copies see it.
struct Place {
  bool device = false, host = false;  // may stand on that side of a copy (managed memory: on both)
  bool pageable = false;
  Space space = Space::kHost;
  std::string wrong;  // why it may not be used at all; empty when it may
};
Place place_of(const void* pointer, size_t bytes);

// Allocates and frees in a space, tells the observer, records errors. `kind` is for the message.
cudaError_t allocate_memory(const ApiCall& api, Space space, void** pointer, size_t bytes);
cudaError_t release_memory(const ApiCall& api, Space space, void* pointer, const char* kind);
void tell_allocated(const void* pointer);
void forget_allocation(const Allocation& allocation);  // it has been freed
void free_all_memory();                                // cudaDeviceReset
RegisteredMemory* find_registered(const void* pointer, uintptr_t* start = nullptr);

// Makes [pointer, pointer + bytes) visible in the arena too, in pinned host memory, so that what
// kernels do to it is counted there. Null when the system does not let us.
void* alias_host_memory(void* pointer, size_t bytes);
void remove_alias(void* pointer, size_t bytes, void* alias);

}  // namespace simt::runtime
