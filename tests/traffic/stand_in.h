// A stand-in for the simulator: allocations without memory and launches made of requests.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/traffic/recorder.h"

namespace stand_in {

constexpr simt::Space kDevice = simt::Space::kDevice, kHost = simt::Space::kHost,
                      kShared = simt::Space::kShared;
constexpr simt::AccessKind kLoad = simt::AccessKind::kLoad, kStore = simt::AccessKind::kStore,
                           kAtomic = simt::AccessKind::kAtomic;

// Lane i accesses first + i * stride.
simt::WarpRequest strided(simt::AccessKind kind, simt::Space space, uint64_t first, int64_t stride,
                          uint32_t bytes, int lanes = 32, uint64_t pc = 0x100);
// Lane i accesses addresses[i]; the list must outlive the request.
simt::WarpRequest scattered(simt::AccessKind kind, simt::Space space,
                            const std::vector<uint64_t>& addresses, uint32_t bytes,
                            uint64_t pc = 0x100);

using Requests = std::vector<simt::WarpRequest>;

class Simulator {
 public:
  explicit Simulator(const traffic::GpuSpec& gpu) : recorder(gpu) {}

  // Returns the offset of the new allocation in its space.
  uint64_t allocate(const std::string& name, uint64_t bytes, simt::Space space = kDevice);
  const void* address(uint64_t offset) const;  // of device memory

  // Runs `blocks` blocks; block b makes the requests of `body(b)`. The blocks of a wave are dealt
  // to `threads` recorders in an order that depends on `threads`.
  void launch(const char* kernel, uint64_t blocks, const std::function<Requests(uint64_t)>& body,
              unsigned threads_per_block = 32, uint64_t static_shared = 0);
  // One block.
  void launch(const char* kernel, const Requests& requests) {
    launch(kernel, 1, [&](uint64_t) { return requests; });
  }

  traffic::Recorder recorder;
  unsigned threads = 1;

 private:
  uint64_t next_[2] = {0, 0};
  uint32_t allocations_ = 0;
  uint64_t launches_ = 0;
};

// An H100 with few SMs and little cache, so that tests can fill it.
traffic::GpuSpec small_gpu(uint32_t sms = 2, uint64_t l1_bytes = 4096, uint64_t l2_bytes = 16384);

}  // namespace stand_in
