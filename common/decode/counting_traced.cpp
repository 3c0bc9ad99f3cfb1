// The traced target: a traffic::Recorder watches the simulator, and writes events when asked.
#include <cstdio>
#include <fstream>
#include <sstream>
#include <vector>

#include "common/decode/counting.h"
#include "common/decode/error.h"          // DecodeError
#include "common/decode/event_files.h"    // file_of_chapter, check_pipe
#include "common/simt/arena.h"            // allocation
#include "common/simt/observer.h"         // set_observer
#include "common/traffic/chrome_trace.h"  // write_chrome_trace
#include "common/traffic/events.h"        // EventWriter
#include "common/traffic/recorder.h"      // Recorder
#include "common/traffic/report.h"        // totals_json, report_json
#include "common/traffic/walk.h"          // WalkChoice

namespace decode {
namespace {

class TracedCounting : public Counting {
 public:
  explicit TracedCounting(const CountingOptions& options)
      : options_(options), recorder_(options.gpu) {
    check_pipe(options.events, options.several);
    recorder_.set_walk(traffic::WalkChoice(options.walk_block));
    simt::set_observer(&recorder_);
  }
  ~TracedCounting() override { simt::set_observer(nullptr); }

  void begin(const std::string& name, const traffic::RunSetup& setup) override {
    recorder_.reset();
    chapter_ = name;
    if (!options_.trace.empty()) {
      // The trace is made from the events, which then stay in memory.
      memory_ = std::stringstream();
      events_ = std::make_unique<traffic::EventWriter>(memory_);
    } else if (!options_.events.empty()) {
      events_ = std::make_unique<traffic::EventWriter>(path(options_.events));
    }
    if (events_) write_head(setup);
  }

  void text(int token, const std::string& text) override {
    if (events_) events_->write(traffic::TextEvent{token, text});
  }

  void verdict(const traffic::VerdictEvent& verdict) override {
    if (events_) events_->write(verdict);
  }

  nlohmann::ordered_json end() override {
    recorder_.finish();
    recorder_.set_events(nullptr);
    if (events_) close_events();
    using traffic::Phase;
    nlohmann::ordered_json json;
    json["prefill"] = totals({Phase::kPrefill});
    json["decode"] = totals({Phase::kDecode, Phase::kDraft, Phase::kVerify});
    json["draft"] = totals({Phase::kDraft});
    json["verify"] = totals({Phase::kVerify});
    json["flush"] = totals({Phase::kFlush});
    const nlohmann::ordered_json report = traffic::report_json(recorder_);
    json["kernels"] = report.at("kernels");
    json["tensors"] = report.at("tensors");
    if (!options_.instructions.empty()) write_instructions(report.at("instructions"));
    return json;
  }

 private:
  nlohmann::ordered_json totals(const std::vector<traffic::Phase>& phases) const {
    traffic::Totals sum;
    for (const traffic::Phase phase : phases) {
      traffic::Filter filter;
      filter.phase = phase;
      sum += recorder_.totals(filter);
    }
    return traffic::totals_json(sum, recorder_.gpu());
  }

  std::string path(const std::string& wanted) const {
    return options_.several ? file_of_chapter(wanted, chapter_) : wanted;
  }

  // What a reader needs first: the run, and the allocations that are there already.
  void write_head(const traffic::RunSetup& setup) {
    events_->write(traffic::RunEvent{options_.model, chapter_, "traced", recorder_.gpu(), setup});
    for (uint32_t id = 1; id <= simt::allocation_count(); ++id) {
      const simt::Allocation& a = simt::allocation(id);
      if (!a.live) continue;
      using Event = traffic::AllocationEvent;
      events_->write(Event{Event::kAllocate, id, a.space, a.bytes, a.name, {}});
      events_->write(Event{Event::kName, id, a.space, a.bytes, a.name, a.shape});
    }
    recorder_.set_events(events_.get());
  }

  void close_events() {
    events_->end();
    const bool ok = events_->ok();
    events_.reset();
    if (!options_.trace.empty()) write_trace();
    if (!ok) throw DecodeError(options_.events + ": the event stream could not be written whole");
    if (!options_.several) return;
    for (const std::string& file : {options_.events, options_.trace}) {  // not the names as given
      if (!file.empty()) std::fprintf(stderr, "wrote %s\n", path(file).c_str());
    }
  }

  // One array, [{kernel, space, kind, bytes, requests, ...}], written anew after each chapter.
  void write_instructions(const nlohmann::ordered_json& rows) {
    instructions_.insert(instructions_.end(), rows.begin(), rows.end());
    std::ofstream out(options_.instructions, std::ios::binary);
    out << instructions_.dump(1) << "\n";
    if (!out.flush()) throw DecodeError(options_.instructions + ": cannot be written");
  }

  void write_trace() {
    if (!options_.events.empty()) {
      std::ofstream(path(options_.events), std::ios::binary) << memory_.str();
    }
    std::ofstream out(path(options_.trace), std::ios::binary);
    traffic::EventReader reader(memory_, "events");
    traffic::write_chrome_trace(reader, out);
    if (!out.flush()) throw DecodeError(path(options_.trace) + ": cannot be written");
  }

  CountingOptions options_;
  traffic::Recorder recorder_;
  std::string chapter_;
  std::stringstream memory_;
  std::unique_ptr<traffic::EventWriter> events_;
  nlohmann::ordered_json instructions_ = nlohmann::ordered_json::array();
};

}  // namespace

std::unique_ptr<Counting> make_counting(const CountingOptions& options) {
  return std::make_unique<TracedCounting>(options);
}

}  // namespace decode
