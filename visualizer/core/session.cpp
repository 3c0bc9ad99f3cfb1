// Reading, and saying what went wrong in words that help.
#include "visualizer/core/session.h"

#include <signal.h>
#include <unistd.h>

#include <istream>

#include "visualizer/core/child.h"        // Child
#include "visualizer/core/event_input.h"  // EventInput

namespace viz {
namespace {

constexpr size_t kBatchEvents = 256, kBatchBytes = 256 << 10;
constexpr int kEndSteps = 300;  // of 10 ms: how long a decoder may take to go after its last event

std::string file_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

// A recording pipe whose reader goes is an error of that write, not our death.
void block_sigpipe() {
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
}

}  // namespace

Session::Session(Plan plan)
    : plan_(std::move(plan)),
      name_(plan_.run ? file_name(plan_.run->program) + " " + plan_.run->row() : plan_.path),
      thread_([this] { run(); }) {}

Session::~Session() {
  stop();
  thread_.join();
}

void Session::stop() {
  stop_.set();
  queue_.close();
}

void Session::run() {
  block_sigpipe();
  try {
    plan_.run ? read_child() : read_file();
  } catch (const std::exception& error) {
    set(problem_, error.what());
  }
  process_ = 0;
  flush();
  if (stop_.is_set()) queue_.clear();  // here, because it may take milliseconds
  over_ = true;
}

void Session::read_child() {
  std::vector<std::string> command = plan_.run->arguments();
  command.insert(command.begin(), plan_.run->program);
  std::optional<Child> child;
  try {
    child.emplace(Child::Options{command, kEventsDescriptor});
  } catch (const std::exception& error) {
    const bool missing = access(command[0].c_str(), X_OK) != 0;
    set(problem_,
        error.what() + std::string(missing ? "; ./ladder viz builds what is missing" : ""));
    return;
  }
  process_ = child->id();
  ByteSink sink;
  if (!plan_.record.empty()) sink.open(plan_.record, -1);
  EventInput input(*child, stop_, sink, [this] { flush(); });
  set(record_problem_, sink.problem());
  const std::string wrong = parse(input);
  if (wrong.empty() || input.ended()) wait_for_end(*child);
  sink.close();
  set(record_problem_, sink.problem());
  set(errors_, child->errors());
  if (!stop_.is_set()) set(problem_, child_problem(*child, wrong, input.ended()));
}

void Session::read_file() {
  ByteSink sink;
  std::optional<EventInput> input;
  try {
    input.emplace(plan_.path, plan_.patience, stop_, sink, [this] { flush(); });
  } catch (const std::exception& error) {
    set(problem_, file_problem(error.what()));
    return;
  }
  if (!plan_.record.empty()) sink.open(plan_.record, input->descriptor());
  set(record_problem_, sink.problem());
  const std::string wrong = parse(*input);
  sink.close();
  set(record_problem_, sink.problem());
  if (!stop_.is_set() && !wrong.empty()) set(problem_, file_problem(wrong));
}

std::string Session::parse(EventInput& input) {
  std::istream stream(&input);
  stream.exceptions(std::ios::badbit);  // else what the input throws would look like its end
  traffic::EventReader reader(stream, name_);
  try {
    uint64_t before = 0;
    while (std::optional<traffic::Event> event = reader.next()) {
      if (stop_.is_set()) break;
      add(std::move(*event), input.position() - before);
      before = input.position();
      bytes_read_ = input.bytes_read();
    }
  } catch (const std::exception& error) {
    return error.what();
  }
  return "";
}

void Session::add(traffic::Event event, size_t bytes) {
  batch_.push_back({std::move(event), bytes});
  batch_bytes_ += bytes;
  ++events_;
  if (batch_.size() >= kBatchEvents || batch_bytes_ >= kBatchBytes) flush();
}

void Session::flush() {
  queue_.push(batch_);
  batch_bytes_ = 0;
}

void Session::wait_for_end(Child& child) {
  flush();
  for (int i = 0; i < kEndSteps && !child.ended() && stop_.sleep(10); ++i) child.read_errors();
  child.read_errors();
}

std::string Session::child_problem(Child& child, const std::string& wrong, bool cut) const {
  const bool ended = child.ended();
  if (wrong.empty() && (!ended || child.succeeded())) return "";
  if (!wrong.empty() && !cut) return "the decoder's events cannot be read: " + wrong;
  if (!ended) return "the decoder closed its events before their end";
  if (child.succeeded()) {
    return name_ +
           " ended before the end of its events: it may be of another version; ./ladder viz "
           "builds it anew";
  }
  // Its own words say more than how it ended.
  const std::string told = child.error_line();
  if (!told.empty()) return "the decoder stopped: " + told;
  const std::string how = child.end_words();
  if (wrong.empty()) return "the decoder failed after its last event: " + how;
  return "the decoder stopped before its end: " + how +
         (child.killed_by() == SIGKILL ? "; the system does that when memory runs out" : "");
}

std::string Session::file_problem(const std::string& wrong) const {
  if (events_ == 0) return wrong + "; ./ladder run --chapters 03:vram --events FILE writes one";
  return wrong + "; " + std::to_string(events_) + " events came before that";
}

std::string Session::locked(const std::string& text) const {
  const std::lock_guard lock(mutex_);
  return text;
}

void Session::set(std::string& text, std::string value) {
  const std::lock_guard lock(mutex_);
  text = std::move(value);
}

}  // namespace viz
