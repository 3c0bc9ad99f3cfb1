// The file that a stream is recorded to while it is read.
#pragma once

#include <cstdint>
#include <string>

#include "visualizer/core/descriptor.h"  // Descriptor, StopSignal

namespace viz {

class ByteSink {
 public:
  // Opens the file, empty. `input` is what is read, or -1: that file is not written over. On
  // failure problem() is set and nothing is written.
  void open(const std::string& path, int input);
  // Writes all of it, or sets problem() and stops. Waits for a slow pipe until `stop`.
  void write(const char* data, size_t size, const StopSignal& stop);
  // A late error of the file system shows here.
  void close();

  // "FILE: cannot be written: No space left on device"; empty while all is well.
  const std::string& problem() const { return problem_; }

 private:
  void fail(int error);

  std::string path_, problem_;
  Descriptor file_;
  uint64_t written_ = 0;
};

}  // namespace viz
