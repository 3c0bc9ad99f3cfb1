// Where tokens first differ, and by how little.
#include "common/decode/comparison.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "common/gpu/buffer.h"  // download
#include "common/gpu/work.h"    // begin_phase

namespace decode {
namespace {

// The two largest logits that follow `tokens`.
std::pair<double, double> top_two(Decoder& decoder, const std::vector<int>& tokens) {
  gpu::begin_phase(gpu::Phase::kLoad, -1);
  decoder.truncate(0);
  const float* device = decoder.forward(tokens.data(), static_cast<int>(tokens.size()), 1);
  CUDA_CHECK(cudaDeviceSynchronize());
  std::vector<float> logits = gpu::download(device, decoder.config().vocab_size);
  std::partial_sort(logits.begin(), logits.begin() + 2, logits.end(), std::greater<float>());
  return {logits[0], logits[1]};
}

}  // namespace

nlohmann::ordered_json difference(Decoder& decoder, const std::vector<int>& prompt,
                                  const std::vector<int>& tokens, const std::vector<int>& others) {
  if (tokens == others) return nullptr;
  const size_t common = std::min(tokens.size(), others.size());
  const size_t at =
      std::mismatch(tokens.begin(), tokens.begin() + common, others.begin()).first - tokens.begin();
  std::vector<int> before = prompt;
  before.insert(before.end(), tokens.begin(), tokens.begin() + at);
  const auto [first, second] = top_two(decoder, before);
  const double gap = first - second;
  return {{"at", at}, {"top_two_gap", gap}, {"tie", gap <= kTieBound * std::abs(first)}};
}

}  // namespace decode
