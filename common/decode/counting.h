// What is kept of a run beside its text. Where the target can count, counting_traced.cpp puts a
// traffic::Recorder under the simulator; elsewhere counting_clock.cpp writes the event stream of a
// target in real time. CMake picks one for each program.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "common/traffic/events.h"    // RunSetup, VerdictEvent
#include "common/traffic/gpu_spec.h"  // GpuSpec

namespace decode {

struct CountingOptions {
  traffic::GpuSpec gpu;             // whose caches are modelled
  std::string model;                // file name, for the event stream
  std::string events;               // file or pipe for the event stream, or empty
  std::string trace;                // file for the Chrome trace, or empty
  bool several = false;             // several chapters run: file names get the chapter's name
  std::string instructions;         // file for all chapters' table of instructions, or empty
  std::string walk_block = "last";  // whose steps are in the event stream
};

class Counting {
 public:
  virtual ~Counting() = default;
  // A chapter's run begins: all counts at zero, caches empty. `name`: "01_kv_cache-vram"; `setup`
  // goes to the event stream.
  virtual void begin(const std::string& name, const traffic::RunSetup& setup = {}) = 0;
  // A token that the decoder has produced and the text that came with it, which may be empty, for
  // the event stream.
  virtual void text(int token, const std::string& text) = 0;
  // What became of a draft's proposals, for the event stream.
  virtual void verdict(const traffic::VerdictEvent& verdict) = 0;
  // The run is over. Returns {prefill, decode, draft, verify, flush, kernels, tensors}; the first
  // five are {counted, declared, modelled} as in traffic/report.h, and `decode` holds `draft` and
  // `verify` too. Null when nothing is counted.
  virtual nlohmann::ordered_json end() = 0;
};

// Make it before the first allocation on the device. Throws when a file cannot be written, or when
// this target counts nothing and a trace or instructions are asked for.
std::unique_ptr<Counting> make_counting(const CountingOptions& options);

}  // namespace decode
