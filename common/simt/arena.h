// Where the simulator's memory lives: one reserved address range, cut into VRAM, pinned host memory
// and the shared memory of the blocks that run now. An address alone says which of them it is in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace simt {

enum class Space : uint8_t { kDevice = 0, kHost = 1, kShared = 2 };  // VRAM, pinned host, shared

// One allocation. Offsets count from the start of its space: they are the same on every run.
struct Allocation {
  uint32_t id = 0;  // dense, from 1, in order of allocation; 0 means "none"
  Space space = Space::kDevice;
  uint64_t offset = 0;          // bytes from the start of its space; a multiple of kPageBytes
  uint64_t bytes = 0;           // as asked for
  std::string name;             // "weights.blk.3.attn_q"; "unnamed" until it has one
  std::vector<uint64_t> shape;  // what its values mean, outermost first; empty until it is said
  bool live = true;
};

constexpr uint64_t kPageBytes = 4096;  // an allocation owns whole pages; a guard page follows it
constexpr int kSpaceShift = 37;        // each space is 128 GiB of addresses
constexpr uint64_t kSpaceBytes = uint64_t{1} << kSpaceShift;
constexpr uint64_t kSharedArenaBytes = 256 << 10;  // shared memory of one OS thread's block

// Start of VRAM; pinned host and shared memory follow, each kSpaceBytes on. Written once, before
// any other constructor of the program runs. Where the system refuses so large a reservation, each
// space has less memory behind it, at the same places.
extern char* arena_base;

// The offset of an address from arena_base. When it is below 3 * kSpaceBytes, `offset /
// kSpaceBytes` is the Space.
inline uint64_t arena_offset(const void* p) {
  return reinterpret_cast<uint64_t>(p) - reinterpret_cast<uint64_t>(arena_base);
}
inline bool in_arena(const void* p) { return arena_offset(p) < 3 * kSpaceBytes; }

// Allocates `bytes` (> 0) in VRAM or pinned host memory. Null when the space is full (VRAM holds
// device_memory_limit() bytes) or this machine has too little memory left. New memory is filled
// with 0xFF bytes (a NaN in every float type), so that reading what nobody wrote shows. Shared
// memory may be allocated too, for an OS thread's block: it has no id and is never freed.
void* arena_allocate(Space space, uint64_t bytes);
// Frees it; its pages become inaccessible and are never given out again while the range lasts.
// False when `p` is not the start of a live allocation of that space.
bool arena_free(Space space, void* p);

// The live or freed allocation whose pages hold `p`, its guard page included; null if none.
const Allocation* find_allocation(const void* p);
const Allocation& allocation(uint32_t id);                // by id; throws std::out_of_range
uint32_t allocation_of_page(Space space, uint64_t page);  // id, or 0; `page` = offset / kPageBytes
uint32_t allocation_count();                              // ids run from 1 to this
// Names the allocation that holds `p`, and says its shape (no effect when there is none).
void name_allocation(const void* p, const char* name);
void shape_allocation(const void* p, std::vector<uint64_t> shape);

uint64_t device_memory_used();   // bytes of live VRAM allocations
uint64_t device_memory_limit();  // bytes; the simulated GPU's VRAM
void set_device_memory_limit(uint64_t bytes);

}  // namespace simt
