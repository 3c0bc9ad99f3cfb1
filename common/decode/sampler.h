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

// What temperature, top-k and top-p leave of a row of logits: the first `kept` tokens, the most
// likely first, token ids[i] with probability exp(keys[i] - keys[0]) / mass. In VRAM.
struct Filtered {
  const float* keys = nullptr;  // (vocab_size), logits / temperature, largest first
  const int* ids = nullptr;     // (vocab_size), their tokens; from `kept` on: those that were cut
  int kept = 0;
  double mass = 0;  // sum of exp(keys[i] - keys[0]) over the kept ones
};

// Memory is allocated when it is made. The same seed draws the same tokens on every target.
class Sampler {
 public:
  Sampler(int vocab_size, const SamplerOptions& options, cudaStream_t stream = nullptr);

  // `logits`: (vocab_size), fp32, in VRAM, ready in the order of the stream. Waits for the result.
  // Throws DecodeError when the chosen logit is not a number.
  int sample(const float* logits);

  // sample() in two halves, for who needs the probabilities too (temperature > 0 only). What
  // filter() returns is valid until the next call; draw() takes a random number.
  Filtered filter(const float* logits);
  int draw(const Filtered& filtered);
  void restart() { random_ = Random(options_.seed); }  // the seed's numbers from the first one on

  const SamplerOptions& options() const { return options_; }

 private:
  int greedy(const float* logits);
  template <typename T>
  T read(const T* device);

  int vocab_size_;
  SamplerOptions options_;
  cudaStream_t stream_;
  Random random_;
  gpu::DeviceBuffer<char> pool_memory_;
  DevicePool pool_;
  gpu::PinnedBuffer<double> result_;      // where a value from VRAM lands
  gpu::DeviceBuffer<float> keys_;         // of Filtered
  gpu::DeviceBuffer<int> ids_;            // of Filtered
  gpu::DeviceBuffer<double> cumulative_;  // running sums of exp(key - largest key)
};

}  // namespace decode
