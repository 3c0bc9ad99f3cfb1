// The bytes of an event stream as a std::streambuf: from a child's pipe or from a file, in a thread
// that another can stop at any time. To a reader the stream then simply ends.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <streambuf>
#include <string>
#include <vector>

#include "visualizer/core/byte_sink.h"   // ByteSink
#include "visualizer/core/child.h"       // Child
#include "visualizer/core/descriptor.h"  // StopSignal

namespace viz {

class EventInput : public std::streambuf {
 public:
  // Called before each wait for more bytes.
  using BeforeWait = std::function<void()>;

  // A child's pipe ends when it is closed, or when the child has ended and nothing is left in it:
  // what the child started may hold the pipe open for ever.
  EventInput(Child& child, const StopSignal& stop, ByteSink& sink, BeforeWait before_wait);

  // A file ends when nothing was added to it for `patience`; a named pipe when its writers are
  // gone. Opening does not wait for a writer. Throws std::runtime_error naming the file.
  EventInput(const std::string& path, std::chrono::milliseconds patience, const StopSignal& stop,
             ByteSink& sink, BeforeWait before_wait);

  bool ended() const { return ended_; }   // no more bytes come
  int descriptor() const { return fd_; }  // what is read
  uint64_t bytes_read() const { return bytes_read_; }
  // Bytes that the stream's reader has consumed.
  uint64_t position() const { return bytes_read_ - uint64_t(egptr() - gptr()); }

 protected:
  int_type underflow() override;

 private:
  // Bytes read into the buffer; 0: the end, or stopped.
  size_t from_child();
  size_t from_pipe();
  size_t from_file();
  long read_now();
  bool grown_lately() const;

  Child* child_ = nullptr;  // null: a file
  const StopSignal& stop_;
  ByteSink& sink_;
  BeforeWait before_wait_;
  Descriptor file_;
  int fd_ = -1;
  bool regular_ = false;
  std::chrono::milliseconds patience_{0};
  std::chrono::steady_clock::time_point last_bytes_ = std::chrono::steady_clock::now();
  std::string path_;
  std::vector<char> buffer_;
  uint64_t bytes_read_ = 0;
  bool ended_ = false;
};

}  // namespace viz
