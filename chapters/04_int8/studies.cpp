// The studies of the lesson of chapter 04: what its bits cost in quality, and a decode step on two
// GPUs: one on which the model is large, one on which it is small.
#include <memory>
#include <string>
#include <vector>

#include "common/decode/loaded_model.h"  // LoadedModel
#include "common/decode/quality.h"       // measure_quality, read_tokens
#include "common/decode/registry.h"      // select_chapters, title
#include "common/decode/study.h"         // RegisterStudy

namespace {

const char* const kRows[] = {"03:vram", "04:weights", "04:cache", "04:int4"};

decode::Chapter row_of(const std::string& id) { return decode::select_chapters(id, "").front(); }

// Bytes of one token's K and V.
double token_bytes(decode::Decoder& decoder, int token) {
  decoder.truncate(0);
  decoder.forward(&token, 1, 0);
  const double bytes = double(decoder.kv_bytes());
  decoder.truncate(0);
  return bytes;
}

// A row for each decoder: how it predicts --text, and how far it is from bf16.
void quality(decode::StudyRun& run) {
  decode::LoadedModel& model = run.model();
  decode::DecoderOptions options;
  options.max_seq_len = std::min(decode::kQualityWindow, model.host.config.max_seq_len);
  options.max_logit_rows = 64;
  std::vector<std::unique_ptr<decode::Decoder>> owners;
  std::vector<decode::Decoder*> decoders;
  for (const char* row : kRows) {
    owners.push_back(row_of(row).make(model.model(), options));
    decoders.push_back(owners.back().get());
  }
  const auto tokens =
      decode::read_tokens(model.tokenizer, run.options().text, run.options().text_tokens);
  run.progress("quality of " + std::to_string(tokens.size()) + " tokens");
  const auto found = decode::measure_quality(decoders, tokens, options.max_seq_len);
  for (size_t i = 0; i < found.size(); ++i) {
    run.row()
        .set("row", kRows[i])
        .set("title", decode::title(row_of(kRows[i])))
        .set("perplexity", found[i].perplexity())
        .set("change", found[i].perplexity() / found[0].perplexity() - 1)
        .set("divergence", found[i].divergence)
        .set("agreement", found[i].agreement)
        .set("positions", double(found[i].positions))
        .set("cache_bytes", token_bytes(*decoders[i], tokens[0]));
  }
}

// A row for each GPU and decoder: one decode step of the model after 64 tokens, from cold caches.
void steps(decode::StudyRun& run) {
  constexpr int kBefore = 64;
  decode::LoadedModel& model = run.model();
  const std::vector<int> tokens(kBefore, 1);
  for (const char* gpu : {"classroom", "h100"}) {
    for (const char* row : kRows) {
      run.progress(std::string("a step of ") + row + " on " + gpu);
      const decode::StudyCounts c = run.count(gpu, [&] {
        decode::DecoderOptions options;
        options.max_seq_len = 2 * kBefore;
        std::shared_ptr<decode::Decoder> decoder = row_of(row).make(model.model(), options);
        decoder->forward(tokens.data(), kBefore, 0);
        return [decoder] {
          const int token = 1;
          decoder->forward(&token, 1, 1);
        };
      });
      run.row()
          .set("gpu", gpu)
          .set("row", row)
          .set("title", decode::title(row_of(row)))
          .set("vram_bytes", c.vram_bytes)
          .set("launches", c.launches)
          .set("seconds", c.seconds);
    }
  }
}

decode::Study quality_study() {
  decode::Study s;
  s.name = "int8-quality";
  s.title = "perplexity and divergence with weights, K and V in 8 and 4 bits";
  s.run = quality;
  s.counts = false;
  return s;
}

const decode::RegisterStudy kQuality(quality_study());
const decode::RegisterStudy kSteps({"int8-steps", "a decode step in bf16, 8 and 4 bits", steps});

}  // namespace
