// Writing a recording.
#include "visualizer/core/byte_sink.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace viz {

void ByteSink::open(const std::string& path, int input) {
  path_ = path;
  // A named pipe without a reader is an error, not a wait. What is there is kept until it is known
  // to be another file than the one that is read.
  file_ = Descriptor(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, 0666));
  if (!file_) return fail(errno);
  struct stat ours {};
  struct stat read {};
  fstat(file_.get(), &ours);
  if (input >= 0 && fstat(input, &read) == 0 && ours.st_dev == read.st_dev &&
      ours.st_ino == read.st_ino) {
    file_.close();
    problem_ = path + ": cannot be recorded to, it is the file that is being read";
  } else if (S_ISREG(ours.st_mode) && ftruncate(file_.get(), 0) != 0) {
    fail(errno);
  }
}

void ByteSink::write(const char* data, size_t size, const StopSignal& stop) {
  while (file_ && size > 0) {
    const ssize_t done = ::write(file_.get(), data, size);
    if (done >= 0) {
      data += done;
      size -= size_t(done);
      written_ += uint64_t(done);
    } else if (errno == EAGAIN) {
      pollfd writable{file_.get(), POLLOUT, 0};
      if (!stop.wait(&writable, 1, -1)) return;
    } else if (errno != EINTR) {
      fail(errno);
    }
  }
}

void ByteSink::close() {
  if (file_ && !file_.close()) fail(errno);
}

void ByteSink::fail(int error) {
  problem_ = path_ + ": cannot be written: " + error_words(error);
  if (written_ > 0)
    problem_ += "; the recording stops after " + std::to_string(written_) + " bytes";
  file_.close();
}

}  // namespace viz
