// Stream capture: which calls it forbids, how streams join it, how it becomes a graph.
// The rules: CUDA Programming Guide, "Creating a Graph Using Stream Capture".
#include <algorithm>

#include "common/simt/runtime_state.h"

namespace simt::runtime {
namespace {

thread_local cudaStreamCaptureMode thread_mode = cudaStreamCaptureModeGlobal;

// Does this capture forbid the calling thread an unsafe call?
bool forbids(const Capture& capture) {
  if (thread_mode == cudaStreamCaptureModeRelaxed) return false;
  if (capture.thread == std::this_thread::get_id()) {
    return capture.mode != cudaStreamCaptureModeRelaxed;
  }
  return thread_mode == cudaStreamCaptureModeGlobal && capture.mode == cudaStreamCaptureModeGlobal;
}

template <class Visit>
void for_each_stream(const Capture& capture, Visit visit) {
  for (CUstream_st* stream : state().streams) {
    if (stream->capture.get() == &capture) visit(*stream);
  }
}

void add_to_frontier(std::vector<CUgraphNode_st*>& frontier,
                     const std::vector<CUgraphNode_st*>& more) {
  for (CUgraphNode_st* node : more) {
    if (std::find(frontier.begin(), frontier.end(), node) == frontier.end()) {
      frontier.push_back(node);
    }
  }
}

// Every node that nothing else waits for must be what the origin waits for.
bool all_joined(const Capture& capture, const CUstream_st& origin) {
  std::set<const CUgraphNode_st*> waited_for(origin.frontier.begin(), origin.frontier.end());
  for (const auto& node : capture.graph->nodes) {
    waited_for.insert(node->after.begin(), node->after.end());
  }
  return std::all_of(capture.graph->nodes.begin(), capture.graph->nodes.end(),
                     [&](const auto& node) { return waited_for.count(node.get()) != 0; });
}

// Is a stream with which the legacy stream synchronizes being captured? `spoil`: invalidates it.
bool legacy_would_wait(bool spoil) {
  bool would = false;
  for (const auto& capture : state().captures) {
    for_each_stream(*capture, [&](const CUstream_st& stream) {
      if (stream.flags & cudaStreamNonBlocking) return;
      if (spoil) invalidate(*capture);
      would = true;
    });
  }
  return would;
}

}  // namespace

void invalidate(Capture& capture) { capture.invalidated = true; }

cudaError_t refuse_in_capture(const ApiCall& api) {
  bool forbidden = false;
  for (const auto& capture : state().captures) {
    if (!forbids(*capture)) continue;
    invalidate(*capture);
    forbidden = true;
  }
  if (!forbidden) return cudaSuccess;
  return api.fail(cudaErrorStreamCaptureUnsupported,
                  "not allowed while a stream is being captured");
}

cudaError_t refuse_legacy_in_capture(const ApiCall& api, bool spoil) {
  if (!legacy_would_wait(spoil)) return cudaSuccess;
  return api.fail(cudaErrorStreamCaptureImplicit,
                  "the default stream would wait for a stream that is being captured");
}

cudaError_t refuse_invalidated(const ApiCall& api, const Capture& capture) {
  if (!capture.invalidated) return cudaSuccess;
  return api.fail(cudaErrorStreamCaptureInvalidated, "an earlier call spoiled the capture");
}

cudaError_t add_to_capture(const ApiCall& api, CUstream_st& stream, cudaGraphNodeType type,
                           std::function<cudaError_t()> run) {
  if (cudaError_t error = refuse_invalidated(api, *stream.capture)) return error;
  auto node = std::make_shared<CUgraphNode_st>();
  node->type = type;
  node->run = std::move(run);
  node->after = stream.frontier;
  stream.frontier.assign(1, node.get());
  stream.capture->graph->nodes.push_back(std::move(node));
  return cudaSuccess;
}

cudaError_t join_capture(const ApiCall& api, CUstream_st& stream, const CUevent_st& event) {
  Capture& capture = *event.capture;
  if (capture.ended) {
    return api.fail(cudaErrorCapturedEvent,
                    "the event was last recorded in a capture that has ended");
  }
  if (cudaError_t error = refuse_invalidated(api, capture)) return error;
  if (&stream == &state().default_stream) {
    invalidate(capture);
    return api.fail(cudaErrorStreamCaptureImplicit, "the default stream cannot be captured");
  }
  if (stream.capture && stream.capture != event.capture) {
    invalidate(capture);
    invalidate(*stream.capture);
    return api.fail(cudaErrorStreamCaptureMerge, "the stream is in another capture");
  }
  stream.capture = event.capture;
  add_to_frontier(stream.frontier, event.frontier);
  return cudaSuccess;
}

void end_capture(Capture& capture) {
  capture.ended = true;
  const CUstream_st* const origin = capture.origin;
  std::shared_ptr<Capture> keep = origin->capture;
  for_each_stream(capture, [](CUstream_st& stream) {
    stream.capture.reset();
    stream.frontier.clear();
  });
  auto& all = state().captures;
  all.erase(std::remove_if(all.begin(), all.end(),
                           [&](const auto& other) { return other.get() == &capture; }),
            all.end());
}

void leave_captures() {
  while (!state().captures.empty()) end_capture(*state().captures.back());
}

namespace {

cudaError_t begin(const ApiCall& api, cudaStream_t handle, cudaStreamCaptureMode mode) {
  CUstream_st* stream = find_stream(handle);
  if (!stream) return api.fail(cudaErrorInvalidResourceHandle, "no such stream");
  if (mode < cudaStreamCaptureModeGlobal || mode > cudaStreamCaptureModeRelaxed) {
    return api.fail(cudaErrorInvalidValue, "no mode has the number %d", mode);
  }
  if (stream == &state().default_stream) {
    return api.fail(cudaErrorStreamCaptureUnsupported, "the default stream cannot be captured");
  }
  if (stream->capture) return api.fail(cudaErrorIllegalState, "the stream is captured already");
  auto capture = std::make_shared<Capture>();
  capture->id = ++state().last_capture_id;
  capture->mode = mode;
  capture->thread = std::this_thread::get_id();
  capture->origin = stream;
  stream->capture = capture;
  stream->frontier.clear();
  state().captures.push_back(capture);
  return cudaSuccess;
}

cudaError_t end(const ApiCall& api, cudaStream_t handle, cudaGraph_t* graph) {
  CUstream_st* stream = find_stream(handle);
  if (!stream) return api.fail(cudaErrorInvalidResourceHandle, "no such stream");
  if (!graph) return api.fail(cudaErrorInvalidValue, "the result pointer is null");
  *graph = nullptr;
  const std::shared_ptr<Capture> capture = stream->capture;
  if (!capture) return api.fail(cudaErrorIllegalState, "the stream is not being captured");
  if (capture->origin != stream) {
    invalidate(*capture);
    return api.fail(cudaErrorStreamCaptureUnmatched, "the capture began on another stream");
  }
  if (capture->mode != cudaStreamCaptureModeRelaxed &&
      capture->thread != std::this_thread::get_id()) {
    return api.fail(cudaErrorStreamCaptureWrongThread, "the capture began on another thread");
  }
  const bool joined = all_joined(*capture, *stream);
  end_capture(*capture);
  if (cudaError_t error = refuse_invalidated(api, *capture)) return error;
  if (!joined) {
    return api.fail(cudaErrorStreamCaptureUnjoined,
                    "work of another stream was not waited for (cudaStreamWaitEvent)");
  }
  *graph = capture->graph.release();
  state().graphs.insert(*graph);
  return cudaSuccess;
}

cudaStreamCaptureStatus status_of(const CUstream_st& stream) {
  if (!stream.capture) return cudaStreamCaptureStatusNone;
  return stream.capture->invalidated ? cudaStreamCaptureStatusInvalidated
                                     : cudaStreamCaptureStatusActive;
}

}  // namespace
}  // namespace simt::runtime

using namespace simt::runtime;

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode) {
  ApiCall api(__func__);
  return api.refused() ? api.error() : begin(api, stream, mode);
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  ApiCall api(__func__);
  return api.refused() ? api.error() : end(api, stream, graph);
}

cudaError_t cudaStreamIsCapturing(cudaStream_t stream, cudaStreamCaptureStatus* status) {
  return cudaStreamGetCaptureInfo(stream, status, nullptr, nullptr);
}

cudaError_t cudaStreamGetCaptureInfo(cudaStream_t handle, cudaStreamCaptureStatus* status,
                                     unsigned long long* id, cudaGraph_t* graph) {
  ApiCall api(__func__);
  if (api.refused()) return api.error();
  CUstream_st* stream = find_stream(handle);
  if (!stream) return api.fail(cudaErrorInvalidResourceHandle, "no such stream");
  if (!status) return api.fail(cudaErrorInvalidValue, "the result pointer is null");
  if (stream == &state().default_stream && !state().captures.empty()) {
    if (cudaError_t error = refuse_legacy_in_capture(api, false)) return error;
  }
  *status = status_of(*stream);
  if (id && stream->capture) *id = stream->capture->id;
  if (graph && stream->capture) *graph = stream->capture->graph.get();
  return cudaSuccess;
}

cudaError_t cudaThreadExchangeStreamCaptureMode(cudaStreamCaptureMode* mode) {
  ApiCall api(__func__);
  if (api.refused()) return api.error();
  if (!mode || *mode < cudaStreamCaptureModeGlobal || *mode > cudaStreamCaptureModeRelaxed) {
    return api.fail(cudaErrorInvalidValue, "no such mode");
  }
  std::swap(*mode, thread_mode);
  return cudaSuccess;
}
