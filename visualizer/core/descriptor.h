// A file descriptor that closes itself, and a signal that ends a wait on descriptors.
#pragma once

#include <poll.h>

#include <atomic>
#include <string>
#include <utility>

namespace viz {

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() { close(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  bool close();  // false: what was written may be lost, errno says why

 private:
  int fd_ = -1;
};

// Both ends close on exec and lie above the numbers that a child gets its own at. Throws
// std::runtime_error.
struct Pipe {
  Descriptor read, write;
};
Pipe make_pipe();

// "No such file or directory", as strerror does, for any thread.
std::string error_words(int error);

// Set once, by any thread; then every wait ends at once.
class StopSignal {
 public:
  StopSignal();
  void set();
  bool is_set() const { return set_; }
  // Waits until one of the descriptors is ready, the signal is set or the time is over. Returns
  // false when the signal is set. `revents` of each say what is ready.
  bool wait(pollfd* descriptors, int count, int milliseconds) const;
  bool sleep(int milliseconds) const { return wait(nullptr, 0, milliseconds); }

 private:
  std::atomic<bool> set_ = false;
  Pipe pipe_;
};

}  // namespace viz
