// Builds the picture of a run from its events.
#include "visualizer/core/recording.h"

#include <algorithm>
#include <utility>

#include "common/traffic/roofline.h"  // kernel_time

namespace viz {

using traffic::Phase;

BoundSeconds& operator+=(BoundSeconds& to, const BoundSeconds& from) {
  for (size_t i = 0; i < to.size(); ++i) to[i] += from[i];
  return to;
}

BoundSeconds Sums::counted_seconds() const {
  BoundSeconds sum = launch_seconds;
  return sum += copy_seconds;
}

Sums& Sums::operator+=(const Sums& other) {
  memory += other.memory;
  kernels += other.kernels;
  copies += other.copies;
  library += other.library;
  declared += other.declared;
  seconds += other.seconds;
  launch_seconds += other.launch_seconds;
  copy_seconds += other.copy_seconds;
  library_seconds += other.library_seconds;
  for (int i = 0; i < kTensorClasses; ++i) by_class[i] += other.by_class[i];
  return *this;
}

void Recording::add(traffic::Event event) {
  events_.push_back(std::move(event));
  std::visit([this](const auto& e) { on(e); }, events_.back());
}

void Recording::on(const traffic::RunEvent& e) {
  run_ = e;
  started_ = true;
}

void Recording::on(const traffic::AllocationEvent& e) {
  using traffic::AllocationEvent;
  const auto live = live_.find(e.id);
  if (e.kind == AllocationEvent::kFree) {
    if (live == live_.end()) return;
    allocations_[live->second].until = works_.size();
    live_.erase(live);
    return;
  }
  if (live == live_.end()) {
    live_[e.id] = allocations_.size();
    allocations_.push_back({e.id, e.space, e.bytes, e.name, e.shape, works_.size(), SIZE_MAX});
    return;
  }
  AllocationAt& a = allocations_[live->second];
  a.name = e.name;
  if (!e.shape.empty()) a.shape = e.shape;
}

void Recording::on(const traffic::PhaseEvent& e) {
  steps_.push_back({e.phase, e.token, {works_.size(), works_.size()}, 0});
  if (!columns_.empty() && columns_.back().token == e.token && e.phase != Phase::kFlush) {
    columns_.back().end_step = steps_.size();
    return;
  }
  // Tokens that the last column brought, where no verdict has said it.
  if (!columns_.empty() && columns_.back().token >= 0 && e.token > columns_.back().token) {
    columns_.back().last_token = e.token - 1;
  }
  columns_.push_back({e.token,
                      e.token,
                      e.phase,
                      steps_.size() - 1,
                      steps_.size(),
                      {works_.size(), works_.size()}});
  column_sums_.emplace_back();
}

void Recording::on(const traffic::TextEvent& e) {
  texts_.push_back({works_.size(), e.token, e.text});
}

void Recording::on(const traffic::VerdictEvent& e) {
  verdicts_.push_back({works_.size(), e});
  if (columns_.empty()) return;
  int last = e.token + e.accepted;
  // The text may end within what a verdict takes: the rest is dropped.
  if (const int asked = run_.setup.n_tokens; asked > 0) {
    last = std::min(last, std::max(e.token, asked - 1));
  }
  columns_.back().last_token = last;
}

void Recording::on(const traffic::LaunchEvent& e) { add_work(Work::kLaunch, e.modelled_seconds); }
void Recording::on(const traffic::CopyEvent& e) { add_work(Work::kCopy, e.modelled_seconds); }
void Recording::on(const traffic::LibraryEvent& e) { add_work(Work::kLibrary, e.modelled_seconds); }
void Recording::on(const traffic::FlushEvent& e) { add_work(Work::kFlush, e.modelled_seconds); }

void Recording::on(const traffic::MeasuredEvent& e) {
  for (auto step = steps_.rbegin(); step != steps_.rend(); ++step) {
    if (step->phase != e.phase || step->token != e.token) continue;
    step->measured_seconds += e.seconds;
    step->measured_kernels.insert(step->measured_kernels.end(), e.kernels.begin(), e.kernels.end());
    ++measured_;
    return;
  }
}

void Recording::on(const traffic::EndEvent&) {
  complete_ = true;
  if (texts_.empty()) return;
  // A token may end the text within what a last verdict takes: the rest is dropped.
  const int last = texts_.back().token;
  for (Column& c : columns_) c.last_token = std::min(c.last_token, std::max(c.token, last));
}

void Recording::add_work(Work::Kind kind, double seconds) {
  // What comes before the first phase of a stream is loading.
  if (steps_.empty()) on(traffic::PhaseEvent{Phase::kLoad, -1});
  works_.push_back({kind, events_.size() - 1, int(steps_.size()) - 1, this->seconds(), seconds});
  steps_.back().works.end = columns_.back().works.end = works_.size();
  column_sums_.back() += sums_of(works_.size() - 1);
}

int Recording::step_of(size_t work) const { return work < works_.size() ? works_[work].step : -1; }

int Recording::column_of(size_t work) const {
  if (work >= works_.size()) return -1;
  const auto after = std::upper_bound(columns_.begin(), columns_.end(), work,
                                      [](size_t w, const Column& c) { return w < c.works.begin; });
  // Columns without work may stand at the same place: the one that holds it is the last with any.
  for (auto c = after; c != columns_.begin();) {
    if ((--c)->works.contains(work)) return int(c - columns_.begin());
  }
  return -1;
}

int Recording::column_of_token(int token) const {
  for (size_t i = columns_.size(); i-- > 0;) {
    if (columns_[i].token >= 0 && columns_[i].token <= token && token <= columns_[i].last_token) {
      return int(i);
    }
  }
  return -1;
}

const traffic::LaunchEvent* Recording::launch(size_t work) const {
  return std::get_if<traffic::LaunchEvent>(&events_[works_.at(work).event]);
}
const traffic::CopyEvent* Recording::copy(size_t work) const {
  return std::get_if<traffic::CopyEvent>(&events_[works_.at(work).event]);
}
const traffic::LibraryEvent* Recording::library(size_t work) const {
  return std::get_if<traffic::LibraryEvent>(&events_[works_.at(work).event]);
}

const std::vector<traffic::TensorTraffic>& Recording::tensors(size_t work) const {
  static const std::vector<traffic::TensorTraffic> none;
  const traffic::Event& event = events_[works_.at(work).event];
  if (const auto* e = std::get_if<traffic::LaunchEvent>(&event)) return e->tensors;
  if (const auto* e = std::get_if<traffic::CopyEvent>(&event)) return e->tensors;
  if (const auto* e = std::get_if<traffic::FlushEvent>(&event)) return e->tensors;
  return none;
}

std::string Recording::work_name(size_t work) const {
  if (const auto* e = launch(work)) return e->kernel;
  if (const auto* e = library(work)) return e->name;
  return works_[work].kind == Work::kCopy ? "(copy)" : "(flush)";
}

std::string Recording::kernel_name(size_t work) const {
  const std::string name = work_name(work);
  return name.substr(0, name.find('<'));
}

Sums Recording::sums_of(size_t work) const {
  Sums s;
  s.seconds = works_[work].seconds;
  for (const traffic::TensorTraffic& t : tensors(work)) {
    s.memory += t.counts;
    s.by_class[static_cast<int>(class_of(t.name))] += t.counts;
  }
  if (const auto* e = launch(work)) {
    s.kernels = e->counts;
    s.declared = e->declared;
  }
  if (const auto* e = copy(work)) s.copies = e->counts;
  if (const auto* e = library(work)) s.library = e->counts;
  const Work::Kind kind = works_[work].kind;
  (kind == Work::kLaunch    ? s.launch_seconds
   : kind == Work::kLibrary ? s.library_seconds
                            : s.copy_seconds) = seconds_by_bound(work);
  return s;
}

BoundSeconds Recording::seconds_by_bound(size_t work) const {
  const double seconds = works_.at(work).seconds;
  const traffic::GpuSpec& gpu = run_.gpu;
  if (const auto* e = launch(work)) {
    return traffic::kernel_time(gpu, seconds, e->bound).seconds_by_bound;
  }
  // A library's launches and bytes are no more than added up: see estimate_library().
  if (const auto* e = library(work)) {
    const double cost = double(e->counts.launches) * gpu.launch_seconds;
    BoundSeconds s{};
    s[static_cast<int>(traffic::Bound::kLaunch)] = std::min(cost, seconds);
    s[static_cast<int>(traffic::Bound::kVram)] = seconds - std::min(cost, seconds);
    return s;
  }
  traffic::MemoryCounts memory;
  for (const traffic::TensorTraffic& t : tensors(work)) memory += t.counts;
  const double host = double(std::max(memory.host_read_bytes, memory.host_write_bytes));
  const bool far = host * gpu.vram_bandwidth > double(memory.vram_bytes()) * gpu.pcie_bandwidth;
  BoundSeconds s{};
  s[static_cast<int>(far ? traffic::Bound::kPcie : traffic::Bound::kVram)] = seconds;
  return s;
}

Sums Recording::sums(WorkRange range) const {
  range.end = std::min(range.end, works_.size());
  Sums s;
  for (size_t work = range.begin; work < range.end;) {
    const int column = column_of(work);
    const WorkRange whole = columns_[column].works;
    if (whole.begin == work && whole.end <= range.end) {
      s += column_sums_[column];
      work = whole.end;
    } else {
      s += sums_of(work++);
    }
  }
  return s;
}

std::map<std::string, traffic::MemoryCounts> Recording::by_tensor(WorkRange range) const {
  std::map<std::string, traffic::MemoryCounts> result;
  for (size_t work = range.begin; work < std::min(range.end, works_.size()); ++work) {
    for (const traffic::TensorTraffic& t : tensors(work)) result[t.name] += t.counts;
  }
  return result;
}

double Recording::seconds() const {
  return works_.empty() ? 0 : works_.back().begin + works_.back().seconds;
}

}  // namespace viz
