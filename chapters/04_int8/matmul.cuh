// Matrix product with quantized weights and activations: integer products within a block of 32,
// fp32 between blocks. int8_matmul_kernel for Q8_0's numbers, int4_matmul_kernel ("lower bits") for
// Q4_0's; each for one row of activations and for tiles of eight.
//
// In all of them eight neighbouring lanes share an output: lane l takes the blocks l, l + 8, ... of
// the row and adds, with fused multiply-adds into one accumulator, (integer sum) * (weight's scale
// * input's scale); then the eight lanes are added as warp_sum does. The order depends on in_dim
// alone, so a row's result is the same, to the last bit, alone and among others.
//
// Source of the integer dot product: dp4a, four products of signed bytes and their sum in one
// instruction (CUDA C++ Programming Guide, from sm_61).
#pragma once

#include <type_traits>

#include "chapters/04_int8/quantize_rows.cuh"  // QuantizedRows
#include "chapters/04_int8/weights.cuh"        // Int8Matrix, Int4Matrix
#include "common/gpu/launch.h"                 // ceil_div, CHECK_LAUNCH
#include "common/gpu/warp.cuh"                 // warp_sum_each

namespace ch04 {

constexpr int kMatmulTile = 8;        // rows of a tile in the kernels for many rows
constexpr int kMatmulBlockCols = 32;  // outputs of a block

// Lanes hold one output column each for one row, two for eight; a warp has four groups of lanes.
template <int kRows>
struct TileShape {
  static constexpr int kLaneCols = kRows == 1 ? 1 : 2;
  static constexpr int kWarpCols = kLaneCols * kGroupRows;
  static constexpr int kThreads = kMatmulBlockCols / kWarpCols * gpu::kWarpSize;  // 256 or 128
};

__device__ __forceinline__ void unpack(const uint4& from, int (&to)[8], int first) {
  to[first] = int(from.x), to[first + 1] = int(from.y);
  to[first + 2] = int(from.z), to[first + 3] = int(from.w);
}

// 32 signed bytes whose halves lie `distance` bytes apart: two loads of 16 bytes.
__device__ __forceinline__ void load_block(const uint8_t* from, int distance, int (&to)[8]) {
  unpack(*reinterpret_cast<const uint4*>(from), to, 0);
  unpack(*reinterpret_cast<const uint4*>(from + distance), to, 4);
}

// [lanes]
// How a lane gets a block of weights as 32 signed bytes.
struct Int8Lanes {
  static constexpr int kBytes = kBlock;  // of a block in the plane
  static constexpr float kUnit = 1;      // a weight is its byte * kUnit * scale
  static __device__ __forceinline__ void load(const uint8_t* from, int distance, int (&to)[8]) {
    load_block(from, distance, to);
  }
};
// One load brings the whole block: bytes that hold value i low and value i + 16 high. Shifted to
// the top of a byte, a nibble is 16 times its value.
struct Int4Lanes {
  static constexpr int kBytes = kHalf;
  static constexpr float kUnit = 1.0f / 16;
  static __device__ __forceinline__ void load(const uint8_t* from, int, int (&to)[8]) {
    unpack(*reinterpret_cast<const uint4*>(from), to, 0);
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      to[i + 4] = to[i] & int(0xf0f0f0f0);
      to[i] = int(unsigned(to[i]) << 4 & 0xf0f0f0f0);
    }
  }
};
// [lanes]

// Pointers of one lane, moved on from group to group.
template <int kCount>
struct LanePlaces {
  const uint8_t* values[kCount];
  const __half* scales[kCount];
};
template <int kCount>
struct LaneInputs {
  const uint8_t* values[kCount];
  const float* scales[kCount];
};

// Adds the products of this lane's block in group number `group`, whose halves are `distance` bytes
// apart, for all rows and columns of the lane.
template <typename Lanes, int kRows, int kCols>
__device__ __forceinline__ void add_block(float (&sums)[kRows * kCols],
                                          const LaneInputs<kRows>& inputs,
                                          const LanePlaces<kCols>& weights, int group,
                                          int distance) {
  int w[kCols][8];
  float w_scale[kCols];
#pragma unroll
  for (int c = 0; c < kCols; ++c) {
    Lanes::load(weights.values[c] + group * (kGroupBlocks * Lanes::kBytes), distance, w[c]);
    w_scale[c] = __half2float(weights.scales[c][group * (kGroupBlocks * kGroupRows)]);
    w_scale[c] *= Lanes::kUnit;  // a power of two: exact
  }
#pragma unroll
  for (int r = 0; r < kRows; ++r) {
    int in[8];
    load_block(inputs.values[r] + group * (kGroupBlocks * kBlock), distance, in);
    const float in_scale = inputs.scales[r][group * kGroupBlocks];
#pragma unroll
    for (int c = 0; c < kCols; ++c) {
      int sum = 0;  // at most 32 * 128 * 127, less than 2^24: exact as a float
#pragma unroll
      for (int i = 0; i < 8; ++i) sum = __dp4a(w[c][i], in[i], sum);
      sums[r * kCols + c] = fmaf(float(sum), w_scale[c] * in_scale, sums[r * kCols + c]);
    }
  }
}

// out[r][c] = sum over k of x[r][k] * weight[c][k].
// Shapes: x values (n_rows, n_blocks * 32) and scales (n_rows, n_blocks), weight plane (out_dim,
// n_blocks, Lanes::kBytes) and scales (out_dim / 4, n_blocks, 4), out (n_rows, out_dim).
// Grid (out_dim / 32, n_rows / kRows) -> block: 32 columns of kRows rows -> warp: four columns, or
// eight -> eight lanes: a column (or two), one block of it each at a time: 512 bytes of weights a
// load and warp, in four runs of 128. VRAM: matmul_bytes(). A weight is fetched once for the rows
// of a tile. Inputs are read through L1 by each warp, 9/8 byte a value. Shared memory: none.
template <typename Lanes, int kRows>
__device__ __forceinline__ void multiply_tile(float* out, const uint8_t* x, const float* x_scales,
                                              const uint8_t* plane, const __half* scales,
                                              int n_rows, int n_blocks, int out_dim) {
  using Shape = TileShape<kRows>;
  constexpr int kCols = Shape::kLaneCols;
  // Groups whose loads are on their way at once (g++ does not read the pragma below).
  [[maybe_unused]] constexpr int kUnroll = kRows == 1 ? 4 : 1;
  const int lane = threadIdx.x % gpu::kWarpSize, in_group = lane % kGroupBlocks;
  const int warp = blockIdx.x * (Shape::kThreads / gpu::kWarpSize) + threadIdx.x / gpu::kWarpSize;
  const int first_col = warp * Shape::kWarpCols + lane / kGroupBlocks;  // then every fourth
  const int first_row = blockIdx.y * kRows;
  // Rows and columns beyond the last repeat it: what they give is not stored.
  LanePlaces<kCols> weights;
#pragma unroll
  for (int c = 0; c < kCols; ++c) {
    const int col = min(first_col + c * kGroupRows, out_dim - 1);
    weights.values[c] = plane + size_t(col) * n_blocks * Lanes::kBytes + in_group * kHalf;
    weights.scales[c] = scales + scale_place(col, in_group, n_blocks);
  }
  LaneInputs<kRows> inputs;
#pragma unroll
  for (int r = 0; r < kRows; ++r) {
    const size_t row = min(first_row + r, n_rows - 1);
    inputs.values[r] = x + row * n_blocks * kBlock + in_group * kHalf;
    inputs.scales[r] = x_scales + row * n_blocks + in_group;
  }

  float sums[kRows * kCols] = {};
  const int whole = n_blocks / kGroupBlocks, left = n_blocks % kGroupBlocks;
#pragma unroll kUnroll
  for (int group = 0; group < whole; ++group) {
    add_block<Lanes, kRows, kCols>(sums, inputs, weights, group, kGroupBlocks * kHalf);
  }
  if (in_group < left) {
    add_block<Lanes, kRows, kCols>(sums, inputs, weights, whole, left * kHalf);
  }

  constexpr int kSums = kRows * kCols;
  constexpr int kEach = kSums < kGroupBlocks ? 1 : kSums / kGroupBlocks;  // that a lane ends with
  constexpr int kSharers = kSums < kGroupBlocks ? kGroupBlocks / kSums : 1;  // lanes of one sum
  gpu::warp_sum_each<kSums, kGroupBlocks>(sums, lane);
  const int sum = gpu::warp_sum_first<kSums, kGroupBlocks>(lane);
  const bool mine = in_group % kSharers == 0;
#pragma unroll
  for (int i = 0; i < kEach; ++i) {
    const int row = first_row + (sum + i) / kCols;
    const int col = first_col + (sum + i) % kCols * kGroupRows;
    if (mine && row < n_rows && col < out_dim) out[size_t(row) * out_dim + col] = sums[i];
  }
}

// Both kernels: see multiply_tile.
template <int kRows>
__global__ void __launch_bounds__(TileShape<kRows>::kThreads)
    int8_matmul_kernel(float* __restrict__ out,             // (n_rows, out_dim)
                       const uint8_t* __restrict__ x,       // (n_rows, n_blocks * 32), signed
                       const float* __restrict__ x_scales,  // (n_rows, n_blocks)
                       const uint8_t* __restrict__ plane,   // (out_dim, n_blocks * 32), signed
                       const __half* __restrict__ scales,   // (out_dim / 4, n_blocks, 4)
                       int n_rows, int n_blocks, int out_dim) {
  multiply_tile<Int8Lanes, kRows>(out, x, x_scales, plane, scales, n_rows, n_blocks, out_dim);
}
template <int kRows>
__global__ void __launch_bounds__(TileShape<kRows>::kThreads)
    int4_matmul_kernel(float* __restrict__ out,             // (n_rows, out_dim)
                       const uint8_t* __restrict__ x,       // (n_rows, n_blocks * 32), signed
                       const float* __restrict__ x_scales,  // (n_rows, n_blocks)
                       const uint8_t* __restrict__ plane,   // (out_dim, n_blocks * 16), nibbles
                       const __half* __restrict__ scales,   // (out_dim / 4, n_blocks, 4)
                       int n_rows, int n_blocks, int out_dim) {
  multiply_tile<Int4Lanes, kRows>(out, x, x_scales, plane, scales, n_rows, n_blocks, out_dim);
}

// VRAM bytes. `block_bytes` is 32 for int8 and 16 for int4.
inline gpu::KernelBytes matmul_bytes(int n_rows, int in_dim, int out_dim, int block_bytes) {
  const uint64_t n_blocks = blocks_of(in_dim);
  gpu::KernelBytes bytes;
  bytes.weights.read = (block_bytes + sizeof(__half)) * n_blocks * uint64_t(out_dim);
  bytes.activations.read = (kBlock + sizeof(float)) * n_blocks * uint64_t(n_rows);
  bytes.activations.written = sizeof(float) * n_rows * uint64_t(out_dim);
  return bytes;
}

// Checks the shapes, declares the work and calls launch(grid, threads, rows of a tile) once.
template <typename Matrix, typename Launch>
void launch_matmul(const QuantizedRows& x, const Matrix& weight, int n_rows, const Launch& launch) {
  GPU_REQUIRE(n_rows > 0 && weight.rows > 0 && weight.cols > 0, "matmul: empty output");
  const int n_blocks = weight.n_blocks();
  GPU_REQUIRE(size_t(n_rows) * n_blocks <= x.scales.size(), "matmul: fewer inputs than rows");
  // Integer products; and in fp32, for each pair of blocks, their scales' product and the sum.
  gpu::declare_work(
      {2.0 * n_rows * weight.rows * n_blocks, double(n_rows) * weight.rows * weight.cols});
  const unsigned cols = gpu::ceil_div(weight.rows, kMatmulBlockCols);
  if (n_rows == 1) return launch(dim3(cols, 1), std::integral_constant<int, 1>());
  const unsigned tiles = gpu::ceil_div(n_rows, kMatmulTile);
  GPU_REQUIRE(tiles <= 65535, "matmul: more than 524280 rows");
  launch(dim3(cols, tiles), std::integral_constant<int, kMatmulTile>());
}

// out = x * transpose(weight). x: quantize()'s result for n_rows rows of weight.cols values.
inline void matmul(float* out, const QuantizedRows& x, const Int8Matrix& weight, int n_rows,
                   cudaStream_t stream) {
  launch_matmul(x, weight, n_rows, [&](dim3 grid, auto rows) {
    constexpr int kRows = decltype(rows)::value;
    int8_matmul_kernel<kRows><<<grid, TileShape<kRows>::kThreads, 0, stream>>>(
        out, x.values.data(), x.scales.data(), weight.plane.data(), weight.scales.data(), n_rows,
        weight.n_blocks(), weight.rows);
  });
  CHECK_LAUNCH("int8_matmul_kernel");
}
inline void matmul(float* out, const QuantizedRows& x, const Int4Matrix& weight, int n_rows,
                   cudaStream_t stream) {
  launch_matmul(x, weight, n_rows, [&](dim3 grid, auto rows) {
    constexpr int kRows = decltype(rows)::value;
    int4_matmul_kernel<kRows><<<grid, TileShape<kRows>::kThreads, 0, stream>>>(
        out, x.values.data(), x.scales.data(), weight.plane.data(), weight.scales.data(), n_rows,
        weight.n_blocks(), weight.rows);
  });
  CHECK_LAUNCH("int4_matmul_kernel");
}

}  // namespace ch04
