#include "common/lesson/study_blocks.h"

#include "common/lesson/error.h"
#include "tests/catch.h"

using Catch::Matchers::ContainsSubstring;
using lesson::Block;
using lesson::Json;

namespace {

Json study() {
  return Json::parse(R"json({"rows": [
    {"chapter": "01", "length": 128, "bytes": 1000, "share": 0.5},
    {"chapter": "01", "length": 2048, "bytes": 4000000, "share": 0.25},
    {"chapter": "02", "length": 128, "bytes": 500, "share": 1}]})json");
}

}  // namespace

TEST_CASE("a study's rows are shown in the asked form", "[lesson]") {
  const Block block{"rows",
                    {"s"},
                    {"where length=128", "column chapter text | chapter",
                     "column bytes bytes | moved", "column share percent | of all"},
                    1};
  CHECK(lesson::rows_table(block, study()) ==
        "| chapter | moved | of all |\n| --- | ---: | ---: |\n"
        "| 01 | 1.00 kB | 50.0% |\n| 02 | 500 B | 100.0% |\n");
}

TEST_CASE("a pivot has a row for each value and a cell for each that fits both", "[lesson]") {
  const Block block{"pivot",
                    {"s"},
                    {"row length whole | tokens", "cell bytes bytes",
                     "column the first | chapter=01", "column second | chapter=02"},
                    1};
  CHECK(lesson::pivot_table(block, study()) ==
        "| tokens | the first | second |\n| --- | ---: | ---: |\n"
        "| 128 | 1.00 kB | 500 B |\n| 2,048 | 4.00 MB | - |\n");
  const Block twice{
      "pivot", {"s"}, {"row length whole | t", "cell bytes bytes", "column all |"}, 1};
  CHECK_THROWS_WITH(lesson::pivot_table(twice, study()), ContainsSubstring("two rows fit 128"));
}

TEST_CASE("a plot has a line for each series", "[lesson]") {
  const Block block{
      "plot",
      {"s", "f.svg"},
      {"title Bytes of it", "x length plain log | tokens", "y bytes bytes log | bytes",
       "series chapter one | chapter=01", "series two | chapter=02"},
      1};
  const std::string svg = lesson::plot_svg(block, study());
  for (const char* words : {"<title>Bytes of it</title>", ">chapter one<", ">two<", ">tokens<"}) {
    CAPTURE(words);
    CHECK(svg.find(words) != std::string::npos);
  }
}

TEST_CASE("what is wrong with a study's block is told", "[lesson]") {
  const auto rows = [](const std::vector<std::string>& lines) {
    return lesson::rows_table({"rows", {"s"}, lines, 1}, study());
  };
  CHECK_THROWS_WITH(rows({"column speed bytes | x"}), ContainsSubstring("no 'speed'"));
  CHECK_THROWS_WITH(rows({"column bytes miles | x"}), ContainsSubstring("'miles'"));
  CHECK_THROWS_WITH(rows({"where length=1", "column bytes bytes | x"}),
                    ContainsSubstring("no row"));
  CHECK_THROWS_WITH(rows({"colum bytes bytes | x"}), ContainsSubstring("'colum'"));
  CHECK_THROWS_WITH(rows({"where length", "column bytes bytes | x"}),
                    ContainsSubstring("NAME=VALUE"));
  CHECK_THROWS_WITH(rows({}), ContainsSubstring("column"));
  CHECK_THROWS_WITH(lesson::plot_svg({"plot",
                                      {"s", "f"},
                                      {"title t", "x length plain | x", "y bytes bytes | y",
                                       "series s | chapter=09"},
                                      1},
                                     study()),
                    ContainsSubstring("no row fits series 's'"));
}

TEST_CASE("numbers are written in the named format", "[lesson]") {
  CHECK(lesson::number_format("bytes")(1e6) == "1.00 MB");
  CHECK(lesson::number_format("whole")(1234567) == "1,234,567");
  CHECK(lesson::number_format("plain")(1234567) == "1234567");
  CHECK(lesson::number_format(".3")(1.5) == "1.500");
  CHECK(lesson::number_format("percent")(0.123) == "12.3%");
}
