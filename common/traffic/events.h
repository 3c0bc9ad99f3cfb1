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

// [begin, end), bytes from the start of an allocation.
struct ByteRange {
  uint64_t begin = 0, end = 0;
  bool operator==(const ByteRange&) const = default;
};

// How the run was asked for. All zero or empty in a stream of an older program.
struct RunSetup {
  std::string prompt;
  std::vector<std::string> prompt_pieces;  // one text a token of the prompt
  int n_tokens = 0;                        // to generate at most
  double temperature = 0, top_p = 1;
  int top_k = 0;
  uint64_t seed = 0;
  std::string draft;     // file name of the draft model; empty: none
  int draft_tokens = 0;  // proposed at a time; 0: the chapter has no draft
  // The target model's shape.
  int n_layers = 0, n_heads = 0, n_kv_heads = 0, head_dim = 0, dim = 0, hidden_dim = 0;
  int vocab_size = 0, max_seq_len = 0;  // positions that this run's caches have room for
};
// The first event of a stream.
struct RunEvent {
  std::string model, chapter, target;  // "austen-4m.gguf", "01_kv_cache-vram", "traced"
  GpuSpec gpu;
  RunSetup setup = {};
};
struct AllocationEvent {
  enum Kind { kAllocate, kFree, kName } kind = kAllocate;
  uint32_t id = 0;
  simt::Space space = simt::Space::kDevice;
  uint64_t bytes = 0;
  std::string name;
  // What its values mean, outermost first, where the program has said so: {5, 2, 64, 32} for a
  // cache of (n_layers, n_kv_heads, max_seq_len, head_dim). Else empty.
  std::vector<uint64_t> shape = {};
};
// What follows belongs to this phase and token.
struct PhaseEvent {
  Phase phase = Phase::kLoad;
  int token = -1;
};
// A token that the decoder has produced, and the text that came with it: none when the token ends
// no character or ends the text.
struct TextEvent {
  int token = -1;
  std::string text;
};
// A judgement in speculative decoding: of what the draft proposed, in order, the first `accepted`
// stay; `next` is the target's own token behind them (a correction, or one more when all stay).
struct VerdictEvent {
  int token = -1;                     // the first proposed one's number in the text
  std::vector<std::string> proposed;  // texts
  int accepted = 0;
  std::string next;
};
// Which bytes of one allocation the lanes of a launch asked for, in whole sectors (cut at the
// allocation's end): ascending, apart from each other.
struct TouchedRanges {
  uint32_t id = 0;  // of the allocation
  std::vector<ByteRange> read, written;
  bool coarse = false;  // there were too many ranges: neighbours were joined
};
// One thing that a block did. Neighbouring accesses to one place are one step.
struct WalkStep {
  enum Kind { kLoad, kStore, kSharedWrite, kSharedRead, kBarrier } kind = kBarrier;
  // What is known of values in shared memory.
  enum Source {
    kNone,      // nothing: computed from shared memory or registers, or zeros that no load brought
    kCopied,    // the bytes are those of a load, or the same numbers in a wider type
    kInferred,  // computed; the lane's last loads are named, but other values may be in it
  } source = kNone;    // of a shared write; of a shared read, what was written there
  uint32_t id = 0;     // allocation: loaded from, stored to, or that source's; 0: none
  ByteRange range;     // in it, the smallest that holds all of the step; empty for a shared read
  std::string array;   // shared memory: the array's name, empty when it has none
  ByteRange shared;    // within the block's shared memory
  uint64_t bytes = 0;  // moved by the lanes
};
// What one block of a launch did. What its warps do between the same two barriers stands together.
struct BlockWalk {
  uint64_t block = 0;  // linear index
  std::vector<WalkStep> steps;
  bool cut = false;  // there was more
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
  std::vector<TouchedRanges> touched = {};
  std::optional<BlockWalk> walk = {};  // of the block that was chosen
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
// Seconds by a clock that the launches of one kernel took, by its name without template arguments.
struct KernelTime {
  std::string kernel;
  uint64_t launches = 0;
  double seconds = 0;
};
// Seconds by a clock that a phase of a token took, from a target that runs in real time (native,
// gpu). A stream with these has no launches.
struct MeasuredEvent {
  Phase phase = Phase::kLoad;
  int token = -1;
  double seconds = 0;
  std::vector<KernelTime> kernels = {};  // each once; empty when the stream does not say
};
// The last event: a stream without it was cut.
struct EndEvent {
  uint64_t events = 0;  // before this one
};

using Event =
    std::variant<RunEvent, AllocationEvent, PhaseEvent, TextEvent, VerdictEvent, LaunchEvent,
                 CopyEvent, LibraryEvent, FlushEvent, MeasuredEvent, EndEvent>;

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
  void write(const VerdictEvent& event);
  void write(const LaunchEvent& event);
  void write(const CopyEvent& event);
  void write(const LibraryEvent& event);
  void write(const FlushEvent& event);
  void write(const MeasuredEvent& event);
  // The EndEvent, which closes the stream.
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
