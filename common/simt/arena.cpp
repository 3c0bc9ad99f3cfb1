// The arena: reserves the address range, hands out whole pages with a guard page behind each
// allocation, and knows which allocation a page belongs to.
#include "common/simt/arena.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "common/simt/host_memory.h"

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

namespace simt {

char* arena_base = nullptr;

namespace {

constexpr int kSpaces = 3;
constexpr int kReserve = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
// Places that are free in every process we know of: the first clear of the address sanitizer's
// shadow, the second for kernels with 39-bit addresses.
constexpr uint64_t kPreferredBases[] = {0x200000000000, 0x1000000000};
constexpr uint64_t kSmallestSpace = uint64_t{64} << 20;
constexpr uint64_t kLargeAllocation = uint64_t{4} << 20;  // worth huge pages

struct SpaceState {
  uint64_t next = 0;  // offset of the first byte never handed out
  std::map<uint64_t, uint64_t>
      reusable;                    // freed ranges: offset -> bytes; used when `next` is at the end
  uint32_t* id_of_page = nullptr;  // kPageBytes each
};

struct Arena {
  std::mutex mutex;
  uint64_t reserved = 0;          // bytes of each space that have memory behind them
  uint64_t granule = kPageBytes;  // the system's page, if larger
  SpaceState spaces[kSpaces];
  std::deque<Allocation> allocations;  // [id - 1]; a deque, since pointers to them are given out
  uint64_t device_used = 0;
  uint64_t device_limit = uint64_t{80} << 30;
};

// Never destroyed: allocations may be freed by destructors that run at exit.
Arena& arena() {
  static Arena* const instance = new Arena;
  return *instance;
}

void* map(void* where, uint64_t bytes, int protection, int extra_flags) {
  void* p = mmap(where, bytes, protection, kReserve | extra_flags, -1, 0);
  return p == MAP_FAILED ? nullptr : p;
}

// Reserves `bytes` at the start of each space, the first at `base`. All or nothing.
bool reserve_at(uint64_t base, uint64_t bytes) {
  for (int s = 0; s < kSpaces; s++) {
    void* wanted = reinterpret_cast<void*>(base + s * kSpaceBytes);
    void* got = map(wanted, bytes, PROT_NONE, MAP_FIXED_NOREPLACE);
    if (got == wanted) continue;
    if (got) munmap(got, bytes);  // a kernel that takes the address as a hint
    for (int done = 0; done < s; done++) {
      munmap(reinterpret_cast<void*>(base + done * kSpaceBytes), bytes);
    }
    return false;
  }
  arena_base = reinterpret_cast<char*>(base);
  return true;
}

bool reserve(uint64_t bytes) {
  for (uint64_t base : kPreferredBases) {
    if (reserve_at(base, bytes)) return true;
  }
  if (bytes < kSpaceBytes) return false;
  arena_base = static_cast<char*>(map(nullptr, kSpaces * kSpaceBytes, PROT_NONE, 0));
  return arena_base != nullptr;
}

[[gnu::constructor(101)]] void open_arena() {
  Arena& a = arena();
  uint64_t bytes = kSpaceBytes;
  while (!reserve(bytes)) {
    bytes /= 2;
    if (bytes < kSmallestSpace) {
      std::fputs("simt: the system gives no address space for the simulated memory (ulimit -v?)\n",
                 stderr);
      std::_Exit(1);
    }
  }
  a.reserved = bytes;
  a.granule = std::max<uint64_t>(kPageBytes, static_cast<uint64_t>(sysconf(_SC_PAGESIZE)));
  for (SpaceState& space : a.spaces) {
    space.next = a.granule;  // a guard page in front of the first allocation
    const uint64_t table_bytes = bytes / kPageBytes * sizeof(uint32_t);
    space.id_of_page = static_cast<uint32_t*>(map(nullptr, table_bytes, PROT_READ | PROT_WRITE, 0));
    if (!space.id_of_page) {
      std::fputs("simt: no memory for the page table\n", stderr);
      std::_Exit(1);
    }
  }
}

char* address(Space space, uint64_t offset) {
  return arena_base + static_cast<int>(space) * kSpaceBytes + offset;
}

// Takes `bytes` of addresses: new ones while there are any, then the lowest freed range that is
// large enough. Returns the offset, or 0 when there is none.
uint64_t take_range(SpaceState& space, uint64_t bytes) {
  const uint64_t end = arena().reserved;
  if (bytes <= end && space.next <= end - bytes) {
    const uint64_t offset = space.next;
    space.next += bytes;
    return offset;
  }
  for (auto it = space.reusable.begin(); it != space.reusable.end(); ++it) {
    if (it->second < bytes) continue;
    const uint64_t offset = it->first, rest = it->second - bytes;
    space.reusable.erase(it);
    if (rest > 0) space.reusable[offset + bytes] = rest;
    return offset;
  }
  return 0;
}

// Gives addresses back, joined with their freed neighbours.
void give_range(SpaceState& space, uint64_t offset, uint64_t bytes) {
  auto next = space.reusable.lower_bound(offset);
  if (next != space.reusable.end() && next->first == offset + bytes) {
    bytes += next->second;
    next = space.reusable.erase(next);
  }
  if (next != space.reusable.begin()) {
    auto before = std::prev(next);
    if (before->first + before->second == offset) {
      before->second += bytes;
      return;
    }
  }
  space.reusable[offset] = bytes;
}

uint64_t pages_of(uint64_t bytes) {
  const uint64_t granule = arena().granule;
  return (bytes + granule - 1) / granule * granule;
}

// Records the allocation and marks its pages and its guard page.
void enter(Space space, uint64_t offset, uint64_t bytes, uint64_t range) {
  Arena& a = arena();
  Allocation allocation;
  allocation.id = static_cast<uint32_t>(a.allocations.size() + 1);
  allocation.space = space;
  allocation.offset = offset;
  allocation.bytes = bytes;
  allocation.name = "unnamed";
  a.allocations.push_back(allocation);
  uint32_t* ids = a.spaces[static_cast<int>(space)].id_of_page;
  for (uint64_t page = offset / kPageBytes; page < (offset + range) / kPageBytes; page++) {
    __atomic_store_n(&ids[page], allocation.id, __ATOMIC_RELEASE);
  }
  if (space == Space::kDevice) a.device_used += bytes;
}

Allocation* find_mutable(const void* p) {
  if (!in_arena(p)) return nullptr;
  const uint64_t offset = arena_offset(p);
  const uint32_t id = allocation_of_page(static_cast<Space>(offset / kSpaceBytes),
                                         offset % kSpaceBytes / kPageBytes);
  return id == 0 ? nullptr : &arena().allocations[id - 1];
}

}  // namespace

void* arena_allocate(Space space, uint64_t bytes) {
  Arena& a = arena();
  if (bytes == 0 || bytes > a.reserved) return nullptr;
  const std::lock_guard<std::mutex> lock(a.mutex);
  if (space == Space::kDevice &&
      (bytes > a.device_limit || a.device_used > a.device_limit - bytes)) {
    return nullptr;
  }
  if (!host_has_memory(bytes)) return nullptr;
  const uint64_t usable = pages_of(bytes), range = usable + a.granule;
  SpaceState& state = a.spaces[static_cast<int>(space)];
  const uint64_t offset = take_range(state, range);
  if (offset == 0) return nullptr;
  char* p = address(space, offset);
  if (mprotect(p, usable, PROT_READ | PROT_WRITE) != 0) {
    give_range(state, offset, range);
    return nullptr;
  }
  if (usable >= kLargeAllocation) madvise(p, usable, MADV_HUGEPAGE);
  std::memset(p, 0xFF, usable);
  if (space != Space::kShared) enter(space, offset, bytes, range);
  return p;
}

bool arena_free(Space space, void* p) {
  Arena& a = arena();
  const std::lock_guard<std::mutex> lock(a.mutex);
  Allocation* allocation = find_mutable(p);
  if (!allocation || !allocation->live || allocation->space != space ||
      address(space, allocation->offset) != p) {
    return false;
  }
  const uint64_t usable = pages_of(allocation->bytes);
  map(p, usable, PROT_NONE, MAP_FIXED);  // drops the pages, whatever was mapped there
  give_range(a.spaces[static_cast<int>(space)], allocation->offset, usable + a.granule);
  allocation->live = false;
  if (space == Space::kDevice) a.device_used -= allocation->bytes;
  return true;
}

const Allocation* find_allocation(const void* p) {
  const std::lock_guard<std::mutex> lock(arena().mutex);
  return find_mutable(p);
}

const Allocation& allocation(uint32_t id) {
  const std::lock_guard<std::mutex> lock(arena().mutex);
  if (id == 0) throw std::out_of_range("allocation 0 does not exist");
  return arena().allocations.at(id - 1);
}

uint32_t allocation_of_page(Space space, uint64_t page) {
  const Arena& a = arena();
  if (page >= a.reserved / kPageBytes || static_cast<int>(space) >= kSpaces) return 0;
  return __atomic_load_n(&a.spaces[static_cast<int>(space)].id_of_page[page], __ATOMIC_ACQUIRE);
}

uint32_t allocation_count() {
  const std::lock_guard<std::mutex> lock(arena().mutex);
  return static_cast<uint32_t>(arena().allocations.size());
}

void name_allocation(const void* p, const char* name) {
  const std::lock_guard<std::mutex> lock(arena().mutex);
  if (Allocation* allocation = find_mutable(p)) allocation->name = name;
}

void shape_allocation(const void* p, std::vector<uint64_t> shape) {
  const std::lock_guard<std::mutex> lock(arena().mutex);
  if (Allocation* allocation = find_mutable(p)) allocation->shape = std::move(shape);
}

uint64_t device_memory_used() {
  const std::lock_guard<std::mutex> lock(arena().mutex);
  return arena().device_used;
}

uint64_t device_memory_limit() {
  const std::lock_guard<std::mutex> lock(arena().mutex);
  return arena().device_limit;
}

void set_device_memory_limit(uint64_t bytes) {
  const std::lock_guard<std::mutex> lock(arena().mutex);
  arena().device_limit = bytes;
}

}  // namespace simt
