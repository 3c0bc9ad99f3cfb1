// Times, medians, and what they are compared with.
#include "common/decode/bench.h"

#include <algorithm>
#include <cstdio>
#include <vector>

#include "common/decode/bench_kernels.h"  // time_gemv, ...
#include "common/decode/block_threads.h"  // set_block_threads
#include "common/decode/counting.h"       // make_counting
#include "common/decode/engine.h"         // Engine
#include "common/decode/loaded_model.h"   // LoadedModel
#include "common/decode/machine.h"        // device_name
#include "common/decode/registry.h"       // select_chapters

namespace decode {
namespace {

using nlohmann::ordered_json;

template <typename Time>
double median(const Time& time) {
  std::vector<double> values;
  for (int i = 0; i < kBenchRuns; ++i) values.push_back(time());
  std::nth_element(values.begin(), values.begin() + kBenchRuns / 2, values.end());
  return values[kBenchRuns / 2];
}

double gemv_ns(double seconds) { return seconds * 1e9 / (double(kGemvSize) * kGemvSize); }
double matmul_ns(double seconds) {
  return seconds * 1e9 / (double(kMatmulSize) * kMatmulSize * kMatmulSize);
}

ordered_json bench_kernels(Counting& counting) {
  set_block_threads(1);
  counting.begin("bench_kernels");
  const double gemv = gemv_ns(median([] { return time_gemv(1); }));
  counting.end();
  counting.begin("bench_kernels");
  const double matmul = matmul_ns(median([] { return time_matmul(1); }));
  counting.end();
  set_block_threads(0);
  return {{"gemv_ns_per_fma", gemv}, {"matmul_ns_per_fma", matmul}};
}

ordered_json bench_loops() {
  time_plain_gemv(), time_plain_matmul();  // first touch of their memory
  return {{"gemv_ns_per_fma", gemv_ns(median(time_plain_gemv))},
          {"matmul_ns_per_fma", matmul_ns(median(time_plain_matmul))}};
}

ordered_json bench_decode(const Options& options, LoadedModel& model, Counting& counting) {
  const Chapter chapter = select_chapters("01:vram", "").front();
  const std::vector<int> prompt = prompt_tokens(model, options);
  DecoderOptions decoder_options;
  decoder_options.max_seq_len = static_cast<int>(prompt.size()) + options.n_tokens;
  Engine engine(chapter, model.model(), model.model(), decoder_options,
                {options.sampler, options.draft_tokens});
  const double rate = median([&] {
    counting.begin("bench_decode");
    const Generated made = engine.generate(model.tokenizer, prompt, options.n_tokens);
    counting.end();
    return made.decode_steps() / made.decode_seconds;
  });
  return {{"tokens_per_second", rate},
          {"chapter", "01 vram"},
          {"model", model.file_name()},
          {"tokens", options.n_tokens}};
}

void print(const char* what, const ordered_json& kernels, const ordered_json& plain) {
  const double ns = kernels[what], loop = plain[what];
  std::printf("  %-18s %8.3f ns, %6.1f times a plain loop's %.3f ns\n", what, ns, ns / loop, loop);
}

}  // namespace

ordered_json bench(const Options& options) {
  LoadedModel model(options.model);
  const auto counting =
      make_counting({traffic::gpu_spec(options.gpu, double(model.device_bytes)), model.file_name(),
                     options.events, options.trace, true, options.instructions});
  const ordered_json kernels = bench_kernels(*counting), plain = bench_loops();
  model.upload();
  const ordered_json decoding = bench_decode(options, model, *counting);
  if (!options.quiet) {
    std::printf("%s on %s, medians of %d\n", target_name().c_str(), device_name().c_str(),
                kBenchRuns);
    print("gemv_ns_per_fma", kernels, plain);
    print("matmul_ns_per_fma", kernels, plain);
    std::printf("  decode, chapter 01 %7.1f tokens/s with %s on all threads\n",
                decoding["tokens_per_second"].get<double>(), model.file_name().c_str());
  }
  return {{"format", "decoder-ladder bench 1"},
          {"target", target_name()},
          {"device", device_name()},
          {"runs", kBenchRuns},
          {"kernels", kernels},
          {"plain", plain},
          {"decode", decoding}};
}

}  // namespace decode
