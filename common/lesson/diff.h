// The difference of two texts, line by line, as `diff -u` shows it.
#pragma once

#include <string>
#include <vector>

namespace lesson {

struct TextDiff {
  // Each line of a changed place, with ' ', '-' or '+' before it; places are parted by "...".
  std::vector<std::string> lines;
  int removed = 0, added = 0;
  // Lines that were removed and added at one place count once: the larger number of the two.
  int changed = 0;
};

// A shortest edit, deterministic: a longest common subsequence of lines, in which a line of `to`
// is matched as late as possible. `context` equal lines are shown around a changed place.
TextDiff diff_texts(const std::string& from, const std::string& to, size_t context);

}  // namespace lesson
