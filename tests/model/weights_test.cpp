// Loading weights: conversion, rotary order, warnings, the shipped models.
#include "common/model/weights.h"

#include "common/model/convert.h"
#include "load_error.h"
#include "test_files.h"
#include "tests/catch.h"

using model::HostWeights;
using model::TensorType;

namespace {

HostWeights load(const std::string& path) {
  model::GgufFile file = model::GgufFile::open(path);
  return model::load_weights(file, model::read_config(file));
}

HostWeights load_edited(const ModelEdits& edits) {
  TempDir dir;
  return load(dir.write("a.gguf", model_bytes(edits)));
}

// Rows of a matrix that are not the file's row source(row).
template <typename Source>
int rows_elsewhere(const model::HostMatrix& matrix, Source source) {
  int wrong = 0;
  for (int row = 0; row < matrix.rows; ++row) {
    for (int col = 0; col < matrix.cols; ++col) {
      size_t at = static_cast<size_t>(row) * matrix.cols + col;
      uint64_t from = static_cast<uint64_t>(source(row)) * matrix.cols + col;
      wrong += matrix.data[at] != model::float_to_bf16(weight_at(matrix.name, from));
    }
  }
  return wrong;
}

int same_row(int row) { return row; }

// Where qwen2's half-split rotary order keeps the value that belongs in `row`.
int half_split_row(int row) {
  int head = row / kHeadDim;
  int in_head = row % kHeadDim;
  return head * kHeadDim + in_head / 2 + in_head % 2 * (kHeadDim / 2);
}

}  // namespace

TEST_CASE("a llama file's weights come as they are", "[model]") {
  for (TensorType type : {TensorType::kF32, TensorType::kF16, TensorType::kBF16}) {
    ModelEdits edits;
    edits.matrices = type;
    const HostWeights weights = load_edited(edits);
    REQUIRE(weights.layers.size() == kLayers);
    const model::HostLayer& layer = weights.layers[1];
    CHECK(layer.attn_q.name == "blk.1.attn_q.weight");
    CHECK(layer.attn_q.rows == kHeads * kHeadDim);
    CHECK(layer.attn_q.cols == kDim);
    CHECK(layer.ffn_down.rows == kDim);
    CHECK(layer.ffn_down.cols == kHidden);
    CHECK(weights.token_embd.rows == 300);
    for (const model::HostMatrix* matrix :
         {&weights.token_embd, &layer.attn_q, &layer.attn_k, &layer.attn_v, &layer.attn_output,
          &layer.ffn_gate, &layer.ffn_up, &layer.ffn_down}) {
      CHECK(rows_elsewhere(*matrix, same_row) == 0);
      CHECK(matrix->stored == type);
    }
    CHECK(layer.ffn_norm.data[3] == weight_at("blk.1.ffn_norm.weight", 3));
    CHECK(layer.attn_q_bias.empty());
    CHECK(weights.output.empty());
    CHECK(&weights.output_matrix() == &weights.token_embd);
    CHECK(weights.warnings.empty());
    CHECK(weights.storage() == model::tensor_type_name(type));
    CHECK_FALSE(weights.quantized());
  }
}

TEST_CASE("a qwen2 file's Q and K rows and biases are put in adjacent rotary pairs", "[model]") {
  ModelEdits edits;
  edits.architecture = "qwen2";
  edits.output = true;
  HostWeights weights = load_edited(edits);
  const model::HostLayer& layer = weights.layers[0];
  CHECK(rows_elsewhere(layer.attn_q, half_split_row) == 0);
  CHECK(rows_elsewhere(layer.attn_k, half_split_row) == 0);
  CHECK(rows_elsewhere(layer.attn_v, same_row) == 0);
  CHECK(rows_elsewhere(layer.attn_output, same_row) == 0);
  for (int row = 0; row < kHeads * kHeadDim; ++row) {
    CHECK(layer.attn_q_bias.data[row] == weight_at("blk.0.attn_q.bias", half_split_row(row)));
  }
  for (int row = 0; row < kKvHeads * kHeadDim; ++row) {
    CHECK(layer.attn_k_bias.data[row] == weight_at("blk.0.attn_k.bias", half_split_row(row)));
    CHECK(layer.attn_v_bias.data[row] == weight_at("blk.0.attn_v.bias", row));
  }
  CHECK(&weights.output_matrix() == &weights.output);
}

TEST_CASE("rope_freqs are loaded as floats", "[model]") {
  ModelEdits edits;
  edits.add = [](model::GgufWriter& writer) {
    std::string data;
    for (float value : {1.0f, 2.0f, 4.0f, 8.0f}) data += model::gguf_number(value);
    writer.add_tensor("rope_freqs.weight", {kHeadDim / 2}, TensorType::kF32, data);
  };
  HostWeights weights = load_edited(edits);
  CHECK(weights.config.rope_freqs);
  CHECK(weights.rope_freqs.data == std::vector<float>{1.0f, 2.0f, 4.0f, 8.0f});
}

TEST_CASE("bad file 38: weights with NaN are named in a warning, once each", "[model][bad]") {
  for (const char* name : {"blk.1.ffn_up.weight", "blk.0.attn_norm.weight", "token_embd.weight"}) {
    ModelEdits edits;
    edits.poisoned = name;
    HostWeights weights = load_edited(edits);
    REQUIRE(weights.warnings.size() == 1);
    CHECK(contains(weights.warnings[0], std::string("tensor ") + name + ": holds NaN"));
    CHECK_FALSE(contains(weights.warnings[0], "\n"));
  }
}

TEST_CASE("the default models load", "[model]") {
  std::string folder = std::string(LADDER_SOURCE_DIR) + "/common/models/";
  HostWeights target = load(folder + "austen-4m.gguf");
  CHECK(target.config.dim == 256);
  CHECK(target.config.n_layers == 5);
  CHECK(target.config.n_kv_heads == 2);
  CHECK(target.config.vocab_size == 2048);
  CHECK(target.storage() == "BF16");
  CHECK(target.warnings.empty());
  HostWeights draft = load(folder + "austen-draft.gguf");
  CHECK(draft.config.dim == 96);
  CHECK(draft.config.vocab_size == target.config.vocab_size);
  CHECK(draft.warnings.empty());
}
