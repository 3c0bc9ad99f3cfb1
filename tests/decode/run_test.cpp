// The command `run` with a generator, with lossy rows and with rows that cannot run; the draft
// model that goes with a target.
#include "common/decode/run.h"

#include <filesystem>
#include <fstream>

#include "common/decode/error.h"         // CannotRun
#include "common/decode/loaded_model.h"  // check_draft, draft_path
#include "common/decode/registry.h"      // RegisterChapter
#include "common/gpu/work.h"             // begin_phase
#include "common/model/vocab.h"          // vocab_difference
#include "common/traffic/events.h"       // EventReader
#include "tests/catch.h"

namespace {

using Catch::Matchers::ContainsSubstring;
using nlohmann::ordered_json;

const std::string kModels = std::string(LADDER_SOURCE_DIR) + "/common/models/";

// A generator that says what chapter 01 says, two tokens at a time. As a lossy one it has its third
// token wrong.
class Pairs : public decode::Generator {
 public:
  Pairs(const decode::Model& target, const decode::Model& draft,
        const decode::DecoderOptions& options, const decode::GeneratorOptions& generator,
        bool lossy)
      : same_(decode::same_model(target, draft)),
        lossy_(lossy),
        decoder_(decode::select_chapters("01:vram", "").front().make(target, options)),
        sampler_(target.device.config.vocab_size, generator.sampler) {
    speculation_.draft_tokens = generator.draft_tokens;
  }

  decode::Generated generate(const model::Tokenizer& tokenizer, const std::vector<int>& prompt,
                             int n, const decode::GenerateCallbacks& callbacks) override {
    decoder_->truncate(0);
    decode::Generated made = decode::generate(*decoder_, sampler_, tokenizer, prompt, n, callbacks);
    gpu::begin_phase(gpu::Phase::kVerify, n);
    if (lossy_) made.tokens.at(2) = 5;
    speculation_.target_passes = n / 2;
    speculation_.proposed = {same_ ? 1 : 2};
    speculation_.accepted = {1};
    return made;
  }
  decode::Decoder& decoder() override { return *decoder_; }
  const decode::Speculation& speculation() const override { return speculation_; }

 private:
  bool same_, lossy_;
  std::unique_ptr<decode::Decoder> decoder_;
  decode::Sampler sampler_;
  decode::Speculation speculation_;
};

decode::Chapter pairs(const char* variant, bool lossy, const char* compare_with) {
  decode::Chapter c;
  c.id = "95";
  c.name = "pairs";
  c.variant = variant;
  c.lossy = lossy;
  c.compare_with = compare_with;
  c.make_generator = [lossy](const auto& target, const auto& draft, const auto& options,
                             const auto& generator) {
    return std::make_unique<Pairs>(target, draft, options, generator, lossy);
  };
  return c;
}

decode::Chapter cannot() {
  decode::Chapter c;
  c.id = "96";
  c.name = "cannot";
  c.make = [](const decode::Model&, const auto&) -> std::unique_ptr<decode::Decoder> {
    throw decode::CannotRun("it lacks something");
  };
  return c;
}

const decode::RegisterChapter kRows[] = {
    decode::RegisterChapter(pairs("lossy", true, "")),
    decode::RegisterChapter(pairs("good", false, "")),
    decode::RegisterChapter(pairs("as-lossy", false, "95:lossy")),
    decode::RegisterChapter(cannot()),
};

ordered_json run(const std::string& chapters, const std::string& draft = "",
                 double temperature = 0) {
  decode::Options options;
  options.model = kModels + "austen-4m.gguf";
  options.draft = draft;
  options.chapters = chapters;
  options.sampler.temperature = float(temperature);
  options.n_tokens = 6;
  options.quiet = true;
  return decode::run_chapters(options);
}

}  // namespace

TEST_CASE("a generator runs beside decoders and is compared with the last lossless row",
          "[decode]") {
  const ordered_json report = run("01:vram,95");
  const ordered_json& rows = report["chapters"];
  REQUIRE(rows.size() == 4);
  CHECK(rows[0]["speculation"].is_null());
  CHECK(rows[0]["compared_with"].is_null());
  CHECK(rows[1]["compared_with"] == "01 kv_cache vram");
  CHECK(rows[1]["lossy"] == true);
  CHECK(rows[1]["difference"]["at"] == 2);
  CHECK(rows[2]["compared_with"] == "01 kv_cache vram");
  CHECK(rows[2]["compared"] == true);
  CHECK(rows[2]["difference"].is_null());
  CHECK(rows[2]["speculation"]["target_passes"] == 3);
  CHECK(rows[2]["speculation"]["draft_tokens"] == 4);
  CHECK(rows[3]["compared_with"] == "95 pairs lossy");
  CHECK(rows[3]["difference"]["at"] == 2);
  CHECK(rows[3]["lossy"] == false);
}

TEST_CASE("austen-4m is drafted for by austen-draft, unless another draft is named", "[decode]") {
  CHECK(run("95:good")["draft"]["file"] == "austen-draft.gguf");
  CHECK(run("95:good")["chapters"][0]["speculation"]["proposed"][0] == 2);
  const ordered_json self = run("95:good", "self");
  CHECK(self["draft"].is_null());
  CHECK(self["chapters"][0]["speculation"]["proposed"][0] == 1);
  CHECK(run("01:vram")["draft"].is_null());  // nobody wants one
  decode::Options other;
  other.model = kModels + "austen-draft.gguf";
  CHECK(decode::draft_path(other).empty());
}

TEST_CASE("a generator's drawn text is not compared, for its random numbers are others",
          "[decode]") {
  const ordered_json rows = run("01:vram,01:host,95:good", "", 0.8)["chapters"];
  CHECK(rows[1]["compared"] == true);
  CHECK(rows[2]["compared"] == false);
}

TEST_CASE("a row that cannot run is left out with its reason, and alone it is an error",
          "[decode]") {
  const ordered_json report = run("01:vram,96");
  CHECK(report["chapters"].size() == 1);
  CHECK(report["skipped"][0]["id"] == "96");
  CHECK(report["skipped"][0]["reason"] == "it lacks something");
  CHECK_THROWS_WITH(run("96"), ContainsSubstring("96 cannot cannot run: it lacks something"));
  CHECK(run("01:vram")["skipped"].empty());
}

TEST_CASE("a draft with another vocabulary is refused with the first difference", "[decode]") {
  const std::string other = std::string(LADDER_SOURCE_DIR) + "/tests/reference/tiny-llama.gguf";
  CHECK_THROWS_WITH(run("95:good", other),
                    ContainsSubstring("--draft: tiny-llama.gguf has another vocabulary than "
                                      "austen-4m.gguf: "));
  CHECK_THROWS_WITH(run("95:good", "nothere.gguf"), ContainsSubstring("nothere.gguf"));
}

TEST_CASE("the first difference of two vocabularies is named", "[model]") {
  model::Vocab one;
  one.kind = "llama";
  one.tokens = {"<unk>", "a", "b"};
  model::Vocab other = one;
  CHECK(model::vocab_difference(one, other).empty());
  other.tokens[2] = "c";
  CHECK(model::vocab_difference(one, other) == "token 2 is \"b\" in one and \"c\" in the other");
  other.tokens = {"<unk>", "a"};
  CHECK(model::vocab_difference(one, other) == "one has 3 tokens and the other 2");
  other = one;
  other.kind = "gpt2";
  CHECK_THAT(model::vocab_difference(one, other), ContainsSubstring("\"llama\""));
}

TEST_CASE("the caches' room is what is needed, or what was asked for", "[decode]") {
  const decode::LoadedModel model(kModels + "austen-draft.gguf");
  const int most = model.host.config.max_seq_len;
  decode::Options options;
  options.n_tokens = 10;
  CHECK(decode::context_to_make(options, model, 5) == 15);
  CHECK(decode::context_to_make(options, model, size_t(most) - 3) == most);
  options.context = 15;
  CHECK(decode::context_to_make(options, model, 5) == 15);
  options.context = most;
  CHECK(decode::context_to_make(options, model, 5) == most);
  options.context = 14;
  CHECK_THROWS_WITH(decode::context_to_make(options, model, 5),
                    ContainsSubstring("--context: found 14, expected at least 15: 5 tokens of the "
                                      "prompt and 10 new ones"));
  options.context = most + 1;
  CHECK_THROWS_WITH(decode::context_to_make(options, model, 5),
                    ContainsSubstring("at most the model's context of " + std::to_string(most)));
}

TEST_CASE("a target in real time writes its text and the seconds of each phase", "[decode]") {
  const std::string path = (std::filesystem::temp_directory_path() / "ladder-run-test.jsonl");
  decode::Options options;
  options.model = kModels + "austen-4m.gguf";
  options.chapters = "05:03x03";
  options.n_tokens = 8;
  options.context = 64;
  options.quiet = true;
  options.events = path;
  const ordered_json report = decode::run_chapters(options);

  std::ifstream in(path);
  traffic::EventReader reader(in, path);
  std::string text;
  int phases = 0, measured = 0, verdicts = 0, told = 0;
  traffic::PhaseEvent open;
  double seconds = 0;
  while (const auto event = reader.next()) {
    if (const auto* run = std::get_if<traffic::RunEvent>(&*event)) {
      CHECK(run->target == "native");
      CHECK(run->chapter == "05_speculative-03x03");
      CHECK(run->setup.prompt == options.prompt);
      CHECK(run->setup.prompt_pieces.size() == report["prompt_tokens"]);
      CHECK(run->setup.draft == "austen-draft.gguf");
      CHECK(run->setup.draft_tokens == 4);
      CHECK(run->setup.n_kv_heads == 2);
      CHECK(run->setup.max_seq_len == 68);  // the proposals need room too
    } else if (const auto* phase = std::get_if<traffic::PhaseEvent>(&*event)) {
      ++phases;
      open = *phase;
    } else if (const auto* m = std::get_if<traffic::MeasuredEvent>(&*event)) {
      ++measured;
      CHECK(m->phase == open.phase);
      CHECK(m->token == open.token);
      CHECK(m->seconds > 0);
      seconds += m->seconds;
      double in_kernels = 0;
      for (const traffic::KernelTime& k : m->kernels) in_kernels += k.seconds;
      CHECK(in_kernels > 0);
      CHECK(in_kernels < m->seconds);
    } else if (const auto* t = std::get_if<traffic::TextEvent>(&*event)) {
      CHECK(t->token == told++);  // one for each token
      text += t->text;
    } else if (const auto* v = std::get_if<traffic::VerdictEvent>(&*event)) {
      ++verdicts;
      CHECK(v->proposed.size() == 4);
      CHECK_FALSE(v->next.empty());
    } else {
      CHECK(std::holds_alternative<traffic::EndEvent>(*event));
    }
  }
  const ordered_json& row = report["chapters"][0];
  CHECK(text == row["text"].get<std::string>());
  CHECK(size_t(told) == row["tokens"].size());
  CHECK(verdicts == row["speculation"]["target_passes"]);
  CHECK(measured == phases);
  CHECK(phases == 1 + 2 * verdicts);  // the prefill, and drafting and verifying in turn
  const double wall =
      row["prefill"]["seconds"].get<double>() + row["decode"]["seconds"].get<double>();
  CHECK(seconds < wall * 1.01);
  std::filesystem::remove(path);
}

TEST_CASE("counting takes all tokens of a small model and few of a large one", "[decode]") {
  decode::LoadedModel model(kModels + "austen-draft.gguf");
  decode::Options options;
  options.n_tokens = 100;
  CHECK(decode::tokens_to_count(options, model) == 100);
  model.device_bytes = 2 * decode::kFewWeights;
  CHECK(decode::tokens_to_count(options, model) == 100);
  model.device_bytes += 2;
  CHECK(decode::tokens_to_count(options, model) == decode::kTokensOfMany);
  options.count_tokens = 20;
  CHECK(decode::tokens_to_count(options, model) == 20);
  options.n_tokens = 7;
  CHECK(decode::tokens_to_count(options, model) == 7);
}
