// Errors: CUDA's names and texts, the last error of a thread, sticky errors.
#include <cstdarg>
#include <cstdio>
#include <cstdlib>

#include "common/simt/runtime_state.h"
#include "simt/extensions.h"

namespace simt::runtime {
namespace {

thread_local cudaError_t last_error = cudaSuccess;
thread_local std::string last_detail;

bool verbose() {
  static const bool on = [] {
    const char* value = std::getenv("SIMT_VERBOSE");
    return value && *value && std::string(value) != "0";
  }();
  return on;
}

// Errors after which a GPU's context is lost: every later call returns them.
bool is_sticky(cudaError_t error) {
  switch (error) {
    case cudaErrorIllegalAddress:
    case cudaErrorLaunchTimeout:
    case cudaErrorAssert:
    case cudaErrorHardwareStackError:
    case cudaErrorIllegalInstruction:
    case cudaErrorMisalignedAddress:
    case cudaErrorInvalidAddressSpace:
    case cudaErrorInvalidPc:
    case cudaErrorLaunchFailure:
      return true;
    default:
      return false;
  }
}

}  // namespace

// Never destroyed: destructors that run at exit still call the API.
State& state() {
  static State* const instance = new State;
  return *instance;
}

void explain(const char* function, cudaError_t error, const std::string& text) {
  last_error = error;
  last_detail = function;
  last_detail.append(": ").append(cudaGetErrorString(error)).append(": ").append(text);
  if (verbose()) std::fprintf(stderr, "simt: %s\n", last_detail.c_str());
}

void clear_errors() {
  state().sticky = cudaSuccess;
  last_error = cudaSuccess;
  last_detail.clear();
}

cudaError_t note_fault(cudaError_t error) {
  if (error == cudaSuccess) return error;
  last_error = error;
  last_detail = last_fault().text;
  if (is_sticky(error)) state().sticky = error;
  return error;
}

ApiCall::ApiCall(const char* function) : function_(function) {
  if (in_kernel()) {
    error_ = cudaErrorNotPermitted;
    std::fprintf(stderr, "simt: %s: a kernel may not call the runtime API here\n", function);
    return;
  }
  lock_ = std::unique_lock<std::recursive_mutex>(state().mutex);
  error_ = state().sticky;
  if (refused()) last_error = error_;
}

cudaError_t ApiCall::fail(cudaError_t error, const char* format, ...) const {
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  explain(function_, error, text);
  return error;
}

}  // namespace simt::runtime

using simt::runtime::State;
using simt::runtime::state;

cudaError_t cudaPeekAtLastError() {
  const cudaError_t sticky = state().sticky;
  return sticky != cudaSuccess ? sticky : simt::runtime::last_error;
}

cudaError_t cudaGetLastError() {
  const cudaError_t error = cudaPeekAtLastError();
  simt::runtime::last_error = cudaSuccess;
  return error;
}

#define SIMT_NAME_CASE(name, value, text) \
  case name:                              \
    return #name;
const char* cudaGetErrorName(cudaError_t error) {
  switch (error) { SIMT_CUDA_ERRORS(SIMT_NAME_CASE) }
  return "unrecognized error code";
}
#undef SIMT_NAME_CASE

#define SIMT_TEXT_CASE(name, value, text) \
  case name:                              \
    return text;
const char* cudaGetErrorString(cudaError_t error) {
  switch (error) { SIMT_CUDA_ERRORS(SIMT_TEXT_CASE) }
  return "unrecognized error code";
}
#undef SIMT_TEXT_CASE

extern "C" const char* simtLastErrorDetail() { return simt::runtime::last_detail.c_str(); }
