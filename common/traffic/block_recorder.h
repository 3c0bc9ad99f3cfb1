// What one OS thread records of the blocks it runs: their global requests as streams, for the
// replay, and statistics of every instruction. What the block that is watched does goes to the
// WalkRecorder too.
#pragma once

#include <vector>

#include "common/simt/observer.h"
#include "common/traffic/instruction_table.h"
#include "common/traffic/stream.h"

namespace traffic {

class WalkRecorder;

// Where a block's stream lies. Valid until the recorder is cleared.
struct BlockStream {
  uint64_t block = 0;
  const uint64_t* begin = nullptr;
  const uint64_t* end = nullptr;
};

class BlockRecorder : public simt::BlockObserver {
 public:
  explicit BlockRecorder(WalkRecorder& walk) : walk_(walk) {}

  void shared_memory(const simt::SharedMemory& shared) override { shared_ = &shared; }
  void block_begin(uint64_t block) override;
  void warp(unsigned warp, const simt::WarpRequest* requests, size_t count) override;
  void barrier() override;
  void block_end(uint64_t block) override;

  // Appends the streams of the blocks recorded since clear().
  void streams_into(std::vector<BlockStream>& into) const;
  void clear();
  InstructionTable& instructions() { return instructions_; }

 private:
  struct Block {
    uint64_t block;
    size_t begin, end;  // in words_
  };
  WalkRecorder& walk_;
  WalkRecorder* watched_ = nullptr;  // while that block runs
  const simt::SharedMemory* shared_ = nullptr;
  WordBuffer words_;
  std::vector<Block> blocks_;
  InstructionTable instructions_;
};

}  // namespace traffic
