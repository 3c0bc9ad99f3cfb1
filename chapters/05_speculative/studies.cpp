// Chapter 05's studies: how often proposals are accepted, how many tokens to propose, what a poor
// draft costs, and what a pass over many rows costs.
#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "common/decode/generate.h"      // generate
#include "common/decode/loaded_model.h"  // LoadedModel
#include "common/decode/random.h"        // Random
#include "common/decode/registry.h"      // select_chapters, Generator
#include "common/decode/study.h"         // RegisterStudy
#include "common/model/convert.h"        // float_to_bf16, bf16_to_float

namespace {

using decode::LoadedModel;
using decode::StudyCounts;
using decode::StudyRun;

constexpr int kTokens = 40;  // produced, the first by the prefill
constexpr int kStepAt = 40;  // position at which single passes are counted
constexpr const char* kGpu = "classroom";

decode::DecoderOptions room_for(int tokens, int logit_rows) {
  decode::DecoderOptions options;
  options.max_seq_len = tokens;
  options.max_logit_rows = logit_rows;
  return options;
}

std::unique_ptr<decode::Decoder> decoder_of_03(const decode::Model& model, int logit_rows) {
  return decode::select_chapters("03:vram", "")
      .front()
      .make(model, room_for(kStepAt + logit_rows, logit_rows));
}

// One pass over `rows` new tokens, behind a short text.
StudyCounts count_pass(StudyRun& run, const decode::Model& model, int rows) {
  return run.count(kGpu, [&] {
    std::shared_ptr<decode::Decoder> decoder = decoder_of_03(model, rows);
    const std::vector<int> text(kStepAt + rows, 5);
    decoder->forward(text.data(), kStepAt, 0);
    return [=] { decoder->forward(text.data() + kStepAt, rows, rows); };
  });
}

// The plain loop's bytes and time, a token.
StudyCounts count_plain(StudyRun& run, const std::vector<int>& prompt) {
  LoadedModel& model = run.model();
  return run.count(kGpu, [&]() -> std::function<void()> {
    std::shared_ptr<decode::Decoder> decoder =
        decode::select_chapters("03:vram", "")
            .front()
            .make(model.model(), room_for(int(prompt.size()) + kTokens, 1));
    auto sampler =
        std::make_shared<decode::Sampler>(model.device.config.vocab_size, run.options().sampler);
    return [=, &model] { decode::generate(*decoder, *sampler, model.tokenizer, prompt, kTokens); };
  });
}

struct Drafted {
  StudyCounts counts;
  decode::Speculation speculation;
};

Drafted count_drafted(StudyRun& run, const std::vector<int>& prompt, const decode::Model& draft,
                      int draft_tokens) {
  LoadedModel& model = run.model();
  std::shared_ptr<decode::Generator> generator;
  Drafted result;
  result.counts = run.count(kGpu, [&]() -> std::function<void()> {
    decode::GeneratorOptions options;
    options.sampler = run.options().sampler;
    options.draft_tokens = draft_tokens;
    generator = decode::select_chapters("05:03x03", "")
                    .front()
                    .make_generator(model.model(), draft, room_for(int(prompt.size()) + kTokens, 1),
                                    options);
    return [=, &model] { generator->generate(model.tokenizer, prompt, kTokens); };
  });
  result.speculation = generator->speculation();
  return result;
}

double sum(const std::vector<long long>& counts) {
  double total = 0;
  for (const long long count : counts) total += double(count);
  return total;
}

// (1 - a^(k+1)) / (1 - a): tokens a pass gives when each proposed one is accepted with probability
// a, whatever came before (Leviathan et al., equation 1).
double expected_tokens(double a, int k) {
  return a < 1 ? (1 - std::pow(a, k + 1)) / (1 - a) : k + 1;
}

// The draft with noise in its matrices: as fast as before, and much worse.
model::HostWeights noisy(model::HostWeights weights, double amount) {
  decode::Random random(3);
  const auto spoil = [&](model::HostMatrix& matrix) {
    double squares = 0;
    for (const uint16_t w : matrix.data) squares += std::pow(double(model::bf16_to_float(w)), 2);
    const double size = std::sqrt(squares / double(matrix.data.size()));
    for (uint16_t& w : matrix.data) {
      const double noise =
          std::sqrt(12.0) * (random.next() - 0.5) * amount * size;  // of variance 1
      w = model::float_to_bf16(float(double(model::bf16_to_float(w)) + noise));
    }
  };
  spoil(weights.token_embd);
  for (model::HostLayer& layer : weights.layers) {
    spoil(layer.attn_q), spoil(layer.attn_k), spoil(layer.attn_v), spoil(layer.attn_output);
    spoil(layer.ffn_gate), spoil(layer.ffn_up), spoil(layer.ffn_down);
  }
  return weights;
}

// A row for each k, and what the formula makes of the acceptance and the cost ratio.
void sweep(StudyRun& run, const char* name, const decode::Model& draft, const StudyCounts& plain,
           const std::vector<int>& prompt, const std::vector<int>& ks) {
  const double one = count_pass(run, run.model().model(), 1).seconds;
  const double draft_pass = count_pass(run, draft, 1).seconds;
  std::vector<Drafted> all;
  double proposed = 0, accepted = 0;
  for (const int k : ks) {
    run.progress(std::string(name) + ", k = " + std::to_string(k));
    all.push_back(count_drafted(run, prompt, draft, k));
    proposed += sum(all.back().speculation.proposed);
    accepted += sum(all.back().speculation.accepted);
  }
  // One acceptance for all k: a longer proposal does not change how good the draft is.
  const double a = accepted / proposed, c = draft_pass / one;
  const auto speedup = [&](int k) { return expected_tokens(a, k) / (k * c + 1); };
  int best = 1, fastest = 0;
  for (int k = 1; k <= 16; ++k) best = speedup(k) > speedup(best) ? k : best;
  for (size_t i = 0; i < ks.size(); ++i) {
    if (all[i].counts.seconds < all[fastest].counts.seconds) fastest = int(i);
  }
  constexpr double kSteps = kTokens - 1;
  const double target_weights = double(run.model().device_bytes);
  const double draft_weights = double(decode::weight_bytes(draft.host));
  for (size_t i = 0; i < ks.size(); ++i) {
    const Drafted& drafted = all[i];
    run.row()
        .set("draft", name)
        .set("k", ks[i])
        .set("acceptance", a)
        .set("cost_ratio", c)
        .set("passes", drafted.speculation.target_passes)
        .set("tokens_per_pass", kSteps / drafted.speculation.target_passes)
        .set("expected_tokens_per_pass", expected_tokens(a, ks[i]))
        .set("weights_formula",
             (target_weights + ks[i] * draft_weights) * drafted.speculation.target_passes / kSteps)
        .set("vram_bytes", drafted.counts.vram_bytes / kSteps)
        .set("seconds", drafted.counts.seconds / kSteps)
        .set("speedup", plain.seconds / drafted.counts.seconds)
        .set("expected_speedup", speedup(ks[i]))
        .set("best", std::string(ks[i] == best ? "best by the formula" : "") +
                         (ks[i] == best && int(i) == fastest ? ", " : "") +
                         (int(i) == fastest ? "fastest" : ""));
  }
}

void draft_tokens(StudyRun& run) {
  LoadedModel& model = run.model();
  LoadedModel& draft = run.draft();
  const std::vector<int> prompt = decode::prompt_tokens(model, run.options());
  const StudyCounts plain = count_plain(run, prompt);
  constexpr double kSteps = kTokens - 1;
  run.row()
      .set("draft", "none")
      .set("k", 0.0)
      .set("tokens_per_pass", 1.0)
      .set("vram_bytes", plain.vram_bytes / kSteps)
      .set("seconds", plain.seconds / kSteps)
      .set("speedup", 1.0);
  sweep(run, "shipped", draft.model(), plain, prompt, {1, 2, 3, 4, 5, 6, 7, 8});
  const model::HostWeights poor = noisy(draft.host, 0.6);
  const decode::DeviceWeights poor_device = decode::upload_weights(poor, "draft_weights");
  sweep(run, "poor", {poor_device, poor, nullptr}, plain, prompt, {1, 2, 4, 8});
}

// By position in a proposal of eight, over a longer text.
void acceptance(StudyRun& run) {
  constexpr int kLong = 240, kDraftTokens = 8;
  LoadedModel& model = run.model();
  LoadedModel& draft = run.draft();
  const std::vector<int> prompt = decode::prompt_tokens(model, run.options());
  for (const double temperature : {0.0, 0.8, 1.0}) {
    decode::GeneratorOptions options;
    options.sampler.temperature = float(temperature);
    options.draft_tokens = kDraftTokens;
    const auto generator = decode::select_chapters("05:03x03", "")
                               .front()
                               .make_generator(model.model(), draft.model(),
                                               room_for(int(prompt.size()) + kLong, 1), options);
    run.progress("temperature " + std::to_string(temperature));
    const decode::Generated made = generator->generate(model.tokenizer, prompt, kLong);
    const decode::Speculation& s = generator->speculation();
    const double a = sum(s.accepted) / sum(s.proposed);
    for (int i = 0; i < kDraftTokens; ++i) {
      if (s.proposed[i] == 0) continue;
      run.row()
          .set("temperature", temperature)
          .set("position", i + 1.0)
          .set("looked_at", double(s.proposed[i]))
          .set("accepted", double(s.accepted[i]))
          .set("acceptance", double(s.accepted[i]) / double(s.proposed[i]))
          .set("overall", a)
          .set("tokens_per_pass", made.decode_steps() / double(s.target_passes))
          .set("expected_tokens_per_pass", expected_tokens(a, kDraftTokens));
    }
  }
}

// A batch of b sequences that verifies k + 1 tokens each has b (k + 1) rows.
void rows_a_pass(StudyRun& run) {
  const double one = count_pass(run, run.model().model(), 1).seconds;
  for (const int rows : {1, 2, 4, 8, 16, 32, 64, 128, 256}) {
    run.progress(std::to_string(rows) + " rows");
    const StudyCounts pass = count_pass(run, run.model().model(), rows);
    run.row()
        .set("rows", rows)
        .set("vram_bytes", pass.vram_bytes)
        .set("multiply_adds", pass.multiply_adds)
        .set("seconds", pass.seconds)
        .set("times_one", pass.seconds / one)
        .set("times_one_a_row", pass.seconds / one / rows);
  }
}

const decode::RegisterStudy kAcceptance({"acceptance",
                                         "proposals accepted, by position and temperature",
                                         acceptance, false});
const decode::RegisterStudy kDraftTokens({"draft-tokens",
                                          "speculative decoding against the tokens of a proposal",
                                          draft_tokens});
const decode::RegisterStudy kRows({"rows-a-pass", "the cost of a pass over many rows",
                                   rows_a_pass});

}  // namespace
