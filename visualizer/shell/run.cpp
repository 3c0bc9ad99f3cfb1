// Feeding a recording.
#include "visualizer/shell/run.h"

#include <chrono>
#include <thread>

#include "visualizer/core/chapter_label.h"
#include "visualizer/core/measured.h"

namespace viz {
namespace {

constexpr size_t kEventsAtATime = 64;
constexpr size_t kBytesAtATime = 256 << 10;

// A file says of itself what was asked for; what it does not say stays as it is.
RunRequest request_of(const traffic::RunEvent& run, RunRequest request) {
  const ChapterLabel label = chapter_label(run.chapter);
  request.chapter = label.id;
  request.variant = label.variant;
  request.gpu = run.gpu.name;
  request.model = run.model;
  if (run.setup.n_tokens > 0) {
    request.prompt = run.setup.prompt;
    request.n_tokens = run.setup.n_tokens;
    request.temperature = float(run.setup.temperature);
    request.top_k = run.setup.top_k;
    request.top_p = float(run.setup.top_p);
    request.seed = run.setup.seed;
    request.draft = run.setup.draft;
    request.draft_tokens = run.setup.draft_tokens;
  }
  return request;
}

}  // namespace

void Run::renew() {
  recordings_.back() = Recording();
  recordings_.emplace_back();
  const double speed = playback.speed();
  playback = Playback();
  playback.set_speed(speed);
}

void Run::start(const RunRequest& request) {
  renew();
  request_ = request;
  path_.clear();
  playback.follow(true);
  source_.start(request);
}

void Run::open(const std::string& path) {
  renew();
  path_ = path;
  source_.open(path);
}

void Run::stop() { source_.stop(); }

void Run::forget() {
  stop();
  renew();
}

bool Run::take(double milliseconds) {
  const auto until =
      std::chrono::steady_clock::now() + std::chrono::duration<double, std::milli>(milliseconds);
  bool any = false;
  do {
    std::vector<traffic::Event> events = source_.take(kEventsAtATime, kBytesAtATime);
    if (events.empty()) break;
    any = true;
    for (traffic::Event& event : events) {
      const auto* run = std::get_if<traffic::RunEvent>(&event);
      if (run != nullptr && is_file()) request_ = request_of(*run, request_);
      recordings_.back().add(std::move(event));
    }
  } while (std::chrono::steady_clock::now() < until);
  return any;
}

void Run::merge(const Run& measured) {
  if (measured.recording().started()) merge_measured(recordings_.back(), measured.recording());
}

int Run::text_tokens() const {
  return recording().texts().empty() ? 0 : recording().texts().back().token + 1;
}

void Run::take_all() {
  while (true) {
    take(100);
    if (source_.state() != Source::State::kRunning) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

}  // namespace viz
