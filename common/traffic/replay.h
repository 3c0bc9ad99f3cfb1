// Replays what the blocks of a wave asked for through L1 and L2, in a fixed order, and counts by
// tensor where it was served.
//
// Block b runs on SM b mod n. The blocks of a wave take turns, one request each, in order of their
// numbers. Device memory: loads go L1, L2, VRAM; stores go straight to L2; atomics are done at L2.
// Pinned host memory: loads go L1, then over PCIe, in sectors; stores and atomics go over PCIe. It
// is never kept in L2. (NVIDIA routes such reads through L2 too, and says nothing of when they hit
// there; so bytes over PCIe are an upper bound where several SMs read the same host memory in one
// launch.)
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "common/traffic/block_recorder.h"
#include "common/traffic/cache.h"
#include "common/traffic/counts.h"
#include "common/traffic/gpu_spec.h"
#include "common/traffic/tensor_map.h"

namespace traffic {

class Replay {
 public:
  Replay(const GpuSpec& gpu, const TensorMap& tensors);

  // Empties every L1; from now on each takes `l1_bytes`.
  void begin_launch(uint64_t l1_bytes);
  // The blocks that are resident together, sorted by number.
  void wave(const std::vector<BlockStream>& blocks);

  // A copy engine's accesses to [offset, offset + bytes) of VRAM. A read takes what L2 holds from
  // there and the rest from VRAM, and changes nothing; a write goes to VRAM, and L2 forgets the
  // range.
  void copy_read(uint64_t offset, uint64_t bytes);
  void copy_write(uint64_t offset, uint64_t bytes);
  // Bytes over PCIe, charged to `tensor`.
  void host_read(uint32_t tensor, uint64_t bytes);
  void host_write(uint32_t tensor, uint64_t bytes);

  void flush();  // writes back what is dirty in L2
  void cool();   // empties the caches, charging nothing
  // The counts since the last drain, by tensor.
  std::map<uint32_t, MemoryCounts> drain();

 private:
  struct Lane {  // a resident block
    const uint64_t* at;
    const uint64_t* end;
    L1Cache* l1;
  };

  // Bytes from byte `begin` of line `key` to byte `last` of the last of `count` lines.
  struct Lines {
    uint32_t key, count, begin, last;

    uint32_t first_byte(uint32_t i) const { return i == 0 ? begin : 0; }
    uint32_t last_byte(uint32_t i) const { return i + 1 == count ? last : kLineBytes - 1; }
    unsigned sectors(uint32_t i) const { return sectors_of(first_byte(i), last_byte(i)); }
  };
  static Lines lines_of(uint64_t offset, uint64_t bytes);

  // The counts of a tensor that know_tensors() has made room for.
  MemoryCounts& touch(uint32_t tensor);
  void know_tensors();
  void prefetch(const Lane& lane) const;
  const uint64_t* request(const uint64_t* at, const uint64_t* end, L1Cache& l1);
  void count_request(Entry e);
  void run(Entry e, L1Cache& l1);
  void load(const Lines& lines, MemoryCounts& c, L1Cache& l1);
  void store(const Lines& lines, MemoryCounts& c);
  void store_gaps(uint32_t key, const ByteMask& bytes);
  void count_store(uint32_t key, uint64_t bytes, MemoryCounts& c);
  void atomic(const Lines& lines, MemoryCounts& c, L1Cache& l1);
  void write_back(const L2Result& result);

  const TensorMap& tensors_;
  std::vector<L1Cache> l1_;          // one an SM
  std::vector<uint64_t> l1_launch_;  // the launch that each was last used in
  uint64_t launch_ = 0, l1_bytes_ = 0;
  L2Cache l2_;
  std::vector<Lane> lanes_;
  std::vector<MemoryCounts> counts_;  // by tensor
  std::vector<uint8_t> touched_flag_;
  std::vector<uint32_t> touched_;
};

}  // namespace traffic
