#include "common/lesson/document.h"

#include "common/lesson/error.h"
#include "tests/catch.h"

using lesson::Block;
using lesson::fill;

namespace {

std::string words(const Block& block) {
  std::string text = block.kind;
  for (const std::string& word : block.arguments) text += " " + word;
  for (const std::string& line : block.lines) text += "|" + line;
  return text + "\n";
}

}  // namespace

TEST_CASE("a block is filled anew and the text around it stays", "[lesson]") {
  const std::string before = "# Title\n<!-- begin: code a.h f -->\nold\nold\n<!-- end -->\nend\n";
  const std::string after = "# Title\n<!-- begin: code a.h f -->\ncode a.h f\n<!-- end -->\nend\n";
  CHECK(fill(before, words) == after);
  CHECK(fill(after, words) == after);
}

TEST_CASE("a marker may have further lines", "[lesson]") {
  const std::string text = "<!-- begin: predict run 00\nlet n = 1\n\nk: n; 0\n-->\n<!-- end -->\n";
  std::string seen;
  fill(text, [&](const Block& block) { return seen = words(block); });
  CHECK(seen == "predict run 00|let n = 1|k: n; 0\n");
}

TEST_CASE("what is wrong with a block is told with its line", "[lesson]") {
  CHECK_THROWS_WITH(fill("a\n<!-- begin: code -->\ntext\n", words),
                    "line 2: the block has no '<!-- end -->'");
  CHECK_THROWS_WITH(fill("<!-- begin: a -->\n<!-- begin: b -->\n<!-- end -->\n", words),
                    "line 1: the block has no '<!-- end -->'");
  CHECK_THROWS_WITH(fill("<!-- begin: a\nno end\n", words), "line 1: the marker has no '-->'");
  CHECK_THROWS_WITH(fill("<!-- begin: a -->\n<!-- end -->\n",
                         [](const Block&) -> std::string { throw lesson::LessonError("why"); }),
                    "line 1: a: why");
}

TEST_CASE("the first line that differs is named", "[lesson]") {
  CHECK(lesson::first_difference("a\nb\n", "a\nb\n").empty());
  CHECK(lesson::first_difference("a\nb\n", "a\nc\n") == "line 2\n  is        b\n  should be c");
  CHECK(lesson::first_difference("a\n", "a\nc\n") ==
        "line 2\n  is        (the end)\n  should be c");
}
