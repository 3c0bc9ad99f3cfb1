// What happened in one run, built from its event stream: the work in order, grouped into steps and
// tokens, with sums over any part of it. Panels draw from here and from nowhere else.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "common/traffic/events.h"
#include "visualizer/core/tensor_class.h"

namespace viz {

// One thing that takes modelled time.
struct Work {
  enum Kind { kLaunch, kCopy, kLibrary, kFlush } kind = kLaunch;
  size_t event = 0;    // index into events()
  int step = 0;        // index into steps()
  double begin = 0;    // modelled seconds since the beginning of the recording
  double seconds = 0;  // modelled
};

// A part of the work, [begin, end), as indices into works().
struct WorkRange {
  size_t begin = 0, end = 0;
  bool empty() const { return begin >= end; }
  size_t size() const { return empty() ? 0 : end - begin; }
  bool contains(size_t work) const { return begin <= work && work < end; }
  bool operator==(const WorkRange&) const = default;
};

// What happened between two changes of phase.
struct Step {
  traffic::Phase phase = traffic::Phase::kLoad;
  int token = -1;
  WorkRange works;
  double measured_seconds = 0;  // by a clock, when the stream has it; else 0
  std::vector<traffic::KernelTime> measured_kernels = {};  // the same of its kernels
};

// All neighbouring steps with the same token: the prefill, one decode step, one draft and its
// verification. What the timeline shows as one column. A verification may bring several tokens of
// text: `token` is the first, `last_token` the last.
struct Column {
  int token = -1, last_token = -1;
  traffic::Phase phase = traffic::Phase::kLoad;  // of its first step
  size_t first_step = 0, end_step = 0;
  WorkRange works;
};

// Modelled seconds by what they are spent on.
using BoundSeconds = std::array<double, traffic::kBounds>;
BoundSeconds& operator+=(BoundSeconds& to, const BoundSeconds& from);

// A sum over work.
struct Sums {
  traffic::MemoryCounts memory;    // counted
  traffic::KernelCounts kernels;   // counted
  traffic::CopyCounts copies;      // counted
  traffic::LibraryCounts library;  // declared
  traffic::DeclaredWork declared;
  double seconds = 0;  // modelled
  // Modelled, as Recording::seconds_by_bound() has it. What is modelled from declared bytes stands
  // apart from what is modelled from counts.
  BoundSeconds launch_seconds{}, copy_seconds{}, library_seconds{};
  std::array<traffic::MemoryCounts, kTensorClasses> by_class{};  // counted

  BoundSeconds counted_seconds() const;  // of launches and copies
  const traffic::MemoryCounts& of(TensorClass c) const { return by_class[static_cast<int>(c)]; }
  Sums& operator+=(const Sums& other);
};

// A token and the text that came with it, after so many pieces of work.
struct TextAt {
  size_t work = 0;  // works() that came before
  int token = -1;
  std::string text;
};
struct VerdictAt {
  size_t work = 0;
  traffic::VerdictEvent verdict;
};

// Memory that is allocated at some point of the run.
struct AllocationAt {
  uint32_t id = 0;
  simt::Space space = simt::Space::kDevice;
  uint64_t bytes = 0;
  std::string name;
  std::vector<uint64_t> shape;        // empty when the stream does not say
  size_t from = 0, until = SIZE_MAX;  // lives while from <= works done < until
};

class Recording {
 public:
  // The next event of the stream.
  void add(traffic::Event event);

  bool started() const { return started_; }    // the run event is there
  bool complete() const { return complete_; }  // the end event is there
  const traffic::RunEvent& run() const { return run_; }

  const std::deque<traffic::Event>& events() const { return events_; }
  const std::vector<Work>& works() const { return works_; }
  const std::vector<Step>& steps() const { return steps_; }
  const std::vector<Column>& columns() const { return columns_; }
  const std::vector<TextAt>& texts() const { return texts_; }
  const std::vector<VerdictAt>& verdicts() const { return verdicts_; }
  const std::vector<AllocationAt>& allocations() const { return allocations_; }

  size_t measured() const { return measured_; }  // measured times that have come

  WorkRange all() const { return {0, works_.size()}; }
  // Index of the step or column that holds a piece of work; -1 when there is none.
  int step_of(size_t work) const;
  int column_of(size_t work) const;
  // The column in which text token `token` (from 0) was made; -1 when there is none (yet).
  int column_of_token(int token) const;

  // Null when that piece of work is something else.
  const traffic::LaunchEvent* launch(size_t work) const;
  const traffic::CopyEvent* copy(size_t work) const;
  const traffic::LibraryEvent* library(size_t work) const;
  // Empty for a library call, whose bytes are only declared.
  const std::vector<traffic::TensorTraffic>& tensors(size_t work) const;
  // "flash_decode_kernel<1, 64>", "(copy)", the library's name, "(flush)".
  std::string work_name(size_t work) const;
  // The same without template arguments: launches of one kernel.
  std::string kernel_name(size_t work) const;

  // Modelled seconds of one piece of work by what they are spent on. Of a launch as the report has
  // them: its launch cost under kLaunch, the rest under what bounds it (traffic::kernel_time). Of a
  // copy and the flush: PCIe or VRAM. Of a library call: kLaunch and VRAM.
  BoundSeconds seconds_by_bound(size_t work) const;
  Sums sums_of(size_t work) const;
  // Sums over a part of the work. Whole columns are at hand, so a long range costs little.
  Sums sums(WorkRange range) const;
  std::map<std::string, traffic::MemoryCounts> by_tensor(WorkRange range) const;

  // Modelled seconds from the beginning to the end of all work.
  double seconds() const;

 private:
  void on(const traffic::RunEvent& e);
  void on(const traffic::AllocationEvent& e);
  void on(const traffic::PhaseEvent& e);
  void on(const traffic::TextEvent& e);
  void on(const traffic::VerdictEvent& e);
  void on(const traffic::LaunchEvent& e);
  void on(const traffic::CopyEvent& e);
  void on(const traffic::LibraryEvent& e);
  void on(const traffic::FlushEvent& e);
  void on(const traffic::MeasuredEvent& e);
  void on(const traffic::EndEvent& e);
  void add_work(Work::Kind kind, double seconds);

  std::deque<traffic::Event> events_;  // a deque: what points into it stays valid
  traffic::RunEvent run_;
  bool started_ = false, complete_ = false;
  size_t measured_ = 0;
  std::vector<Work> works_;
  std::vector<Step> steps_;
  std::vector<Column> columns_;
  std::vector<Sums> column_sums_;  // of each column
  std::vector<TextAt> texts_;
  std::vector<VerdictAt> verdicts_;
  std::vector<AllocationAt> allocations_;
  std::map<uint32_t, size_t> live_;  // allocation id -> index into allocations_
};

}  // namespace viz
