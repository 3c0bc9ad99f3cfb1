// What there is to choose from, and the command line of what was chosen.
#include "visualizer/core/catalog.h"

#include <algorithm>

#include "tests/catch.h"
#include "tests/visualizer/source_help.h"
#include "visualizer/core/programs.h"

using namespace viz_test;
using Catch::Matchers::ContainsSubstring;

namespace {

const char* const kInfo = R"({"format": "decoder-ladder info 1", "later": [1], "device": "a CPU",
  "chapters": [
    {"id": "00", "name": "naive", "variant": "", "idea": "all anew", "by_default": true},
    {"id": "02", "name": "tiled_attention", "variant": "vram", "idea": "tiles", "kv": "vram"},
    {"id": "02", "name": "tiled_attention", "variant": "host", "idea": "tiles, over PCIe",
     "kv": "host", "by_default": false, "lossy": true},
    {"id": "05", "name": "speculative", "variant": "03x03", "idea": "a draft", "draft": true}],
  "gpus": [{"name": "t4", "title": "NVIDIA T4"}, {"name": "classroom", "title": "shrunk"}],
  "model": {"file": "a.gguf", "name": "Austen", "weight_bytes": 7613440, "n_layers": 5,
            "max_seq_len": 512, "notes": ["a note"]}})";

}  // namespace

TEST_CASE("what info says is read, and what it leaves out is at its default", "[viz][catalog]") {
  const viz::CatalogData data = viz::parse_catalog(kInfo);
  REQUIRE(data.device == "a CPU");
  REQUIRE(data.chapters.size() == 4);
  REQUIRE(data.chapters[0].title() == "00 naive");
  REQUIRE(data.chapters[0].row() == "00");
  REQUIRE(data.chapters[1].by_default);
  REQUIRE(data.chapters[2] == viz::ChapterInfo{"02", "tiled_attention", "host", "tiles, over PCIe",
                                               "host", false, false, true});
  REQUIRE(data.chapters[3].draft);
  REQUIRE(data.variants("02").size() == 2);
  REQUIRE(data.find("02", "host")->row() == "02:host");
  REQUIRE(data.find("02", "") == nullptr);
  REQUIRE(data.gpus[1] == viz::GpuInfo{"classroom", "shrunk"});
  REQUIRE(data.model->n_layers == 5);
  REQUIRE(data.model->weight_bytes == 7613440);
  REQUIRE(data.model->n_heads == 0);
  REQUIRE(data.model->notes == std::vector<std::string>{"a note"});
}

TEST_CASE("info of another kind is refused in words", "[viz][catalog]") {
  using viz::parse_catalog;
  REQUIRE_THROWS_WITH(parse_catalog("target    traced"), "what info wrote is not a JSON object");
  REQUIRE_THROWS_WITH(parse_catalog("{\"format\": \"decoder-ladder info 2\"}"),
                      "info has format 'decoder-ladder info 2', expected 'decoder-ladder info 1'");
  REQUIRE_THROWS_WITH(parse_catalog("{\"format\": \"decoder-ladder info 1\"}"),
                      ContainsSubstring("chapters"));
  REQUIRE_THROWS_WITH(parse_catalog("{\"format\": 3}"), ContainsSubstring("cannot be read"));
  REQUIRE_THROWS_AS(
      parse_catalog(R"({"format": "decoder-ladder info 1", "chapters": [4], "gpus": []})"),
      std::runtime_error);
}

TEST_CASE("a catalog loads in the background", "[viz][catalog]") {
  Folder folder;
  const std::string program = folder / "info";
  write_file(folder / "out", kInfo);
  // Fails for one model, as a program does whose model cannot be read.
  write_file(program,
             "#!/bin/sh\n[ \"$*\" = 'info --json - --model bad.gguf' ] && "
             "{ echo 'error: bad.gguf: no GGUF file' >&2; exit 1; }\ncat " +
                 (folder / "out") + "\n");
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  viz::Catalog catalog;
  const auto come = [&] { return catalog.update(); };
  REQUIRE(!catalog.update());
  catalog.load(program, "a.gguf");
  REQUIRE(catalog.loading());
  REQUIRE(wait_until(come));
  REQUIRE(!catalog.loading());
  REQUIRE(catalog.message() == "");
  REQUIRE(catalog.data().chapters.size() == 4);
  REQUIRE(catalog.data().model->name == "Austen");

  catalog.load(program, "bad.gguf");
  REQUIRE(wait_until(come));
  REQUIRE(catalog.message() == "bad.gguf: no GGUF file");
  REQUIRE(catalog.data().chapters.size() == 4);
  REQUIRE(!catalog.data().model);

  viz::Catalog fresh;  // knows no chapters of before
  fresh.load(program, "bad.gguf");
  REQUIRE(wait_until([&] { return fresh.update(); }));
  REQUIRE(fresh.message() == "bad.gguf: no GGUF file");
  REQUIRE(fresh.data().chapters.size() == 4);
  REQUIRE(!fresh.data().model);
}

TEST_CASE("a catalog's program may be missing, silent, endless or stuck", "[viz][catalog]") {
  Folder folder;
  const auto message_of = [&](const std::string& script) {
    const std::string program = folder / "info";
    write_file(program, "#!/bin/sh\n" + script + "\n");
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    viz::Catalog catalog;
    catalog.load(program, "");
    REQUIRE(wait_until([&] { return catalog.update(); }));
    REQUIRE(catalog.data().chapters.empty());
    return catalog.message();
  };
  REQUIRE(message_of("exit 0") == "what info wrote is not a JSON object");
  REQUIRE_THAT(message_of("echo oops >&2; exit 2"),
               ContainsSubstring("stopped with status 2: oops"));
  REQUIRE_THAT(message_of("exec yes"), ContainsSubstring("writes without an end"));
  viz::Catalog missing;
  missing.load("/nowhere/ladder-traced", "");
  REQUIRE(wait_until([&] { return missing.update(); }));
  REQUIRE_THAT(missing.message(), ContainsSubstring("/nowhere/ladder-traced cannot be started"));

  const auto start = Clock::now();
  {
    viz::Catalog stuck;
    const std::string program = folder / "stuck";
    write_file(program, "#!/bin/sh\nexec sleep 100\n");
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    stuck.load(program, "a");
    stuck.load(program, "b");
    REQUIRE(stuck.loading());
    REQUIRE(!stuck.update());
  }
  REQUIRE(milliseconds_since(start) < 200);
  REQUIRE(no_child_left());
}

TEST_CASE("a run's command line says what was chosen", "[viz][catalog]") {
  viz::RunRequest request;
  request.program = "ladder-traced";
  request.prompt = "-- it's";
  const std::vector<std::string> plain = request.arguments();
  const std::vector<std::string> expected = {
      "run",          "--quiet", "--chapters",    "03:vram",  "--prompt", "-- it's",
      "-n",           "32",      "--temperature", "0",        "--top-k",  "0",
      "--top-p",      "1",       "--seed",        "1",        "--gpu",    "classroom",
      "--walk-block", "first",   "--events",      "/dev/fd/3"};
  REQUIRE(plain == expected);

  request.chapter = "00";
  request.variant = "";
  request.kv = "vram";
  request.model = "m.gguf";
  request.draft = "self";
  request.temperature = 0.7f;
  request.top_k = 40;
  request.top_p = 0.95f;
  request.seed = 18446744073709551615u;
  request.context = 128;
  request.draft_tokens = 5;
  request.count_tokens = 9;
  request.walk_block = "last";
  const std::vector<std::string> all = request.arguments();
  const auto value_of = [&all](const char* option) {
    const auto at = std::find(all.begin(), all.end(), option);
    return at == all.end() || at + 1 == all.end() ? "(none)" : *(at + 1);
  };
  REQUIRE(value_of("--chapters") == "00");
  REQUIRE(value_of("--kv") == "vram");
  REQUIRE(value_of("--model") == "m.gguf");
  REQUIRE(value_of("--draft") == "self");
  REQUIRE(value_of("--temperature") == "0.7");
  REQUIRE(value_of("--top-k") == "40");
  REQUIRE(value_of("--top-p") == "0.95");
  REQUIRE(value_of("--seed") == "18446744073709551615");
  REQUIRE(value_of("--context") == "128");
  REQUIRE(value_of("--draft-tokens") == "5");
  REQUIRE(value_of("--count-tokens") == "9");
  REQUIRE(value_of("--walk-block") == "last");
}

TEST_CASE("the shipped models are found, and the programs beside ours", "[viz][catalog]") {
  const std::vector<viz::ModelChoice> models = viz::known_models();
  REQUIRE(models.size() >= 2);
  REQUIRE(models[0].name == "default");
  REQUIRE(models[1].name == "draft");
  for (const viz::ModelChoice& m : models) REQUIRE(std::filesystem::exists(m.path));
  REQUIRE(std::filesystem::exists(viz::own_folder() + "/viz-source-test"));
  Folder folder;
  REQUIRE(viz::targets_in(folder / "").empty());
  write_file(folder / "ladder-native", "");
  REQUIRE(viz::targets_in(folder / "").empty());  // it cannot be run
  std::filesystem::permissions(folder / "ladder-native", std::filesystem::perms::owner_all);
  REQUIRE(viz::targets_in(folder / "") == std::vector<std::string>{"native"});
}
