// Groups work by kernel.
#include "visualizer/models/kernels_model.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace viz {

namespace {

std::string instance_key(const KernelRow& row, int instance) {
  return row.name + '\n' + row.instances[instance].label;
}

bool opens(const KernelRow& row) {
  return row.instances.size() > 1 || row.instances.front().works.size() > 1;
}

}  // namespace

bool KernelsModel::look(const Recording& recording, WorkRange range) {
  range.end = std::min(range.end, recording.works().size());
  if (recording_ == &recording && range == range_ && measured_ == recording.measured()) {
    return false;
  }
  if (recording_ != &recording || range.begin != range_.begin || range.end < range_.end) {
    recording_ = &recording;
    rows_.clear();
    total_ = {};
    range_ = {range.begin, range.begin};
  }
  for (; range_.end < range.end; ++range_.end) add(range_.end);
  measure();
  arrange();
  return true;
}

void KernelsModel::add(size_t work) {
  const std::string name = recording_->kernel_name(work);
  const Work::Kind kind = recording_->works()[work].kind;
  auto row = std::find_if(rows_.begin(), rows_.end(),
                          [&](const KernelRow& r) { return r.kind == kind && r.name == name; });
  if (row == rows_.end()) row = rows_.insert(row, {kind, name, {}, {}});
  const std::string label = instance_label(*recording_, work);
  auto instance = std::find_if(row->instances.begin(), row->instances.end(),
                               [&](const KernelRow::Instance& i) { return i.label == label; });
  if (instance == row->instances.end()) instance = row->instances.insert(instance, {label, {}, {}});
  const KernelSums sums = sums_of(*recording_, work);
  instance->sums += sums;
  instance->works.push_back(work);
  row->sums += sums;
  total_ += sums;
}

// A clock knows kernels phase by phase: only what the range holds of whole phases has a time.
void KernelsModel::measure() {
  measured_ = recording_->measured();
  const auto& steps = recording_->steps();
  has_measured_ = std::any_of(steps.begin(), steps.end(),
                              [](const Step& s) { return !s.measured_kernels.empty(); });
  std::map<std::string, traffic::KernelTime> times;
  traffic::KernelTime all;
  bool known = has_measured_ && !range_.empty();
  const int last = known ? recording_->step_of(range_.end - 1) : -1;
  for (int i = known ? recording_->step_of(range_.begin) : 0; known && i <= last; ++i) {
    const WorkRange works = steps[size_t(i)].works;
    const auto is_launch = [](const Work& w) { return w.kind == Work::kLaunch; };
    const auto begin = recording_->works().begin();
    if (std::none_of(begin + long(works.begin), begin + long(works.end), is_launch)) continue;
    known = range_.begin <= works.begin && works.end <= range_.end &&
            !steps[size_t(i)].measured_kernels.empty();
    for (const traffic::KernelTime& k : steps[size_t(i)].measured_kernels) {
      for (traffic::KernelTime* sum : {&times[k.kernel], &all}) {
        sum->launches += k.launches;
        sum->seconds += k.seconds;
      }
    }
  }
  const auto look_up = [known](KernelSums& sums, const traffic::KernelTime& time) {
    const bool same = known && time.launches > 0 && time.launches == sums.kernels.launches;
    sums.measured_seconds = same ? time.seconds : NAN;
  };
  for (KernelRow& row : rows_) look_up(row.sums, times[row.name]);
  look_up(total_, all);
}

void KernelsModel::sort(KernelColumn column, bool descending) {
  if (column == column_ && descending == descending_) return;
  column_ = column;
  descending_ = descending;
  arrange();
}

void KernelsModel::arrange() {
  const auto less = [this](const KernelRow& a, const KernelRow& b) {
    if (column_ == KernelColumn::kName) return a.name < b.name;
    if (column_ == KernelColumn::kBound) {
      return std::string(traffic::bound_name(a.sums.bound())) < traffic::bound_name(b.sums.bound());
    }
    const double x = a.sums.value(column_), y = b.sums.value(column_);
    return x < y;
  };
  // What has no such number comes last, whatever the order.
  const auto has = [this](const KernelRow& r) { return !std::isnan(r.sums.value(column_)); };
  const auto first_used = [](const KernelRow& a, const KernelRow& b) {
    return a.instances.front().works.front() < b.instances.front().works.front();
  };
  std::sort(rows_.begin(), rows_.end(), first_used);
  const auto without = std::stable_partition(rows_.begin(), rows_.end(), has);
  std::stable_sort(rows_.begin(), without, [&](const KernelRow& a, const KernelRow& b) {
    return descending_ ? less(b, a) : less(a, b);
  });

  lines_.clear();
  for (int r = 0; r < int(rows_.size()); ++r) {
    const KernelRow& row = rows_[r];
    const bool open = opens(row) && open_.count(row.name) > 0;
    lines_.push_back({r, -1, SIZE_MAX, opens(row), open});
    if (!open) continue;
    for (int i = 0; i < int(row.instances.size()); ++i) {
      const std::vector<size_t>& works = row.instances[i].works;
      // A row of one kind of launch shows its launches at once.
      const bool only = row.instances.size() == 1;
      const bool more = works.size() > 1;
      const bool instance_open = only || (more && open_.count(instance_key(row, i)) > 0);
      if (!only) lines_.push_back({r, i, SIZE_MAX, more, instance_open});
      if (!instance_open) continue;
      for (const size_t work : works) lines_.push_back({r, i, work, false, false});
    }
  }
}

void KernelsModel::toggle(const KernelLine& line) {
  if (!line.has_more) return;
  const KernelRow& row = rows_[line.row];
  const std::string key = line.instance < 0 ? row.name : instance_key(row, line.instance);
  if (open_.erase(key) == 0) open_.insert(key);
  arrange();
}

const std::string& KernelsModel::line_name(const KernelLine& line) const {
  const KernelRow& row = rows_[line.row];
  return line.instance < 0 ? row.name : row.instances[line.instance].label;
}

KernelSums KernelsModel::line_sums(const KernelLine& line) const {
  if (line.work != SIZE_MAX) return sums_of(*recording_, line.work);
  const KernelRow& row = rows_[line.row];
  return line.instance < 0 ? row.sums : row.instances[line.instance].sums;
}

size_t KernelsModel::next_launch(const Recording& recording, const std::string& kernel,
                                 size_t work) {
  const size_t n = recording.works().size();
  for (size_t i = 1; i <= n; ++i) {
    const size_t next = (work + i) % n;
    if (recording.kernel_name(next) == kernel) return next;
  }
  return SIZE_MAX;
}

}  // namespace viz
