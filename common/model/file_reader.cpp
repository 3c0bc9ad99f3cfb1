// Bounded file reads; see file_reader.h.
#include "common/model/file_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

namespace model {

namespace {
constexpr uint64_t kBufferBytes = 64 * 1024;
constexpr uint64_t kMaxRead = 1u << 30;  // one pread call moves at most 2 GiB on Linux
}  // namespace

int open_regular_file(const std::string& path, uint64_t* size) {
  // O_NONBLOCK: opening a FIFO that nobody writes to would wait for ever.
  int fd = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  if (fd < 0) {
    throw bad_field(path, "file", std::strerror(errno), "a file that can be opened for reading");
  }
  struct stat status;
  if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
    const char* found = S_ISDIR(status.st_mode)    ? "a directory"
                        : S_ISFIFO(status.st_mode) ? "a FIFO"
                                                   : "not a regular file";
    ::close(fd);
    throw bad_field(path, "file", found, "a regular file");
  }
  *size = static_cast<uint64_t>(status.st_size);
  return fd;
}

void read_exactly(int fd, const std::string& path, uint64_t offset, uint64_t bytes, void* out) {
  char* to = static_cast<char*>(out);
  while (bytes > 0) {
    ssize_t got = ::pread(fd, to, std::min(bytes, kMaxRead), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw bad_field(path, "file", std::strerror(errno), "readable data");
    if (got == 0) {
      throw bad_field(path, "file", "its end at byte " + std::to_string(offset),
                      std::to_string(bytes) + " more bytes (it has been cut since it was opened)");
    }
    to += got;
    offset += static_cast<uint64_t>(got);
    bytes -= static_cast<uint64_t>(got);
  }
}

FileReader::FileReader(int fd, const std::string& path, uint64_t size, uint64_t limit)
    : fd_(fd), path_(path), size_(size), limit_(limit) {}

ModelError FileReader::error(const std::string& field, const std::string& found,
                             const std::string& expected) {
  return bad_field(path_, field, found, expected);
}

void FileReader::need(uint64_t bytes, const std::string& field) {
  if (bytes > remaining()) {
    throw error(field, std::to_string(remaining()) + " bytes left in the file",
                std::to_string(bytes));
  }
  if (bytes > limit_ || position_ > limit_ - bytes) {
    throw error(field, "metadata longer than " + std::to_string(limit_) + " bytes", "less");
  }
}

void FileReader::read(void* out, uint64_t bytes, const std::string& field) {
  need(bytes, field);
  char* to = static_cast<char*>(out);
  while (bytes > 0) {
    if (position_ < buffer_start_ || position_ >= buffer_start_ + buffer_.size()) {
      buffer_.resize(std::min(kBufferBytes, remaining()));
      buffer_start_ = position_;
      read_exactly(fd_, path_, position_, buffer_.size(), buffer_.data());
    }
    uint64_t in_buffer = position_ - buffer_start_;
    uint64_t step = std::min<uint64_t>(bytes, buffer_.size() - in_buffer);
    std::memcpy(to, buffer_.data() + in_buffer, step);
    to += step;
    position_ += step;
    bytes -= step;
  }
}

uint32_t FileReader::u32(const std::string& field) {
  uint32_t value;
  read(&value, sizeof value, field);
  return value;
}

uint64_t FileReader::u64(const std::string& field) {
  uint64_t value;
  read(&value, sizeof value, field);
  return value;
}

std::string FileReader::string(const std::string& field) {
  return string(field, std::numeric_limits<uint64_t>::max());
}

std::string FileReader::string(const std::string& field, uint64_t max_bytes) {
  uint64_t length = u64(field);
  if (length > max_bytes) {
    throw error(field, "a length of " + std::to_string(length) + " bytes",
                "at most " + std::to_string(max_bytes));
  }
  need(length, field);
  std::string text(length, '\0');
  read(text.data(), length, field);
  return text;
}

}  // namespace model
