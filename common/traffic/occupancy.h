// How many blocks of a kernel live on an SM at one time, and so what L1 keeps.
#pragma once

#include <cstdint>

#include "common/traffic/gpu_spec.h"

namespace traffic {

struct Occupancy {
  uint32_t blocks_per_sm = 0;  // 0: such a block cannot run on this GPU
  uint64_t wave_blocks = 0;    // blocks that are resident on the whole GPU at one time
  uint64_t l1_bytes = 0;       // per SM: what the resident blocks' shared memory leaves for L1
};

// A block has `threads` CUDA threads (> 0) and `shared_bytes` of static and dynamic shared memory.
// Limits: threads (whole warps) an SM, blocks an SM, shared memory an SM with the reserved part.
// Registers are not known here and not a limit (the CUDA Programming Guide's fourth one).
// L1 takes exactly what is left; a real driver picks from a few carve-outs, so it may leave less.
Occupancy occupancy(const GpuSpec& gpu, uint32_t threads, uint64_t shared_bytes);

}  // namespace traffic
