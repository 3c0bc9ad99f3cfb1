// The GPUs that --gpu names. Where a number comes from stands beside it; what no maker publishes is
// marked as measured, derived or assumed, in the code and in GpuSpec::sources.
//
// [CG]    NVIDIA CUDA C++ Programming Guide, "Technical Specifications per Compute Capability" and
//         "Arithmetic Instructions", https://docs.nvidia.com/cuda/cuda-c-programming-guide/
// [H100]  NVIDIA H100 Tensor Core GPU Architecture (white paper) and data sheet,
//         https://resources.nvidia.com/en-us-tensor-core
// [A100]  NVIDIA A100 Tensor Core GPU Architecture (white paper) and A100 80GB data sheet,
//         https://images.nvidia.com/aem-dam/en-zz/Solutions/data-center/nvidia-ampere-architecture-whitepaper.pdf
// [ADA]   NVIDIA Ada GPU Architecture (white paper), GeForce RTX 4090
// [GA102] NVIDIA Ampere GA102 GPU Architecture (white paper): 128 bytes a clock an SM from L1 and
//         shared memory, 64 in Turing
// [T4]    NVIDIA Turing GPU Architecture (white paper), Tesla T4 data sheet
// [PMC]   Table 3 of https://pmc.ncbi.nlm.nih.gov/articles/PMC10448217/ : L2 5120 bytes a clock
// [CC]    https://chipsandcheese.com/2022/11/02/microbenchmarking-nvidias-rtx-4090/
// [JIA]   Jia et al., Dissecting the NVidia Turing T4 GPU via Microbenchmarking, arXiv:1903.07486
// [PCI]   PCI-SIG: 8, 16, 32 GT/s a lane in PCIe 3, 4, 5; x16 is 16, 32, 64 GB/s one way
#include "common/traffic/gpu_spec.h"

#include <algorithm>
#include <cmath>

namespace traffic {
namespace {

constexpr uint64_t kKiB = 1024;
constexpr uint64_t kMiB = 1024 * kKiB;
constexpr uint64_t kGiB = 1024 * kMiB;

// From one kernel's end to the next one's start in a stream that is kept full. Nobody guarantees
// it; published measurements go from 1 us (NVIDIA's "Getting Started with CUDA Graphs") to 5 us.
constexpr double kLaunchSeconds = 2e-6;
const char kLaunchSource[] =
    "launch_seconds: assumed 2 us; published measurements run from 1 us "
    "(https://developer.nvidia.com/blog/cuda-graphs/) to 5 us";

// What the clock and the number of units decide. [CG] gives 64 dp4a a clock an SM from sm_75 on,
// each four multiply-adds.
void set_rates(GpuSpec& g, double fp32_lanes_per_sm, double sram_bytes_per_clock) {
  g.fp32_multiply_adds = fp32_lanes_per_sm * g.sms * g.clock_hz;
  g.int8_multiply_adds = 64.0 * 4 * g.sms * g.clock_hz;
  g.shared_bandwidth = sram_bytes_per_clock * g.sms * g.clock_hz;
  g.l1_bandwidth = g.shared_bandwidth;
  g.launch_seconds = kLaunchSeconds;
  g.sources.push_back("shared_bandwidth, l1_bandwidth: derived, " +
                      std::to_string(static_cast<int>(sram_bytes_per_clock)) +
                      " bytes a clock an SM x SMs x boost clock");
  g.sources.push_back("int8_multiply_adds: derived, 64 dp4a a clock an SM x SMs x boost clock");
  g.sources.push_back(kLaunchSource);
}

GpuSpec h100() {
  GpuSpec g;
  g.name = "h100";
  g.title = "NVIDIA H100 SXM5 80GB";
  g.sms = 132;                                // [H100]
  g.max_threads_per_sm = 2048;                // [CG] 9.0
  g.max_blocks_per_sm = 32;                   // [CG] 9.0
  g.registers_per_sm = 65536;                 // [CG]
  g.l1_shared_bytes_per_sm = 256 * kKiB;      // [H100]
  g.shared_bytes_per_sm = 228 * kKiB;         // [CG] 9.0
  g.max_shared_bytes_per_block = 227 * kKiB;  // [CG] 9.0
  g.reserved_shared_per_block = kKiB;         // [CG], from 8.0 on
  g.l2_bytes = 50 * kMiB;                     // [H100]
  g.vram_bytes = 80 * kGiB;                   // [H100]
  g.vram_bandwidth = 3.35e12;                 // [H100] data sheet, SXM
  g.pcie_bandwidth = 64e9;                    // [H100] [PCI] gen 5 x16
  g.clock_hz = 1.98e9;                        // 67 TFLOPS of the data sheet / (2 x 128 x 132)
  g.l2_bandwidth = 5120 * 1.755e9;            // [PMC]
  g.sources = {
      "l2_bandwidth: derived, 5120 bytes a clock x 1.755 GHz "
      "(https://pmc.ncbi.nlm.nih.gov/articles/PMC10448217/); "
      "measured ones on the slower PCIe card are 5.5 to 7 TB/s (chipsandcheese.com)"};
  set_rates(g, 128, 128);  // [H100] 128 fp32 lanes; [GA102] bytes a clock
  return g;
}

GpuSpec a100() {
  GpuSpec g;
  g.name = "a100";
  g.title = "NVIDIA A100 SXM4 80GB";
  g.sms = 108;                                // [A100]
  g.max_threads_per_sm = 2048;                // [CG] 8.0
  g.max_blocks_per_sm = 32;                   // [CG] 8.0
  g.registers_per_sm = 65536;                 // [CG]
  g.l1_shared_bytes_per_sm = 192 * kKiB;      // [A100]
  g.shared_bytes_per_sm = 164 * kKiB;         // [CG] 8.0
  g.max_shared_bytes_per_block = 163 * kKiB;  // [CG] 8.0
  g.reserved_shared_per_block = kKiB;         // [CG]
  g.l2_bytes = 40 * kMiB;                     // [A100]
  g.vram_bytes = 80 * kGiB;                   // [A100] 80GB data sheet
  g.vram_bandwidth = 2.039e12;                // [A100] 80GB data sheet, SXM
  g.pcie_bandwidth = 32e9;                    // [A100] [PCI] gen 4 x16
  g.clock_hz = 1.41e9;                        // [A100]
  g.l2_bandwidth = 5120 * 1.41e9;             // [A100] 5120 bytes a clock, [PMC] 7219 GB/s
  g.sources = {"l2_bandwidth: derived, 5120 bytes a clock x 1.41 GHz (A100 white paper)"};
  set_rates(g, 64, 128);  // [A100] 64 fp32 lanes: 19.5 TFLOPS
  return g;
}

GpuSpec rtx4090() {
  GpuSpec g;
  g.name = "rtx4090";
  g.title = "NVIDIA GeForce RTX 4090";
  g.sms = 128;                               // [ADA]
  g.max_threads_per_sm = 1536;               // [CG] 8.9
  g.max_blocks_per_sm = 24;                  // [CG] 8.9
  g.registers_per_sm = 65536;                // [CG]
  g.l1_shared_bytes_per_sm = 128 * kKiB;     // [ADA]
  g.shared_bytes_per_sm = 100 * kKiB;        // [CG] 8.9
  g.max_shared_bytes_per_block = 99 * kKiB;  // [CG] 8.9
  g.reserved_shared_per_block = kKiB;        // [CG]
  g.l2_bytes = 72 * kMiB;                    // [ADA]
  g.vram_bytes = 24 * kGiB;                  // [ADA]
  g.vram_bandwidth = 1.008e12;               // [ADA]
  g.pcie_bandwidth = 32e9;                   // [ADA] [PCI] gen 4 x16
  g.clock_hz = 2.52e9;                       // [ADA] boost
  g.l2_bandwidth = 5e12;                     // [CC]
  g.sources = {
      "l2_bandwidth: measured, about 5 TB/s "
      "(https://chipsandcheese.com/2022/11/02/microbenchmarking-nvidias-rtx-4090/)"};
  set_rates(g, 128, 128);  // [ADA] 82.6 TFLOPS
  return g;
}

GpuSpec rtx3060() {
  GpuSpec g;
  g.name = "rtx3060";
  g.title = "NVIDIA GeForce RTX 3060 12GB";
  g.sms = 28;                                // maker's specification page
  g.max_threads_per_sm = 1536;               // [CG] 8.6
  g.max_blocks_per_sm = 16;                  // [CG] 8.6
  g.registers_per_sm = 65536;                // [CG]
  g.l1_shared_bytes_per_sm = 128 * kKiB;     // [GA102]
  g.shared_bytes_per_sm = 100 * kKiB;        // [CG] 8.6
  g.max_shared_bytes_per_block = 99 * kKiB;  // [CG] 8.6
  g.reserved_shared_per_block = kKiB;        // [CG]
  g.l2_bytes = 3 * kMiB;                     // [GA102] 512 KB for each of six 32-bit controllers
  g.vram_bytes = 12 * kGiB;                  // maker's specification page
  g.vram_bandwidth = 360e9;                  // 192 bit x 15 Gbit/s
  g.pcie_bandwidth = 32e9;                   // [PCI] gen 4 x16
  g.clock_hz = 1.777e9;                      // maker's specification page, boost
  g.l2_bandwidth = 32.0 * g.sms * g.clock_hz;
  g.sources = {"l2_bandwidth: assumed, 32 bytes a clock an SM"};
  set_rates(g, 128, 128);  // 12.7 TFLOPS
  return g;
}

GpuSpec t4() {
  GpuSpec g;
  g.name = "t4";
  g.title = "NVIDIA T4";
  g.sms = 40;                                // [T4]
  g.max_threads_per_sm = 1024;               // [CG] 7.5
  g.max_blocks_per_sm = 16;                  // [CG] 7.5
  g.registers_per_sm = 65536;                // [CG]
  g.l1_shared_bytes_per_sm = 96 * kKiB;      // [T4]
  g.shared_bytes_per_sm = 64 * kKiB;         // [CG] 7.5
  g.max_shared_bytes_per_block = 64 * kKiB;  // [CG] 7.5
  g.reserved_shared_per_block = 0;           // [CG]: only from 8.0 on
  g.l2_bytes = 4 * kMiB;                     // [T4]
  g.vram_bytes = 16 * kGiB;                  // [T4]
  g.vram_bandwidth = 320e9;                  // [T4]
  g.pcie_bandwidth = 16e9;                   // [T4] [PCI] gen 3 x16
  g.clock_hz = 1.59e9;                       // [T4] boost: 8.1 TFLOPS
  g.l2_bandwidth = 1.27e12;                  // [JIA]
  g.sources = {"l2_bandwidth: measured, 1270 GB/s (arXiv:1903.07486)"};
  set_rates(g, 64, 64);  // [T4] 64 fp32 lanes; [GA102] 64 bytes a clock
  return g;
}

}  // namespace

const std::vector<std::string>& gpu_names() {
  static const std::vector<std::string> names = {"h100",    "a100", "rtx4090",
                                                 "rtx3060", "t4",   "classroom"};
  return names;
}

GpuSpec gpu_spec(const std::string& name, double weights_bytes) {
  if (name == "h100") return h100();
  if (name == "a100") return a100();
  if (name == "rtx4090") return rtx4090();
  if (name == "rtx3060") return rtx3060();
  if (name == "t4") return t4();
  if (name == "classroom") return classroom(weights_bytes);
  std::string known;
  for (const std::string& n : gpu_names()) known += (known.empty() ? "" : ", ") + n;
  throw TrafficError("no GPU is named '" + name + "'; known are: " + known);
}

GpuSpec classroom(double weights_bytes) {
  if (!(weights_bytes > 0) || !std::isfinite(weights_bytes)) {
    throw TrafficError("the classroom GPU needs the size of the model's weights in bytes, above 0");
  }
  GpuSpec g = h100();
  g.name = "classroom";
  g.title = "classroom (H100 shrunk to the model)";
  const double s = 16e9 / weights_bytes;
  g.shrink = s;
  // At least one line of 128 bytes.
  const double lines = std::max(1.0, std::round(static_cast<double>(g.l2_bytes) / s / 128));
  g.l2_bytes = static_cast<uint64_t>(lines) * 128;
  g.l2_bandwidth /= s;
  g.vram_bandwidth /= s;
  g.pcie_bandwidth /= s;
  g.fp32_multiply_adds /= s;
  g.int8_multiply_adds /= s;
  g.sources.insert(
      g.sources.begin(),
      "all: an H100 with L2 capacity, L2, VRAM and PCIe bandwidth and peak operations "
      "divided by s = 16e9 / bytes of the weights; shared memory, L1 and launch cost kept");
  return g;
}

}  // namespace traffic
