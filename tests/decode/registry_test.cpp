// Choosing rows of the ladder, and what each is compared with. The chapters here are made up.
#include "common/decode/registry.h"

#include "common/decode/engine.h"  // Engine
#include "common/decode/error.h"   // DecodeError
#include "tests/catch.h"

namespace {

using Rows = std::vector<std::string>;

decode::Chapter row(const char* id, const char* variant, const char* kv, bool by_default) {
  decode::Chapter c;
  c.id = id;
  c.name = "name";
  c.variant = variant;
  c.kv = kv;
  c.by_default = by_default;
  return c;
}

const decode::RegisterChapter kRows[] = {
    decode::RegisterChapter(row("90", "", "", true)),
    decode::RegisterChapter(row("92", "vram", "vram", true)),
    decode::RegisterChapter(row("92", "host", "host", false)),
    decode::RegisterChapter(row("91", "vram", "vram", true)),
    decode::RegisterChapter(row("91", "host", "host", true)),
    decode::RegisterChapter(row("94", "weights", "vram", true)),
    decode::RegisterChapter(row("94", "lower", "vram", false)),
};

Rows chosen(const char* ids, const char* kv) {
  Rows rows;
  for (const decode::Chapter& c : decode::select_chapters(ids, kv)) {
    if (c.id[0] == '9') rows.push_back(c.id + ":" + c.variant);
  }
  return rows;
}

}  // namespace

TEST_CASE("without a wish the default rows run, in order", "[decode]") {
  CHECK(chosen("", "") == Rows{"90:", "91:vram", "91:host", "92:vram", "94:weights"});
}

TEST_CASE("an id takes a chapter's default rows, and a variant exactly one", "[decode]") {
  CHECK(chosen("91", "") == Rows{"91:vram", "91:host"});
  CHECK(chosen("92", "") == Rows{"92:vram"});
  CHECK(chosen("92:host", "") == Rows{"92:host"});
  CHECK(chosen("94:lower,90", "") == Rows{"90:", "94:lower"});
  CHECK(chosen("94:lower,94", "") == Rows{"94:weights", "94:lower"});
}

TEST_CASE("a place for the cache leaves the rows whose cache is there", "[decode]") {
  CHECK(chosen("", "vram") == Rows{"90:", "91:vram", "92:vram", "94:weights"});
  CHECK(chosen("", "host") == Rows{"90:", "91:host", "92:host"});
  CHECK(chosen("92", "vram,host") == Rows{"92:vram", "92:host"});
}

TEST_CASE("an unknown row is an error that names those that there are", "[decode]") {
  using Catch::Matchers::ContainsSubstring;
  CHECK_THROWS_WITH(chosen("95", ""), ContainsSubstring("90, 91, 92, 94"));
  CHECK_THROWS_WITH(chosen("92:attic", ""),
                    ContainsSubstring("'92:attic', expected some of 92:vram, 92:host"));
  CHECK_THROWS_WITH(chosen("", "attic"), ContainsSubstring("vram, host"));
  CHECK_THROWS_WITH(chosen("92:host", "vram"), ContainsSubstring("no chapter is both"));
}

TEST_CASE("a row is compared with the last lossless one, or with the one that it names",
          "[decode]") {
  std::vector<decode::Chapter> rows = {row("03", "", "vram", true),  row("04", "a", "vram", true),
                                       row("04", "b", "vram", true), row("05", "x", "vram", true),
                                       row("05", "y", "vram", true), row("06", "", "vram", true)};
  rows[1].lossy = rows[2].lossy = true;
  rows[4].compare_with = "04:a";
  std::vector<bool> ran(rows.size(), true);
  CHECK(decode::row_to_compare(rows, 0, ran) == -1);
  CHECK(decode::row_to_compare(rows, 1, ran) == 0);
  CHECK(decode::row_to_compare(rows, 2, ran) == 0);
  CHECK(decode::row_to_compare(rows, 3, ran) == 0);
  CHECK(decode::row_to_compare(rows, 4, ran) == 1);
  CHECK(decode::row_to_compare(rows, 5, ran) == 3);
  ran[1] = false;
  CHECK(decode::row_to_compare(rows, 4, ran) == -1);
  rows[4].compare_with = "04";
  CHECK(decode::row_to_compare(rows, 4, ran) == 2);
}
