// Greedy, temperature, top-k and top-p, from a few Thrust calls.
#include "common/decode/sampler.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "common/decode/error.h"  // DecodeError
#include "common/gpu/work.h"      // declare_library

namespace decode {
namespace {

// A binary search of `count` sums reads one a step.
uint64_t search_bytes(int count) {
  return sizeof(double) * (1 + static_cast<uint64_t>(std::log2(count)));
}

}  // namespace

void check_sampler_options(const SamplerOptions& options) {
  // Logits are divided by it: with less than kLowest they would leave the range of a float.
  constexpr float kLowest = 1e-4f, kHighest = 100;
  const float t = options.temperature;
  if (t != 0 && !(t >= kLowest && t <= kHighest)) {
    throw DecodeError("--temperature: expected 0 (greedy), or a number from 0.0001 to 100");
  }
  if (options.top_k < 0) throw DecodeError("--top-k: expected 0 (all) or a positive number");
  if (!(options.top_p > 0 && options.top_p <= 1)) {
    throw DecodeError("--top-p: expected a number above 0, at most 1");
  }
}

Sampler::Sampler(int vocab_size, const SamplerOptions& options, cudaStream_t stream)
    : vocab_size_(vocab_size),
      options_(options),
      stream_(stream),
      random_(options.seed),
      pool_memory_(DevicePool::bytes_for(vocab_size), "sampler.pool"),
      result_(1, "sampler.result") {
  check_sampler_options(options);
  pool_ = {pool_memory_.data(), pool_memory_.bytes(), 0};
  if (options.temperature == 0) return;
  keys_ = gpu::DeviceBuffer<float>(vocab_size, "sampler.keys");
  ids_ = gpu::DeviceBuffer<int>(vocab_size, "sampler.ids");
  cumulative_ = gpu::DeviceBuffer<double>(vocab_size, "sampler.cumulative");
}

int Sampler::sample(const float* logits) {
  const int token = options_.temperature == 0 ? greedy(logits) : draw(filter(logits));
  if (std::isnan(read(logits + token))) {
    throw DecodeError("sampler: the logit of token " + std::to_string(token) + " is not a number");
  }
  return token;
}

int Sampler::greedy(const float* logits) {
  pool_.reset();
  gpu::declare_library("thrust::max_element", sizeof(float) * vocab_size_, 0);
  return index_of_max(pool_, stream_, logits, vocab_size_);
}

Filtered Sampler::filter(const float* logits) {
  pool_.reset();
  const uint64_t all = vocab_size_;
  const uint64_t pair_bytes = all * (sizeof(float) + sizeof(int));
  gpu::declare_library("thrust::transform", sizeof(float) * all, sizeof(float) * all);
  gpu::declare_library("thrust::sequence", 0, sizeof(int) * all);
  gpu::declare_library("thrust::stable_sort_by_key", pair_bytes, pair_bytes);
  sort_descending(pool_, stream_, logits, 1.0f / options_.temperature, keys_.data(), ids_.data(),
                  vocab_size_);

  int kept = options_.top_k == 0 ? vocab_size_ : std::min(options_.top_k, vocab_size_);
  const uint64_t sums = sizeof(double) * kept;
  gpu::declare_library("thrust::transform", sizeof(float) * kept, sums);
  gpu::declare_library("thrust::inclusive_scan", sums, sums);
  gpu::declare_library("thrust::transform_reduce", sizeof(float) * kept, 0);
  const double total = sum_exponentials(pool_, stream_, keys_.data(), cumulative_.data(), kept);

  if (options_.top_p < 1) {
    gpu::declare_library("thrust::lower_bound", search_bytes(kept), 0);
    const double wanted = static_cast<double>(options_.top_p) * total;
    kept = 1 + index_reaching(pool_, stream_, cumulative_.data(), kept, wanted, false);
  }
  return {keys_.data(), ids_.data(), kept, read(cumulative_.data() + kept - 1)};
}

int Sampler::draw(const Filtered& filtered) {
  gpu::declare_library("thrust::upper_bound", search_bytes(filtered.kept), 0);
  const int place = index_reaching(pool_, stream_, cumulative_.data(), filtered.kept,
                                   random_.next() * filtered.mass, true);
  return read(ids_.data() + place);
}

template <typename T>
T Sampler::read(const T* device) {
  T* landing = reinterpret_cast<T*>(result_.data());
  CUDA_CHECK(cudaMemcpyAsync(landing, device, sizeof(T), cudaMemcpyDeviceToHost, stream_));
  CUDA_CHECK(cudaStreamSynchronize(stream_));
  return *landing;
}

}  // namespace decode
