// Resident blocks: the smallest of three limits.
#include "common/traffic/occupancy.h"

#include <algorithm>

namespace traffic {

Occupancy occupancy(const GpuSpec& gpu, uint32_t threads, uint64_t shared_bytes) {
  Occupancy result;
  const uint32_t warps = std::max(1u, (threads + 31) / 32);
  const uint32_t max_warps = gpu.max_threads_per_sm / 32;
  const uint64_t shared = shared_bytes + gpu.reserved_shared_per_block;
  uint64_t blocks = std::min<uint64_t>(gpu.max_blocks_per_sm, max_warps / warps);
  if (shared > 0) blocks = std::min(blocks, gpu.shared_bytes_per_sm / shared);
  if (shared_bytes > gpu.max_shared_bytes_per_block) blocks = 0;
  result.blocks_per_sm = static_cast<uint32_t>(blocks);
  result.wave_blocks = blocks * gpu.sms;
  result.l1_bytes = (gpu.l1_shared_bytes_per_sm - blocks * shared) / 128 * 128;
  return result;
}

}  // namespace traffic
