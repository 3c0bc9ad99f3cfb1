// The matrices of a model as planes in VRAM: Int8Matrix (Q8_0's numbers) and Int4Matrix (Q4_0's).
// Norms and biases stay fp32; they are taken from decode::DeviceWeights.
#pragma once

#include <cuda_fp16.h>

#include <algorithm>
#include <string>
#include <vector>

#include "chapters/04_int8/planes.cuh"  // place, scale_place, Q8Block, Q4Block
#include "common/decode/registry.h"     // Model
#include "common/gpu/buffer.h"          // DeviceBuffer

namespace ch04 {

// (rows, cols) of blocks. Bytes of a row in the plane: n_blocks() * kBlockBytes.
template <typename BlockType, model::TensorType kType>
struct QuantizedMatrix {
  using Block = BlockType;
  static constexpr model::TensorType kStored = kType;  // the file's type with the same blocks
  static constexpr int kBlockBytes = sizeof(Block) - sizeof(uint16_t);

  int n_blocks() const { return blocks_of(cols); }

  gpu::DeviceBuffer<uint8_t> plane;  // (rows, n_blocks, kBlockBytes), in planes.cuh's order
  gpu::DeviceBuffer<__half> scales;  // (rows / 4, n_blocks, 4)
  int rows = 0;                      // outputs
  int cols = 0;                      // inputs
};
using Int8Matrix = QuantizedMatrix<Q8Block, model::TensorType::kQ8_0>;
using Int4Matrix = QuantizedMatrix<Q4Block, model::TensorType::kQ4_0>;

// Both planes on the host.
template <typename Matrix>
struct HostPlanes {
  HostPlanes(int rows_, int cols_)
      : rows(rows_),
        cols(cols_),
        plane(size_t(rows_) * blocks_of(cols_) * Matrix::kBlockBytes),
        scales(scale_count(rows_, blocks_of(cols_))) {}

  void put(int row, int block, const typename Matrix::Block& from) {
    const int n_blocks = blocks_of(cols);
    place(from, block, n_blocks, plane.data() + size_t(row) * n_blocks * Matrix::kBlockBytes);
    scales[scale_place(row, block, n_blocks)] = from.scale;
  }

  int rows, cols;
  std::vector<uint8_t> plane;
  std::vector<uint16_t> scales;  // fp16; zero in the rows that fill up the last group
};

// The matrix's bf16 numbers, quantized.
template <typename Matrix>
HostPlanes<Matrix> quantize(const model::HostMatrix& from) {
  HostPlanes<Matrix> planes(from.rows, from.cols);
  typename Matrix::Block block;
  for (int row = 0; row < from.rows; ++row) {
    const uint16_t* values = from.data.data() + size_t(row) * from.cols;
    for (int b = 0; b < blocks_of(from.cols); ++b) {
      float x[kBlock] = {};
      const int count = std::min(kBlock, from.cols - b * kBlock);
      for (int i = 0; i < count; ++i) x[i] = model::bf16_to_float(values[b * kBlock + i]);
      quantize(x, from.name, block);
      planes.put(row, b, block);
    }
  }
  return planes;
}

// The blocks of a file as they are. `pair_heads` > 0 is the head size of a matrix whose rows the
// loader reorders, from half-split to adjacent rotary pairs (model::load_weights): here too.
template <typename Matrix>
HostPlanes<Matrix> repack(const std::vector<uint8_t>& raw, int rows, int cols, int pair_heads) {
  HostPlanes<Matrix> planes(rows, cols);
  const int n_blocks = blocks_of(cols);
  typename Matrix::Block block;
  for (int row = 0; row < rows; ++row) {
    int source = row;
    if (pair_heads > 0) {
      const int in_head = row % pair_heads;
      source = row - in_head + in_head / 2 + in_head % 2 * (pair_heads / 2);
    }
    for (int b = 0; b < n_blocks; ++b) {
      std::memcpy(&block, raw.data() + (size_t(source) * n_blocks + b) * sizeof block,
                  sizeof block);
      planes.put(row, b, block);
    }
  }
  return planes;
}

// The planes of one matrix: the file's own blocks when it holds this kind, else quantized.
template <typename Matrix>
HostPlanes<Matrix> planes_of(const decode::Model& m, const model::HostMatrix& matrix,
                             bool rotary_rows) {
  if (matrix.stored == Matrix::kStored && m.file != nullptr) {
    const model::GgufTensor* tensor = m.file->find_tensor(matrix.name);
    if (tensor != nullptr && tensor->type == Matrix::kStored) {
      const model::Config& c = m.host.config;
      const bool pairs = rotary_rows && c.architecture == "qwen2";
      return repack<Matrix>(m.file->read(*tensor), matrix.rows, matrix.cols,
                            pairs ? c.head_dim : 0);
    }
  }
  return quantize<Matrix>(matrix);
}

template <typename Matrix>
Matrix upload(const decode::Model& m, const model::HostMatrix& from, bool rotary_rows = false) {
  Matrix to;
  if (from.empty()) return to;
  const HostPlanes<Matrix> planes = planes_of<Matrix>(m, from, rotary_rows);
  // "blk.3.attn_q.weight" -> "weights.quantized.blk.3.attn_q" and the same with ".scales"
  const std::string name = "weights.quantized." + from.name.substr(0, from.name.rfind(".weight"));
  to.plane = gpu::upload(planes.plane, name.c_str());
  to.scales = gpu::DeviceBuffer<__half>(planes.scales.size(), (name + ".scales").c_str());
  gpu::upload(to.scales, reinterpret_cast<const __half*>(planes.scales.data()),
              planes.scales.size());
  to.rows = from.rows;
  to.cols = from.cols;
  return to;
}

template <typename Matrix>
struct QuantizedLayer {
  Matrix attn_q, attn_k, attn_v, attn_output, ffn_gate, ffn_up, ffn_down;
};

// Shapes as in decode::DeviceWeights.
template <typename Matrix>
struct QuantizedWeights {
  explicit QuantizedWeights(const decode::Model& m) {
    gpu::begin_phase(gpu::Phase::kLoad, -1);
    token_embd = upload<Matrix>(m, m.host.token_embd);
    for (const model::HostLayer& from : m.host.layers) {
      layers.push_back({upload<Matrix>(m, from.attn_q, true), upload<Matrix>(m, from.attn_k, true),
                        upload<Matrix>(m, from.attn_v), upload<Matrix>(m, from.attn_output),
                        upload<Matrix>(m, from.ffn_gate), upload<Matrix>(m, from.ffn_up),
                        upload<Matrix>(m, from.ffn_down)});
    }
    output = upload<Matrix>(m, m.host.output);
  }

  // The matrix that gives the logits: output, or token_embd when tied.
  const Matrix& output_matrix() const { return output.rows == 0 ? token_embd : output; }

  Matrix token_embd;
  std::vector<QuantizedLayer<Matrix>> layers;
  Matrix output;  // empty when tied
};

}  // namespace ch04
