// printf in a kernel: kept with the block and written when its wave is done, blocks in order, so
// that the output is the same on every run.
#include <cstdarg>
#include <cstdio>
#include <cstdlib>

#include "common/simt/worker.h"

namespace simt {

int device_printf(const char* format, ...) {
  constexpr size_t kMostBytes = 1 << 20;  // CUDA's default printf buffer; what does not fit is lost
  RuntimeScope scope;
  va_list arguments;
  va_start(arguments, format);
  char* text = nullptr;
  int length = vasprintf(&text, format, arguments);
  va_end(arguments);
  if (length < 0) return -1;
  std::string& printed = this_worker->printed;
  if (printed.size() + static_cast<size_t>(length) <= kMostBytes) printed += text;
  free(text);
  return length;
}

}  // namespace simt
