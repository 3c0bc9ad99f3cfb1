#include "common/lesson/diff.h"

#include "common/lesson/text.h"
#include "tests/catch.h"
#include "tests/decode/source.h"

using lesson::diff_texts;
using lesson::TextDiff;
using Lines = std::vector<std::string>;

TEST_CASE("changed lines are shown between their neighbours, and counted", "[lesson]") {
  const TextDiff diff = diff_texts("a\nb\nc\nd\ne\nf\ng\n", "a\nB\nBB\nc\nd\ne\ng\n", 1);
  CHECK(diff.lines == Lines{" a", "-b", "+B", "+BB", " c", "...", " e", "-f", " g"});
  CHECK(diff.removed == 2);
  CHECK(diff.added == 2);
  CHECK(diff.changed == 3);  // b -> B, BB: two; f: one
}

TEST_CASE("equal texts have no difference, and an empty one is all of the other", "[lesson]") {
  CHECK(diff_texts("a\nb\n", "a\nb\n", 2).lines.empty());
  CHECK(diff_texts("a\nb\n", "a\nb\n", 2).changed == 0);
  CHECK(diff_texts("", "a\nb\n", 0).lines == Lines{"+a", "+b"});
  CHECK(diff_texts("a\nb\n", "", 0).lines == Lines{"-a", "-b"});
}

TEST_CASE("removing and adding what a difference says gives the other text", "[lesson]") {
  INFO_SEED();
  values::Source source(61);
  for (int round = 0; round < 50; ++round) {
    const auto text = [&] {
      std::string all;
      for (int lines = source.below(30); lines > 0; --lines) {
        all += std::string(1, char('a' + source.below(4))) + "\n";
      }
      return all;
    };
    const std::string from = text(), to = text();
    const TextDiff diff = diff_texts(from, to, 1000);
    std::string before, after;
    int kept = 0;
    for (const std::string& line : diff.lines) {
      if (line[0] != '+') before += line.substr(1) + "\n";
      if (line[0] != '-') after += line.substr(1) + "\n";
      kept += line[0] == ' ';
    }
    if (diff.removed + diff.added == 0) continue;
    CHECK(before == from);
    CHECK(after == to);
    CHECK(kept + diff.removed == int(lesson::lines_of(from).size()));
    CHECK(diff.changed >= std::max(diff.removed, diff.added));
    CHECK(diff.changed <= diff.removed + diff.added);
  }
}
