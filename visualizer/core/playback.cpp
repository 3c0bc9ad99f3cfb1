// Time goes on.
#include "visualizer/core/playback.h"

#include <algorithm>

namespace viz {

const char* scope_name(Scope scope) {
  return scope == Scope::kKernel ? "kernel" : scope == Scope::kToken ? "token" : "run";
}

double Playback::token_seconds(const Recording& recording) {
  double sum = 0, all = 0;
  int columns = 0, all_columns = 0;
  for (const Column& c : recording.columns()) {
    if (c.works.empty() || c.token < 0) continue;
    const Work& last = recording.works()[c.works.end - 1];
    const double seconds = last.begin + last.seconds - recording.works()[c.works.begin].begin;
    all += seconds, ++all_columns;
    if (c.phase == traffic::Phase::kPrefill) continue;
    sum += seconds, ++columns;
  }
  if (columns > 0) return sum / columns;
  return all_columns > 0 ? all / all_columns : 0;
}

void Playback::set_speed(double tokens_a_second) {
  speed_ = std::clamp(tokens_a_second, 0.05, 200.0);
}

bool Playback::at_end(const Recording& recording) const {
  return recording.works().empty() || (work_ + 1 >= recording.works().size() && done_ >= 1);
}

void Playback::advance(double seconds, const Recording& recording) {
  const auto& works = recording.works();
  if (works.empty()) return;
  work_ = std::min(work_, works.size() - 1);
  if (following_) {
    work_ = works.size() - 1;
    done_ = 1;
    return;
  }
  if (!playing_) return;
  double modelled = seconds * speed_ * token_seconds(recording);
  while (modelled > 0 && !at_end(recording)) {
    if (done_ >= 1) ++work_, done_ = 0;
    const double length = std::max(works[work_].seconds, 1e-12);
    const double rest = length * (1 - done_);
    if (modelled < rest) {
      done_ += modelled / length;
      return;
    }
    modelled -= rest;
    done_ = 1;
  }
}

void Playback::go_to_work(size_t work, const Recording& recording) {
  following_ = false;
  work_ = recording.works().empty() ? 0 : std::min(work, recording.works().size() - 1);
  done_ = playing_ ? 0 : 1;
}

void Playback::go_to_column(int column, const Recording& recording) {
  if (recording.columns().empty()) return;
  const int last = int(recording.columns().size()) - 1;
  go_to_work(recording.columns()[std::clamp(column, 0, last)].works.begin, recording);
}

void Playback::step_work(int by, const Recording& recording) {
  playing_ = false;
  const long to = long(work_) + by;
  go_to_work(size_t(std::max(0l, to)), recording);
}

void Playback::step_column(int by, const Recording& recording) {
  playing_ = false;
  const auto& columns = recording.columns();
  int to = column(recording) + by;
  while (to >= 0 && to < int(columns.size()) && columns[to].works.empty()) to += by < 0 ? -1 : 1;
  if (to >= 0 && to < int(columns.size())) go_to_column(to, recording);
}

void Playback::restart() {
  work_ = 0;
  done_ = 0;
  following_ = false;
}

WorkRange Playback::range(Scope scope, const Recording& recording) const {
  if (recording.works().empty()) return {};
  if (scope == Scope::kKernel) return {work_, work_ + 1};
  const int in = column(recording);
  if (scope == Scope::kToken && in >= 0) return recording.columns()[in].works;
  return {0, work_ + 1};
}

}  // namespace viz
