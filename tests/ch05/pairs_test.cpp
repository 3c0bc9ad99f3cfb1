// Every registered pair of chapter 05: greedy text is that of the target's own chapter.
#include "tests/ch05/pairs.h"

#include "common/decode/error.h"     // CannotRun
#include "common/decode/registry.h"  // select_chapters, Generator
#include "tests/catch.h"
#include "tests/decode/random_model.h"

TEST_CASE("every pair of chapters gives the text of its target's chapter", "[ch05]") {
  INFO_SEED();
  values::Source source(70);
  ModelShape shape;
  shape.head_dim = 16, shape.n_heads = 4, shape.n_kv_heads = 2;
  shape.dim = 64, shape.hidden_dim = 96, shape.vocab_size = 64, shape.max_seq_len = 80;
  const UploadedModel target(random_model(shape, source)), draft(random_model(shape, source));
  const model::Tokenizer tokenizer = pairs::endless_tokenizer();
  for (const auto& [pair, own] : {std::pair("05:03x03", "03:vram"),
                                  {"05:03x04", "03:vram"},
                                  {"05:04x03", "04:cache"},
                                  {"05:04x04", "04:cache"}}) {
    const decode::Chapter chapter = decode::select_chapters(pair, "").front();
    for (const int prompt_tokens : {1, 31, 32, 33}) {
      const auto prompt = random_tokens(prompt_tokens, shape.vocab_size, source);
      const auto plain = decode::select_chapters(own, "").front().make(target, {});
      decode::Sampler sampler(shape.vocab_size, {});
      const auto expected = decode::generate(*plain, sampler, tokenizer, prompt, 14).tokens;
      for (const int k : {1, 3, 8}) {
        for (const bool itself : {false, true}) {
          CAPTURE(pair, prompt_tokens, k, itself);
          decode::GeneratorOptions options;
          options.draft_tokens = k;
          const bool same_chapter =
              std::string(pair) == "05:03x03" || std::string(pair) == "05:04x04";
          if (itself && same_chapter) {
            REQUIRE_THROWS_AS(chapter.make_generator(target, target, {}, options),
                              decode::CannotRun);
            continue;
          }
          const auto made = chapter.make_generator(target, itself ? target : draft, {}, options);
          REQUIRE(made->generate(tokenizer, prompt, 14).tokens == expected);
        }
      }
    }
  }
}
