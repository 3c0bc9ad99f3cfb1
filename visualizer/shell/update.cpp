// Between two frames: what has come from decoders and files, and how time goes on.
#include <algorithm>
#include <utility>

#include "visualizer/shell/app.h"

namespace viz {
namespace {

// Milliseconds of a frame that new events may take.
constexpr double kRunBudget = 3, kOtherBudget = 2, kMeasuredBudget = 1;

}  // namespace

bool App::update(double seconds) {
  bool changed = catalog_.update();
  // What is compared with a file is asked for as the file says.
  const bool known = options_.replay.empty() || form_filled_ || !run_.live();
  if (waiting_for_catalog_ && !catalog_.loading() && known) take_catalog(), changed = true;
  take_events(changed);
  fill_form();
  go_to_wished_token();
  tell_failures();
  const bool moves = moving();
  run_.advance(seconds);
  stand_at_end(moves);
  if (comparing_) pair_playback();
  if (!still_ && moves) clock_ += seconds;
  grant_wishes();
  return changed || moves;
}

bool App::moving() const {
  if (still_) return false;
  return run_.live() || (run_.playback.playing() && !run_.playback.at_end(run_.recording()));
}

// Where nothing more comes, the end is that of the last token: behind it there is only what is
// written back, hardly a picture to end with. One can still step there.
void App::stand_at_end(bool moved) {
  const Playback& playback = run_.playback;
  if (still_ || run_.live()) return;
  const bool played = moved && playback.playing() && playback.at_end(run_.recording());
  if (playback.following() || played) stand_at(nullptr);
}

void App::take_events(bool& changed) {
  const bool any = run_.take(kRunBudget);
  const bool any_measured = measured_.take(kMeasuredBudget);
  if (any || any_measured) run_.merge(measured_);
  changed = changed || any || any_measured;
  if (any) show_new_text(run_, text_seen_);
  if (!comparing_) return;
  const bool any_other = other_.take(kOtherBudget);
  if (any_other) show_new_text(other_, other_text_seen_);
  changed = changed || any_other;
}

void App::show_new_text(const Run& run, size_t& seen) {
  const auto& texts = run.recording().texts();
  if (seen == 0) gui_.show_text(run.recording().run().setup.prompt);
  for (seen = std::min(seen, texts.size()); seen < texts.size(); ++seen) {
    gui_.show_text(texts[seen].text);
  }
}

// The comparison stands at the same token, as far into it.
void App::pair_playback() {
  const Recording &mine = run_.recording(), &its = other_.recording();
  const int index = run_.playback.column(mine);
  if (index < 0 || its.works().empty()) return;
  const Column& column = mine.columns()[size_t(index)];
  int at = its.column_of_token(column.last_token);
  if (at < 0) at = column.token < 0 ? 0 : int(its.columns().size()) - 1;
  const WorkRange there = its.columns()[size_t(at)].works;
  if (there.empty() || column.works.empty()) return;
  const double part = double(run_.playback.work() - column.works.begin + 1) /
                      double(std::max<size_t>(1, column.works.size()));
  const size_t work = there.begin + size_t(part * double(there.size()) + 0.5);
  other_.playback.play(false);
  other_.playback.go_to_work(std::clamp(work, there.begin + 1, there.end) - 1, its);
}

void App::tell_failures() {
  const Run* runs[] = {&run_, &other_, &measured_};
  for (int i = 0; i < 3; ++i) {
    const Source::State state = runs[i]->source().state();
    if (state == told_[i]) continue;
    told_[i] = state;
    if (state == Source::State::kFailed) {
      const bool clock = runs[i] == &measured_;
      tell(true, (clock ? "No times are measured (switched off under \"More\"): " : "") +
                     runs[i]->source().message());
      if (clock) controls_.set_measure("none");
    }
    const std::string record = runs[i]->source().record_problem();
    if (state != Source::State::kRunning && !record.empty()) tell(true, record);
  }
}

void App::fill_form() {
  if (!run_.is_file() || form_filled_ || !run_.recording().started()) return;
  form_filled_ = true;
  controls_.show_recording(run_.request());
}

// In a window --at is granted as soon as all work of that token is there.
void App::go_to_wished_token() {
  if (still_ || !wished_token_ || waiting_for_catalog_) return;
  const Recording& r = run_.recording();
  const int column = r.column_of_token(*wished_token_);
  if (column < 0 || column + 1 == int(r.columns().size())) {
    if (run_.live()) return;
    const std::string wrong = token_problem(*wished_token_);
    if (!wrong.empty()) tell(true, wrong);
  }
  if (column >= 0) stand_at(&*wished_token_);
  wished_token_.reset();
}

void App::grant_wishes() {
  const Wishes wishes = std::move(wishes_);
  wishes_ = {};
  if (wishes.panel) show_panel(*wishes.panel);
  if (wishes.run) {
    controls_.set_request(*wishes.run);
    decode(*wishes.run);
  }
  if (wishes.compare) compare(*wishes.compare);
}

}  // namespace viz
