// Hyperparameters: what is read, and bad files 33 to 37.
#include "common/model/config.h"

#include <cmath>
#include <limits>

#include "load_error.h"
#include "test_files.h"
#include "tests/catch.h"

using model::Config;
using model::GgufWriter;

namespace {

Config config_of(const ModelEdits& edits) {
  TempDir dir;
  return model::read_config(model::GgufFile::open(dir.write("a.gguf", model_bytes(edits))));
}

// The error when `key` is replaced by what `add` writes.
std::string error_with(const std::string& key, std::function<void(GgufWriter&)> add,
                       const std::string& architecture = "llama") {
  ModelEdits edits;
  edits.architecture = architecture;
  edits.without = {key};
  edits.add = add;
  return load_error_of(model_bytes(edits));
}

std::string error_with_count(const std::string& key, uint32_t value) {
  return error_with(key, [&](GgufWriter& writer) { writer.add_uint32(key, value); });
}

}  // namespace

TEST_CASE("the hyperparameters of a llama file are read", "[model]") {
  ModelEdits edits;
  edits.add = [](GgufWriter& writer) {
    writer.add_string("general.name", "Tiny");
    writer.add_float32("llama.rope.freq_base", 500000.0f);
    writer.add_uint32("llama.rope.dimension_count", kHeadDim);
  };
  Config config = config_of(edits);
  CHECK(config.architecture == "llama");
  CHECK(config.name == "Tiny");
  CHECK(config.dim == kDim);
  CHECK(config.hidden_dim == kHidden);
  CHECK(config.n_layers == kLayers);
  CHECK(config.n_heads == kHeads);
  CHECK(config.n_kv_heads == kKvHeads);
  CHECK(config.head_dim == kHeadDim);
  CHECK(config.vocab_size == 300);
  CHECK(config.max_seq_len == 64);
  CHECK(config.rope_theta == 500000.0f);
  CHECK(config.norm_eps == 1e-5f);
  CHECK(config.tied_embedding);
  CHECK_FALSE(config.qkv_bias);
  CHECK_FALSE(config.rope_freqs);
}

TEST_CASE("a qwen2 file has biases, and an output matrix unties the embedding", "[model]") {
  ModelEdits edits;
  edits.architecture = "qwen2";
  edits.output = true;
  Config config = config_of(edits);
  CHECK(config.qkv_bias);
  CHECK_FALSE(config.tied_embedding);
  CHECK(config.rope_theta == 10000.0f);
}

TEST_CASE("a missing head_count_kv means as many as heads", "[model]") {
  ModelEdits edits;
  edits.without = {"llama.attention.head_count_kv"};
  // Then K and V need 16 rows, and the file has 8: the message says so.
  CHECK(contains(load_error_of(model_bytes(edits)),
                 "tensor blk.0.attn_k.weight: found shape [16, 8], expected [16, 16]"));
}

TEST_CASE("attention.key_length sets the head size", "[model]") {
  auto with_length = [](uint32_t length) {
    return error_with(
        "-", [&](GgufWriter& writer) { writer.add_uint32("llama.attention.key_length", length); });
  };
  CHECK(with_length(8).empty());
  CHECK(contains(with_length(16), "blk.0.attn_q.weight: found shape [16, 16], expected [16, 32]"));
  std::string odd = with_length(7);
  CHECK(contains(odd, "head_dim: found 7, expected an even number"));
  CHECK(contains(odd, "multiple of 8"));
}

TEST_CASE("bad file 33: each needed key that is missing is named", "[model][bad]") {
  REQUIRE(load_error_of(model_bytes()).empty());
  for (const char* key :
       {"general.architecture", "llama.context_length", "llama.embedding_length",
        "llama.block_count", "llama.feed_forward_length", "llama.attention.head_count",
        "llama.attention.layer_norm_rms_epsilon", "tokenizer.ggml.model", "tokenizer.ggml.tokens",
        "tokenizer.ggml.scores", "tokenizer.ggml.token_type"}) {
    ModelEdits edits;
    edits.without = {key};
    CHECK(contains(load_error_of(model_bytes(edits)), std::string(key) + ": found no such key"));
  }
}

TEST_CASE("bad file 33: a needed key of the wrong type is named", "[model][bad]") {
  for (const char* key : {"llama.context_length", "llama.embedding_length", "llama.block_count",
                          "llama.feed_forward_length", "llama.attention.head_count",
                          "llama.attention.head_count_kv"}) {
    std::string error = error_with(key, [&](GgufWriter& writer) { writer.add_string(key, "16"); });
    CHECK(contains(error, std::string(key) + ": found string, expected an integer"));
    error = error_with(key, [&](GgufWriter& writer) { writer.add_int32s(key, {2, 2}); });
    CHECK(contains(error, std::string(key) + ": found array of i32"));
  }
  std::string eps = "llama.attention.layer_norm_rms_epsilon";
  CHECK(contains(error_with_count(eps, 1), eps + ": found u32, expected f32"));
  CHECK(contains(error_with_count("general.architecture", 1), "found u32, expected string"));
  CHECK(contains(error_with_count("tokenizer.ggml.tokens", 1), "expected array of string"));
}

TEST_CASE("bad file 34: each kind of tensor that is missing is named", "[model][bad]") {
  for (const char* name :
       {"token_embd.weight", "output_norm.weight", "blk.0.attn_norm.weight", "blk.1.attn_q.weight",
        "blk.1.attn_k.weight", "blk.1.attn_v.weight", "blk.1.attn_output.weight",
        "blk.1.ffn_norm.weight", "blk.1.ffn_gate.weight", "blk.1.ffn_up.weight",
        "blk.1.ffn_down.weight"}) {
    ModelEdits edits;
    edits.without = {name};
    CHECK(contains(load_error_of(model_bytes(edits)),
                   "tensor " + std::string(name) + ": found no such tensor"));
    ModelEdits reshaped;
    reshaped.reshaped = name;
    CHECK(contains(load_error_of(model_bytes(reshaped)),
                   "tensor " + std::string(name) + ": found shape"));
  }
  for (const char* name : {"blk.1.attn_q.bias", "blk.1.attn_k.bias", "blk.1.attn_v.bias"}) {
    ModelEdits edits;
    edits.architecture = "qwen2";
    edits.without = {name};
    CHECK(contains(load_error_of(model_bytes(edits)), std::string(name) + ": found no such"));
  }
}

TEST_CASE("bad file 34: a tensor that the architecture does not have is named", "[model][bad]") {
  std::string error = error_with("-", [](GgufWriter& writer) {
    writer.add_tensor("blk.0.attn_q_norm.weight", {8}, model::TensorType::kF32,
                      std::string(32, '\0'));
  });
  CHECK(contains(error, "tensor \"blk.0.attn_q_norm.weight\""));
}

TEST_CASE("bad file 35: head counts that do not divide, and counts of 0, are refused",
          "[model][bad]") {
  CHECK(contains(error_with_count("llama.attention.head_count_kv", 3),
                 "head_count_kv: found 3, expected a divisor of the 2 heads"));
  CHECK(contains(error_with_count("llama.attention.head_count", 3), "a divisor"));
  CHECK(contains(error_with_count("llama.embedding_length", 18), "head_dim: found 9"));
  for (const char* key : {"llama.context_length", "llama.embedding_length", "llama.block_count",
                          "llama.feed_forward_length", "llama.attention.head_count",
                          "llama.attention.head_count_kv"}) {
    CHECK(contains(error_with_count(key, 0), std::string(key) + ": found 0, expected 1 to"));
    CHECK(contains(error_with_count(key, 0xffffffffu), std::string(key) + ": found 4294967295"));
  }
}

TEST_CASE("bad file 36: an epsilon or rope base that is not finite and positive is refused",
          "[model][bad]") {
  const float kInf = std::numeric_limits<float>::infinity();
  for (const char* key : {"llama.attention.layer_norm_rms_epsilon", "llama.rope.freq_base"}) {
    for (float value : {std::numeric_limits<float>::quiet_NaN(), kInf, -kInf, 0.0f, -1.0f}) {
      std::string error =
          error_with(key, [&](GgufWriter& writer) { writer.add_float32(key, value); });
      CHECK(contains(error, std::string(key) + ": found"));
      CHECK(contains(error, "a finite number above 0"));
    }
  }
}

TEST_CASE("bad file 37: an architecture that is not supported is named", "[model][bad]") {
  std::string error = error_with("general.architecture", [](GgufWriter& writer) {
    writer.add_string("general.architecture", "mamba");
  });
  CHECK(contains(error, "general.architecture: found \"mamba\", expected \"llama\" or \"qwen2\""));
}

TEST_CASE("what would be computed wrongly is refused", "[model][bad]") {
  CHECK(contains(error_with_count("llama.rope.dimension_count", 4), "dimension_count: found 4"));
  CHECK(contains(error_with_count("llama.expert_count", 8), "mixtures of experts"));
  CHECK(contains(error_with_count("llama.attention.value_length", 4), "value_length: found 4"));
  CHECK(contains(error_with_count("llama.vocab_size", 301), "vocab_size: found 301"));
  std::string error = error_with(
      "-", [](GgufWriter& writer) { writer.add_string("llama.rope.scaling.type", "yarn"); });
  CHECK(contains(error, "rope.scaling.type: found \"yarn\""));
}
