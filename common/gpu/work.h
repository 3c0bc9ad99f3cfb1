// What a program tells whoever watches its traffic: names of memory, operations, phases, library
// calls. Under the simulator these reach the counter (work_simt.cpp); on a GPU nobody listens
// (work_cuda.cpp).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace gpu {

// Operations of one launch. A fused multiply-add counts once; so does a multiply or an add alone.
struct Work {
  double fp32_multiply_adds = 0;
  double int8_multiply_adds = 0;
};

enum class Phase { kLoad = 0, kPrefill = 1, kDecode = 2, kDraft = 3, kVerify = 4 };

// What an allocation's values mean: lengths, outermost first. Empty: it is not said.
using Shape = std::vector<int64_t>;

// Names the allocation that holds `memory`.
void name_memory(const void* memory, const char* name, const Shape& shape = {});
void declare_work(const Work& work);       // of the next launch
void begin_phase(Phase phase, int token);  // what follows belongs to it
// Work of a library (Thrust) on device memory, with the VRAM bytes that it has to move.
void declare_library(const char* name, uint64_t read_bytes, uint64_t written_bytes);

// While one lives, names of memory begin with `prefix`: two decoders in one program have memory of
// equal names.
inline std::string& name_prefix() {
  static std::string prefix;
  return prefix;
}
class NamePrefix {
 public:
  explicit NamePrefix(const std::string& prefix) : outer_(name_prefix()) {
    name_prefix() = outer_ + prefix;
  }
  ~NamePrefix() { name_prefix() = outer_; }
  NamePrefix(const NamePrefix&) = delete;
  NamePrefix& operator=(const NamePrefix&) = delete;

 private:
  std::string outer_;
};

// Called at the beginning of each phase, on every target. Empty: nobody.
using PhaseListener = std::function<void(Phase phase, int token)>;
inline PhaseListener& phase_listener() {
  static PhaseListener listener;
  return listener;
}

// Called around each launch, on every target: with null where its work is declared, which is just
// before it, and with the kernel's name behind it. Empty: nobody.
using LaunchListener = std::function<void(const char* kernel)>;
inline LaunchListener& launch_listener() {
  static LaunchListener listener;
  return listener;
}

// Bytes that a kernel has to move to and from VRAM when each tensor is touched once with cold
// caches. The `<kernel>_bytes` functions beside the kernels return it; tests hold it against the
// count.
struct Bytes {
  uint64_t read = 0;
  uint64_t written = 0;
};
struct KernelBytes {
  Bytes weights;
  Bytes activations;
  Bytes kv;      // K and V, in VRAM or, with --kv host, across PCIe
  Bytes scores;  // the attention matrix

  uint64_t read() const { return weights.read + activations.read + kv.read + scores.read; }
  uint64_t written() const {
    return weights.written + activations.written + kv.written + scores.written;
  }
  uint64_t total() const { return read() + written(); }
};

}  // namespace gpu
