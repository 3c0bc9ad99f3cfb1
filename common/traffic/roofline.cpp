// The roofline: see roofline.h for what it leaves out.
#include "common/traffic/roofline.h"

#include <algorithm>

namespace traffic {
namespace {

double ratio(double amount, double per_second) { return amount > 0 ? amount / per_second : 0; }

ModelledTime launch_time(double cost, double seconds, Bound bound) {
  ModelledTime t;
  t.kernel_seconds = seconds;
  t.seconds_by_bound[static_cast<int>(Bound::kLaunch)] = cost;
  t.seconds_by_bound[static_cast<int>(bound)] += seconds - cost;
  return t;
}

}  // namespace

Estimate estimate_launch(const GpuSpec& gpu, const MemoryCounts& memory, const KernelCounts& kernel,
                         const DeclaredWork& work) {
  Estimate e;
  auto level = [&e](Bound b) -> double& { return e.level_seconds[static_cast<int>(b)]; };
  level(Bound::kVram) = ratio(static_cast<double>(memory.vram_bytes()), gpu.vram_bandwidth);
  level(Bound::kL2) = ratio(static_cast<double>(memory.l2_bytes()), gpu.l2_bandwidth);
  level(Bound::kL1) = ratio(static_cast<double>(memory.l1_bytes()), gpu.l1_bandwidth);
  level(Bound::kShared) = ratio(128.0 * kernel.shared_wavefronts, gpu.shared_bandwidth);
  level(Bound::kPcie) =
      ratio(static_cast<double>(std::max(memory.host_read_bytes, memory.host_write_bytes)),
            gpu.pcie_bandwidth);
  level(Bound::kFp32) = ratio(work.fp32_multiply_adds, gpu.fp32_multiply_adds);
  level(Bound::kInt8) = ratio(work.int8_multiply_adds, gpu.int8_multiply_adds);
  double longest = 0;
  for (int i = 0; i < kBounds; ++i) {
    if (e.level_seconds[i] > longest) {
      longest = e.level_seconds[i];
      e.bound = static_cast<Bound>(i);
    }
  }
  level(Bound::kLaunch) = gpu.launch_seconds;
  // A launch whose work is shorter than its launch cost is bound by launching.
  if (gpu.launch_seconds > longest) e.bound = Bound::kLaunch;
  e.seconds = longest + gpu.launch_seconds;
  return e;
}

ModelledTime kernel_time(const Estimate& estimate) {
  return launch_time(estimate.level_seconds[static_cast<int>(Bound::kLaunch)], estimate.seconds,
                     estimate.bound);
}

ModelledTime kernel_time(const GpuSpec& gpu, double seconds, Bound bound) {
  return launch_time(std::min(gpu.launch_seconds, seconds), seconds, bound);
}

double estimate_copy(const GpuSpec& gpu, const MemoryCounts& memory) {
  const double pcie =
      ratio(static_cast<double>(std::max(memory.host_read_bytes, memory.host_write_bytes)),
            gpu.pcie_bandwidth);
  return std::max(pcie, ratio(static_cast<double>(memory.vram_bytes()), gpu.vram_bandwidth));
}

double estimate_library(const GpuSpec& gpu, const LibraryCounts& library) {
  return ratio(static_cast<double>(library.read_bytes + library.written_bytes),
               gpu.vram_bandwidth) +
         static_cast<double>(library.launches) * gpu.launch_seconds;
}

}  // namespace traffic
