// The command line.
#include "common/decode/options.h"

#include "common/decode/error.h"  // DecodeError
#include "tests/catch.h"

using decode::parse_options;

TEST_CASE("options are read with a space or an equals sign", "[decode]") {
  const decode::Options o = parse_options({"run", "--model", "m.gguf", "--prompt=a = b", "-n", "7",
                                           "--chapters", "00,01", "--top-p", "0.5", "--quiet"});
  REQUIRE(o.command == "run");
  REQUIRE(o.model == "m.gguf");
  REQUIRE(o.prompt == "a = b");
  REQUIRE(o.n_tokens == 7);
  REQUIRE(o.chapters == "00,01");
  REQUIRE(o.sampler.top_p == 0.5f);
  REQUIRE(o.quiet);
  REQUIRE(!o.progress);
}

TEST_CASE("no command and --help ask for help", "[decode]") {
  REQUIRE(parse_options({}).command == "help");
  REQUIRE(parse_options({"run", "--help"}).command == "help");
  REQUIRE(decode::help_text("native").find("--chapters") != std::string::npos);
}

TEST_CASE("a study is named after the command", "[decode]") {
  REQUIRE(parse_options({"study", "attention-io", "--json", "f"}).study == "attention-io");
  REQUIRE(parse_options({"study"}).study.empty());
  REQUIRE_THROWS_AS(parse_options({"run", "attention-io"}), decode::DecodeError);
}

TEST_CASE("the draft and what it proposes are read", "[decode]") {
  const decode::Options o = parse_options({"run", "--draft", "d.gguf", "--draft-tokens=7"});
  REQUIRE(o.draft == "d.gguf");
  REQUIRE(o.draft_tokens == 7);
  REQUIRE(parse_options({"run"}).draft_tokens == 4);
  REQUIRE_THROWS_AS(parse_options({"run", "--draft-tokens", "0"}), decode::DecodeError);
}

TEST_CASE("the caches' room and the block that is watched are read", "[decode]") {
  const decode::Options o = parse_options({"run", "--context", "128", "--walk-block=middle"});
  REQUIRE(o.context == 128);
  REQUIRE(o.walk_block == "middle");
  REQUIRE(parse_options({"run"}).context == 0);
  REQUIRE(parse_options({"run"}).walk_block == "last");
  REQUIRE_THROWS(parse_options({"run", "--walk-block", "best"}));
  REQUIRE_THROWS_AS(parse_options({"run", "--context", "-1"}), decode::DecodeError);
}

TEST_CASE("a wrong option is an error that names it", "[decode]") {
  using Catch::Matchers::ContainsSubstring;
  REQUIRE_THROWS_WITH(parse_options({"run", "--nope", "1"}), ContainsSubstring("'--nope'"));
  REQUIRE_THROWS_WITH(parse_options({"run", "-n"}), ContainsSubstring("-n: a value is missing"));
  REQUIRE_THROWS_WITH(parse_options({"run", "-n", "x"}),
                      ContainsSubstring("-n: found 'x', expected"));
  REQUIRE_THROWS_WITH(parse_options({"run", "-n", "0"}), ContainsSubstring("from 1"));
  REQUIRE_THROWS_WITH(parse_options({"run", "-n", "99999999999999"}),
                      ContainsSubstring("expected a whole"));
  REQUIRE_THROWS_WITH(parse_options({"run", "--temperature", "hot"}), ContainsSubstring("'hot'"));
  REQUIRE_THROWS_WITH(parse_options({"run", "--top-p", "7"}), ContainsSubstring("--top-p"));
}
