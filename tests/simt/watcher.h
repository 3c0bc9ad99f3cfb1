// An observer that watches from when it is made until it goes, all blocks alike, and takes no
// notice: a test's own overrides what that test wants to hear.
#pragma once

#include "common/simt/observer.h"

class Watcher : public simt::Observer, public simt::BlockObserver {
 public:
  Watcher() { simt::set_observer(this); }
  ~Watcher() override { simt::set_observer(nullptr); }
  Watcher(const Watcher&) = delete;

  void launch_begin(const simt::LaunchInfo&) override {}
  uint64_t wave_blocks(const simt::LaunchInfo& launch) override { return launch.blocks; }
  void wave_begin(const simt::LaunchInfo&, uint64_t, uint64_t) override {}
  void wave_end(const simt::LaunchInfo&, uint64_t, uint64_t) override {}
  void launch_end(const simt::LaunchInfo&) override {}
  simt::BlockObserver& block_observer(unsigned) override { return *this; }
  void copy(const simt::CopyInfo&) override {}
  void library(const simt::LibraryInfo&) override {}
  void work(double, double) override {}
  void phase(int, int) override {}
  void allocated(const simt::Allocation&) override {}
  void freed(const simt::Allocation&) override {}
  void named(const simt::Allocation&) override {}

  void block_begin(uint64_t) override {}
  void warp(unsigned, const simt::WarpRequest*, size_t) override {}
  void block_end(uint64_t) override {}
};
