// The command line of ladder-viz.
#include "visualizer/options.h"

#include <string>
#include <vector>

#include "tests/catch.h"

namespace {

// What parse_options says of these arguments; empty: they are right.
std::string problem(const std::vector<std::string>& arguments) {
  try {
    viz::parse_options(arguments);
    return "";
  } catch (const viz::OptionError& e) {
    return e.what();
  }
}

TEST_CASE("without arguments chapter 02 decodes, in its plain variant", "[visualizer]") {
  const viz::Options options = viz::parse_options({});
  CHECK(options.run.chapter == "02");
  CHECK(options.run.variant.empty());
  CHECK_FALSE(options.no_window());
}

TEST_CASE("a chapter is a number, with or without a variant", "[visualizer]") {
  CHECK(viz::parse_options({"--chapter", "3"}).run.row() == "03");
  CHECK(viz::parse_options({"--chapter=04:int4"}).run.row() == "04:int4");
  CHECK(problem({"--chapter", "naive"}).find("--chapter: found 'naive'") == 0);
}

TEST_CASE("numbers come through, and stay in their ranges", "[visualizer]") {
  const viz::Options options =
      viz::parse_options({"-n", "7", "--temperature", "0.5", "--top-k", "3", "--top-p", "0.9",
                          "--seed", "12", "--context", "64", "--draft-tokens", "5", "--at", "0"});
  CHECK(options.run.n_tokens == 7);
  CHECK(options.run.temperature == 0.5f);
  CHECK(options.run.top_k == 3);
  CHECK(options.run.top_p == 0.9f);
  CHECK(options.run.seed == 12);
  CHECK(options.run.context == 64);
  CHECK(options.run.draft_tokens == 5);
  CHECK(options.at == 0);
  CHECK(problem({"-n", "0"}) == "-n: found '0', expected a whole number from 1 to 2147483647");
  CHECK(problem({"--top-p", "2"}) == "--top-p: found '2', expected a number from 0 to 1");
  CHECK(problem({"--scale", "nan"}).find("--scale: found 'nan'") == 0);
}

TEST_CASE("a size is width and height", "[visualizer]") {
  const viz::Options options = viz::parse_options({"--size", "900x600"});
  CHECK(options.width == 900);
  CHECK(options.height == 600);
  CHECK_FALSE(problem({"--size", "900"}).empty());
  CHECK_FALSE(problem({"--size", "90x60"}).empty());
}

TEST_CASE("words outside the known ones are named with what is expected", "[visualizer]") {
  CHECK(problem({"--theme", "blue"}) == "--theme: found 'blue', expected light or dark");
  CHECK(problem({"--kv", "disk"}) == "--kv: found 'disk', expected vram or host");
  CHECK(problem({"--panels", "text"}) == "unknown option '--panels' (--help lists them)");
  CHECK(problem({"text"}) == "'text' is no option (--help lists them)");
  CHECK(problem({"--panel"}) == "--panel: a value is missing");
}

TEST_CASE("the seconds of --bench may be left out", "[visualizer]") {
  const viz::Options plain = viz::parse_options({"--bench", "--json"});
  CHECK(plain.bench);
  CHECK(plain.bench_json);
  CHECK(viz::parse_options({"--bench", "2.5"}).bench_seconds == 2.5);
  CHECK_FALSE(problem({"--bench", "0"}).empty());
}

TEST_CASE("every option is in the help", "[visualizer]") {
  const std::string help = viz::help_text();
  for (const char* option :
       {"--chapter",      "--model",       "--prompt",    "--chat",       "-n",
        "--count-tokens", "--gpu",         "--kv",        "--draft",      "--draft-tokens",
        "--context",      "--temperature", "--top-k",     "--top-p",      "--seed",
        "--walk-block",   "--target",      "--measure",   "--compare",    "--replay",
        "--record",       "--panel",       "--card",      "--at",         "--scope",
        "--theme",        "--size",        "--scale",     "--screenshot", "--export-json",
        "--export-trace", "--bench",       "--hot-spots", "--help"}) {
    CAPTURE(option);
    CHECK(help.find("\n  " + std::string(option) + " ") != std::string::npos);
  }
}

}  // namespace
