// Waiting for bytes.
#include "visualizer/core/event_input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>

namespace viz {
namespace {

constexpr size_t kBufferBytes = 256 << 10;
constexpr int kLookAgainMs = 30;  // at a child that may have ended, at a file that may have grown
constexpr long kNothingNow = -1;

}  // namespace

EventInput::EventInput(Child& child, const StopSignal& stop, ByteSink& sink, BeforeWait before_wait)
    : child_(&child),
      stop_(stop),
      sink_(sink),
      before_wait_(std::move(before_wait)),
      fd_(child.data()),
      buffer_(kBufferBytes) {}

EventInput::EventInput(const std::string& path, std::chrono::milliseconds patience,
                       const StopSignal& stop, ByteSink& sink, BeforeWait before_wait)
    : stop_(stop),
      sink_(sink),
      before_wait_(std::move(before_wait)),
      file_(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)),
      fd_(file_.get()),
      patience_(patience),
      path_(path),
      buffer_(kBufferBytes) {
  if (!file_) throw std::runtime_error(path + ": cannot be opened: " + error_words(errno));
  struct stat info {};
  fstat(fd_, &info);
  if (S_ISDIR(info.st_mode)) throw std::runtime_error(path + ": is a folder, not an event stream");
  regular_ = S_ISREG(info.st_mode);
}

EventInput::int_type EventInput::underflow() {
  const size_t got = ended_ || stop_.is_set() ? 0
                     : child_ != nullptr      ? from_child()
                     : regular_               ? from_file()
                                              : from_pipe();
  ended_ = got == 0;
  setg(buffer_.data(), buffer_.data(), buffer_.data() + got);
  if (got == 0) return traits_type::eof();
  bytes_read_ += got;
  sink_.write(buffer_.data(), got, stop_);
  return traits_type::to_int_type(buffer_[0]);
}

long EventInput::read_now() {
  while (true) {
    const ssize_t got = read(fd_, buffer_.data(), buffer_.size());
    if (got >= 0) return got;
    if (errno == EAGAIN) return kNothingNow;
    if (errno != EINTR) throw std::runtime_error(path_ + ": cannot be read: " + error_words(errno));
  }
}

size_t EventInput::from_child() {
  while (true) {
    child_->read_errors();
    const bool over = child_->ended();  // asked before reading: what it wrote is all there then
    const long got = read_now();
    if (got != kNothingNow) return size_t(got);
    if (over) return 0;
    before_wait_();
    pollfd ready[] = {{fd_, POLLIN, 0}, {child_->error_output(), POLLIN, 0}};
    if (!stop_.wait(ready, 2, kLookAgainMs)) return 0;
  }
}

size_t EventInput::from_pipe() {
  while (true) {
    before_wait_();
    pollfd ready{fd_, POLLIN, 0};
    if (!stop_.wait(&ready, 1, -1)) return 0;
    if (ready.revents == 0) continue;
    const long got = read_now();  // nothing and a hang-up: the writers are gone
    if (got > 0) return size_t(got);
    if (got == 0 || (ready.revents & POLLIN) == 0) return 0;
  }
}

size_t EventInput::from_file() {
  while (true) {
    const bool more_may_come = grown_lately();
    const long got = read_now();
    if (got > 0) last_bytes_ = std::chrono::steady_clock::now();
    if (got > 0) return size_t(got);
    if (!more_may_come) return 0;
    before_wait_();
    if (!stop_.sleep(kLookAgainMs)) return 0;
  }
}

// By the file's own time, and in case that clock is wrong also by ours.
bool EventInput::grown_lately() const {
  using std::chrono::seconds, std::chrono::nanoseconds;
  struct stat info {};
  fstat(fd_, &info);
  const auto changed = seconds(info.st_mtim.tv_sec) + nanoseconds(info.st_mtim.tv_nsec);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return now - changed < patience_ && std::chrono::steady_clock::now() - last_bytes_ < patience_;
}

}  // namespace viz
