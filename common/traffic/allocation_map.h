// From an address to the allocation there. (tensor_map.h is by name: several allocations may share
// one.)
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "common/simt/arena.h"

namespace traffic {

class AllocationMap {
 public:
  struct Place {
    uint64_t offset = 0, bytes = 0;  // from the start of its space
  };

  // An allocation came. Its pages may have belonged to one that was freed.
  void add(const simt::Allocation& allocation);

  // Its id, or 0. `page` = offset / simt::kPageBytes, in VRAM or in pinned host memory.
  uint32_t of_page(bool host, uint64_t page) const {
    const std::vector<uint32_t>& pages = pages_[host];
    return page < pages.size() ? pages[page] : 0;
  }
  // Needs an id that of_page() has given.
  const Place& place(uint32_t id) const { return places_[id]; }

 private:
  std::array<std::vector<uint32_t>, 2> pages_;  // device, host: page -> id
  std::vector<Place> places_;                   // by id
};

}  // namespace traffic
