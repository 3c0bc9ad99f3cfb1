// Hyperparameters: each is read, checked, and named in the message when it is wrong.
#include "common/model/config.h"

#include <cmath>
#include <cstdint>

#include "common/model/tensor_list.h"  // check_tensors

namespace model {

namespace {

// With these bounds every product of two sizes that the code forms fits in 63 bits, and
// n_heads * head_dim in an int.
constexpr uint64_t kMaxWidth = 1u << 24;  // dim, hidden_dim, vocab_size
constexpr uint64_t kMaxHeads = 1u << 15;  // n_heads, head_dim
constexpr uint64_t kMaxLayers = 1u << 15;
constexpr uint64_t kMaxContext = (1ull << 31) - 1;

int in_range(const GgufFile& file, const std::string& key, uint64_t value, uint64_t most) {
  if (value < 1 || value > most) {
    throw file.error(key, std::to_string(value), "1 to " + std::to_string(most));
  }
  return static_cast<int>(value);
}

int count_of(const GgufFile& file, const std::string& key, uint64_t most) {
  return in_range(file, key, file.get_uint(key), most);
}

float positive_of(const GgufFile& file, const std::string& key, double value) {
  float number = static_cast<float>(value);
  if (!std::isfinite(number) || !(number > 0)) {
    throw file.error(key, std::to_string(value), "a finite number above 0");
  }
  return number;
}

void refuse_unsupported(const GgufFile& file, const std::string& prefix) {
  uint64_t experts = file.get_uint(prefix + "expert_count", 0);
  if (experts != 0) {
    throw file.error(prefix + "expert_count", std::to_string(experts),
                     "0 (mixtures of experts are not supported)");
  }
  std::string scaling = file.get_string(prefix + "rope.scaling.type", "none");
  double factor = file.get_float(prefix + "rope.scaling.factor", 1.0);
  double linear = file.get_float(prefix + "rope.scale_linear", 1.0);
  if (scaling != "none" && !(scaling == "linear" && factor == 1.0)) {
    throw file.error(prefix + "rope.scaling.type", quoted(scaling),
                     "\"none\" (Llama 3 scaling comes as the tensor rope_freqs.weight)");
  }
  if (linear != 1.0) {
    throw file.error(prefix + "rope.scale_linear", std::to_string(linear), "1");
  }
}

void read_heads(const GgufFile& file, const std::string& prefix, Config& config) {
  std::string heads = prefix + "attention.head_count";
  std::string kv_heads = prefix + "attention.head_count_kv";
  std::string key_length = prefix + "attention.key_length";
  std::string value_length = prefix + "attention.value_length";
  std::string rotary = prefix + "rope.dimension_count";
  config.n_heads = count_of(file, heads, kMaxHeads);
  config.n_kv_heads = file.has(kv_heads) ? count_of(file, kv_heads, kMaxHeads) : config.n_heads;
  if (config.n_heads % config.n_kv_heads != 0) {
    throw file.error(kv_heads, std::to_string(config.n_kv_heads),
                     "a divisor of the " + std::to_string(config.n_heads) + " heads");
  }
  if (file.has(key_length)) {
    config.head_dim = count_of(file, key_length, kMaxHeads);
  } else if (config.dim % config.n_heads == 0) {
    config.head_dim = in_range(file, prefix + "embedding_length / head_count",
                               static_cast<uint64_t>(config.dim / config.n_heads), kMaxHeads);
  } else {
    throw file.error(heads, std::to_string(config.n_heads),
                     "a divisor of embedding_length " + std::to_string(config.dim));
  }
  std::string head_dim = std::to_string(config.head_dim);
  if (config.head_dim % 2 != 0) {
    throw file.error("head_dim", head_dim,
                     "an even number, for rotary pairs (and the decoders need a multiple of 8)");
  }
  uint64_t values = file.get_uint(value_length, static_cast<uint64_t>(config.head_dim));
  if (values != static_cast<uint64_t>(config.head_dim)) {
    throw file.error(value_length, std::to_string(values), head_dim + ", as for keys");
  }
  uint64_t rotated = file.get_uint(rotary, static_cast<uint64_t>(config.head_dim));
  if (rotated != static_cast<uint64_t>(config.head_dim)) {
    throw file.error(rotary, std::to_string(rotated), head_dim + " (all of a head is rotated)");
  }
}

// The number of tokens, which the embedding and the optional vocab_size key must agree with.
void read_vocab_size(const GgufFile& file, const std::string& prefix, Config& config) {
  size_t tokens = file.get_strings("tokenizer.ggml.tokens").size();
  config.vocab_size = in_range(file, "tokenizer.ggml.tokens length", tokens, kMaxWidth);
  uint64_t stated = file.get_uint(prefix + "vocab_size", tokens);
  if (stated != tokens) {
    throw file.error(prefix + "vocab_size", std::to_string(stated),
                     "the " + std::to_string(tokens) + " of tokenizer.ggml.tokens");
  }
}

}  // namespace

Config read_config(const GgufFile& file) {
  Config config;
  config.architecture = file.get_string("general.architecture");
  if (config.architecture != "llama" && config.architecture != "qwen2") {
    throw file.error("general.architecture", quoted(config.architecture), "\"llama\" or \"qwen2\"");
  }
  std::string prefix = config.architecture + ".";
  config.name = file.get_string("general.name", "");
  config.dim = count_of(file, prefix + "embedding_length", kMaxWidth);
  config.hidden_dim = count_of(file, prefix + "feed_forward_length", kMaxWidth);
  config.n_layers = count_of(file, prefix + "block_count", kMaxLayers);
  config.max_seq_len = count_of(file, prefix + "context_length", kMaxContext);
  read_heads(file, prefix, config);
  std::string eps = prefix + "attention.layer_norm_rms_epsilon";
  config.norm_eps = positive_of(file, eps, file.get_float(eps));
  std::string base = prefix + "rope.freq_base";
  config.rope_theta = positive_of(file, base, file.get_float(base, 10000.0));
  refuse_unsupported(file, prefix);
  read_vocab_size(file, prefix, config);
  config.tied_embedding = file.find_tensor("output.weight") == nullptr;
  config.qkv_bias =
      config.architecture == "qwen2" || file.find_tensor("blk.0.attn_q.bias") != nullptr;
  config.rope_freqs = file.find_tensor("rope_freqs.weight") != nullptr;
  check_tensors(file, config);
  return config;
}

}  // namespace model
