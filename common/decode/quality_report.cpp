// Makes the chosen chapters' decoders and compares them.
#include "common/decode/quality_report.h"

#include <cstdio>
#include <memory>
#include <vector>

#include "common/decode/error.h"         // DecodeError
#include "common/decode/loaded_model.h"  // LoadedModel
#include "common/decode/machine.h"       // target_name
#include "common/decode/registry.h"      // select_chapters

namespace decode {

using nlohmann::ordered_json;

ordered_json quality_json(const Quality& quality) {
  return {{"perplexity", quality.perplexity()},
          {"loss", quality.loss},
          {"divergence", quality.divergence},
          {"agreement", quality.agreement},
          {"positions", quality.positions}};
}

std::string quality_heading() {
  char line[120];
  std::snprintf(line, sizeof line, "%-28s %10s %12s %14s %10s", "", "perplexity", "loss, nats",
                "KL, nats", "same top");
  return line;
}

std::string quality_line(const std::string& title, const Quality& quality) {
  char line[120];
  std::snprintf(line, sizeof line, "%-28s %10.3f %12.4f %14.6f %9.2f%%", title.c_str(),
                quality.perplexity(), quality.loss, quality.divergence, 100 * quality.agreement);
  return line;
}

ordered_json quality_report(const Options& options) {
  std::vector<Chapter> rows;
  for (const Chapter& chapter : select_chapters(options.chapters, options.kv)) {
    if (chapter.make) rows.push_back(chapter);
  }
  if (rows.empty()) throw DecodeError("quality: none of the chosen chapters is a decoder");
  LoadedModel model(options.model);
  const std::vector<int> tokens = read_tokens(model.tokenizer, options.text, options.text_tokens);
  const int window = std::min(kQualityWindow, model.host.config.max_seq_len);
  model.upload();

  DecoderOptions decoder_options;
  decoder_options.max_seq_len = window;
  decoder_options.max_logit_rows = 32;
  std::vector<std::unique_ptr<Decoder>> owners;
  std::vector<Decoder*> decoders;
  for (const Chapter& row : rows) {
    owners.push_back(row.make(model.model(), decoder_options));
    decoders.push_back(owners.back().get());
  }
  const auto progress = [&](size_t done) {
    if (options.progress) {
      std::fprintf(stderr, "quality: token %zu of %zu\n", done, tokens.size());
    }
  };
  const std::vector<Quality> found = measure_quality(decoders, tokens, window, progress);

  if (!options.quiet) {
    std::printf("%s: %lld tokens predicted, in windows of %d; KL is from the first row\n%s\n",
                options.text.c_str(), static_cast<long long>(found[0].positions), window,
                quality_heading().c_str());
  }
  ordered_json json = {{"format", "decoder-ladder quality 1"},
                       {"target", target_name()},
                       {"model", model_json(model)},
                       {"text", options.text},
                       {"window", window},
                       {"chapters", ordered_json::array()}};
  for (size_t i = 0; i < rows.size(); ++i) {
    if (!options.quiet) std::printf("%s\n", quality_line(title(rows[i]), found[i]).c_str());
    ordered_json one = {{"id", rows[i].id}, {"name", rows[i].name}, {"variant", rows[i].variant}};
    one.update(quality_json(found[i]));
    json["chapters"].push_back(one);
  }
  return json;
}

}  // namespace decode
