// What the tests need of a simulator; no memory stands behind its addresses.
#include "tests/traffic/stand_in.h"

namespace simt {
char* arena_base = reinterpret_cast<char*>(uint64_t{1} << 44);
}

namespace stand_in {

simt::WarpRequest strided(simt::AccessKind kind, simt::Space space, uint64_t first, int64_t stride,
                          uint32_t bytes, int lanes, uint64_t pc) {
  simt::WarpRequest r;
  r.pc = pc;
  r.first = first;
  r.stride = stride;
  r.bytes = bytes;
  r.lanes = static_cast<uint8_t>(lanes);
  r.kind = kind;
  r.space = space;
  return r;
}

simt::WarpRequest scattered(simt::AccessKind kind, simt::Space space,
                            const std::vector<uint64_t>& addresses, uint32_t bytes, uint64_t pc) {
  simt::WarpRequest r =
      strided(kind, space, addresses[0], 0, bytes, static_cast<int>(addresses.size()), pc);
  r.addresses = addresses.data();
  return r;
}

uint64_t Simulator::allocate(const std::string& name, uint64_t bytes, simt::Space space) {
  simt::Allocation a;
  a.id = ++allocations_;
  a.space = space;
  uint64_t& next = next_[space == kHost];
  a.offset = next;
  a.bytes = bytes;
  a.name = "unnamed";
  next += (bytes + simt::kPageBytes - 1) / simt::kPageBytes * simt::kPageBytes + simt::kPageBytes;
  recorder.allocated(a);
  a.name = name;
  recorder.named(a);
  return a.offset;
}

const void* Simulator::address(uint64_t offset) const { return simt::arena_base + offset; }

void Simulator::launch(const char* kernel, uint64_t blocks,
                       const std::function<Requests(uint64_t)>& body, unsigned threads_per_block,
                       uint64_t static_shared) {
  simt::KernelCall call;
  call.function = kernel;
  call.name = kernel;
  call.grid = dim3(static_cast<unsigned>(blocks));
  call.block = dim3(threads_per_block);
  simt::LaunchInfo info;
  info.index = launches_++;
  info.call = &call;
  info.blocks = blocks;
  recorder.launch_begin(info);
  const uint64_t wave = recorder.wave_blocks(info);
  for (uint64_t first = 0; first < blocks; first += wave) {
    const uint64_t count = std::min(wave, blocks - first);
    recorder.wave_begin(info, first, count);
    for (unsigned t = 0; t < threads; ++t) {
      simt::BlockObserver& observer = recorder.block_observer(t);
      for (uint64_t i = count; i-- > 0;) {
        const uint64_t block = first + (threads % 2 ? i : count - 1 - i);
        if (block % threads != t) continue;
        const Requests requests = body(block);
        observer.block_begin(block);
        observer.warp(0, requests.data(), requests.size());
        observer.block_end(block);
      }
    }
    info.static_shared = static_shared;  // known once a block has run
    recorder.wave_end(info, first, count);
  }
  recorder.launch_end(info);
}

traffic::GpuSpec small_gpu(uint32_t sms, uint64_t l1_bytes, uint64_t l2_bytes) {
  traffic::GpuSpec g = traffic::gpu_spec("h100");
  g.name = "small";
  g.sms = sms;
  g.reserved_shared_per_block = 0;
  g.l1_shared_bytes_per_sm = l1_bytes;
  g.shared_bytes_per_sm = l1_bytes;
  g.max_shared_bytes_per_block = l1_bytes;
  g.l2_bytes = l2_bytes;
  return g;
}

}  // namespace stand_in
