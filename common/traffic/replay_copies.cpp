// What copy engines do to L2 and VRAM.
#include "common/traffic/replay.h"

namespace traffic {

Replay::Lines Replay::lines_of(uint64_t offset, uint64_t bytes) {
  const uint64_t last = offset + bytes - 1;
  return {static_cast<uint32_t>(offset >> 7),
          static_cast<uint32_t>((last >> 7) - (offset >> 7) + 1),
          static_cast<uint32_t>(offset & 127), static_cast<uint32_t>(last & 127)};
}

void Replay::copy_read(uint64_t offset, uint64_t bytes) {
  if (bytes == 0) return;
  know_tensors();
  const Lines lines = lines_of(offset, bytes);
  for (uint32_t i = 0; i < lines.count; ++i) {
    const unsigned mask = lines.sectors(i);
    const unsigned hit = l2_.present(lines.key + i, mask);
    MemoryCounts& c = touch(tensors_.of_key(lines.key + i));
    c.l2_load_bytes += sector_bytes(mask);
    c.l2_hit_bytes += sector_bytes(hit);
    c.vram_read_bytes += sector_bytes(mask & ~hit);
  }
}

void Replay::copy_write(uint64_t offset, uint64_t bytes) {
  if (bytes == 0) return;
  know_tensors();
  const Lines lines = lines_of(offset, bytes);
  for (uint32_t i = 0; i < lines.count; ++i) {
    const unsigned mask = lines.sectors(i);
    ByteMask covered{};
    mark_bytes(covered, lines.first_byte(i), lines.last_byte(i));
    touch(tensors_.of_key(lines.key + i)).vram_write_bytes +=
        sector_bytes(mask) +
        sector_bytes(l2_.overwrite(lines.key + i, mask, whole_sectors(covered)));
  }
}

void Replay::host_read(uint32_t tensor, uint64_t bytes) {
  know_tensors();
  touch(tensor).host_read_bytes += bytes;
}

void Replay::host_write(uint32_t tensor, uint64_t bytes) {
  know_tensors();
  touch(tensor).host_write_bytes += bytes;
}

}  // namespace traffic
