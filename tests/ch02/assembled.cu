// A small attention kernel put together from the parts of tile.cuh, with mistakes to choose from:
// the checks that pass the real kernels must not pass these.
#include "chapters/02_tiled_attention/flash.cuh"
#include "tests/ch02/kernels_under_test.h"

namespace under_test {
namespace {

constexpr int kDims = 8;

// Grid (n_rows, n_heads), a warp a block.
template <Mistake kMistake>
__global__ void assembled_attention_kernel(float* out, const float* q, const bf16* keys,
                                           const bf16* values, ch00::Attention a, float scale) {
  extern __shared__ uint4 shared[];
  const ch02::TileLayout layout(a.head_dim);
  uint4* staged_values = shared + ch02::kTileKeys * layout.stride;
  float* staged_q = reinterpret_cast<float*>(staged_values + ch02::kTileKeys * layout.stride);
  float* weights = staged_q + a.head_dim;
  const int lane = threadIdx.x, row = blockIdx.x, head = blockIdx.y;
  ch02::stage_rows(staged_q, q, a, row, 1, head);

  int row_keys = a.start + row + 1;
  if (kMistake == Mistake::kSeesOneMore && row_keys < a.start + a.n_rows) ++row_keys;
  if (kMistake == Mistake::kSeesOneLess && row_keys > 1) --row_keys;
  const int whole_tiles = row_keys / ch02::kTileKeys * ch02::kTileKeys;
  const int end = kMistake == Mistake::kLastTileLost && whole_tiles > 0 ? whole_tiles : row_keys;
  ch02::Found<1, kDims> all;
  for (int first = 0; first < end; first += ch02::kTileKeys) {
    const size_t at = (size_t(head) * a.max_seq_len + first) * a.head_dim;
    __syncthreads();
    ch02::stage_tiles(shared, staged_values, keys + at, values + at, a.head_dim,
                      min(ch02::kTileKeys, a.start + a.n_rows - first), layout, lane, 32);
    __syncthreads();
    const int seen[1] = {row_keys - first};
    ch02::Found<1, kDims> tile;
    ch02::attend_tile(tile, staged_q, weights, shared, staged_values, layout, seen, a.head_dim,
                      scale, lane);
    if (kMistake == Mistake::kNoRescale) {
      all.sums.total += tile.sums.total;
      for (int d = 0; d < kDims; ++d) all.values[0][d] += tile.values[0][d];
    } else if (kMistake == Mistake::kNoLargest) {
      const float by = expf(tile.sums.largest);  // overflows for a large score
      all.sums.total += by * tile.sums.total;
      for (int d = 0; d < kDims; ++d) all.values[0][d] += by * tile.values[0][d];
    } else {
      ch02::fold(all, tile);
    }
  }
  for (int d = 0; d < kDims && lane * kDims + d < a.head_dim; ++d) {
    out[(size_t(row) * a.n_heads + head) * a.head_dim + lane * kDims + d] =
        all.values[0][d] / all.sums.total;
  }
}

template <Mistake kMistake>
void launch(float* out, const float* q, const bf16* keys, const bf16* values,
            const AttentionShape& s, float scale) {
  const ch00::Attention a{s.n_heads, s.head_dim, s.n_rows, s.start, s.max_seq_len};
  const size_t bytes = 2 * ch02::TileLayout(s.head_dim).bytes() + 4 * (s.head_dim + 32);
  assembled_attention_kernel<kMistake>
      <<<dim3(s.n_rows, s.n_heads), 32, bytes>>>(out, q, keys, values, a, scale);
  CHECK_LAUNCH("assembled_attention_kernel");
}

}  // namespace

void assembled_attention(float* out, const float* q, const bf16* keys, const bf16* values,
                         const AttentionShape& a, float scale, Mistake mistake) {
  switch (mistake) {
    case Mistake::kNone:
      return launch<Mistake::kNone>(out, q, keys, values, a, scale);
    case Mistake::kNoRescale:
      return launch<Mistake::kNoRescale>(out, q, keys, values, a, scale);
    case Mistake::kSeesOneMore:
      return launch<Mistake::kSeesOneMore>(out, q, keys, values, a, scale);
    case Mistake::kSeesOneLess:
      return launch<Mistake::kSeesOneLess>(out, q, keys, values, a, scale);
    case Mistake::kNoLargest:
      return launch<Mistake::kNoLargest>(out, q, keys, values, a, scale);
    case Mistake::kLastTileLost:
      return launch<Mistake::kLastTileLost>(out, q, keys, values, a, scale);
  }
}

}  // namespace under_test
