#include "common/simt/translate/edits.h"

#include <algorithm>

namespace simt::translate {

void Edits::replace(size_t begin, size_t end, std::string text, bool directive) {
  for (size_t i = begin; i < end; ++i) {
    if (source_[i] == '\n') text += directive ? "\\\n" : "\n";
  }
  edits_.push_back({begin, end, std::move(text)});
}

std::string Edits::apply() const {
  std::vector<const Edit*> order;
  for (const Edit& edit : edits_) order.push_back(&edit);
  std::stable_sort(order.begin(), order.end(), [](const Edit* a, const Edit* b) {
    if (a->begin != b->begin) return a->begin < b->begin;
    return a->end == a->begin && b->end != b->begin;  // an insertion stands before what follows it
  });
  std::string result;
  size_t done = 0;
  for (const Edit* edit : order) {
    if (edit->begin < done) continue;
    result += source_.substr(done, edit->begin - done);
    result += edit->text;
    done = edit->end;
  }
  result += source_.substr(done);
  return result;
}

}  // namespace simt::translate
