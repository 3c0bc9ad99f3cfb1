// From an address to the name of the tensor there. Tensors are numbered by name, in order of first
// use: allocations of one name are one tensor. Number 0 is what belongs to no allocation.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/simt/arena.h"
#include "common/traffic/stream.h"

namespace traffic {

class TensorMap {
 public:
  TensorMap() { id("(unknown)"); }

  // An allocation came, or got a (new) name. Traffic counted so far keeps the old name.
  void set(const simt::Allocation& allocation);
  uint32_t id(const std::string& name);
  const std::string& name(uint32_t tensor) const { return names_[tensor]; }
  size_t size() const { return names_.size(); }

  // The tensor of a line: `key` is the low part of a stream entry.
  uint32_t of_key(uint32_t key) const {
    const std::vector<uint32_t>& pages = pages_[key >= kHostKey];
    const uint32_t page = (key & (kHostKey - 1)) >> 5;  // 32 lines a page
    return page < pages.size() ? pages[page] : 0;
  }
  uint32_t of_offset(simt::Space space, uint64_t offset) const {
    return of_key(static_cast<uint32_t>(offset / kLineBytes) |
                  (space == simt::Space::kHost ? kHostKey : 0));
  }

 private:
  std::array<std::vector<uint32_t>, 2> pages_;  // device, host: page -> tensor
  std::vector<std::string> names_;
  std::unordered_map<std::string, uint32_t> ids_;
};

static_assert(simt::kPageBytes == 32 * kLineBytes, "of_key counts 32 lines a page");

}  // namespace traffic
