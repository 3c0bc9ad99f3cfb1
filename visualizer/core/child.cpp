// Starting and ending a program.
#include "visualizer/core/child.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <thread>

namespace viz {
namespace {

constexpr size_t kErrorsKept = 8 << 10;
constexpr int kPipeBytes = 1 << 20;  // what the system lets anyone have

struct Ends {
  int data, errors, failure, nothing;  // all above the numbers that the program sees
  int data_descriptor, nice;
  pid_t parent;
};

// Nothing of ours but the three standard descriptors and the data pipe goes on in the program.
void close_others_on_exec(int first) {
#ifdef SYS_close_range
  constexpr unsigned kCloexec = 4;  // CLOSE_RANGE_CLOEXEC, Linux 5.11
  if (syscall(SYS_close_range, unsigned(first), ~0U, kCloexec) == 0) return;
#endif
  for (int fd = first; fd < 4096; ++fd) fcntl(fd, F_SETFD, FD_CLOEXEC);
}

// In the new process, until exec: only calls that are safe after a fork of one of several threads.
[[noreturn]] void become(const Ends& ends, char* const* command) {
  setpgid(0, 0);
  // It dies with the thread that made it, also when that died before this line.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != ends.parent) _exit(127);
  if (nice(ends.nice) == -1) errno = 0;  // it then runs as it is
  signal(SIGPIPE, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  dup2(ends.nothing, 0);
  dup2(ends.nothing, 1);
  dup2(ends.errors, 2);
  dup2(ends.data, ends.data_descriptor);
  close_others_on_exec(ends.data_descriptor < 3 ? 3 : ends.data_descriptor + 1);
  execv(command[0], command);
  const int why = errno;
  [[maybe_unused]] const ssize_t written = write(ends.failure, &why, sizeof why);
  _exit(127);
}

// Our end never makes us wait.
void tune(const Pipe& pipe) {
  fcntl(pipe.read.get(), F_SETFL, O_NONBLOCK);
  fcntl(pipe.write.get(), F_SETPIPE_SZ, kPipeBytes);  // fewer changes between the processes
}

// Reaps, within the time; false when it is not over by then.
bool reap(pid_t id, std::chrono::milliseconds time) {
  const auto until = std::chrono::steady_clock::now() + time;
  while (waitpid(id, nullptr, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::microseconds(500));
  }
  return true;
}

// Without a '\r' or blanks at the end.
std::string last_line(std::string text) {
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  return text.substr(text.find_last_of("\r\n") + 1);
}

}  // namespace

Child::Child(const Options& options) {
  const std::string& program = options.command.at(0);
  const Descriptor nothing(open("/dev/null", O_RDWR | O_CLOEXEC));
  Descriptor high(fcntl(nothing.get(), F_DUPFD_CLOEXEC, 10));
  Pipe data = make_pipe(), errors = make_pipe(), failure = make_pipe();
  tune(data);
  tune(errors);
  std::vector<char*> command;
  for (const std::string& word : options.command)
    command.push_back(const_cast<char*>(word.c_str()));
  command.push_back(nullptr);
  const Ends ends{data.write.get(), errors.write.get(),      failure.write.get(),
                  high.get(),       options.data_descriptor, options.nice,
                  getpid()};
  id_ = fork();
  if (id_ == 0) become(ends, command.data());
  if (id_ < 0) throw std::runtime_error(program + " cannot be started: " + error_words(errno));
  failure.write.close();
  int why = 0;  // nothing comes when exec succeeds: it closes that pipe
  ssize_t got;
  while ((got = read(failure.read.get(), &why, sizeof why)) < 0 && errno == EINTR) {
  }
  if (got == sizeof why) {
    waitpid(id_, nullptr, 0);
    throw std::runtime_error(program + " cannot be started: " + error_words(why));
  }
  data_ = std::move(data.read);
  error_pipe_ = std::move(errors.read);
}

Child::~Child() {
  // Until it is reaped, its number and that of its group are nobody else's.
  kill(-id_, SIGKILL);
  kill(id_, SIGKILL);  // before it had a group of its own
  if (reap(id_, std::chrono::milliseconds(30))) return;
  // Much memory to give back: that goes on without us.
  std::thread([id = id_] { waitpid(id, nullptr, 0); }).detach();
}

void Child::read_errors() {
  char buffer[4096];
  while (error_pipe_) {
    const ssize_t got = read(error_pipe_.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return;
    if (got == 0) {
      error_pipe_.close();
      return;
    }
    errors_.append(buffer, size_t(got));
    if (errors_.size() > kErrorsKept) errors_.erase(0, errors_.size() - kErrorsKept);
  }
}

bool Child::ended() {
  if (ended_) return true;
  siginfo_t info{};
  // It stays to be reaped, so that its number is not given to another.
  if (waitid(P_PID, id_t(id_), &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) {
    return false;
  }
  ended_ = true;
  (info.si_code == CLD_EXITED ? status_ : killed_by_) = info.si_status;
  return true;
}

std::string Child::end_words() {
  if (!ended()) return "still running";
  if (killed_by_ != 0) {
    const char* name = strsignal(killed_by_);
    return "killed by signal " + std::to_string(killed_by_) + " (" + name + ")";
  }
  const std::string line = last_line(errors_);
  return "stopped with status " + std::to_string(status_) + (line.empty() ? "" : ": " + line);
}

std::string Child::error_line() const {
  constexpr const char* kMark = "error: ";
  const size_t at = errors_.rfind("\nerror: ");
  const size_t begin = at != std::string::npos        ? at + 1
                       : errors_.rfind(kMark, 0) == 0 ? 0
                                                      : std::string::npos;
  if (begin == std::string::npos) return "";
  const size_t text = begin + std::strlen(kMark);
  return errors_.substr(text, errors_.find('\n', text) - text);
}

}  // namespace viz
