// Longest common subsequence by dynamic programming: files here have some hundred lines.
#include "common/lesson/diff.h"

#include <algorithm>

#include "common/lesson/text.h"  // lines_of

namespace lesson {
namespace {

struct Edit {
  char kind;  // ' ', '-', '+'
  std::string line;
};

std::vector<Edit> edits_of(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  // common[i][j]: length of the longest common subsequence of a[i..] and b[j..].
  std::vector<std::vector<int>> common(a.size() + 1, std::vector<int>(b.size() + 1));
  for (size_t i = a.size(); i-- > 0;) {
    for (size_t j = b.size(); j-- > 0;) {
      common[i][j] =
          a[i] == b[j] ? common[i + 1][j + 1] + 1 : std::max(common[i + 1][j], common[i][j + 1]);
    }
  }
  std::vector<Edit> edits;
  size_t i = 0, j = 0;
  while (i < a.size() || j < b.size()) {
    if (i < a.size() && j < b.size() && a[i] == b[j]) {
      edits.push_back({' ', a[i++]});
      ++j;
    } else if (i < a.size() && (j == b.size() || common[i + 1][j] >= common[i][j + 1])) {
      edits.push_back({'-', a[i++]});
    } else {
      edits.push_back({'+', b[j++]});
    }
  }
  return edits;
}

}  // namespace

TextDiff diff_texts(const std::string& from, const std::string& to, size_t context) {
  const std::vector<Edit> edits = edits_of(lines_of(from), lines_of(to));
  std::vector<bool> shown(edits.size());
  TextDiff diff;
  int removed = 0, added = 0;  // at this place
  for (size_t i = 0; i < edits.size(); ++i) {
    if (edits[i].kind == ' ') {
      diff.changed += std::max(removed, added);
      removed = added = 0;
      continue;
    }
    (edits[i].kind == '-' ? removed : added) += 1;
    (edits[i].kind == '-' ? diff.removed : diff.added) += 1;
    const size_t first = i - std::min(i, context);
    const size_t last = std::min(edits.size() - 1, i + context);
    std::fill(shown.begin() + long(first), shown.begin() + long(last) + 1, true);
  }
  diff.changed += std::max(removed, added);
  for (size_t i = 0; i < edits.size(); ++i) {
    if (!shown[i]) continue;
    if (i > 0 && !shown[i - 1] && !diff.lines.empty()) diff.lines.emplace_back("...");
    diff.lines.push_back(
        edits[i].line.empty() && edits[i].kind == ' ' ? "" : edits[i].kind + edits[i].line);
  }
  return diff;
}

}  // namespace lesson
