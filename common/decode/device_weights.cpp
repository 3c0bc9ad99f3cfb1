// Uploads the weights and checks what the kernels need of their shapes.
#include "common/decode/device_weights.h"

#include <string>

#include "common/gpu/work.h"     // begin_phase
#include "common/model/error.h"  // ModelError

namespace decode {
namespace {

// Uploads tensors into allocations named after them.
class Uploader {
 public:
  explicit Uploader(const std::string& name) : prefix_(name + ".") {}

  DeviceMatrix operator()(const model::HostMatrix& matrix) const {
    DeviceMatrix device;
    if (matrix.empty()) return device;
    device.data = gpu::DeviceBuffer<gpu::bf16>(matrix.data.size(), buffer_name(matrix.name).c_str(),
                                               {matrix.rows, matrix.cols});
    gpu::upload(device.data, reinterpret_cast<const gpu::bf16*>(matrix.data.data()),
                matrix.data.size());
    device.rows = matrix.rows;
    device.cols = matrix.cols;
    return device;
  }

  DeviceVector operator()(const model::HostVector& vector) const {
    if (vector.empty()) return {};
    return gpu::upload(vector.data, buffer_name(vector.name).c_str());
  }

  DeviceLayer operator()(const model::HostLayer& layer) const {
    const Uploader& upload = *this;
    DeviceLayer device;
    device.attn_norm = upload(layer.attn_norm);
    device.attn_q = upload(layer.attn_q);
    device.attn_k = upload(layer.attn_k);
    device.attn_v = upload(layer.attn_v);
    device.attn_q_bias = upload(layer.attn_q_bias);
    device.attn_k_bias = upload(layer.attn_k_bias);
    device.attn_v_bias = upload(layer.attn_v_bias);
    device.attn_output = upload(layer.attn_output);
    device.ffn_norm = upload(layer.ffn_norm);
    device.ffn_gate = upload(layer.ffn_gate);
    device.ffn_up = upload(layer.ffn_up);
    device.ffn_down = upload(layer.ffn_down);
    return device;
  }

 private:
  // "blk.3.attn_q.weight" -> "weights.blk.3.attn_q"; a bias keeps its ending.
  std::string buffer_name(std::string tensor) const {
    const std::string ending = ".weight";
    if (tensor.size() > ending.size() &&
        tensor.compare(tensor.size() - ending.size(), ending.size(), ending) == 0) {
      tensor.resize(tensor.size() - ending.size());
    }
    return prefix_ + tensor;
  }

  std::string prefix_;
};

void check_multiple_of_8(const char* what, int value) {
  if (value % 8 != 0) {
    throw model::ModelError(std::string(what) + ": found " + std::to_string(value) +
                            ", expected a multiple of 8 (the kernels load 8 weights at a time)");
  }
}

void check_shapes(const model::Config& config) {
  check_multiple_of_8("embedding_length", config.dim);
  check_multiple_of_8("feed_forward_length", config.hidden_dim);
  check_multiple_of_8("head size", config.head_dim);
  if (config.head_dim > 256) {
    throw model::ModelError("head size: found " + std::to_string(config.head_dim) +
                            ", expected at most 256");
  }
}

template <typename Visit>
void for_each_tensor(const model::HostWeights& w, const Visit& visit) {
  visit(w.token_embd), visit(w.output_norm), visit(w.output);
  for (const model::HostLayer& layer : w.layers) {
    visit(layer.attn_norm), visit(layer.attn_q), visit(layer.attn_k), visit(layer.attn_v);
    visit(layer.attn_q_bias), visit(layer.attn_k_bias), visit(layer.attn_v_bias);
    visit(layer.attn_output), visit(layer.ffn_norm);
    visit(layer.ffn_gate), visit(layer.ffn_up), visit(layer.ffn_down);
  }
}

}  // namespace

DeviceWeights upload_weights(const model::HostWeights& weights, const std::string& name) {
  check_shapes(weights.config);
  const Uploader upload(name);
  gpu::begin_phase(gpu::Phase::kLoad, -1);
  DeviceWeights device;
  device.config = weights.config;
  device.token_embd = upload(weights.token_embd);
  for (const model::HostLayer& layer : weights.layers) device.layers.push_back(upload(layer));
  device.output_norm = upload(weights.output_norm);
  device.output = upload(weights.output);
  device.rope_divisors = weights.rope_freqs.data;
  return device;
}

uint64_t weight_bytes(const model::HostWeights& weights) {
  uint64_t bytes = 0;
  for_each_tensor(
      weights, [&](const auto& tensor) { bytes += tensor.data.size() * sizeof(tensor.data[0]); });
  return bytes;
}

}  // namespace decode
