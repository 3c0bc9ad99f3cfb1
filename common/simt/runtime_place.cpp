// Where a pointer of a copy points: VRAM, pinned, registered or ordinary host memory, a symbol; and
// whether as many bytes as the copy moves are there.
#include <algorithm>
#include <iterator>

#include "common/simt/runtime_state.h"
#include "simt/symbols.h"

// The ends of the section of __device__ variables; absent in a program that has none.
extern "C" const char __start_simt_device[] __attribute__((weak));
extern "C" const char __stop_simt_device[] __attribute__((weak));

namespace simt {

void register_symbol(const void* address, size_t bytes) {
  const std::lock_guard<std::recursive_mutex> lock(runtime::state().mutex);
  size_t& known = runtime::state().symbols[reinterpret_cast<uintptr_t>(address)];
  known = std::max(known, bytes);
}

namespace runtime {
namespace {

// Is `p` in a __device__ variable (they lie in a section of their own) or in a symbol that was
// registered? `past`: by how many bytes the range leaves it.
bool in_symbol(uintptr_t p, size_t bytes, size_t* past) {
  const auto section = reinterpret_cast<uintptr_t>(__start_simt_device);
  const auto section_end = reinterpret_cast<uintptr_t>(__stop_simt_device);
  uintptr_t end = p >= section && p < section_end ? section_end : 0;
  auto it = state().symbols.upper_bound(p);
  if (it != state().symbols.begin()) {
    --it;
    if (p < it->first + it->second) end = it->first + it->second;
  }
  *past = p + bytes > end ? p + bytes - end : 0;
  return end != 0;
}

std::string beyond(size_t past, const std::string& what) {
  return std::to_string(past) + " bytes past the end of " + what;
}

Place arena_place(const void* pointer, size_t bytes) {
  Place place;
  const Allocation* a = find_allocation(pointer);
  if (!a) {
    place.wrong = "it is in no allocation";
    return place;
  }
  const std::string what = "'" + a->name + "' (" + std::to_string(a->bytes) + " bytes)";
  const uint64_t inside = arena_offset(pointer) % kSpaceBytes - a->offset;
  if (!a->live) {
    place.wrong = what + " has been freed";
  } else if (inside + bytes > a->bytes) {
    place.wrong = beyond(inside + bytes - a->bytes, what);
  }
  place.space = a->space;
  const bool managed = state().managed.count(a->id) != 0;
  place.device = a->space == Space::kDevice;
  place.host = a->space == Space::kHost || managed;
  return place;
}

}  // namespace

Place place_of(const void* pointer, size_t bytes) {
  if (in_arena(pointer)) return arena_place(pointer, bytes);
  Place place;
  size_t past = 0;
  if (in_symbol(reinterpret_cast<uintptr_t>(pointer), bytes, &past)) {
    place.device = true;
    place.space = Space::kDevice;
    if (past > 0) place.wrong = beyond(past, "the symbol");
    return place;
  }
  place.host = true;
  place.pageable = find_registered(pointer) == nullptr;
  if (!pointer) place.wrong = "it is null";
  return place;
}

}  // namespace runtime
}  // namespace simt
