// cooperative_groups::reduce over a tile or coalesced threads.
//
// Every thread gets the result. A tile is folded in halves (lane i with i xor 16, then 8, ...), so
// a sum of floats has one fixed order.
#pragma once

#include <type_traits>

#include "cooperative_groups.h"

namespace cooperative_groups {

#define SIMT_REDUCE_OPERATION(name, expression)                      \
  template <class T = void>                                          \
  struct name {                                                      \
    SIMT_BUILTIN T operator()(T a, T b) const { return expression; } \
  };                                                                 \
  template <>                                                        \
  struct name<void> {                                                \
    template <class T>                                               \
    SIMT_BUILTIN T operator()(T a, T b) const {                      \
      return expression;                                             \
    }                                                                \
  };
SIMT_REDUCE_OPERATION(plus, a + b)
SIMT_REDUCE_OPERATION(less, b < a ? b : a)
SIMT_REDUCE_OPERATION(greater, a < b ? b : a)
SIMT_REDUCE_OPERATION(bit_and, a& b)
SIMT_REDUCE_OPERATION(bit_or, a | b)
SIMT_REDUCE_OPERATION(bit_xor, a ^ b)
#undef SIMT_REDUCE_OPERATION

template <unsigned kSize, class Parent, class T, class Operation>
SIMT_BUILTIN std::decay_t<T> reduce(const thread_block_tile<kSize, Parent>& tile, T&& value,
                                    Operation&& operation) {
  std::decay_t<T> result = value;
  for (unsigned bits = kSize / 2; bits > 0; bits /= 2) {
    result = operation(result, tile.shfl_xor(result, bits));
  }
  return result;
}

template <class T, class Operation>
SIMT_BUILTIN std::decay_t<T> reduce(const coalesced_group& group, T&& value,
                                    Operation&& operation) {
  std::decay_t<T> result = group.shfl(value, 0);
  for (unsigned rank = 1; rank < group.size(); ++rank) {
    result = operation(result, group.shfl(value, static_cast<int>(rank)));
  }
  return result;
}

}  // namespace cooperative_groups
