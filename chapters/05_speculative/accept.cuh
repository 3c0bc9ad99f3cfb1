// Chapter 05's idea in one kernel: which proposed tokens stay, and which token comes after them, so
// that the text has the target's distribution whatever the draft proposed.
// Leviathan, Kalman and Matias, "Fast Inference from Transformers via Speculative Decoding",
// arXiv 2211.17192, algorithm 1; Chen et al., "Accelerating Large Language Model Decoding with
// Speculative Sampling", arXiv 2302.01318, algorithm 2.
#pragma once

#include <algorithm>

#include "common/gpu/launch.h"  // GPU_REQUIRE, CHECK_LAUNCH, declare_work
#include "common/gpu/warp.cuh"  // warp_sum, warp_max, kWarpSize, kFullMask

namespace ch05 {

constexpr int kMaxDraftTokens = 16;   // in one proposal
constexpr int kSpreadThreads = 256;   // a block
constexpr int kAcceptThreads = 1024;  // a block, at most

// What the draft proposes, with the random numbers that decide. Passed by value.
struct Proposal {
  int count = 0;                     // of tokens, at most kMaxDraftTokens
  int tokens[kMaxDraftTokens] = {};  // drawn from q, one row after the other
  // In [0, 1): one a token, and uniforms[count] draws the token after them.
  double uniforms[kMaxDraftTokens + 1] = {};
};

struct Verdict {
  int accepted;       // of the proposed tokens, from the first on
  int next;           // the token after those
  float probability;  // that p gives it; not above 0 when p's logits were not numbers
};

// probabilities[ids[i]] = exp(keys[i] - keys[0]) / mass for i < kept, else 0.
// Shapes: all (vocab_size); keys in falling order, ids a permutation.
// Grid (vocab_size / 256) -> block -> thread: an entry.
// VRAM: spread_bytes(). Stores are scattered: the ids come in the order of their keys.
// Shared memory: none. The exponential is in double, as in the sum `mass`.
static __global__ void __launch_bounds__(kSpreadThreads)
    spread_kernel(float* __restrict__ probabilities,  // (vocab_size)
                  const float* __restrict__ keys,     // (vocab_size)
                  const int* __restrict__ ids,        // (vocab_size)
                  int kept, double mass, int vocab_size) {
  const int i = blockIdx.x * kSpreadThreads + threadIdx.x;
  if (i >= vocab_size) return;
  const double weight = exp(double(keys[i]) - double(keys[0]));
  probabilities[ids[i]] = i < kept ? float(weight / mass) : 0.0f;
}

inline gpu::KernelBytes spread_bytes(int vocab_size) {
  gpu::KernelBytes bytes;
  bytes.activations.read = uint64_t(vocab_size) * (sizeof(float) + sizeof(int));
  bytes.activations.written = uint64_t(vocab_size) * sizeof(float);
  return bytes;
}

inline void spread(float* probabilities, const float* keys, const int* ids, int kept, double mass,
                   int vocab_size, cudaStream_t stream) {
  GPU_REQUIRE(kept > 0 && kept <= vocab_size, "spread: kept is outside the vocabulary");
  gpu::declare_work({3.0 * vocab_size, 0});  // subtract, exp's product, divide
  spread_kernel<<<gpu::ceil_div(vocab_size, kSpreadThreads), kSpreadThreads, 0, stream>>>(
      probabilities, keys, ids, kept, mass, vocab_size);
  CHECK_LAUNCH("spread_kernel");
}

// The sum over the lanes up to this one.
static __device__ __forceinline__ double warp_running_sum(double value, int lane) {
#pragma unroll
  for (int offset = 1; offset < gpu::kWarpSize; offset *= 2) {
    const double below = __shfl_up_sync(gpu::kFullMask, value, offset);
    if (lane >= offset) value += below;
  }
  return value;
}

// Accepts proposed token x with probability min(1, p(x) / q(x)), up to the first that is refused.
// Then draws `next`: after a refusal from the positive part of p - q of that row, and when all were
// accepted from p's last row.
// Shapes: p (count + 1, vocab_size), q (count, vocab_size): probabilities.
// Grid: one block (of vocab_size threads, at most 1024). All threads walk over the proposal alike.
// Then a warp sums the weights of one segment of the row, and the warp in whose segment the drawn
// number falls walks over that segment again, 32 tokens at a time.
// VRAM: accept_bytes(). Shared memory: a double a warp.
// Sums are in double and in an order that vocab_size alone sets: every target draws the same token.
static __global__ void __launch_bounds__(kAcceptThreads)
    accept_kernel(Verdict* __restrict__ verdict,  // (1)
                  const float* __restrict__ p,    // (count + 1, vocab_size)
                  const float* __restrict__ q,    // (count, vocab_size)
                  const Proposal proposal, int vocab_size) {
  __shared__ double segment_sums[kAcceptThreads / gpu::kWarpSize];
  const int lane = threadIdx.x % gpu::kWarpSize, warp = threadIdx.x / gpu::kWarpSize;
  const int warps = blockDim.x / gpu::kWarpSize;

  int accepted = 0;
  for (; accepted < proposal.count; ++accepted) {
    const size_t at = size_t(accepted) * vocab_size + proposal.tokens[accepted];
    // u < p / q, without a division by a q that rounds to 0.
    if (!(proposal.uniforms[accepted] * double(q[at]) < double(p[at]))) break;
  }
  const bool refused = accepted < proposal.count;
  const float* p_row = p + size_t(accepted) * vocab_size;
  const float* q_row = q + size_t(accepted) * vocab_size;
  const auto weight = [&](int token) {
    return refused ? fmax(double(p_row[token]) - double(q_row[token]), 0.0) : double(p_row[token]);
  };

  // Segments are whole warps wide.
  const int share = (vocab_size + warps - 1) / warps;
  const int segment = (share + gpu::kWarpSize - 1) / gpu::kWarpSize * gpu::kWarpSize;
  const int begin = warp * segment, end = min(begin + segment, vocab_size);
  double sum = 0;
#pragma unroll 4
  for (int token = begin + lane; token < end; token += gpu::kWarpSize) sum += weight(token);
  sum = gpu::warp_sum(sum);
  if (lane == 0) segment_sums[warp] = sum;
  __syncthreads();

  double total = 0;
  for (int w = 0; w < warps; ++w) total += segment_sums[w];
  const double threshold = proposal.uniforms[proposal.count] * total;
  // The first segment whose running sum exceeds the threshold; the last that has a weight, if
  // rounding leaves none.
  double before = 0, running = 0;
  int chosen = -1;
  for (int w = 0; w < warps && !(running > threshold); ++w) {
    const double weights = segment_sums[w];
    if (weights > 0) chosen = w, before = running;
    running += weights;
  }
  if (warp != max(chosen, 0)) return;

  int last = -1;  // of this lane's tokens that have a weight
  unsigned above = 0;
  for (int first = begin; first < end; first += gpu::kWarpSize) {
    const int token = first + lane;
    const double w = token < end ? weight(token) : 0.0;
    const double up_to_here = before + warp_running_sum(w, lane);
    if (w > 0) last = token;
    above = __ballot_sync(gpu::kFullMask, w > 0 && up_to_here > threshold);
    if (above != 0) {
      last = first + __ffs(above) - 1;
      break;
    }
    before = __shfl_sync(gpu::kFullMask, up_to_here, gpu::kWarpSize - 1);
  }
  // Rounding may leave the threshold above all running sums: the last token that has a weight. If
  // none has one, p and q differ by rounding only (or are not numbers), and the refused token is as
  // good as any other.
  // (A float holds every token's number.)
  int next = above != 0 ? last : int(gpu::warp_max(float(last)));
  if (next < 0) next = refused ? proposal.tokens[accepted] : 0;
  // A lane a word of the verdict: one request of the warp.
  const float probability = p_row[next];
  __syncwarp();  // or a compiler may leave the load to the lane that stores it
  const int word = lane == 0 ? accepted : lane == 1 ? next : __float_as_int(probability);
  if (lane < int(sizeof(Verdict) / sizeof(int))) reinterpret_cast<int*>(verdict)[lane] = word;
}

// When `accepted` of `count` tokens stay. Both passes over the row are counted as one: it stays in
// L2.
inline gpu::KernelBytes accept_bytes(int accepted, int count, int vocab_size) {
  const bool refused = accepted < count;
  const uint64_t looked_at = accepted + (refused ? 1 : 0);
  const uint64_t rows = refused ? 2 : 1;
  gpu::KernelBytes bytes;
  bytes.activations.read = 2 * sizeof(float) * looked_at + rows * sizeof(float) * vocab_size;
  bytes.activations.written = sizeof(Verdict);
  return bytes;
}

inline void accept(Verdict* verdict, const float* p, const float* q, const Proposal& proposal,
                   int vocab_size, cudaStream_t stream) {
  GPU_REQUIRE(proposal.count >= 0 && proposal.count <= kMaxDraftTokens,
              "accept: more tokens than a proposal holds");
  const int threads = std::min(gpu::round_up(vocab_size, gpu::kWarpSize), kAcceptThreads);
  // A product for each token; difference and sum for each entry, and again in one segment.
  gpu::declare_work({proposal.count + 2.0 * vocab_size + 2.0 * vocab_size * 32 / threads, 0});
  accept_kernel<<<1, threads, 0, stream>>>(verdict, p, q, proposal, vocab_size);
  CHECK_LAUNCH("accept_kernel");
}

}  // namespace ch05
