// Merging reports and the table that is printed.
#include "common/decode/table.h"

#include <cmath>
#include <functional>
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
          {"lossy", false},
          {"speculation", nullptr},
          {"compared", id != "00"},
          {"compared_with", id != "00" ? ordered_json("00 name") : ordered_json(nullptr)},
          {"difference", nullptr}};
}

ordered_json run(const std::string& target) {
  const bool counted = target == "traced";
  return {{"format", "decoder-ladder run 1"},
          {"target", target},
          {"device", "a CPU"},
          {"model", {{"file", "m.gguf"}}},
          {"draft", nullptr},
          {"prompt", "p"},
          {"gpu", "classroom"},
          {"sampling", {}},
          {"skipped", ordered_json::array()},
          {"chapters",
           {chapter("00", "", counted), chapter("01", "vram", counted),
            chapter("01", "host", counted)}}};
}

// A ladder as it will be: lossy rows, a generator, a row that was left out.
ordered_json long_run(const std::string& target) {
  ordered_json json = run(target);
  const bool counted = target == "traced";
  const auto add = [&](const char* id, const char* name, const char* variant, const char* with) {
    ordered_json row = chapter(id, variant, counted);
    row["name"] = name;
    row["compared_with"] = with;
    json["chapters"].push_back(row);
    return std::ref(json["chapters"].back());
  };
  json["chapters"][2]["compared_with"] = "01 name vram";
  add("02", "tiled_attention", "vram", "01 name host");
  add("03", "grouped_query", "vram", "02 tiled_attention vram");
  ordered_json& lossy = add("04", "int8", "weights+cache", "03 grouped_query vram");
  lossy["lossy"] = true;
  lossy["difference"] = {{"at", 6}, {"top_two_gap", 0.25}, {"tie", false}};
  const ordered_json speculation = {
      {"draft_tokens", 2}, {"target_passes", 3}, {"proposed", {3, 2}}, {"accepted", {2, 1}}};
  ordered_json& drafted = add("05", "speculative", "03x03", "03 grouped_query vram");
  drafted["speculation"] = speculation;
  ordered_json& drafted8 = add("05", "speculative", "04x04", "04 int8 weights+cache");
  drafted8["speculation"] = speculation;
  json["draft"] = {{"file", "d.gguf"}};
  json["skipped"] = {
      {{"id", "05"}, {"name", "speculative"}, {"variant", "03x04"}, {"reason", "it cannot"}}};
  return json;
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
  for (const ordered_json& table : {decode::merge_runs({run("native"), run("traced")}),
                                    decode::merge_runs({long_run("native"), long_run("traced")})}) {
    for (const int width : {40, 48, 60, 80, 100, 140, 200, 300}) {
      CAPTURE(width);
      const std::string text = decode::table_text(table, {width, false});
      CHECK(widest_line(text) <= static_cast<size_t>(width));
      for (const char* word : {"00 name", "01 name vram", "01 name host", "VRAM", "PCIe",
                               "KV cache", "tokens/s", "launches", "mul-adds", "1.00 MB", "1 ms",
                               "2.0", "yes", "counted", "declared", "modelled", "measured"}) {
        CAPTURE(word);
        CHECK(text.find(word) != std::string::npos);
      }
      CHECK(text.find('\033') == std::string::npos);
    }
    CHECK(decode::table_text(table, {100, true}).find("\033[1m") != std::string::npos);
  }
}

TEST_CASE("chapters stand below each other, in as few parts as the width allows", "[decode]") {
  const ordered_json table = decode::merge_runs({long_run("native"), long_run("traced")});
  const auto parts = [&](int width) {
    std::istringstream lines(decode::table_text(table, {width, false}));
    int count = 0;
    for (std::string line; std::getline(lines, line);) count += line.rfind("a token", 0) == 0;
    return count;
  };
  CHECK(parts(200) == 1);
  CHECK(parts(100) == 2);
  CHECK(parts(80) <= 3);
  CHECK(parts(60) <= 4);
}

TEST_CASE("a difference is shown as a tie or as an error, and told with its gap", "[decode]") {
  ordered_json native = run("native");
  native["chapters"][1]["difference"] = {{"at", 3}, {"top_two_gap", 2e-5}, {"tie", true}};
  native["chapters"][2]["difference"] = {{"at", 0}, {"top_two_gap", 0.5}, {"tie", false}};
  const std::string text = decode::table_text(decode::merge_runs({native}), {200, false});
  CHECK(text.find("tie at 4") != std::string::npos);
  CHECK(text.find("NO at 1") != std::string::npos);
  CHECK(text.find("01 name vram: token 4 is the first that differs from 00 name, where the two "
                  "largest logits lie 2e-05 apart: a tie.") != std::string::npos);
  CHECK(text.find("lie 5e-01 apart: an ERROR.") != std::string::npos);
  // Without counts the cells are empty, not wrong.
  CHECK(text.find(" - ") != std::string::npos);
}

TEST_CASE("a lossy chapter, a draft and a chapter that was left out are told", "[decode]") {
  const ordered_json table = decode::merge_runs({long_run("native"), long_run("traced")});
  const ordered_json& drafted = table["chapters"][6];
  CHECK(drafted["speculation"]["acceptance"] == 0.6);
  CHECK(drafted["speculation"]["acceptance_by_position"][1] == 0.5);
  CHECK(std::abs(drafted["speculation"]["tokens_per_pass"].get<double>() - 4. / 3) < 1e-12);
  CHECK(table["chapters"][5]["lossy"] == true);
  CHECK(table["draft"] == "d.gguf");
  const std::string text = decode::table_text(table, {300, false});
  for (const char* words :
       {"no, lossy", "60%", "1.3", "d.gguf drafts 2 tokens at a time",
        "05 speculative 04x04 is compared with 04 int8 weights+cache.",
        "04 int8 weights+cache: token 7 is the first that differs from 03 grouped_query vram, "
        "where the two largest logits lie 2e-01 apart: a lossy chapter.",
        "05 speculative 03x04 is left out: it cannot."}) {
    CAPTURE(words);
    CHECK(text.find(words) != std::string::npos);
  }
  CHECK(text.find("05 speculative 03x03 is compared") == std::string::npos);
}

TEST_CASE("acceptance by position stands below the table, beside what the formula gives",
          "[decode]") {
  ordered_json native = long_run("native");
  ordered_json& row = native["chapters"][6];
  row["speculation"] = {
      {"draft_tokens", 3}, {"target_passes", 2}, {"proposed", {4, 3, 0}}, {"accepted", {3, 1, 0}}};
  const ordered_json table = decode::merge_runs({native});
  const std::string text = decode::table_text(table, {400, false});
  // 4 of 7: (1 - (4/7)^4) / (3/7) = 2.0845. Four tokens after the first, by two passes.
  CHECK(text.find("05 speculative 03x03: accepted by position 75% 33% -; 2.00 tokens a pass, where "
                  "57% at every position would give (1 - a^4) / (1 - a) = 2.08.") !=
        std::string::npos);
  CHECK(text.find("03 grouped_query vram: accepted") == std::string::npos);

  row["speculation"]["accepted"] = {4, 3, 0};  // all that were looked at: k + 1
  CHECK(decode::table_text(decode::merge_runs({native}), {400, false})
            .find("100% 100% -; 2.00 tokens a pass, where 100% at every position would give "
                  "(1 - a^4) / (1 - a) = 4.00.") != std::string::npos);

  // A text of one token needs no pass: nothing to tell.
  row["speculation"] = {
      {"draft_tokens", 3}, {"target_passes", 0}, {"proposed", {0, 0, 0}}, {"accepted", {0, 0, 0}}};
  CHECK(decode::table_text(decode::merge_runs({native}), {400, false})
            .find("05 speculative 03x03: accepted") == std::string::npos);

  // Sixteen positions, the most that may be, on a narrow terminal.
  row["speculation"] = {{"draft_tokens", 16},
                        {"target_passes", 2},
                        {"proposed", std::vector<int>(16, 2)},
                        {"accepted", std::vector<int>(16, 2)}};
  CHECK(widest_line(decode::table_text(decode::merge_runs({native}), {40, false})) <= 40);
}

TEST_CASE("the table says when fewer tokens were counted than decoded", "[decode]") {
  ordered_json traced = run("traced");
  for (ordered_json& c : traced["chapters"]) {
    c["tokens"] = {1, 2, 3};
    c["decode"]["steps"] = 2;
    c["kv_bytes"] = 1000;
  }
  const ordered_json table = decode::merge_runs({run("native"), traced});
  CHECK(table["chapters"][0]["counted"]["tokens"] == 2);
  CHECK(table["chapters"][0]["counted"]["vram_bytes_per_token"] == 2e6);
  CHECK(table["chapters"][0]["counted"]["kv_bytes"] == 4096);  // of the whole text
  CHECK(decode::table_text(table, {300, false}).find("counting stops at token 3 of the text's 5") !=
        std::string::npos);
  const ordered_json all = decode::merge_runs({run("native"), run("traced")});
  CHECK(decode::table_text(all, {300, false}).find("counting stops") == std::string::npos);
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
