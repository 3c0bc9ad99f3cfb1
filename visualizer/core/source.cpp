// The window's side of a session.
#include "visualizer/core/source.h"

#include <exception>

#include "visualizer/core/programs.h"  // default_model
#include "visualizer/core/session.h"   // Session

namespace viz {

Source::Source(std::chrono::milliseconds patience) : patience_(patience) {}

Source::~Source() { stop(); }

void Source::start(const RunRequest& request) {
  RunRequest found = request;
  if (found.model.empty()) found.model = default_model();
  begin(std::move(found), "");
}

void Source::open(const std::string& path) { begin(std::nullopt, path); }

void Source::begin(std::optional<RunRequest> run, const std::string& path) {
  stop();
  try {
    session_ =
        std::make_unique<Session>(Session::Plan{std::move(run), path, record_path_, patience_});
  } catch (const std::exception& error) {
    start_problem_ = error.what();
  }
}

void Source::stop() {
  start_problem_.clear();
  if (!session_) return;
  session_->stop();
  ending_.push_back(std::move(session_));
}

std::vector<traffic::Event> Source::take(size_t max_events, size_t max_bytes) {
  std::erase_if(ending_, [](const auto& session) { return session->over(); });
  if (!session_) return {};
  return session_->queue().take(max_events, max_bytes);
}

Source::State Source::state() const {
  if (!start_problem_.empty()) return State::kFailed;
  if (!session_) return State::kIdle;
  if (!session_->over() || session_->queue().waiting() > 0) return State::kRunning;
  return session_->problem().empty() ? State::kFinished : State::kFailed;
}

std::string Source::message() const {
  if (!session_) return start_problem_;
  return state() == State::kFailed ? session_->problem() : "";
}
std::string Source::record_problem() const { return session_ ? session_->record_problem() : ""; }
std::string Source::errors() const { return session_ ? session_->errors() : ""; }
std::string Source::name() const { return session_ ? session_->name() : ""; }
uint64_t Source::bytes_read() const { return session_ ? session_->bytes_read() : 0; }
size_t Source::waiting() const { return session_ ? session_->queue().waiting() : 0; }
int Source::process() const { return session_ ? session_->process() : 0; }

}  // namespace viz
