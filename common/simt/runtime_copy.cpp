// Copies and fills: which pointers may take part, then the bytes, then the observer.
#include <cstring>

#include "common/simt/runtime_state.h"
#include "cuda_runtime_api.h"
#include "simt/symbols.h"

namespace simt {

namespace runtime {
namespace {

// A rectangle to copy or fill: `height` rows of `width` bytes. `from` is null for a fill.
struct Transfer {
  void* to = nullptr;
  const void* from = nullptr;
  size_t width = 0, height = 1, to_pitch = 0, from_pitch = 0;
  int value = 0;

  bool empty() const { return width == 0 || height == 0; }
  size_t span(size_t pitch) const { return (height - 1) * pitch + width; }
};

const char* side_name(bool device) { return device ? "device memory" : "host memory"; }

// What `kind` asks of one end: may it be there?
cudaError_t check_end(const ApiCall& api, const char* end, const void* pointer, const Place& place,
                      bool any, bool want_device) {
  if (!place.wrong.empty()) {
    return api.fail(cudaErrorInvalidValue, "%s %p: %s", end, pointer, place.wrong.c_str());
  }
  if (any || (want_device ? place.device : place.host)) return cudaSuccess;
  return api.fail(cudaErrorInvalidValue, "the %s %p is %s, but the copy's kind says %s", end,
                  pointer, side_name(place.device), side_name(want_device));
}

void move_bytes(const Transfer& t) {
  for (size_t row = 0; row < t.height; row++) {
    char* to = static_cast<char*>(t.to) + row * t.to_pitch;
    if (t.from) {
      std::memmove(to, static_cast<const char*>(t.from) + row * t.from_pitch, t.width);
    } else {
      std::memset(to, t.value, t.width);
    }
  }
}

cudaError_t run_transfer(const Transfer& t, const CopyInfo& info) {
  move_bytes(t);
  if (Observer* o = observer()) o->copy(info);
  return cudaSuccess;
}

CopyInfo describe(const Transfer& t, const Place& to, const Place& from, unsigned stream) {
  CopyInfo info;
  info.to = to.space;
  info.from = t.from ? from.space : to.space;
  info.destination = t.to;
  info.source = t.from;
  info.bytes = t.width * t.height;
  info.pageable = to.pageable || (t.from && from.pageable);
  info.stream = stream;
  return info;
}

// A blocking copy is not allowed in a capture; otherwise it is work of the legacy stream.
cudaError_t start(const ApiCall& api, cudaStream_t handle, bool blocking, CUstream_st** stream) {
  *stream = find_stream(handle);
  if (!*stream) return api.fail(cudaErrorInvalidResourceHandle, "no such stream");
  if (!blocking || state().captures.empty()) return cudaSuccess;
  if (cudaError_t error = refuse_legacy_in_capture(api)) return error;
  return refuse_in_capture(api);
}

cudaError_t copy(const ApiCall& api, const Transfer& t, cudaMemcpyKind kind, cudaStream_t handle,
                 bool blocking) {
  CUstream_st* stream = nullptr;
  if (cudaError_t error = start(api, handle, blocking, &stream)) return error;
  if (kind < cudaMemcpyHostToHost || kind > cudaMemcpyDefault) {
    return api.fail(cudaErrorInvalidMemcpyDirection, "no kind has the number %d", kind);
  }
  if (t.height > 1 && (t.width > t.to_pitch || t.width > t.from_pitch)) {
    return api.fail(cudaErrorInvalidPitchValue, "rows of %zu bytes at pitches %zu and %zu", t.width,
                    t.to_pitch, t.from_pitch);
  }
  if (t.empty()) return cudaSuccess;
  const Place to = place_of(t.to, t.span(t.to_pitch)),
              from = place_of(t.from, t.span(t.from_pitch));
  const bool any = kind == cudaMemcpyDefault;
  const bool to_device = kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice;
  const bool from_device = kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice;
  if (cudaError_t error = check_end(api, "destination", t.to, to, any, to_device)) return error;
  if (cudaError_t error = check_end(api, "source", t.from, from, any, from_device)) return error;
  const CopyInfo info = describe(t, to, from, stream->id);
  return enqueue(api, *stream, cudaGraphNodeTypeMemcpy,
                 [t, info] { return run_transfer(t, info); });
}

cudaError_t fill(const ApiCall& api, const Transfer& t, cudaStream_t handle, bool blocking) {
  CUstream_st* stream = nullptr;
  if (cudaError_t error = start(api, handle, blocking, &stream)) return error;
  if (t.height > 1 && t.width > t.to_pitch) {
    return api.fail(cudaErrorInvalidValue, "rows of %zu bytes at pitch %zu", t.width, t.to_pitch);
  }
  if (t.empty()) return cudaSuccess;
  const Place to = place_of(t.to, t.span(t.to_pitch));
  if (!to.wrong.empty()) {
    return api.fail(cudaErrorInvalidValue, "destination %p: %s", t.to, to.wrong.c_str());
  }
  if (!to.device && to.pageable) {
    return api.fail(cudaErrorInvalidValue, "the destination %p is ordinary host memory", t.to);
  }
  const CopyInfo info = describe(t, to, Place(), stream->id);
  return enqueue(api, *stream, cudaGraphNodeTypeMemset,
                 [t, info] { return run_transfer(t, info); });
}

cudaError_t copy_call(const char* function, const Transfer& t, cudaMemcpyKind kind,
                      cudaStream_t stream, bool blocking) {
  ApiCall api(function);
  return api.refused() ? api.error() : copy(api, t, kind, stream, blocking);
}

cudaError_t fill_call(const char* function, const Transfer& t, cudaStream_t stream, bool blocking) {
  ApiCall api(function);
  return api.refused() ? api.error() : fill(api, t, stream, blocking);
}

Transfer copy_of(void* to, const void* from, size_t bytes) {
  Transfer t;
  t.to = to;
  t.from = from;
  t.width = bytes;
  return t;
}

Transfer copy_of(void* to, size_t to_pitch, const void* from, size_t from_pitch, size_t width,
                 size_t height) {
  Transfer t = copy_of(to, from, width);
  t.height = height;
  t.to_pitch = to_pitch;
  t.from_pitch = from_pitch;
  return t;
}

Transfer fill_of(void* to, size_t pitch, int value, size_t width, size_t height) {
  Transfer t = copy_of(to, pitch, nullptr, 0, width, height);
  t.value = value;
  return t;
}

}  // namespace
}  // namespace runtime

cudaError_t symbol_copy(const SymbolCopy& c) {
  const char* name = c.to_symbol ? "cudaMemcpyToSymbol" : "cudaMemcpyFromSymbol";
  register_symbol(c.symbol, c.symbol_bytes);
  void* const inside = static_cast<char*>(c.symbol) + c.offset;
  runtime::Transfer t = c.to_symbol ? runtime::copy_of(inside, c.other, c.bytes)
                                    : runtime::copy_of(c.other, inside, c.bytes);
  runtime::ApiCall api(name);
  if (api.refused()) return api.error();
  if (c.offset > c.symbol_bytes || c.bytes > c.symbol_bytes - c.offset) {
    return api.fail(cudaErrorInvalidValue, "%zu bytes at offset %zu of a symbol of %zu", c.bytes,
                    c.offset, c.symbol_bytes);
  }
  if (c.kind == cudaMemcpyHostToHost ||
      c.kind == (c.to_symbol ? cudaMemcpyDeviceToHost : cudaMemcpyHostToDevice)) {
    return api.fail(cudaErrorInvalidMemcpyDirection, "a symbol is device memory");
  }
  return runtime::copy(api, t, c.kind, c.stream, !c.async);
}

}  // namespace simt

using namespace simt::runtime;

cudaError_t cudaMemcpy(void* to, const void* from, size_t bytes, cudaMemcpyKind kind) {
  return copy_call(__func__, copy_of(to, from, bytes), kind, nullptr, true);
}
cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream) {
  return copy_call(__func__, copy_of(to, from, bytes), kind, stream, false);
}
cudaError_t cudaMemcpy2D(void* to, size_t to_pitch, const void* from, size_t from_pitch,
                         size_t width, size_t height, cudaMemcpyKind kind) {
  return copy_call(__func__, copy_of(to, to_pitch, from, from_pitch, width, height), kind, nullptr,
                   true);
}
cudaError_t cudaMemcpy2DAsync(void* to, size_t to_pitch, const void* from, size_t from_pitch,
                              size_t width, size_t height, cudaMemcpyKind kind,
                              cudaStream_t stream) {
  return copy_call(__func__, copy_of(to, to_pitch, from, from_pitch, width, height), kind, stream,
                   false);
}
cudaError_t cudaMemset(void* to, int value, size_t bytes) {
  return fill_call(__func__, fill_of(to, bytes, value, bytes, 1), nullptr, false);
}
cudaError_t cudaMemsetAsync(void* to, int value, size_t bytes, cudaStream_t stream) {
  return fill_call(__func__, fill_of(to, bytes, value, bytes, 1), stream, false);
}
cudaError_t cudaMemset2D(void* to, size_t pitch, int value, size_t width, size_t height) {
  return fill_call(__func__, fill_of(to, pitch, value, width, height), nullptr, false);
}
cudaError_t cudaMemset2DAsync(void* to, size_t pitch, int value, size_t width, size_t height,
                              cudaStream_t stream) {
  return fill_call(__func__, fill_of(to, pitch, value, width, height), stream, false);
}

// Managed memory does not migrate: prefetching and advice are checked and have no effect.
namespace {
cudaError_t hint(const char* function, const void* pointer, size_t bytes, cudaStream_t stream) {
  ApiCall api(function);
  if (api.refused()) return api.error();
  if (!find_stream(stream)) return api.fail(cudaErrorInvalidResourceHandle, "no such stream");
  const Place place = place_of(pointer, bytes);
  if (!place.wrong.empty() || !(place.device && place.host)) {
    return api.fail(cudaErrorInvalidValue, "%p is not managed memory: %s", pointer,
                    place.wrong.c_str());
  }
  return cudaSuccess;
}
}  // namespace

cudaError_t cudaMemPrefetchAsync(const void* pointer, size_t bytes, int, cudaStream_t stream) {
  return hint(__func__, pointer, bytes, stream);
}
cudaError_t cudaMemPrefetchAsync(const void* pointer, size_t bytes, cudaMemLocation, unsigned,
                                 cudaStream_t stream) {
  return hint(__func__, pointer, bytes, stream);
}
cudaError_t cudaMemAdvise(const void* pointer, size_t bytes, cudaMemoryAdvise, int) {
  return hint(__func__, pointer, bytes, nullptr);
}
cudaError_t cudaMemAdvise(const void* pointer, size_t bytes, cudaMemoryAdvise, cudaMemLocation) {
  return hint(__func__, pointer, bytes, nullptr);
}
