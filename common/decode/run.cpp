// Runs the chosen chapters one after the other.
#include "common/decode/run.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "common/decode/counting.h"      // Counting
#include "common/decode/generate.h"      // generate
#include "common/decode/loaded_model.h"  // LoadedModel
#include "common/decode/machine.h"       // target_name, device_name
#include "common/decode/registry.h"      // select_chapters
#include "common/gpu/work.h"             // begin_phase

namespace decode {
namespace {

using nlohmann::ordered_json;

std::string label(const Chapter& chapter) {
  return chapter.id + " " + chapter.name + (chapter.variant.empty() ? "" : " " + chapter.variant);
}

std::string file_label(const Chapter& chapter) {
  return chapter.id + "_" + chapter.name + (chapter.variant.empty() ? "" : "-" + chapter.variant);
}

// A line that is written over on a terminal, and one line a chapter elsewhere.
class Progress {
 public:
  Progress(bool shown, std::string label)
      : shown_(shown), terminal_(isatty(STDERR_FILENO) != 0), label_(std::move(label)) {
    if (shown_) std::fprintf(stderr, terminal_ ? "\r\033[K%s: prefill" : "%s\n", label_.c_str());
  }
  void token(int produced, int of) const {
    if (!shown_ || !terminal_) return;
    std::fprintf(stderr, "\r\033[K%s: token %d of %d", label_.c_str(), produced, of);
  }
  void clear() const {
    if (shown_ && terminal_) std::fprintf(stderr, "\r\033[K");
  }

 private:
  bool shown_, terminal_;
  std::string label_;
};

// How far apart the two largest logits are that follow `tokens`. Computed anew, apart from the run.
double top_two_gap(Decoder& decoder, const std::vector<int>& tokens) {
  gpu::begin_phase(gpu::Phase::kLoad, -1);
  decoder.truncate(0);
  const float* device = decoder.forward(tokens.data(), static_cast<int>(tokens.size()), 1);
  CUDA_CHECK(cudaDeviceSynchronize());
  std::vector<float> logits = gpu::download(device, decoder.config().vocab_size);
  std::partial_sort(logits.begin(), logits.begin() + 2, logits.end(), std::greater<float>());
  return static_cast<double>(logits[0]) - static_cast<double>(logits[1]);
}

// Null when both are equal, else {at, top_two_gap, tie}: where this chapter's tokens first differ
// from those of the chapter before, and how close the choice was.
ordered_json difference(Decoder& decoder, const std::vector<int>& prompt,
                        const std::vector<int>& tokens, const std::vector<int>& previous) {
  if (tokens == previous) return nullptr;
  const size_t common = std::min(tokens.size(), previous.size());
  const size_t at = std::mismatch(tokens.begin(), tokens.begin() + common, previous.begin()).first -
                    tokens.begin();
  std::vector<int> before = prompt;
  before.insert(before.end(), tokens.begin(), tokens.begin() + at);
  const double gap = top_two_gap(decoder, before);
  return {{"at", at}, {"top_two_gap", gap}, {"tie", gap <= kTieBound}};
}

class Run {
 public:
  explicit Run(const Options& options)
      : options_(options),
        chosen_(select_chapters(options.chapters, options.kv)),
        model_(options.model),
        counting_(make_counting({traffic::gpu_spec(options.gpu, double(model_.device_bytes)),
                                 model_.file_name(), options.events, options.trace,
                                 chosen_.size() > 1, options.instructions})) {
    model_.upload();
    prompt_ = prompt_tokens(model_, options);
  }

  ordered_json report() {
    ordered_json json = {{"format", "decoder-ladder run 1"},
                         {"target", target_name()},
                         {"device", device_name()},
                         {"model", model_json(model_)},
                         {"prompt", options_.prompt},
                         {"prompt_tokens", prompt_.size()},
                         {"gpu", options_.gpu},
                         {"sampling",
                          {{"temperature", options_.sampler.temperature},
                           {"top_k", options_.sampler.top_k},
                           {"top_p", options_.sampler.top_p},
                           {"seed", options_.sampler.seed}}}};
    if (!options_.quiet) {
      for (const std::string& note : model_.notes) std::printf("note: %s\n", note.c_str());
    }
    json["chapters"] = ordered_json::array();
    for (const Chapter& chapter : chosen_) json["chapters"].push_back(run(chapter));
    return json;
  }

 private:
  ordered_json run(const Chapter& chapter) {
    counting_->begin(file_label(chapter));
    DecoderOptions decoder_options;
    decoder_options.max_seq_len =
        static_cast<int>(std::min<int64_t>(int64_t(prompt_.size()) + options_.n_tokens, INT32_MAX));
    const std::unique_ptr<Decoder> decoder = chapter.make(model_.device, decoder_options);
    Sampler sampler(model_.device.config.vocab_size, options_.sampler);

    Progress progress(options_.progress, label(chapter));
    if (!options_.quiet) {
      std::printf("%s\n%s", label(chapter).c_str(), options_.prompt.c_str());
      std::fflush(stdout);
    }
    int produced = 1;
    GenerateCallbacks callbacks;
    callbacks.text = [&](const std::string& text) {
      counting_->text(produced - 1, text);
      if (options_.quiet) return;
      std::fwrite(text.data(), 1, text.size(), stdout);
      std::fflush(stdout);
    };
    callbacks.progress = [&](int done, int of) {
      produced = done + 1;
      progress.token(done, of);
    };
    const Generated made =
        generate(*decoder, sampler, model_.tokenizer, prompt_, options_.n_tokens, callbacks);
    CUDA_CHECK(cudaDeviceSynchronize());
    progress.clear();
    const ordered_json counts = counting_->end();
    if (!options_.quiet) print_end(made, *decoder);
    return chapter_json(chapter, made, *decoder, counts);
  }

  static void print_end(const Generated& made, const Decoder& decoder) {
    std::printf("\n");
    if (made.stop != StopReason::kCount) {
      std::printf("(%s)\n", stop_text(made.stop, decoder).c_str());
    }
    std::printf("\n");
  }

  ordered_json chapter_json(const Chapter& chapter, const Generated& made, Decoder& decoder,
                            const ordered_json& counts) {
    ordered_json json = {
        {"id", chapter.id},
        {"name", chapter.name},
        {"variant", chapter.variant},
        {"idea", chapter.idea},
        {"text", made.text},
        {"tokens", made.tokens},
        {"stop", stop_text(made.stop, decoder)},
        {"kv_bytes", decoder.kv_bytes()},
        {"prefill", {{"tokens", prompt_.size()}, {"seconds", made.prefill_seconds}}},
        {"decode", {{"steps", made.decode_steps()}, {"seconds", made.decode_seconds}}},
        {"counts", counts}};
    json["compared"] = !previous_.empty();
    json["difference"] =
        previous_.empty() ? nullptr : difference(decoder, prompt_, made.tokens, previous_);
    previous_ = made.tokens;
    return json;
  }

  Options options_;
  std::vector<Chapter> chosen_;
  LoadedModel model_;
  std::unique_ptr<Counting> counting_;
  std::vector<int> prompt_;
  std::vector<int> previous_;  // tokens of the chapter before
};

}  // namespace

ordered_json run_chapters(const Options& options) { return Run(options).report(); }

}  // namespace decode
