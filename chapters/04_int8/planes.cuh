// How quantized weights lie in memory: the integers in one plane, the fp16 scales in another.
//
// A GGUF file keeps a block's scale and its 32 integers side by side, 34 bytes (18 for Q4_0), so
// that hardly any block begins at a multiple of 16. In planes, every load of 16 bytes is aligned,
// and the bytes are the same: 34/64 (18/64) of bf16.
//
// Eight lanes take eight neighbouring blocks of a row, a lane one block: two loads of 16 bytes. So
// a row of the int8 plane is cut into groups of eight blocks, and a group holds first the first
// halves of its blocks and then their second halves. Either load of the eight lanes is then one run
// of 128 bytes. (The last group has what is left: its halves are as many as its blocks.)
//
// A warp takes four rows at a time. So the scales of four neighbouring rows lie together, by block:
// one load of the warp is one run of 64 bytes.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>

#include "chapters/04_int8/quantize.h"  // kBlock, Q8Block, Q4Block

namespace ch04 {

constexpr int kGroupBlocks = 8;    // blocks that neighbouring lanes take at one time
constexpr int kGroupRows = 4;      // rows whose scales lie together
constexpr int kHalf = kBlock / 2;  // bytes of one load

// Blocks of a row with `cols` values: the last may be a short one, filled up with zeros.
__host__ __device__ __forceinline__ int blocks_of(int cols) { return (cols + kBlock - 1) / kBlock; }

// Bytes between the halves of a block: the first halves of its whole group lie between them.
__host__ __device__ __forceinline__ int half_distance(int block, int n_blocks) {
  const int first = block / kGroupBlocks * kGroupBlocks;
  const int left = n_blocks - first;
  return (left < kGroupBlocks ? left : kGroupBlocks) * kHalf;
}

// Where value i of a row of n_blocks blocks lies in the int8 plane, from the row's begin.
__host__ __device__ __forceinline__ int value_place(int i, int n_blocks) {
  const int block = i / kBlock, in_group = block % kGroupBlocks;
  const int group = (block - in_group) * kBlock;
  return group + i % kBlock / kHalf * half_distance(block, n_blocks) + in_group * kHalf + i % kHalf;
}

// Where the scale of a block lies in the scale plane, in scales.
__host__ __device__ __forceinline__ size_t scale_place(int row, int block, int n_blocks) {
  return (size_t(row / kGroupRows) * n_blocks + block) * kGroupRows + row % kGroupRows;
}

// Scales of a matrix: the last group of rows is whole.
__host__ __device__ __forceinline__ size_t scale_count(int rows, int n_blocks) {
  return size_t(rows + kGroupRows - 1) / kGroupRows * kGroupRows * n_blocks;
}

// A block into its row of the int8 plane.
inline void place(const Q8Block& from, int block, int n_blocks, uint8_t* row) {
  for (int half = 0; half < 2; ++half) {
    std::memcpy(row + value_place(block * kBlock + half * kHalf, n_blocks),
                from.values + half * kHalf, kHalf);
  }
}

// Half a byte each: the 16 bytes of a block stay together. q + 8 becomes q in two's complement, so
// that a nibble shifted to the top of its byte is 16 * q as a signed byte.
inline void place(const Q4Block& from, int block, int /*n_blocks*/, uint8_t* row) {
  for (int i = 0; i < kHalf; ++i) row[block * kHalf + i] = from.nibbles[i] ^ 0x88;
}

}  // namespace ch04
