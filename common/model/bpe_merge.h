// The merge loop of byte-pair encoding, shared by both kinds of tokenizer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <queue>
#include <vector>

namespace model {

// A run of text that is one token so far.
struct Symbol {
  int id = -1;          // token, or -1 while the text is no token
  bool frozen = false;  // never merged
  uint32_t start = 0;   // byte range in the text
  uint32_t length = 0;
  int prev = -1;  // neighbours in the list; a symbol with length 0 has been merged away
  int next = -1;
};

struct Merge {
  int id = -1;       // the token that both become, or -1 when they do not merge
  double order = 0;  // the smallest is merged first
};

inline void link_symbols(std::vector<Symbol>& symbols) {
  for (size_t i = 0; i < symbols.size(); ++i) {
    symbols[i].prev = static_cast<int>(i) - 1;
    symbols[i].next = i + 1 < symbols.size() ? static_cast<int>(i) + 1 : -1;
  }
}

// Merges neighbours until none can be, always the pair of least order, the leftmost of equals.
// A queue of candidate pairs makes this n log n. `find(left, right)` gives a pair's Merge.
// Afterwards the live symbols are those with length > 0.
template <typename Find>
void merge_symbols(std::vector<Symbol>& symbols, Find find) {
  struct Candidate {
    double order;
    int left;
    int id;
  };
  auto later = [](const Candidate& a, const Candidate& b) {
    return a.order != b.order ? a.order > b.order : a.left > b.left;
  };
  std::priority_queue<Candidate, std::vector<Candidate>, decltype(later)> queue(later);
  auto look = [&](int left) -> Merge {
    if (left < 0) return {};
    const Symbol& a = symbols[static_cast<size_t>(left)];
    if (a.next < 0 || a.frozen) return {};
    const Symbol& b = symbols[static_cast<size_t>(a.next)];
    return b.frozen ? Merge{} : find(a, b);
  };
  auto offer = [&](int left) {
    Merge merge = look(left);
    if (merge.id >= 0) queue.push({merge.order, left, merge.id});
  };
  link_symbols(symbols);
  for (size_t i = 0; i + 1 < symbols.size(); ++i) offer(static_cast<int>(i));
  while (!queue.empty()) {
    Candidate best = queue.top();
    queue.pop();
    Symbol& left = symbols[static_cast<size_t>(best.left)];
    // A candidate is out of date when one of its two symbols has been merged since.
    if (left.length == 0 || look(best.left).id != best.id) continue;
    Symbol& right = symbols[static_cast<size_t>(left.next)];
    left.id = best.id;
    left.length += right.length;
    left.next = right.next;
    right.length = 0;
    if (left.next >= 0) symbols[static_cast<size_t>(left.next)].prev = best.left;
    offer(left.prev);
    offer(best.left);
  }
}

}  // namespace model
