// Chapter 03's idea: a group of query heads shares one head of K and V.
//
// A *pair* is a row of queries and one query head of a group. The pairs of a group look at the same
// keys, so they stand where chapter 02 had the rows of a head: a tile of K and V that was brought
// in once serves them all. Groups of one are ordinary attention (MHA), one group of all heads is
// multi-query attention (MQA), and what lies between is grouped-query attention (GQA): the two ends
// are no cases of their own.
//
// Source: Ainslie et al., "GQA", 2023 (arXiv 2305.13245); Shazeer, "Fast Transformer Decoding: One
// Write-Head is All You Need", 2019 (arXiv 1911.02150).
#pragma once

#include <string>

#include "chapters/00_naive/scores.cuh"  // Attention, check_attention

namespace ch03 {

using gpu::bf16;

// Who attends to what. Row r of the queries has position start + r and sees the keys 0 to start +
// r; query head h sees head h / group() of K and V.
struct Grouped {
  int n_heads = 0;
  int n_kv_heads = 0;   // divides n_heads
  int head_dim = 0;     // a multiple of 8, at most 256
  int n_rows = 0;       // queries, new tokens
  int start = 0;        // position of the first
  int max_seq_len = 0;  // keys that a head of the cache has room for

  __host__ __device__ int group() const { return n_heads / n_kv_heads; }
  __host__ __device__ int n_pairs() const { return n_rows * group(); }  // of one head of K and V
  __host__ __device__ int n_keys() const { return start + n_rows; }

  // Pair p of head `kv_head` of K and V: its row, and where its q (and its result) begins. The
  // heads of a row come first, so neighbouring pairs see nearly the same keys, and their q are
  // neighbours in memory.
  __host__ __device__ int row(int pair) const { return pair / group(); }
  __host__ __device__ int at(int kv_head, int pair) const {  // of (n_rows, n_heads)
    return row(pair) * n_heads + kv_head * group() + pair % group();
  }

  // The same with a head of K and V for every query head, as chapter 02 has it.
  __host__ __device__ ch00::Attention ungrouped() const {
    return {n_heads, head_dim, n_rows, start, max_seq_len};
  }
};

inline void check_grouped(const Grouped& g) {
  ch00::check_attention(g.ungrouped());
  GPU_REQUIRE(g.n_kv_heads > 0 && g.n_heads % g.n_kv_heads == 0,
              "attention: " + std::to_string(g.n_kv_heads) + " heads of K and V do not divide " +
                  std::to_string(g.n_heads) + " query heads");
}

// The first of some neighbouring pairs: its row, and its place among the heads of the group.
struct FirstPair {
  int row, head;
  __device__ __forceinline__ FirstPair(const Grouped& g, int pair)
      : row(g.row(pair)), head(pair - row * g.group()) {}
};

// seen[r] = how many of the keys from `first_key` on pair number r sees; may be none (<= 0) or more
// than there are.
template <int kPairs>
__device__ __forceinline__ void keys_seen(int (&seen)[kPairs], const Grouped& g,
                                          const FirstPair& pair, int first_key) {
  int keys = g.start + pair.row + 1 - first_key, head = pair.head;
  const int group = g.group();
#pragma unroll
  for (int r = 0; r < kPairs; ++r) {
    seen[r] = keys;
    if (++head == group) head = 0, ++keys;
  }
}

// Brings q of `count` pairs from `first` on into shared memory, by all threads of a block; pairs
// beyond the last become zeros. The caller puts a __syncthreads() after.
__device__ __forceinline__ void stage_pairs(float* staged,  // shared, (count, head_dim)
                                            const float* __restrict__ q,  // (n_rows, n_heads, ...)
                                            const Grouped& g, int kv_head, int first, int count) {
  const int quads = g.head_dim / 4;
  const int up_to = (count * quads + 31) / 32 * 32;  // whole warps: they meet in the loop
  for (int n = threadIdx.x; n < up_to; n += blockDim.x) {
    const int pair = n / quads;
    float4 quad = make_float4(0, 0, 0, 0);
    if (pair < count && first + pair < g.n_pairs()) {
      const size_t at = size_t(g.at(kv_head, first + pair)) * g.head_dim;
      quad = reinterpret_cast<const float4*>(q + at)[n % quads];
    }
    __syncwarp();
    if (pair < count) reinterpret_cast<float4*>(staged)[n] = quad;
    __syncwarp();
  }
}

// VRAM bytes of attention when every tensor is touched once: K and V are n_kv_heads / n_heads of
// what chapter 02 reads.
inline gpu::KernelBytes grouped_bytes(const Grouped& g) {
  gpu::KernelBytes bytes;
  bytes.activations.read = sizeof(float) * g.n_rows * uint64_t(g.n_heads) * g.head_dim;
  bytes.activations.written = bytes.activations.read;
  bytes.kv.read = 2 * sizeof(bf16) * g.n_keys() * uint64_t(g.n_kv_heads) * g.head_dim;
  return bytes;
}

}  // namespace ch03
