// What the counting and the roofline need to know of a GPU. Every number has a source: see source.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace traffic {

// Thrown by the room for wrong names and wrong files. what() is one line, ready to print.
class TrafficError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct GpuSpec {
  std::string name;   // "h100": what --gpu takes
  std::string title;  // "NVIDIA H100 SXM5 80GB"

  // Per SM
  uint32_t sms = 0;
  uint32_t max_threads_per_sm = 0;
  uint32_t max_blocks_per_sm = 0;
  uint32_t registers_per_sm = 0;        // 32-bit registers
  uint64_t l1_shared_bytes_per_sm = 0;  // the SRAM that L1 and shared memory divide
  uint64_t shared_bytes_per_sm = 0;     // how much of it shared memory may take
  uint64_t max_shared_bytes_per_block = 0;
  uint64_t reserved_shared_per_block = 0;  // taken by the system: 1 KB from sm_80 on

  // The whole chip
  uint64_t l2_bytes = 0;
  uint64_t vram_bytes = 0;
  double clock_hz = 0;  // boost clock

  // Bytes a second, one direction for PCIe
  double shared_bandwidth = 0;
  double l1_bandwidth = 0;
  double l2_bandwidth = 0;
  double vram_bandwidth = 0;
  double pcie_bandwidth = 0;

  // Multiply-adds a second
  double fp32_multiply_adds = 0;
  double int8_multiply_adds = 0;  // by dp4a, without tensor cores

  double launch_seconds = 0;  // one kernel launch, from one kernel's end to the next one's start

  double shrink = 1;  // classroom: by how much the H100 was shrunk

  // One line a number that is not on the maker's data sheet: "l2_bandwidth: measured, <where>".
  std::vector<std::string> sources;
};

// Names that gpu_spec() takes, in the order in which to show them.
const std::vector<std::string>& gpu_names();

// The GPU of that name. `weights_bytes` (bytes of the model's weights on the device, > 0) is needed
// for "classroom" only. Throws TrafficError, naming the known names, for another name.
GpuSpec gpu_spec(const std::string& name, double weights_bytes = 0);

// The H100 shrunk by s = 16e9 / weights_bytes: L2 capacity, L2, VRAM and PCIe bandwidth and peak
// operations are divided by s. What is local to an SM and the launch cost stay. So a small model
// stands to it as an 8-billion-parameter model in bf16 stands to an H100.
GpuSpec classroom(double weights_bytes);

}  // namespace traffic
