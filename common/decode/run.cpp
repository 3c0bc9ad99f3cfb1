// Runs the chosen chapters one after the other.
#include "common/decode/run.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "common/decode/comparison.h"    // difference
#include "common/decode/counting.h"      // Counting
#include "common/decode/engine.h"        // Engine
#include "common/decode/error.h"         // CannotRun
#include "common/decode/loaded_model.h"  // LoadedModel
#include "common/decode/machine.h"       // target_name, device_name
#include "common/decode/progress.h"      // Progress
#include "common/decode/registry.h"      // select_chapters

namespace decode {
namespace {

using nlohmann::ordered_json;

std::string file_label(const Chapter& chapter) {
  return chapter.id + "_" + chapter.name + (chapter.variant.empty() ? "" : "-" + chapter.variant);
}

ordered_json speculation_json(const Speculation* s) {
  if (s == nullptr) return nullptr;
  return {{"draft_tokens", s->draft_tokens},
          {"target_passes", s->target_passes},
          {"proposed", s->proposed},
          {"accepted", s->accepted}};
}

class Run {
 public:
  explicit Run(const Options& options)
      : options_(options),
        chosen_(select_chapters(options.chapters, options.kv)),
        made_(chosen_.size()),
        ran_(chosen_.size()),
        model_(options.model),
        counting_(make_counting({traffic::gpu_spec(options.gpu, double(model_.device_bytes)),
                                 model_.file_name(), options.events, options.trace,
                                 chosen_.size() > 1, options.instructions, options.walk_block})) {
    model_.upload();
    prompt_ = prompt_tokens(model_, options);
    context_ = context_to_make(options, model_, prompt_.size());
    load_draft();
    n_tokens_ = target_name() == "traced" ? tokens_to_count(options, model_) : options.n_tokens;
  }

  ordered_json report() {
    ordered_json json = {{"format", "decoder-ladder run 1"},
                         {"target", target_name()},
                         {"device", device_name()},
                         {"model", model_json(model_)},
                         {"draft", draft_ ? model_json(*draft_) : ordered_json(nullptr)},
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
    for (size_t i = 0; i < chosen_.size(); ++i) {
      try {
        json["chapters"].push_back(run(i));
      } catch (const CannotRun& why) {
        counting_->end();
        skip(chosen_[i], why.what());
      }
    }
    json["skipped"] = skipped_;
    return json;
  }

 private:
  // A draft is loaded only when a chapter may want one.
  void load_draft() {
    const bool wanted = std::any_of(chosen_.begin(), chosen_.end(),
                                    [](const Chapter& c) { return bool(c.make_generator); });
    const std::string path = draft_path(options_);
    if (!wanted || path.empty()) return;
    draft_ = std::make_unique<LoadedModel>(path);
    check_draft(model_, *draft_);
  }

  // The draft is uploaded before the first row that wants one, so that it moves nothing in the
  // memory of those before: their counts are the same with and without it.
  Model draft_for(const Chapter& chapter) {
    if (!draft_ || !chapter.make_generator) return model_.model();
    if (draft_->device.layers.empty()) draft_->upload("draft_weights");
    return draft_->model();
  }

  void skip(const Chapter& chapter, const std::string& why) {
    skipped_.push_back({{"id", chapter.id},
                        {"name", chapter.name},
                        {"variant", chapter.variant},
                        {"reason", why}});
    const std::string text = title(chapter) + " cannot run: " + why;
    if (skipped_.size() == chosen_.size()) throw CannotRun(text);
    if (!options_.quiet) std::printf("%s\n\n", text.c_str());
  }

  ordered_json run(size_t index) {
    const Chapter& chapter = chosen_[index];
    const Model draft = draft_for(chapter);
    DecoderOptions decoder_options;
    decoder_options.max_seq_len = context_;
    counting_->begin(file_label(chapter), setup(chapter));
    Engine engine(chapter, model_.model(), draft, decoder_options,
                  {options_.sampler, options_.draft_tokens});

    Progress progress(options_.progress, title(chapter));
    if (!options_.quiet) {
      std::printf("%s\n%s", title(chapter).c_str(), options_.prompt.c_str());
      std::fflush(stdout);
    }
    std::string piece;  // of the text, since the last token
    GenerateCallbacks callbacks;
    callbacks.text = [&](const std::string& text) {
      piece += text;
      if (options_.quiet) return;
      std::fwrite(text.data(), 1, text.size(), stdout);
      std::fflush(stdout);
    };
    callbacks.verdict = [&](const Judged& judged) { counting_->verdict(in_words(judged)); };
    callbacks.progress = [&](int done, int of) {
      counting_->text(done - 1, std::exchange(piece, ""));
      progress.token(done, of);
    };
    const Generated made = engine.generate(model_.tokenizer, prompt_, n_tokens_, callbacks);
    // What was left of a character that no token ended belongs to the last.
    if (!piece.empty()) counting_->text(made.decode_steps(), piece);
    CUDA_CHECK(cudaDeviceSynchronize());
    progress.clear();
    const ordered_json counts = counting_->end();
    if (!options_.quiet) print_end(made, engine.decoder());
    made_[index] = made.tokens;
    ran_[index] = true;
    ordered_json json = chapter_json(chapter, made, engine, counts);
    add_comparison(json, index, engine.decoder());
    return json;
  }

  // How the run was asked for, for the event stream.
  traffic::RunSetup setup(const Chapter& chapter) const {
    const model::Config& c = model_.host.config;
    traffic::RunSetup s;
    s.prompt = options_.prompt;
    s.prompt_pieces = texts(prompt_);
    s.n_tokens = n_tokens_;
    s.temperature = options_.sampler.temperature;
    s.top_p = options_.sampler.top_p;
    s.top_k = options_.sampler.top_k;
    s.seed = options_.sampler.seed;
    if (chapter.make_generator) {
      s.draft = (draft_ ? *draft_ : model_).file_name();
      s.draft_tokens = options_.draft_tokens;
    }
    s.n_layers = c.n_layers, s.n_heads = c.n_heads, s.n_kv_heads = c.n_kv_heads;
    s.head_dim = c.head_dim, s.dim = c.dim, s.hidden_dim = c.hidden_dim;
    s.vocab_size = c.vocab_size;
    s.max_seq_len = std::min(c.max_seq_len, context_ + s.draft_tokens);
    return s;
  }

  traffic::VerdictEvent in_words(const Judged& judged) const {
    return {judged.token, texts(judged.proposed), judged.accepted, texts({judged.next}).front()};
  }

  std::vector<std::string> texts(const std::vector<int>& tokens) const {
    std::vector<std::string> result;
    for (const int token : tokens) result.push_back(model_.tokenizer.token_text(token, true));
    return result;
  }

  static void print_end(const Generated& made, const Decoder& decoder) {
    std::printf("\n");
    if (made.stop != StopReason::kCount) {
      std::printf("(%s)\n", stop_text(made.stop, decoder).c_str());
    }
    std::printf("\n");
  }

  ordered_json chapter_json(const Chapter& chapter, const Generated& made, Engine& engine,
                            const ordered_json& counts) const {
    return {{"id", chapter.id},
            {"name", chapter.name},
            {"variant", chapter.variant},
            {"idea", chapter.idea},
            {"lossy", chapter.lossy},
            {"text", made.text},
            {"tokens", made.tokens},
            {"stop", stop_text(made.stop, engine.decoder())},
            {"kv_bytes", engine.decoder().kv_bytes()},
            {"prefill", {{"tokens", prompt_.size()}, {"seconds", made.prefill_seconds}}},
            {"decode", {{"steps", made.decode_steps()}, {"seconds", made.decode_seconds}}},
            {"speculation", speculation_json(engine.speculation())},
            {"counts", counts}};
  }

  // With a temperature a generator draws other random numbers than the plain loop: its text has
  // the same distribution, and is not compared.
  void add_comparison(ordered_json& json, size_t index, Decoder& decoder) const {
    const bool drawn = chosen_[index].make_generator && options_.sampler.temperature > 0;
    const int other = drawn ? -1 : row_to_compare(chosen_, int(index), ran_);
    json["compared"] = other >= 0;
    json["compared_with"] = other >= 0 ? ordered_json(title(chosen_[other])) : nullptr;
    json["difference"] =
        other >= 0 ? difference(decoder, prompt_, made_[index], made_[other]) : nullptr;
  }

  Options options_;
  std::vector<Chapter> chosen_;
  std::vector<std::vector<int>> made_;  // tokens of each
  std::vector<bool> ran_;               // which of them have run
  LoadedModel model_;
  std::unique_ptr<LoadedModel> draft_;  // null: the model drafts for itself
  std::unique_ptr<Counting> counting_;
  std::vector<int> prompt_;
  int context_ = 0;   // positions that each decoder has room for
  int n_tokens_ = 0;  // to generate here
  ordered_json skipped_ = ordered_json::array();
};

}  // namespace

ordered_json run_chapters(const Options& options) { return Run(options).report(); }

}  // namespace decode
