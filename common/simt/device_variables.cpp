// Gives the section of __device__ variables a place among the VRAM allocations.
#include "common/simt/device_variables.h"

#include "common/simt/arena.h"
#include "common/simt/observer.h"

namespace simt {

uint64_t device_variables_offset() {
  static const uint64_t offset = [] {
    auto bytes = static_cast<uint64_t>(__stop_simt_device - __start_simt_device);
    void* place = arena_allocate(Space::kDevice, bytes);
    if (place == nullptr) return uint64_t{0};
    name_allocation(place, "__device__ variables");
    if (observer() != nullptr) {
      observer()->allocated(*find_allocation(place));
      observer()->named(*find_allocation(place));
    }
    return arena_offset(place);
  }();
  return offset;
}

}  // namespace simt
