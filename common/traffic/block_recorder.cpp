// The hot path of counting: one call for the requests of a warp between two rendezvous.
#include "common/traffic/block_recorder.h"

#include "common/traffic/banks.h"
#include "common/traffic/coalescer.h"
#include "common/traffic/walk_recorder.h"

namespace traffic {

void BlockRecorder::block_begin(uint64_t block) {
  blocks_.push_back({block, words_.size(), words_.size()});
  if (block != walk_.expected() || shared_ == nullptr) return;
  watched_ = &walk_;
  watched_->begin(*shared_);
}

void BlockRecorder::block_end(uint64_t) {
  blocks_.back().end = words_.size();
  if (watched_ != nullptr) watched_->end();
  watched_ = nullptr;
}

void BlockRecorder::barrier() {
  if (watched_ != nullptr) watched_->barrier();
}

void BlockRecorder::warp(unsigned warp, const simt::WarpRequest* requests, size_t count) {
  if (watched_ != nullptr) watched_->warp(warp, requests, count);
  for (size_t i = 0; i < count; ++i) {
    const simt::WarpRequest& r = requests[i];
    if (r.lanes == 0 || r.bytes == 0) continue;
    InstructionCounts& c = instructions_.at(r);
    c.requests += 1;
    c.lanes += r.lanes;
    c.estimated += r.estimated;
    if (r.space == simt::Space::kShared) {
      const Wavefronts w = wavefronts(r);
      c.wavefronts += w.count;
      c.ideal_wavefronts += w.ideal;
    } else {
      c.sectors += coalesce(r, words_);
    }
  }
}

void BlockRecorder::streams_into(std::vector<BlockStream>& into) const {
  for (const Block& b : blocks_) {
    into.push_back({b.block, words_.data() + b.begin, words_.data() + b.end});
  }
}

void BlockRecorder::clear() {
  words_.clear();
  blocks_.clear();
}

}  // namespace traffic
