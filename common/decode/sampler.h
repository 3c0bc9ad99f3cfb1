// Chooses the next token from logits in VRAM.
#pragma once

#include <cstdint>

#include "common/decode/device_sort.h"  // DevicePool
#include "common/decode/random.h"       // Random
#include "common/gpu/buffer.h"          // DeviceBuffer

namespace decode {

struct SamplerOptions {
  float temperature = 0;  // 0: greedy, the largest logit (the lowest id when several are equal)
  int top_k = 0;          // keep the k most likely tokens; 0 keeps all
  float top_p = 1;        // then the fewest of those whose probabilities reach top_p; 1 keeps all
  uint64_t seed = 1;
};

// Throws DecodeError naming the option and its range.
void check_sampler_options(const SamplerOptions& options);

// Memory is allocated when it is made. The same seed draws the same tokens on every target.
class Sampler {
 public:
  Sampler(int vocab_size, const SamplerOptions& options, cudaStream_t stream = nullptr);

  // `logits`: (vocab_size), fp32, in VRAM, ready in the order of the stream. Waits for the result.
  // Throws DecodeError when the chosen logit is not a number.
  int sample(const float* logits);

  const SamplerOptions& options() const { return options_; }

 private:
  int greedy(const float* logits);
  int draw(const float* logits);
  template <typename T>
  T read(const T* device);

  int vocab_size_;
  SamplerOptions options_;
  cudaStream_t stream_;
  Random random_;
  gpu::DeviceBuffer<char> pool_memory_;
  DevicePool pool_;
  gpu::PinnedBuffer<double> result_;      // where a value from VRAM lands
  gpu::DeviceBuffer<float> keys_;         // logits / temperature, largest first
  gpu::DeviceBuffer<int> ids_;            // their tokens
  gpu::DeviceBuffer<double> cumulative_;  // running sums of exp(key - largest key)
};

}  // namespace decode
