// The event stream: what a run did, one JSON object a line, to a file or a pipe. EVENTS.md
// describes the format. The recorder writes it; the visualizer and the Chrome trace read it.
#pragma once

#include <array>
#include <cstdint>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/simt/arena.h"
#include "common/traffic/counts.h"
#include "common/traffic/gpu_spec.h"

namespace traffic {

constexpr int kEventVersion = 1;

struct TensorTraffic {
  std::string name;
  MemoryCounts counts;
};

// The first event of a stream.
struct RunEvent {
  std::string model, chapter, target;  // "austen-4m.gguf", "01_kv_cache", "traced"
  GpuSpec gpu;
};
struct AllocationEvent {
  enum Kind { kAllocate, kFree, kName } kind = kAllocate;
  uint32_t id = 0;
  simt::Space space = simt::Space::kDevice;
  uint64_t bytes = 0;
  std::string name;
};
// What follows belongs to this phase and token.
struct PhaseEvent {
  Phase phase = Phase::kLoad;
  int token = -1;
};
// Text that the decoder has put out.
struct TextEvent {
  int token = -1;
  std::string text;
};
struct LaunchEvent {
  uint64_t index = 0;
  std::string kernel;
  std::array<uint32_t, 3> grid{}, block{};
  uint64_t shared_bytes = 0;  // static and dynamic, a block
  uint32_t stream = 0;
  KernelCounts counts;
  std::vector<TensorTraffic> tensors;
  DeclaredWork declared;
  double modelled_seconds = 0;
  Bound bound = Bound::kLaunch;  // modelled
};
struct CopyEvent {
  CopyCounts counts;
  bool pageable = false;
  uint32_t stream = 0;
  std::vector<TensorTraffic> tensors;
  double modelled_seconds = 0;
};
struct LibraryEvent {
  std::string name;
  LibraryCounts counts;  // declared
  double modelled_seconds = 0;
};
// What was dirty in L2 at the end of the run.
struct FlushEvent {
  std::vector<TensorTraffic> tensors;
  double modelled_seconds = 0;
};
// The last event: a stream without it was cut.
struct EndEvent {
  uint64_t events = 0;  // before this one
};

using Event = std::variant<RunEvent, AllocationEvent, PhaseEvent, TextEvent, LaunchEvent, CopyEvent,
                           LibraryEvent, FlushEvent, EndEvent>;

class EventWriter {
 public:
  // To a stream that outlives the writer.
  explicit EventWriter(std::ostream& out) : out_(&out) {}
  // To a file or a named pipe. Throws TrafficError when it cannot be opened.
  explicit EventWriter(const std::string& path);
  ~EventWriter();

  void write(const RunEvent& event);
  void write(const AllocationEvent& event);
  void write(const PhaseEvent& event);
  void write(const TextEvent& event);
  void write(const LaunchEvent& event);
  void write(const CopyEvent& event);
  void write(const LibraryEvent& event);
  void write(const FlushEvent& event);
  void end();

  // False once a write has failed (disk full, reader gone); later events are dropped.
  bool ok() const { return ok_; }

 private:
  void line(const std::string& text);

  std::unique_ptr<std::ostream> file_;
  std::ostream* out_;
  uint64_t events_ = 0;
  bool ok_ = true;
};

class EventReader {
 public:
  // `name` stands in errors, usually the file's. The stream outlives the reader.
  EventReader(std::istream& in, std::string name) : in_(in), name_(std::move(name)) {}

  // The next event, the EndEvent last and after it nothing. Kinds and fields of events that it does
  // not know are skipped. Throws TrafficError "NAME:LINE: what" for a wrong version, text that is
  // no event stream, a field of the wrong type, or a stream that ends without its end.
  std::optional<Event> next();

 private:
  [[noreturn]] void fail(const std::string& what) const;

  std::istream& in_;
  std::string name_;
  uint64_t line_ = 0;
  bool started_ = false, ended_ = false;
};

}  // namespace traffic
