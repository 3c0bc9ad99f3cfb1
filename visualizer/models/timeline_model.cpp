// Columns and scales.
#include "visualizer/models/timeline_model.h"

#include <algorithm>
#include <cmath>

#include "visualizer/core/text_pieces.h"

namespace viz {

using traffic::Phase;

namespace {

double seconds_of(const Recording& recording, WorkRange range) {
  if (range.empty()) return 0;
  const Work& last = recording.works()[range.end - 1];
  return last.begin + last.seconds - recording.works()[range.begin].begin;
}

// Number of the last token that a column brought.
int last_token(const Recording& recording, size_t index) {
  const Column& column = recording.columns()[index];
  int last = column.last_token;
  const int asked = recording.run().setup.n_tokens;
  if (asked > 0) last = std::min(last, asked - 1);
  const auto& columns = recording.columns();
  const bool newest = std::none_of(columns.begin() + index + 1, columns.end(),
                                   [](const Column& c) { return c.token >= 0; });
  // What a last verdict gave beyond the text's end was dropped; an older stream has no verdicts.
  const int text = recording.texts().empty() ? -1 : recording.texts().back().token;
  if (newest && text >= column.token) last = recording.complete() ? text : std::max(last, text);
  return std::max(last, column.token);
}

std::string text_of(const Recording& recording, int first, int last) {
  const auto& texts = recording.texts();
  auto text = std::lower_bound(texts.begin(), texts.end(), first,
                               [](const TextAt& t, int token) { return t.token < token; });
  std::string result;
  for (; text != texts.end() && text->token <= last; ++text) result += text->text;
  return result;
}

std::string label_of(const TimelineColumn& c) {
  if (c.tokens == 0 || c.phase == Phase::kPrefill) return traffic::phase_name(c.phase);
  const std::string first = std::to_string(c.token);
  return c.tokens == 1 ? first : first + "-" + std::to_string(c.token + c.tokens - 1);
}

std::vector<TimelinePhase> phases_of(const Recording& recording, const Column& column) {
  std::vector<TimelinePhase> phases;
  const double all = seconds_of(recording, column.works);
  double sum = 0;
  for (size_t i = column.first_step; i < column.end_step; ++i) {
    const Step& step = recording.steps()[i];
    const double seconds = seconds_of(recording, step.works);
    if (seconds == 0 && step.measured_seconds == 0 && column.end_step - column.first_step > 1) {
      continue;
    }
    const double from = all > 0 ? sum / all : 0;
    sum += seconds;
    phases.push_back({step.phase, from, all > 0 ? sum / all : 1, seconds, step.measured_seconds});
  }
  return phases;
}

// Few columns do not become walls.
constexpr double kShortest = 8;

// Steps of room for what comes: 8, 16, 32, ...
double roomy(double length) {
  double room = kShortest;
  while (room < length + 1) room *= 2;
  return room;
}

}  // namespace

const char* level_name(TimelineLevel level) {
  static const char* const names[] = {"VRAM", "L2", "L1", "shared memory", "host RAM"};
  return names[static_cast<int>(level)];
}

uint64_t TimelineBytes::total() const {
  uint64_t sum = no_tensor;
  for (const uint64_t bytes : by_class) sum += bytes;
  return sum;
}

TimelineBytes bytes_at(TimelineLevel level, const Sums& sums) {
  TimelineBytes bytes;
  if (level == TimelineLevel::kShared) bytes.no_tensor = sums.kernels.shared_bytes();
  for (int i = 0; i < kTensorClasses; ++i) {
    const traffic::MemoryCounts& m = sums.by_class[i];
    if (level == TimelineLevel::kVram) bytes.by_class[i] = m.vram_bytes();
    if (level == TimelineLevel::kL2) bytes.by_class[i] = m.l2_bytes();
    if (level == TimelineLevel::kL1) bytes.by_class[i] = m.l1_bytes();
    if (level == TimelineLevel::kHost) bytes.by_class[i] = m.host_bytes();
  }
  return bytes;
}

double TimelineScale::height(double amount) const {
  if (!(amount > 0) || !(top > bottom)) return 0;
  if (!log) return std::min(1.0, amount / top);
  if (amount <= bottom) return 0;
  return std::min(1.0, std::log(amount / bottom) / std::log(top / bottom));
}

void TimelineView::zoom(double around, double by, double length) {
  const double to = std::clamp(width() * by, std::min(2.0, length), length);
  const double share = (around - begin) / width();
  begin = around - share * to;
  end = begin + to;
  pan(0, length);
}

void TimelineView::pan(double by, double length) {
  const double size = std::min(width(), length);
  begin = std::clamp(begin + by, 0.0, length - size);
  end = begin + size;
}

void TimelineView::show(double position, double length) {
  if (position < begin) pan(position - begin - 0.1 * width(), length);
  if (position > end) pan(position - end + 0.2 * width(), length);
}

void TimelineModel::update(const Recording& recording) {
  const auto& events = recording.events();
  const traffic::Event* first = events.empty() ? nullptr : &events.front();
  // Measured times may come later, and to any step.
  double measured = 0;
  for (const Step& step : recording.steps()) measured += step.measured_seconds;
  if (recording_ != &recording || first_ != first || events.size() < events_ ||
      measured != measured_seconds_) {
    *this = {};
    recording_ = &recording, first_ = first, measured_seconds_ = measured;
  } else if (events.size() == events_) {
    return;
  }
  events_ = events.size();
  // The newest columns may have changed: what was seen of them is made again.
  const size_t keep = built_ < 2 ? 0 : built_ - 2;
  while (!columns_.empty() && size_t(columns_.back().column) >= keep) columns_.pop_back();
  for (size_t i = keep; i < recording.columns().size(); ++i) {
    TimelineColumn c = make(recording, i);
    if (c.tokens == 0 && c.works.empty() && c.measured_seconds == 0) continue;
    c.begin = columns_.empty() ? 0 : columns_.back().end;
    c.end = c.begin + std::max(1, c.tokens);
    note(c);
    columns_.push_back(std::move(c));
  }
  built_ = recording.columns().size();
  const double end = columns_.empty() ? 1 : columns_.back().end;
  length_ = recording.complete() ? std::max(end, kShortest) : roomy(end);
}

TimelineColumn TimelineModel::make(const Recording& recording, size_t index) const {
  const Column& column = recording.columns()[index];
  TimelineColumn c;
  c.column = int(index);
  c.phase = column.phase;
  c.works = column.works;
  c.token = column.token;
  if (column.token >= 0) {
    const int last = last_token(recording, index);
    c.tokens = last - column.token + 1;
    c.text = one_line(text_of(recording, column.token, last));
  }
  c.label = label_of(c);
  c.phases = phases_of(recording, column);
  for (const TimelinePhase& phase : c.phases) c.measured_seconds += phase.measured_seconds;
  c.seconds = seconds_of(recording, column.works);
  const Sums sums = recording.sums(column.works);
  for (int i = 0; i < kTimelineLevels; ++i) {
    c.bytes[i] = bytes_at(static_cast<TimelineLevel>(i), sums);
  }
  c.launches = sums.kernels.launches;
  c.library_bytes = sums.library.read_bytes + sums.library.written_bytes;
  return c;
}

void TimelineModel::note(const TimelineColumn& c) {
  measured_ = measured_ || c.measured_seconds > 0;
  for (const TimelinePhase& phase : c.phases) has_phase_[static_cast<int>(phase.phase)] = true;
  for (const TimelineBytes& bytes : c.bytes) {
    for (int i = 0; i < kTensorClasses; ++i) {
      has_class_[i] = has_class_[i] || bytes.by_class[i] > 0;
    }
  }
}

int TimelineModel::at(double position) const {
  const auto after =
      std::upper_bound(columns_.begin(), columns_.end(), position,
                       [](double p, const TimelineColumn& c) { return p < c.begin; });
  if (after == columns_.begin() || position >= std::prev(after)->end) return -1;
  return int(after - columns_.begin()) - 1;
}

int TimelineModel::of_work(size_t work) const {
  for (int i = int(columns_.size()) - 1; i >= 0; --i) {
    if (columns_[i].works.contains(work)) return i;
  }
  return -1;
}

double TimelineModel::position(const Recording& recording, const Playback& playback) const {
  const int index = of_work(playback.work());
  if (index < 0) return -1;
  const TimelineColumn& c = columns_[index];
  const Work& work = recording.works()[playback.work()];
  const double gone =
      work.begin + playback.done() * work.seconds - recording.works()[c.works.begin].begin;
  return c.begin + (c.end - c.begin) * (c.seconds > 0 ? std::clamp(gone / c.seconds, 0., 1.) : 0);
}

size_t TimelineModel::work_at(const Recording& recording, double position) const {
  if (recording.works().empty() || columns_.empty()) return 0;
  const double end = columns_.back().end;
  int index = at(std::clamp(position, 0.0, std::nextafter(end, 0.0)));
  while (index > 0 && columns_[index].works.empty()) --index;
  const TimelineColumn& c = columns_[std::max(index, 0)];
  if (c.works.empty()) return 0;
  const auto& works = recording.works();
  const double share = std::clamp((position - c.begin) / (c.end - c.begin), 0.0, 1.0);
  const double time = works[c.works.begin].begin + share * c.seconds;
  const auto from = works.begin() + c.works.begin, to = works.begin() + c.works.end;
  const auto after =
      std::upper_bound(from + 1, to, time, [](double t, const Work& w) { return t < w.begin; });
  return size_t(after - works.begin()) - 1;
}

// The scale for the column's values; it reaches `floor` at least.
TimelineScale TimelineModel::scale_of(double (*value)(const TimelineColumn&, TimelineLevel),
                                      TimelineLevel level, double floor, bool log,
                                      bool cut_prefill) const {
  double prefill = 0, others = 0, least = 0;
  for (const TimelineColumn& c : columns_) {
    const double amount = value(c, level);
    double& most = c.phase == Phase::kPrefill ? prefill : others;
    most = std::max(most, amount);
    if (amount > 0 && (least == 0 || amount < least)) least = amount;
  }
  TimelineScale s;
  s.log = log;
  s.top = std::max({prefill, others, floor});
  if (log) {
    // Whole decades, at most six of them.
    s.top = std::pow(10, std::ceil(std::log10(s.top) - 1e-9));
    const double bottom = least > 0 ? std::pow(10, std::floor(std::log10(least) - 1e-9)) : 0;
    s.bottom = std::clamp(bottom, s.top / 1e6, s.top / 10);
  } else if (cut_prefill && others > 0 && prefill > 1.5 * others && prefill > floor) {
    s.top = std::max(1.15 * others, floor);
    s.cut = prefill > s.top;
  }
  return s;
}

TimelineScale TimelineModel::scale(TimelineLevel level, bool log, bool cut_prefill) const {
  const auto bytes = [](const TimelineColumn& c, TimelineLevel at) {
    return double(c.at(at).total());
  };
  double vram = 0;
  for (const TimelineColumn& c : columns_) vram = std::max(vram, bytes(c, TimelineLevel::kVram));
  return scale_of(bytes, level, std::max(1.0, vram / 1000), log, cut_prefill);
}

TimelineScale TimelineModel::time_scale(bool log, bool cut_prefill) const {
  const auto seconds = [](const TimelineColumn& c, TimelineLevel) {
    return std::max(c.measured_seconds, c.seconds);
  };
  return scale_of(seconds, TimelineLevel::kVram, 1e-9, log, cut_prefill);
}

}  // namespace viz
