// The roofline estimate of one launch on a named GPU. Always a model, never a measurement: the time
// is the longest of (bytes of a level / its bandwidth) and (operations / peak), plus the launch
// cost. It takes for granted that the levels overlap perfectly and that the chip is full.
#pragma once

#include "common/traffic/counts.h"
#include "common/traffic/gpu_spec.h"

namespace traffic {

struct Estimate {
  double seconds = 0;            // modelled, launch cost included
  Bound bound = Bound::kLaunch;  // the longest level, or kLaunch when launching takes longer
  std::array<double, kBounds> level_seconds{};  // each level alone
};

// Shared memory's time is its wavefronts' (128 bytes a clock), so bank conflicts cost time.
// PCIe is full duplex: the busier direction counts.
Estimate estimate_launch(const GpuSpec& gpu, const MemoryCounts& memory, const KernelCounts& kernel,
                         const DeclaredWork& work);

// The same as a sum that adds up over launches: what a launch costs stands under kLaunch, the rest
// under what bounds it.
ModelledTime kernel_time(const Estimate& estimate);
// Of a launch of which only these are known, as an event has them.
ModelledTime kernel_time(const GpuSpec& gpu, double seconds, Bound bound);

// A copy: the longer of PCIe and VRAM. No launch cost.
double estimate_copy(const GpuSpec& gpu, const MemoryCounts& memory);

// A library's launches from its declared bytes.
double estimate_library(const GpuSpec& gpu, const LibraryCounts& library);

}  // namespace traffic
