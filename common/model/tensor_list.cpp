// The tensors of a Llama-family decoder and their shapes.
#include "common/model/tensor_list.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace model {

namespace {

using Dims = std::vector<uint64_t>;  // row length first, as in the file

std::string shape_text(const Dims& dims) {
  std::string text = "[";
  for (size_t i = 0; i < dims.size(); ++i) {
    text += (i == 0 ? "" : ", ") + std::to_string(dims[i]);
  }
  return text + "]";
}

class TensorCheck {
 public:
  TensorCheck(const GgufFile& file, const Config& config) : file_(file), c_(config) {}

  void run() {
    need("token_embd.weight", {u(c_.dim), u(c_.vocab_size)});
    need("output_norm.weight", {u(c_.dim)});
    if (!c_.tied_embedding) need("output.weight", {u(c_.dim), u(c_.vocab_size)});
    if (c_.rope_freqs) need("rope_freqs.weight", {u(c_.head_dim / 2)});
    for (int layer = 0; layer < c_.n_layers; ++layer) check_layer(layer);
    refuse_others();
  }

 private:
  static uint64_t u(int value) { return static_cast<uint64_t>(value); }

  void need(const std::string& name, Dims dims) {
    const GgufTensor* tensor = file_.find_tensor(name);
    if (tensor == nullptr) {
      throw file_.error("tensor " + name, "no such tensor", "shape " + shape_text(dims));
    }
    Dims found = tensor->dims;
    while (found.size() > dims.size() && found.back() == 1) found.pop_back();
    if (found != dims) {
      throw file_.error("tensor " + name, "shape " + shape_text(tensor->dims), shape_text(dims));
    }
    names_.push_back(name);
  }

  void check_layer(int layer) {
    auto weight = [&](const char* name, Dims dims) {
      need(layer_tensor(layer, name) + ".weight", std::move(dims));
    };
    weight("attn_norm", {u(c_.dim)});
    weight("attn_q", {u(c_.dim), u(c_.q_dim())});
    weight("attn_k", {u(c_.dim), u(c_.kv_dim())});
    weight("attn_v", {u(c_.dim), u(c_.kv_dim())});
    weight("attn_output", {u(c_.q_dim()), u(c_.dim)});
    weight("ffn_norm", {u(c_.dim)});
    weight("ffn_gate", {u(c_.dim), u(c_.hidden_dim)});
    weight("ffn_up", {u(c_.dim), u(c_.hidden_dim)});
    weight("ffn_down", {u(c_.hidden_dim), u(c_.dim)});
    if (!c_.qkv_bias) return;
    need(layer_tensor(layer, "attn_q.bias"), {u(c_.q_dim())});
    need(layer_tensor(layer, "attn_k.bias"), {u(c_.kv_dim())});
    need(layer_tensor(layer, "attn_v.bias"), {u(c_.kv_dim())});
  }

  void refuse_others() {
    if (names_.size() == file_.tensors().size()) return;  // all of them were asked for
    std::sort(names_.begin(), names_.end());
    for (const GgufTensor& tensor : file_.tensors()) {
      if (!std::binary_search(names_.begin(), names_.end(), tensor.name)) {
        throw file_.error("tensor " + quoted(tensor.name), "it in the file",
                          "only the tensors of a plain " + c_.architecture + " decoder");
      }
    }
  }

  const GgufFile& file_;
  const Config& c_;
  std::vector<std::string> names_;  // the tensors that are there and right
};

}  // namespace

std::string layer_tensor(int layer, const std::string& name) {
  return "blk." + std::to_string(layer) + "." + name;
}

void check_tensors(const GgufFile& file, const Config& config) { TensorCheck(file, config).run(); }

}  // namespace model
