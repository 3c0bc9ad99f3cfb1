// Loading: read a tensor's blocks, convert them, reorder rotary rows where needed.
#include "common/model/weights.h"

#include <algorithm>
#include <map>
#include <utility>

#include "common/model/convert.h"      // to_bf16, to_float
#include "common/model/tensor_list.h"  // layer_tensor

namespace model {

namespace {

// Half-split to adjacent pairs, for each head: row 2i+h comes from row i + h*head_dim/2.
// `width` is the length of a row: the columns of a matrix, 1 for a bias.
template <typename T>
void pair_rotary_rows(std::vector<T>& data, int n_heads, int head_dim, int width) {
  std::vector<T> from = data;
  size_t row_length = static_cast<size_t>(width);
  for (int head = 0; head < n_heads; ++head) {
    for (int row = 0; row < head_dim; ++row) {
      int source = row / 2 + row % 2 * (head_dim / 2);
      size_t to = (static_cast<size_t>(head) * head_dim + row) * row_length;
      size_t at = (static_cast<size_t>(head) * head_dim + source) * row_length;
      std::copy_n(from.begin() + at, row_length, data.begin() + to);
    }
  }
}

class Loader {
 public:
  Loader(const GgufFile& file, const Config& config) : file_(file), config_(config) {
    weights_.config = config;
  }

  HostWeights load() {
    weights_.token_embd = matrix("token_embd.weight");
    for (int layer = 0; layer < config_.n_layers; ++layer) {
      weights_.layers.push_back(load_layer(layer));
    }
    weights_.output_norm = vector("output_norm.weight");
    if (!config_.tied_embedding) weights_.output = matrix("output.weight");
    if (config_.rope_freqs) weights_.rope_freqs = vector("rope_freqs.weight");
    return std::move(weights_);
  }

 private:
  HostLayer load_layer(int index) {
    auto name = [&](const char* part) { return layer_tensor(index, part); };
    HostLayer layer;
    layer.attn_norm = vector(name("attn_norm.weight"));
    layer.attn_q = matrix(name("attn_q.weight"));
    layer.attn_k = matrix(name("attn_k.weight"));
    layer.attn_v = matrix(name("attn_v.weight"));
    if (config_.qkv_bias) {
      layer.attn_q_bias = vector(name("attn_q.bias"));
      layer.attn_k_bias = vector(name("attn_k.bias"));
      layer.attn_v_bias = vector(name("attn_v.bias"));
    }
    layer.attn_output = matrix(name("attn_output.weight"));
    layer.ffn_norm = vector(name("ffn_norm.weight"));
    layer.ffn_gate = matrix(name("ffn_gate.weight"));
    layer.ffn_up = matrix(name("ffn_up.weight"));
    layer.ffn_down = matrix(name("ffn_down.weight"));
    if (config_.architecture == "qwen2") pair_layer(layer);
    return layer;
  }

  void pair_layer(HostLayer& layer) {
    int head_dim = config_.head_dim;
    pair_rotary_rows(layer.attn_q.data, config_.n_heads, head_dim, layer.attn_q.cols);
    pair_rotary_rows(layer.attn_k.data, config_.n_kv_heads, head_dim, layer.attn_k.cols);
    pair_rotary_rows(layer.attn_q_bias.data, config_.n_heads, head_dim, 1);
    pair_rotary_rows(layer.attn_k_bias.data, config_.n_kv_heads, head_dim, 1);
  }

  const GgufTensor& find(const std::string& name) {
    const GgufTensor* tensor = file_.find_tensor(name);
    if (tensor == nullptr) throw file_.error("tensor " + name, "no such tensor", "it");
    return *tensor;
  }

  HostMatrix matrix(const std::string& name) {
    const GgufTensor& tensor = find(name);
    HostMatrix matrix;
    matrix.name = name;
    matrix.stored = tensor.type;
    matrix.cols = static_cast<int>(tensor.dims[0]);
    matrix.rows = static_cast<int>(tensor.count() / tensor.dims[0]);
    matrix.data.resize(tensor.count());
    std::vector<uint8_t> raw = file_.read(tensor);
    to_bf16(tensor.type, raw.data(), matrix.data.size(), matrix.data.data());
    if (has_nonfinite_bf16(matrix.data.data(), matrix.data.size())) warn(name);
    return matrix;
  }

  HostVector vector(const std::string& name) {
    const GgufTensor& tensor = find(name);
    HostVector vector;
    vector.name = name;
    vector.stored = tensor.type;
    vector.data.resize(tensor.count());
    std::vector<uint8_t> raw = file_.read(tensor);
    to_float(tensor.type, raw.data(), vector.data.size(), vector.data.data());
    if (has_nonfinite(vector.data.data(), vector.data.size())) warn(name);
    return vector;
  }

  void warn(const std::string& name) {
    weights_.warnings.push_back(file_.path() + ": tensor " + name + ": holds NaN or infinity");
  }

  const GgufFile& file_;
  const Config& config_;
  HostWeights weights_;
};

// Calls f on every matrix.
template <typename F>
void each_matrix(const HostWeights& weights, F f) {
  f(weights.token_embd);
  for (const HostLayer& layer : weights.layers) {
    for (const HostMatrix* matrix :
         {&layer.attn_q, &layer.attn_k, &layer.attn_v, &layer.attn_output, &layer.ffn_gate,
          &layer.ffn_up, &layer.ffn_down}) {
      f(*matrix);
    }
  }
  if (!weights.output.empty()) f(weights.output);
}

}  // namespace

std::string HostWeights::storage() const {
  std::map<TensorType, size_t> bytes;
  each_matrix(*this, [&](const HostMatrix& matrix) {
    bytes[matrix.stored] +=
        matrix.data.size() / block_values(matrix.stored) * block_bytes(matrix.stored);
  });
  std::vector<std::pair<size_t, TensorType>> order;
  for (const auto& [type, size] : bytes) order.push_back({size, type});
  std::sort(order.rbegin(), order.rend());
  std::string text;
  for (const auto& entry : order) {
    text += (text.empty() ? "" : ", ") + std::string(tensor_type_name(entry.second));
  }
  return text;
}

bool HostWeights::quantized() const {
  bool found = false;
  each_matrix(*this, [&](const HostMatrix& matrix) { found |= block_values(matrix.stored) > 1; });
  return found;
}

HostWeights load_weights(const GgufFile& file, const Config& config) {
  return Loader(file, config).load();
}

}  // namespace model
