// A progress line on standard error: written over on a terminal, one line a chapter elsewhere.
#pragma once

#include <unistd.h>

#include <cstdio>
#include <string>

namespace decode {

class Progress {
 public:
  Progress(bool shown, std::string label)
      : shown_(shown), terminal_(isatty(STDERR_FILENO) != 0), label_(std::move(label)) {
    if (shown_) std::fprintf(stderr, terminal_ ? "\r\033[K%s: prefill" : "%s\n", label_.c_str());
  }
  void token(int produced, int of) const {
    if (!shown_ || !terminal_) return;
    std::fprintf(stderr, "\r\033[K%s: token %d of %d", label_.c_str(), produced, of);
  }
  void clear() const {
    if (shown_ && terminal_) std::fprintf(stderr, "\r\033[K");
  }

 private:
  bool shown_, terminal_;
  std::string label_;
};

}  // namespace decode
