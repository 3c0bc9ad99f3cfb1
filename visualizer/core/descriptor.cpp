// Descriptors, pipes, and waiting on them.
#include "visualizer/core/descriptor.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace viz {
namespace {

constexpr int kFirstFree = 10;  // below are a child's own descriptors

Descriptor moved_up(int fd) {
  const Descriptor old(fd);
  return Descriptor(fcntl(fd, F_DUPFD_CLOEXEC, kFirstFree));
}

}  // namespace

bool Descriptor::close() {
  const int fd = std::exchange(fd_, -1);
  return fd < 0 || ::close(fd) == 0;
}

Pipe make_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) == 0) {
    Pipe pipe{moved_up(ends[0]), moved_up(ends[1])};
    if (pipe.read && pipe.write) return pipe;
  }
  throw std::runtime_error("no pipe can be made: " + error_words(errno));
}

std::string error_words(int error) { return std::generic_category().message(error); }

StopSignal::StopSignal() : pipe_(make_pipe()) {}

void StopSignal::set() {
  if (set_.exchange(true)) return;
  // One byte is enough, and nobody reads it: the read end stays ready.
  [[maybe_unused]] const ssize_t written = write(pipe_.write.get(), "x", 1);
}

bool StopSignal::wait(pollfd* descriptors, int count, int milliseconds) const {
  std::array<pollfd, 4> all{};
  std::copy_n(descriptors, count, all.begin());
  all[count] = {pipe_.read.get(), POLLIN, 0};
  if (poll(all.data(), count + 1, milliseconds) < 0) {  // interrupted: as if the time were over
    for (pollfd& p : all) p.revents = 0;
  }
  for (int i = 0; i < count; ++i) descriptors[i].revents = all[i].revents;
  return all[count].revents == 0;
}

}  // namespace viz
