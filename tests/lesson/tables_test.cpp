#include "common/lesson/tables.h"

#include "common/lesson/error.h"
#include "common/lesson/prediction.h"
#include "tests/catch.h"

using lesson::Block;
using lesson::Json;

namespace {

Json run() {
  return Json::parse(R"json({"prompt_tokens": 4,
    "model": {"dim": 8, "hidden_dim": 16, "n_layers": 2, "n_heads": 4, "n_kv_heads": 1,
              "head_dim": 2, "vocab_size": 10, "weight_bytes": 100},
    "chapters": [{"id": "01", "name": "kv", "variant": "vram", "decode": {"steps": 2},
      "counts": {
        "decode": {"counted": {"vram_bytes": 3000, "host_bytes": 0}, "modelled": {"seconds": 0.0025}},
        "kernels": [
          {"phase": "prefill", "kernel": "k<1>", "counted": {"vram_bytes": 9},
           "declared": {"fp32_multiply_adds": 9, "int8_multiply_adds": 0}},
          {"phase": "decode", "kernel": "(copy)", "counted": {"vram_bytes": 9},
           "declared": {"fp32_multiply_adds": 0, "int8_multiply_adds": 0}},
          {"phase": "decode", "kernel": "k<1>", "counted": {"vram_bytes": 40},
           "declared": {"fp32_multiply_adds": 2, "int8_multiply_adds": 3}},
          {"phase": "decode", "kernel": "k<8>", "counted": {"vram_bytes": 60},
           "declared": {"fp32_multiply_adds": 6, "int8_multiply_adds": 0}}],
        "tensors": [
          {"phase": "decode", "tensor": "weights.a", "counted": {"vram_bytes": 2000}},
          {"phase": "decode", "tensor": "x", "counted": {"vram_bytes": 600}},
          {"phase": "decode", "tensor": "weights.b", "counted": {"vram_bytes": 400}}]}}]})json");
}

}  // namespace

TEST_CASE("a row a chapter holds the mean of the decode steps", "[lesson]") {
  const Block block{"chapters", {"run", "decode", "vram_bytes", "vram_bytes!", "seconds"}, {}, 1};
  CHECK(lesson::chapters_table(block, run()) ==
        "| a token | VRAM | VRAM | time, modelled |\n| --- | ---: | ---: | ---: |\n"
        "| 01 kv vram | 1.50 kB | 1,500 | 1.25 ms |\n");
}

TEST_CASE("a table of chapters has those that it names, in that order", "[lesson]") {
  Json report = run();
  Json other = report["chapters"][0];
  other["variant"] = "host";
  report["chapters"].push_back(other);
  Block block{"chapters", {"run", "decode", "vram_bytes"}, {"only 01-host"}, 1};
  CHECK(lesson::chapters_table(block, report) ==
        "| a token | VRAM |\n| --- | ---: |\n| 01 kv host | 1.50 kB |\n");
  block.lines = {"only 01-attic"};
  CHECK_THROWS_WITH(lesson::chapters_table(block, report), "the report has no chapter '01-attic'");
  block.lines = {"just 01-host"};
  CHECK_THROWS_AS(lesson::chapters_table(block, report), lesson::LessonError);
}

TEST_CASE("tensors are summed by the beginning of their names", "[lesson]") {
  const Block block{"tensors", {"run", "01-vram", "vram_bytes"}, {"all weights = weights."}, 1};
  CHECK(lesson::tensors_table(block, run()) ==
        "| a token | VRAM |\n| --- | ---: |\n| all weights | 1.20 kB |\n| the rest | 300 B |\n");
}

TEST_CASE("sizes are the formula with the values of row and column", "[lesson]") {
  const Block block{"sizes",
                    {"run"},
                    {"bytes = layers * length", "row model | dim=8", "row other | layers=5",
                     "column short | length=3", "column long | length=100"},
                    1};
  CHECK(lesson::sizes_table(block, run()) ==
        "|  | short | long |\n| --- | ---: | ---: |\n| model | 6 B | 200 B |\n| other | 15 B | 500 "
        "B |\n");
}

TEST_CASE("a prediction is evaluated at each step, and its operations must be exact", "[lesson]") {
  Block block{"predict", {"run", "01-vram"}, {"let m = length * 2", "k: m + 10; length"}, 1};
  // Steps have 5 and 6 tokens: bytes (20 + 22) / 2, operations (5 + 6) / 2.
  CHECK(lesson::prediction_table(block, run()) ==
        "| kernel | predicted | VRAM, counted | multiply-adds, declared |\n"
        "| --- | ---: | ---: | ---: |\n| `k` | 21 B | 50 B | 5.50 |\n| **all** | 21 B | 50 B | "
        "5.50 |\n");
  block.lines[1] = "k: m; length + 1";
  CHECK_THROWS_AS(lesson::prediction_table(block, run()), lesson::LessonError);
  block.lines[1] = "other: m; length";
  CHECK_THROWS_WITH(lesson::prediction_table(block, run()), "no other was counted");
  block.lines.resize(1);
  CHECK_THROWS_WITH(lesson::prediction_table(block, run()), "no formula for k");
}

TEST_CASE("a wrong name in a block is told", "[lesson]") {
  CHECK_THROWS_WITH(lesson::field("speed"), "no field is named 'speed'");
  CHECK_THROWS_WITH(lesson::chapter(run(), "07"), "the report has no chapter '07'");
  CHECK_THROWS_WITH(lesson::report({}, "run"), "no report is named 'run'");
}
