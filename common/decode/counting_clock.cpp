// Targets without hooks: nothing is counted. Their event stream has the text and, of each phase of
// each token, the seconds that it and its kernels took by a clock.
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>

#include "common/decode/counting.h"
#include "common/decode/error.h"         // DecodeError
#include "common/decode/event_files.h"   // file_of_chapter, check_pipe
#include "common/decode/launch_clock.h"  // LaunchClock
#include "common/decode/machine.h"       // target_name
#include "common/gpu/check.h"            // CUDA_CHECK
#include "common/gpu/work.h"             // phase_listener

namespace decode {
namespace {

using Clock = std::chrono::steady_clock;

class ClockCounting : public Counting {
 public:
  explicit ClockCounting(const CountingOptions& options) : options_(options) {
    check_pipe(options.events, options.several);
  }
  ~ClockCounting() override { gpu::phase_listener() = nullptr; }

  void begin(const std::string& name, const traffic::RunSetup& setup) override {
    if (options_.events.empty()) return;
    path_ = options_.several ? file_of_chapter(options_.events, name) : options_.events;
    events_ = std::make_unique<traffic::EventWriter>(path_);
    events_->write(traffic::RunEvent{options_.model, name, target_name(), options_.gpu, setup});
    launches_ = std::make_unique<LaunchClock>();
    gpu::phase_listener() = [this](gpu::Phase phase, int token) {
      close_phase();
      phase_ = traffic::PhaseEvent{static_cast<traffic::Phase>(phase), token};
      events_->write(*phase_);
      launches_->take();  // those of no phase
      start_ = Clock::now();
    };
  }

  void text(int token, const std::string& text) override {
    if (events_) events_->write(traffic::TextEvent{token, text});
  }

  void verdict(const traffic::VerdictEvent& verdict) override {
    if (events_) events_->write(verdict);
  }

  nlohmann::ordered_json end() override {
    gpu::phase_listener() = nullptr;
    if (events_) close_events();
    launches_.reset();
    return nullptr;
  }

 private:
  // A phase lasts until the device has done all of it. (Nothing waits when no events are written.)
  void close_phase() {
    if (!phase_) return;
    CUDA_CHECK(cudaDeviceSynchronize());
    const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
    events_->write(
        traffic::MeasuredEvent{phase_->phase, phase_->token, seconds, launches_->take()});
    phase_.reset();
  }

  void close_events() {
    close_phase();
    events_->end();
    const bool ok = events_->ok();
    events_.reset();
    if (!ok) throw DecodeError(path_ + ": the event stream could not be written whole");
    if (options_.several) std::fprintf(stderr, "wrote %s\n", path_.c_str());
  }

  CountingOptions options_;
  std::string path_;
  std::unique_ptr<traffic::EventWriter> events_;
  std::unique_ptr<LaunchClock> launches_;     // while there are events
  std::optional<traffic::PhaseEvent> phase_;  // that is open
  Clock::time_point start_;                   // of it
};

}  // namespace

std::unique_ptr<Counting> make_counting(const CountingOptions& options) {
  if (!options.trace.empty() || !options.instructions.empty()) {
    throw DecodeError("--trace and --instructions: only ladder-traced counts");
  }
  return std::make_unique<ClockCounting>(options);
}

}  // namespace decode
