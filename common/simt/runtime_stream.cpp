// Streams and events. Everything a stream was given has been done when the call returned, so to
// wait is only to check.
#include <algorithm>

#include "common/simt/runtime_state.h"

namespace simt {

using namespace runtime;

unsigned stream_id(cudaStream_t handle) {
  if (!handle) return 0;  // the usual case, without the lock
  const std::lock_guard<std::recursive_mutex> lock(state().mutex);
  const CUstream_st* stream = find_stream(handle);
  return stream ? stream->id : kNoStream;
}

namespace runtime {
namespace {

CUstream_st* add_stream(unsigned flags, int priority) {
  auto* stream = new CUstream_st;
  stream->id = ++state().last_stream_id;
  stream->flags = flags;
  stream->priority = priority;
  state().streams.insert(stream);
  return stream;
}

}  // namespace

CUstream_st* find_stream(cudaStream_t handle) {
  State& s = state();
  if (!handle || handle == cudaStreamLegacy) return &s.default_stream;
  if (handle == cudaStreamPerThread) {
    CUstream_st*& stream = s.per_thread[std::this_thread::get_id()];
    if (!stream) stream = add_stream(cudaStreamDefault, 0);
    return stream;
  }
  return s.streams.count(handle) ? handle : nullptr;
}

CUstream_st* find_stream_by_id(unsigned id) {
  State& s = state();
  if (id == 0) return &s.default_stream;
  for (CUstream_st* stream : s.streams) {
    if (stream->id == id) return stream;
  }
  return nullptr;
}

}  // namespace runtime
}  // namespace simt

using namespace simt::runtime;

namespace {

// Calls `use(stream)` if the handle is a live stream's.
template <class Use>
cudaError_t with_stream(const char* function, cudaStream_t handle, Use use) {
  ApiCall api(function);
  if (api.refused()) return api.error();
  CUstream_st* stream = find_stream(handle);
  if (!stream) return api.fail(cudaErrorInvalidResourceHandle, "no such stream");
  return use(api, *stream);
}

template <class Use>
cudaError_t with_event(const char* function, cudaEvent_t event, Use use) {
  ApiCall api(function);
  if (api.refused()) return api.error();
  if (!state().events.count(event)) {
    return api.fail(cudaErrorInvalidResourceHandle, "no such event");
  }
  return use(api);
}

// cudaStreamSynchronize and cudaStreamQuery.
cudaError_t wait_for_stream(const ApiCall& api, CUstream_st& stream) {
  if (!stream.capture) return refuse_in_capture(api);
  invalidate(*stream.capture);
  return api.fail(cudaErrorStreamCaptureUnsupported, "the stream is being captured");
}

cudaError_t wait_for_event(const char* function, cudaEvent_t event) {
  return with_event(function, event, [event](const ApiCall& api) {
    if (!event->capture) return refuse_in_capture(api);
    invalidate(*event->capture);
    return api.fail(cudaErrorCapturedEvent, "the event was last recorded in a capture");
  });
}

}  // namespace

cudaError_t cudaStreamCreate(cudaStream_t* stream) {
  return cudaStreamCreateWithPriority(stream, cudaStreamDefault, 0);
}
cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags) {
  return cudaStreamCreateWithPriority(stream, flags, 0);
}
cudaError_t cudaStreamCreateWithPriority(cudaStream_t* stream, unsigned flags, int priority) {
  ApiCall api(__func__);
  if (api.refused()) return api.error();
  if (!stream || (flags & ~unsigned{cudaStreamNonBlocking})) {
    return api.fail(cudaErrorInvalidValue, "%p, flags 0x%x", static_cast<void*>(stream), flags);
  }
  *stream = add_stream(flags, std::clamp(priority, -5, 0));
  return cudaSuccess;
}

cudaError_t cudaStreamDestroy(cudaStream_t handle) {
  return with_stream(__func__, handle, [handle](const ApiCall& api, CUstream_st& stream) {
    if (&stream != handle) {
      return api.fail(cudaErrorInvalidResourceHandle, "a default stream cannot be destroyed");
    }
    if (stream.capture) {
      invalidate(*stream.capture);
      if (stream.capture->origin == &stream) end_capture(*stream.capture);
    }
    state().streams.erase(&stream);
    delete &stream;
    return cudaSuccess;
  });
}

cudaError_t cudaStreamGetFlags(cudaStream_t handle, unsigned* flags) {
  return with_stream(__func__, handle, [flags](const ApiCall& api, CUstream_st& stream) {
    if (!flags) return api.fail(cudaErrorInvalidValue, "the result pointer is null");
    *flags = stream.flags;
    return cudaSuccess;
  });
}
cudaError_t cudaStreamGetPriority(cudaStream_t handle, int* priority) {
  return with_stream(__func__, handle, [priority](const ApiCall& api, CUstream_st& stream) {
    if (!priority) return api.fail(cudaErrorInvalidValue, "the result pointer is null");
    *priority = stream.priority;
    return cudaSuccess;
  });
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  return with_stream(__func__, stream, wait_for_stream);
}
cudaError_t cudaStreamQuery(cudaStream_t stream) {
  return with_stream(__func__, stream, wait_for_stream);
}

cudaError_t cudaStreamWaitEvent(cudaStream_t handle, cudaEvent_t event, unsigned flags) {
  return with_stream(__func__, handle, [event, flags](const ApiCall& api, CUstream_st& stream) {
    if (!state().events.count(event)) {
      return api.fail(cudaErrorInvalidResourceHandle, "no such event");
    }
    if (flags & ~unsigned{cudaEventWaitExternal}) {
      return api.fail(cudaErrorInvalidValue, "unknown flags 0x%x", flags);
    }
    if (event->capture) return join_capture(api, stream, *event);
    if (!stream.capture) return cudaSuccess;
    if (flags & cudaEventWaitExternal) {
      return add_to_capture(api, stream, cudaGraphNodeTypeWaitEvent, [] { return cudaSuccess; });
    }
    invalidate(*stream.capture);
    return api.fail(cudaErrorStreamCaptureIsolation, "the event was recorded outside the capture");
  });
}

cudaError_t cudaStreamAddCallback(cudaStream_t handle, cudaStreamCallback_t callback,
                                  void* user_data, unsigned flags) {
  return with_stream(__func__, handle, [=](const ApiCall& api, CUstream_st& stream) {
    if (!callback || flags != 0) return api.fail(cudaErrorInvalidValue, "flags must be 0");
    if (stream.capture) {
      invalidate(*stream.capture);
      return api.fail(cudaErrorStreamCaptureUnsupported, "use cudaLaunchHostFunc in a capture");
    }
    callback(handle, cudaSuccess, user_data);
    return cudaSuccess;
  });
}

cudaError_t cudaStreamAttachMemAsync(cudaStream_t handle, void*, size_t, unsigned) {
  return with_stream(__func__, handle, [](const ApiCall&, CUstream_st&) { return cudaSuccess; });
}

cudaError_t cudaLaunchHostFunc(cudaStream_t handle, cudaHostFn_t function, void* user_data) {
  return with_stream(__func__, handle, [=](const ApiCall& api, CUstream_st& stream) {
    if (!function) return api.fail(cudaErrorInvalidValue, "the function is null");
    return enqueue(api, stream, cudaGraphNodeTypeHost, [function, user_data] {
      function(user_data);
      return cudaSuccess;
    });
  });
}

cudaError_t cudaEventCreate(cudaEvent_t* event) {
  return cudaEventCreateWithFlags(event, cudaEventDefault);
}
cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned flags) {
  ApiCall api(__func__);
  if (api.refused()) return api.error();
  const unsigned known = cudaEventBlockingSync | cudaEventDisableTiming | cudaEventInterprocess;
  if (!event || (flags & ~known)) {
    return api.fail(cudaErrorInvalidValue, "%p, flags 0x%x", static_cast<void*>(event), flags);
  }
  *event = new CUevent_st;
  (*event)->flags = flags;
  state().events.insert(*event);
  return cudaSuccess;
}

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  return with_event(__func__, event, [event](const ApiCall&) {
    state().events.erase(event);
    delete event;
    return cudaSuccess;
  });
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  return cudaEventRecordWithFlags(event, stream, cudaEventRecordDefault);
}
cudaError_t cudaEventRecordWithFlags(cudaEvent_t event, cudaStream_t handle, unsigned flags) {
  return with_stream(__func__, handle, [event, flags](const ApiCall& api, CUstream_st& stream) {
    if (!state().events.count(event)) {
      return api.fail(cudaErrorInvalidResourceHandle, "no such event");
    }
    const auto record = [event] {
      if (!state().events.count(event)) return cudaErrorInvalidResourceHandle;
      event->recorded = true;
      event->time = std::chrono::steady_clock::now();
      event->capture.reset();
      return cudaSuccess;
    };
    if (!stream.capture || (flags & cudaEventRecordExternal)) {
      return enqueue(api, stream, cudaGraphNodeTypeEventRecord, record);
    }
    if (cudaError_t error = refuse_invalidated(api, *stream.capture)) return error;
    event->capture = stream.capture;
    event->frontier = stream.frontier;
    return cudaSuccess;
  });
}

cudaError_t cudaEventQuery(cudaEvent_t event) { return wait_for_event(__func__, event); }
cudaError_t cudaEventSynchronize(cudaEvent_t event) { return wait_for_event(__func__, event); }

cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t start, cudaEvent_t end) {
  return with_event(__func__, end, [=](const ApiCall& api) {
    if (!state().events.count(start)) {
      return api.fail(cudaErrorInvalidResourceHandle, "no such start event");
    }
    if (!milliseconds) return api.fail(cudaErrorInvalidValue, "the result pointer is null");
    if ((start->flags | end->flags) & cudaEventDisableTiming) {
      return api.fail(cudaErrorInvalidResourceHandle, "an event was created without timing");
    }
    if (start->capture || end->capture) {
      return api.fail(cudaErrorCapturedEvent, "an event was last recorded in a capture");
    }
    if (!start->recorded || !end->recorded) {
      return api.fail(cudaErrorInvalidResourceHandle, "an event was never recorded");
    }
    *milliseconds = std::chrono::duration<float, std::milli>(end->time - start->time).count();
    return cudaSuccess;
  });
}
