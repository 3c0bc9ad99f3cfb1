// Merging reports and the table that is printed.
#include "common/decode/table.h"

#include <sstream>

#include "common/decode/error.h"      // DecodeError
#include "common/decode/report.h"     // merge_runs
#include "common/decode/text_grid.h"  // text_width
#include "tests/catch.h"

namespace {

using nlohmann::ordered_json;

ordered_json totals(double bytes) {
  return {{"counted",
           {{"vram_bytes", bytes},
            {"l2_bytes", bytes},
            {"l1_bytes", bytes},
            {"shared_bytes", bytes},
            {"host_bytes", bytes},
            {"launches", 12},
            {"estimated_requests", 0}}},
          {"declared", {{"fp32_multiply_adds", 3e6}, {"int8_multiply_adds", 1e6}}},
          {"modelled", {{"seconds", 0.004}}}};
}

ordered_json chapter(const std::string& id, const std::string& variant, bool counted) {
  return {{"id", id},
          {"name", "name"},
          {"variant", variant},
          {"text", " text"},
          {"tokens", {1, 2, 3, 4, 5}},
          {"kv_bytes", 4096},
          {"prefill", {{"tokens", 9}, {"seconds", 0.5}}},
          {"decode", {{"steps", 4}, {"seconds", 2.0}}},
          {"counts", counted ? ordered_json{{"prefill", totals(9e6)}, {"decode", totals(4e6)}}
                             : ordered_json(nullptr)},
          {"compared", id != "00"},
          {"difference", nullptr}};
}

ordered_json run(const std::string& target) {
  const bool counted = target == "traced";
  return {{"format", "decoder-ladder run 1"},
          {"target", target},
          {"device", "a CPU"},
          {"model", {{"file", "m.gguf"}}},
          {"prompt", "p"},
          {"gpu", "classroom"},
          {"sampling", {}},
          {"chapters",
           {chapter("00", "", counted), chapter("01", "vram", counted),
            chapter("01", "host", counted)}}};
}

size_t widest_line(const std::string& text) {
  std::istringstream lines(text);
  size_t widest = 0;
  for (std::string line; std::getline(lines, line);)
    widest = std::max(widest, decode::text_width(line));
  return widest;
}

}  // namespace

TEST_CASE("speed comes from native, counts from traced", "[decode]") {
  const ordered_json table = decode::merge_runs({run("native"), run("traced")});
  REQUIRE(table["model"] == "m.gguf");
  REQUIRE(table["chapters"].size() == 3);
  const ordered_json& row = table["chapters"][1];
  REQUIRE(row["id"] == "01");
  REQUIRE(row["measured"]["target"] == "native");
  REQUIRE(row["measured"]["tokens_per_second"] == 2.0);
  REQUIRE(row["counted"]["vram_bytes_per_token"] == 1e6);
  REQUIRE(row["counted"]["launches_per_token"] == 3.0);
  REQUIRE(row["counted"]["kv_bytes"] == 4096);
  REQUIRE(row["declared"]["multiply_adds_per_token"] == 1e6);
  REQUIRE(row["modelled"]["ms_per_token"] == 1.0);
  REQUIRE(row["prefill"]["counted"]["vram_bytes"] == 9e6);
  REQUIRE(row["equal_to_previous"] == true);
  REQUIRE(table["chapters"][0]["equal_to_previous"].is_null());
}

TEST_CASE("counts of fewer tokens than the text are merged, other tokens are not", "[decode]") {
  ordered_json traced = run("traced");
  for (ordered_json& c : traced["chapters"]) c["tokens"] = {1, 2, 3};
  REQUIRE(decode::merge_runs({run("native"), traced})["chapters"][0]["tokens"].size() == 5);
  traced["chapters"][2]["tokens"] = {1, 9, 3};
  REQUIRE_THROWS_WITH(
      decode::merge_runs({run("native"), traced}),
      Catch::Matchers::ContainsSubstring("01 host: two targets decoded different tokens"));
}

TEST_CASE("reports of different runs are not merged", "[decode]") {
  ordered_json traced = run("traced");
  traced["gpu"] = "h100";
  REQUIRE_THROWS_WITH(decode::merge_runs({run("native"), traced}),
                      Catch::Matchers::ContainsSubstring("'gpu' differs"));
  REQUIRE_THROWS_AS(decode::merge_runs({}), decode::DecodeError);
}

TEST_CASE("the table fits any width and shows every chapter and number", "[decode]") {
  const ordered_json table = decode::merge_runs({run("native"), run("traced")});
  for (const int width : {40, 48, 60, 80, 100, 140, 300}) {
    CAPTURE(width);
    const std::string text = decode::table_text(table, {width, false});
    REQUIRE(widest_line(text) <= static_cast<size_t>(width));
    for (const char* word : {"00 name", "01 name vram", "01 name host", "VRAM", "PCIe", "KV cache",
                             "tokens/s", "launches", "mul-adds", "1.00 MB", "1 ms", "2.0", "yes",
                             "counted", "declared", "modelled", "measured"}) {
      CAPTURE(word);
      REQUIRE(text.find(word) != std::string::npos);
    }
    REQUIRE(text.find('\033') == std::string::npos);
  }
  REQUIRE(decode::table_text(table, {100, true}).find("\033[1m") != std::string::npos);
}

TEST_CASE("a difference is shown as a tie or as an error, with its gap", "[decode]") {
  ordered_json native = run("native");
  native["chapters"][1]["difference"] = {{"at", 3}, {"top_two_gap", 2e-5}, {"tie", true}};
  native["chapters"][2]["difference"] = {{"at", 0}, {"top_two_gap", 0.5}, {"tie", false}};
  const std::string text = decode::table_text(decode::merge_runs({native}), {200, false});
  REQUIRE(text.find("tie at 4 (2e-05)") != std::string::npos);
  REQUIRE(text.find("NO at 1 (5e-01)") != std::string::npos);
  // Without counts the cells are empty, not wrong.
  REQUIRE(text.find(" - ") != std::string::npos);
}

TEST_CASE("benches are merged under the documented names", "[decode]") {
  const auto bench = [](const char* target, double ns) -> ordered_json {
    const ordered_json kernels = {{"gemv_ns_per_fma", ns}, {"matmul_ns_per_fma", 2 * ns}};
    return {{"format", "decoder-ladder bench 1"},
            {"target", target},
            {"device", "a CPU"},
            {"runs", 9},
            {"kernels", kernels},
            {"plain", kernels},
            {"decode", {{"tokens_per_second", 100 / ns}}}};
  };
  const ordered_json merged = decode::merge_benches({bench("native", 1), bench("traced", 4)});
  REQUIRE(merged["counted"]["gemv_ns_per_fma"] == 4.0);
  REQUIRE(merged["counted"]["matmul_ns_per_fma"] == 8.0);
  REQUIRE(merged["native"]["gemv_ns_per_fma"] == 1.0);
  REQUIRE(merged["decode"]["counted_tokens_per_second"] == 25.0);
  REQUIRE(merged["decode"]["native_tokens_per_second"] == 100.0);
  REQUIRE(merged["machine"] == "a CPU");
  REQUIRE(widest_line(decode::bench_text(merged, {60, false})) <= 60);
}
