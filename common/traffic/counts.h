// What is counted, in plain structs that add up. Bytes are bytes; "sector bytes" are 32 a sector.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace traffic {

// The number is what simt::Observer::phase carries (simtBeginPhase). kFlush is ours: the end of a
// run.
enum class Phase : int {
  kLoad = 0,
  kPrefill = 1,
  kDecode = 2,
  kDraft = 3,
  kVerify = 4,
  kFlush = 5
};
constexpr int kPhases = 6;
const char* phase_name(Phase phase);             // "load", "prefill", ...
Phase phase_from_name(const std::string& name);  // throws TrafficError

// Where a modelled time is spent.
enum class Bound : int { kVram, kL2, kL1, kShared, kPcie, kFp32, kInt8, kLaunch };
constexpr int kBounds = 8;
const char* bound_name(
    Bound bound);  // "VRAM", "L2", "L1", "shared", "PCIe", "fp32", "int8", "launch"

// Counted for one tensor: device memory and pinned host memory. Loads always satisfy
//   l1_load_bytes = l1_hit_bytes + l2_load_bytes + (host_read_bytes of kernels), and
//   l2_load_bytes + l2_atomic_bytes = l2_hit_bytes + (vram_read_bytes of kernels).
struct MemoryCounts {
  uint64_t load_requests = 0, store_requests = 0, atomic_requests = 0;  // warp requests
  uint64_t l1_load_bytes = 0, l1_store_bytes = 0, l1_atomic_bytes = 0;  // sector bytes asked for
  uint64_t l1_hit_bytes = 0;                                            // loads that L1 served
  uint64_t l2_load_bytes = 0, l2_store_bytes = 0, l2_atomic_bytes = 0;  // sector bytes at L2
  uint64_t l2_hit_bytes = 0;      // loads and atomics (and device-to-host copies) that L2 served
  uint64_t vram_read_bytes = 0;   // fills
  uint64_t vram_write_bytes = 0;  // dirty sectors written back, copies and fills
  uint64_t host_read_bytes = 0;   // host RAM to GPU over PCIe
  uint64_t host_write_bytes = 0;  // GPU to host RAM over PCIe

  uint64_t requests() const { return load_requests + store_requests + atomic_requests; }
  uint64_t l1_bytes() const { return l1_load_bytes + l1_store_bytes + l1_atomic_bytes; }
  uint64_t l2_bytes() const { return l2_load_bytes + l2_store_bytes + l2_atomic_bytes; }
  uint64_t vram_bytes() const { return vram_read_bytes + vram_write_bytes; }
  uint64_t host_bytes() const { return host_read_bytes + host_write_bytes; }
  MemoryCounts& operator+=(const MemoryCounts& other);
  bool operator==(const MemoryCounts&) const = default;
};

// Counted for one kernel, beside its memory: what belongs to no tensor.
struct KernelCounts {
  uint64_t launches = 0, blocks = 0;
  uint64_t shared_read_bytes = 0, shared_write_bytes = 0;  // bytes of the lanes (an atomic is both)
  uint64_t shared_requests = 0;
  uint64_t shared_wavefronts = 0, shared_ideal_wavefronts = 0;
  uint64_t estimated_requests = 0;  // global and shared, merged from diverging lanes
  // What the lanes asked of VRAM and pinned memory, each for itself. Less than the sector bytes at
  // L1: sectors are used in part. More: lanes of a warp asked for the same bytes.
  uint64_t lane_bytes = 0;

  uint64_t shared_bytes() const { return shared_read_bytes + shared_write_bytes; }
  KernelCounts& operator+=(const KernelCounts& other);
  bool operator==(const KernelCounts&) const = default;
};

// Declared by the launchers, not counted.
struct DeclaredWork {
  double fp32_multiply_adds = 0, int8_multiply_adds = 0;
  uint64_t undeclared_launches = 0;  // launches that declared nothing

  double multiply_adds() const { return fp32_multiply_adds + int8_multiply_adds; }
  DeclaredWork& operator+=(const DeclaredWork& other);
  bool operator==(const DeclaredWork&) const = default;
};

// Counted copies by the runtime API (cudaMemcpy and cudaMemset families).
struct CopyCounts {
  uint64_t copies = 0;  // of any kind
  uint64_t host_to_device_bytes = 0, device_to_host_bytes = 0;
  uint64_t device_to_device_bytes = 0, host_to_host_bytes = 0, fill_bytes = 0;

  CopyCounts& operator+=(const CopyCounts& other);
  bool operator==(const CopyCounts&) const = default;
};

// Declared by the caller of a library (Thrust); kept apart from what is counted.
struct LibraryCounts {
  uint64_t calls = 0, launches = 0, read_bytes = 0, written_bytes = 0;

  LibraryCounts& operator+=(const LibraryCounts& other);
  bool operator==(const LibraryCounts&) const = default;
};

// Modelled: the roofline estimate, see roofline.h. Seconds add up over launches, copies, libraries.
struct ModelledTime {
  double kernel_seconds = 0, copy_seconds = 0, library_seconds = 0;
  // The same kernel seconds by what bounds each launch. A launch's own launch cost is in kLaunch.
  std::array<double, kBounds> seconds_by_bound{};

  double seconds() const { return kernel_seconds + copy_seconds + library_seconds; }
  ModelledTime& operator+=(const ModelledTime& other);
  bool operator==(const ModelledTime&) const = default;
};

struct Totals {
  MemoryCounts memory;  // kernels, copies and the flush
  KernelCounts kernels;
  DeclaredWork declared;
  CopyCounts copies;
  LibraryCounts libraries;
  ModelledTime modelled;

  Totals& operator+=(const Totals& other);
  bool operator==(const Totals&) const = default;
};

}  // namespace traffic
