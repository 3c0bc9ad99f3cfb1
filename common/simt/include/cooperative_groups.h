// Cooperative groups: the thread block, tiles of a warp, coalesced threads, the grid's ranks.
// Names and meaning: CUDA C++ Programming Guide, "Cooperative Groups". A grid-wide sync() needs a
// cooperative launch, which the simulator does not have: it is a compile-time error.
#pragma once

#include <cstdint>
#include <type_traits>

#include "simt/device.h"

namespace cooperative_groups {

// A block or a tile or some lanes of a warp, as one type.
class thread_group {
 public:
  SIMT_BUILTIN void sync() const {
    if (whole_block_) {
      __syncthreads();
    } else {
      __syncwarp(mask_);
    }
  }
  SIMT_BUILTIN unsigned size() const { return size_; }
  SIMT_BUILTIN unsigned num_threads() const { return size_; }
  SIMT_BUILTIN unsigned thread_rank() const { return rank_; }
  SIMT_BUILTIN bool is_valid() const { return true; }
  SIMT_BUILTIN unsigned simt_lanes() const { return mask_; }

 protected:
  SIMT_BUILTIN thread_group(bool whole_block, unsigned mask, unsigned size, unsigned rank)
      : whole_block_(whole_block), mask_(mask), size_(size), rank_(rank) {}

  bool whole_block_;
  unsigned mask_;  // lanes; of a block, all
  unsigned size_, rank_;
};

namespace details {
SIMT_BUILTIN unsigned block_size() {
  return simt::block_dim_x() * simt::block_dim_y() * simt::block_dim_z();
}
SIMT_BUILTIN unsigned rank_in_block() {
  return (simt::thread_z() * simt::block_dim_y() + simt::thread_y()) * simt::block_dim_x() +
         simt::thread_x();
}
SIMT_BUILTIN unsigned rank_of_block() {
  return (simt::block_z() * simt::grid_dim_y() + simt::block_y()) * simt::grid_dim_x() +
         simt::block_x();
}
SIMT_BUILTIN unsigned lanes_below() { return (1u << simt::lane_index()) - 1; }

template <class>
constexpr bool kNever = false;
}  // namespace details

class thread_block : public thread_group {
 public:
  SIMT_BUILTIN thread_block()
      : thread_group(true, 0xffffffffu, details::block_size(), details::rank_in_block()) {}
  SIMT_BUILTIN static void sync() { __syncthreads(); }
  SIMT_BUILTIN static unsigned thread_rank() { return details::rank_in_block(); }
  SIMT_BUILTIN static unsigned size() { return details::block_size(); }
  SIMT_BUILTIN static unsigned num_threads() { return details::block_size(); }
  SIMT_BUILTIN static dim3 group_index() { return simt::block_index(); }
  SIMT_BUILTIN static dim3 thread_index() { return simt::thread_index(); }
  SIMT_BUILTIN static dim3 group_dim() { return simt::block_dim(); }
  SIMT_BUILTIN static dim3 dim_threads() { return simt::block_dim(); }
};
SIMT_BUILTIN thread_block this_thread_block() { return thread_block(); }

class grid_group {
 public:
  template <class T = void>
  void sync() const {
    static_assert(details::kNever<T>,
                  "the simulator does not support grid-wide synchronization (grid.sync())");
  }
  SIMT_BUILTIN bool is_valid() const { return false; }
  SIMT_BUILTIN unsigned long long thread_rank() const {
    return static_cast<unsigned long long>(details::rank_of_block()) * details::block_size() +
           details::rank_in_block();
  }
  SIMT_BUILTIN unsigned long long block_rank() const { return details::rank_of_block(); }
  SIMT_BUILTIN unsigned long long num_blocks() const {
    return static_cast<unsigned long long>(simt::grid_dim_x()) * simt::grid_dim_y() *
           simt::grid_dim_z();
  }
  SIMT_BUILTIN unsigned long long size() const { return num_blocks() * details::block_size(); }
  SIMT_BUILTIN unsigned long long num_threads() const { return size(); }
  SIMT_BUILTIN dim3 group_dim() const { return simt::grid_dim(); }
  SIMT_BUILTIN dim3 dim_blocks() const { return simt::grid_dim(); }
  SIMT_BUILTIN dim3 block_index() const { return simt::block_index(); }
};
SIMT_BUILTIN grid_group this_grid() { return grid_group(); }

// kSize lanes of a warp, side by side; kSize is a power of two up to 32.
template <unsigned kSize, class Parent = void>
class thread_block_tile : public thread_group {
  static_assert(kSize != 0 && kSize <= 32 && (kSize & (kSize - 1)) == 0,
                "a tile has 1, 2, 4, 8, 16 or 32 threads; the simulator has none over more warps");

 public:
  SIMT_BUILTIN thread_block_tile()
      : thread_group(false, tile_mask(), kSize, simt::lane_index() % kSize) {}

  SIMT_BUILTIN static unsigned size() { return kSize; }
  SIMT_BUILTIN static unsigned num_threads() { return kSize; }
  SIMT_BUILTIN static unsigned thread_rank() { return simt::lane_index() % kSize; }
  SIMT_BUILTIN static unsigned meta_group_rank() {
    return std::is_void<Parent>::value ? details::rank_in_block() / kSize
                                       : simt::lane_index() % parent_size() / kSize;
  }
  SIMT_BUILTIN static unsigned meta_group_size() {
    return ((std::is_void<Parent>::value ? details::block_size() : parent_size()) + kSize - 1) /
           kSize;
  }
  SIMT_BUILTIN void sync() const { __syncwarp(mask_); }

  template <class T>
  SIMT_BUILTIN T shfl(T value, int rank) const {
    return __shfl_sync(mask_, value, rank, kSize);
  }
  template <class T>
  SIMT_BUILTIN T shfl_up(T value, unsigned delta) const {
    return __shfl_up_sync(mask_, value, delta, kSize);
  }
  template <class T>
  SIMT_BUILTIN T shfl_down(T value, unsigned delta) const {
    return __shfl_down_sync(mask_, value, delta, kSize);
  }
  template <class T>
  SIMT_BUILTIN T shfl_xor(T value, unsigned bits) const {
    return __shfl_xor_sync(mask_, value, static_cast<int>(bits), kSize);
  }
  SIMT_BUILTIN int any(int predicate) const { return __any_sync(mask_, predicate); }
  SIMT_BUILTIN int all(int predicate) const { return __all_sync(mask_, predicate); }
  // Bit i is the tile's thread i.
  SIMT_BUILTIN unsigned ballot(int predicate) const {
    return (__ballot_sync(mask_, predicate) & mask_) >> first_lane();
  }
  template <class T>
  SIMT_BUILTIN unsigned match_any(T value) const {
    return (__match_any_sync(mask_, value) & mask_) >> first_lane();
  }
  template <class T>
  SIMT_BUILTIN unsigned match_all(T value, int& all_equal) const {
    return (__match_all_sync(mask_, value, &all_equal) & mask_) >> first_lane();
  }

 private:
  SIMT_BUILTIN static unsigned first_lane() { return simt::lane_index() / kSize * kSize; }
  SIMT_BUILTIN static unsigned tile_mask() {
    return kSize == 32 ? 0xffffffffu : ((1u << kSize % 32) - 1) << first_lane();
  }
  SIMT_BUILTIN static unsigned parent_size() {
    if constexpr (std::is_void<Parent>::value) {
      return kSize;
    } else {
      return Parent::size();
    }
  }
};

template <unsigned kSize>
SIMT_BUILTIN thread_block_tile<kSize> tiled_partition(const thread_block&) {
  return thread_block_tile<kSize>();
}
template <unsigned kSize, unsigned kParentSize, class Grandparent>
SIMT_BUILTIN thread_block_tile<kSize, thread_block_tile<kParentSize, Grandparent>> tiled_partition(
    const thread_block_tile<kParentSize, Grandparent>&) {
  static_assert(kSize <= kParentSize, "a tile's part is not larger than the tile");
  return thread_block_tile<kSize, thread_block_tile<kParentSize, Grandparent>>();
}

// Lanes that were together when the group was made.
class coalesced_group : public thread_group {
 public:
  SIMT_BUILTIN explicit coalesced_group(unsigned mask)
      : thread_group(false, mask, static_cast<unsigned>(__popc(mask)),
                     static_cast<unsigned>(__popc(mask & details::lanes_below()))) {}

  template <class T>
  SIMT_BUILTIN T shfl(T value, int rank) const {
    return simt::shuffle(mask_, value, lane_of(static_cast<unsigned>(rank)));
  }
  template <class T>
  SIMT_BUILTIN T shfl_up(T value, unsigned delta) const {
    return simt::shuffle(mask_, value, lane_of(delta > rank_ ? rank_ : rank_ - delta));
  }
  template <class T>
  SIMT_BUILTIN T shfl_down(T value, unsigned delta) const {
    return simt::shuffle(mask_, value, lane_of(rank_ + delta < size_ ? rank_ + delta : rank_));
  }
  SIMT_BUILTIN int any(int predicate) const { return __any_sync(mask_, predicate); }
  SIMT_BUILTIN int all(int predicate) const { return __all_sync(mask_, predicate); }
  SIMT_BUILTIN unsigned ballot(int predicate) const {
    return packed(__ballot_sync(mask_, predicate));
  }
  template <class T>
  SIMT_BUILTIN unsigned match_any(T value) const {
    return packed(__match_any_sync(mask_, value));
  }

 private:
  SIMT_BUILTIN unsigned lane_of(unsigned rank) const {
    unsigned rest = mask_;
    for (unsigned i = 0; i < rank; ++i) rest &= rest - 1;
    return static_cast<unsigned>(__ffs(static_cast<int>(rest)) - 1);
  }
  // Lanes to ranks.
  SIMT_BUILTIN unsigned packed(unsigned lanes) const {
    unsigned result = 0, rank = 0;
    for (unsigned rest = mask_; rest != 0; rest &= rest - 1, ++rank) {
      const unsigned lane = static_cast<unsigned>(__ffs(static_cast<int>(rest)) - 1);
      result |= (lanes >> lane & 1) << rank;
    }
    return result;
  }
};
SIMT_BUILTIN coalesced_group coalesced_threads() { return coalesced_group(__activemask()); }

// The threads of a tile or of coalesced threads that give the same label.
template <class Group, class Label>
SIMT_BUILTIN coalesced_group labeled_partition(const Group& group, Label label) {
  return coalesced_group(__match_any_sync(group.simt_lanes(), label));
}
template <class Group>
SIMT_BUILTIN coalesced_group binary_partition(const Group& group, bool predicate) {
  return labeled_partition(group, static_cast<int>(predicate));
}

// The size known only at run time: what is left is a group without shuffles, as in CUDA.
class runtime_tile : public thread_group {
 public:
  SIMT_BUILTIN explicit runtime_tile(unsigned size)
      : thread_group(false, mask_for(size), size, simt::lane_index() % size) {}

 private:
  SIMT_BUILTIN static unsigned mask_for(unsigned size) {
    const unsigned first = simt::lane_index() / size * size;
    return (size >= 32 ? 0xffffffffu : (1u << size) - 1) << first;
  }
};
SIMT_BUILTIN thread_group tiled_partition(const thread_group&, unsigned size) {
  return runtime_tile(size);
}

template <class Group>
SIMT_BUILTIN void sync(const Group& group) {
  group.sync();
}
template <class Group>
SIMT_BUILTIN void synchronize(const Group& group) {
  group.sync();
}

}  // namespace cooperative_groups
