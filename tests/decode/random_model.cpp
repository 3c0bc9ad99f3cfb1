// Makes models and decodes with them the slow and plain way.
#include "tests/decode/random_model.h"

#include <algorithm>
#include <cmath>

namespace {

using model::HostMatrix;
using model::HostVector;

HostMatrix matrix(const std::string& name, int rows, int cols, values::Source& source) {
  HostMatrix m;
  m.name = name + ".weight";
  m.rows = rows;
  m.cols = cols;
  for (const float value : source.normals(size_t(rows) * cols, 1 / std::sqrt(double(cols)))) {
    m.data.push_back(model::float_to_bf16(value));
  }
  return m;
}

HostVector vector(const std::string& name, int size, values::Source& source, double center = 0) {
  HostVector v;
  v.name = name;
  v.data = source.normals(size, 0.2);
  for (float& value : v.data) value += float(center);
  return v;
}

using Rows = std::vector<std::vector<double>>;

std::vector<double> times(const HostMatrix& w, const std::vector<double>& x) {
  std::vector<double> out(w.rows);
  for (int r = 0; r < w.rows; ++r) {
    for (int c = 0; c < w.cols; ++c) {
      out[r] += double(model::bf16_to_float(w.data[size_t(r) * w.cols + c])) * x[c];
    }
  }
  return out;
}

std::vector<double> norm(const std::vector<double>& x, const HostVector& weight, float eps) {
  double squares = 0;
  for (const double value : x) squares += value * value;
  const double root = std::sqrt(squares / double(x.size()) + double(eps));
  std::vector<double> out(x.size());
  for (size_t i = 0; i < x.size(); ++i) out[i] = x[i] / root * double(weight.data[i]);
  return out;
}

void add(std::vector<double>& x, const std::vector<double>& y) {
  for (size_t i = 0; i < x.size(); ++i) x[i] += y[i];
}
void add(std::vector<double>& x, const HostVector& y) {
  for (size_t i = 0; i < y.data.size(); ++i) x[i] += double(y.data[i]);
}

void rotate(std::vector<double>& x, int pos, const model::HostWeights& w) {
  const int head_dim = w.config.head_dim;
  for (size_t at = 0; at < x.size(); at += 2) {
    const int i = int(at) % head_dim / 2;
    double angle = pos * std::pow(double(w.config.rope_theta), -2.0 * i / head_dim);
    if (!w.rope_freqs.empty()) angle /= double(w.rope_freqs.data[i]);
    const double a = x[at], b = x[at + 1];
    x[at] = a * std::cos(angle) - b * std::sin(angle);
    x[at + 1] = a * std::sin(angle) + b * std::cos(angle);
  }
}

void round_bf16(std::vector<double>& x) {
  for (double& v : x) v = double(model::bf16_to_float(model::float_to_bf16(float(v))));
}

// One row of attention's output, before attn_output.
std::vector<double> attend(const model::Config& c, const std::vector<double>& q, const Rows& keys,
                           const Rows& values) {
  std::vector<double> out(q.size());
  const int group = c.n_heads / c.n_kv_heads;
  for (int h = 0; h < c.n_heads; ++h) {
    const int from = h / group * c.head_dim;
    std::vector<double> p;
    for (const auto& key : keys) {
      double sum = 0;
      for (int d = 0; d < c.head_dim; ++d) sum += q[size_t(h) * c.head_dim + d] * key[from + d];
      p.push_back(std::exp(sum / std::sqrt(double(c.head_dim))));
    }
    double total = 0;
    for (const double weight : p) total += weight;
    for (size_t j = 0; j < p.size(); ++j) {
      for (int d = 0; d < c.head_dim; ++d) {
        out[size_t(h) * c.head_dim + d] += p[j] / total * values[j][from + d];
      }
    }
  }
  return out;
}

}  // namespace

model::HostWeights random_model(const ModelShape& s, values::Source& source) {
  model::HostWeights w;
  model::Config& c = w.config;
  c.architecture = s.qkv_bias ? "qwen2" : "llama";
  c.dim = s.dim, c.hidden_dim = s.hidden_dim, c.n_layers = s.n_layers;
  c.n_heads = s.n_heads, c.n_kv_heads = s.n_kv_heads, c.head_dim = s.head_dim;
  c.vocab_size = s.vocab_size, c.max_seq_len = s.max_seq_len, c.norm_eps = 1e-5f;
  c.tied_embedding = s.tied, c.qkv_bias = s.qkv_bias, c.rope_freqs = s.rope_freqs;
  w.token_embd = matrix("token_embd", s.vocab_size, s.dim, source);
  for (int l = 0; l < s.n_layers; ++l) {
    const std::string blk = "blk." + std::to_string(l) + ".";
    model::HostLayer layer;
    layer.attn_norm = vector(blk + "attn_norm.weight", s.dim, source, 1);
    layer.attn_q = matrix(blk + "attn_q", c.q_dim(), s.dim, source);
    layer.attn_k = matrix(blk + "attn_k", c.kv_dim(), s.dim, source);
    layer.attn_v = matrix(blk + "attn_v", c.kv_dim(), s.dim, source);
    if (s.qkv_bias) {
      layer.attn_q_bias = vector(blk + "attn_q.bias", c.q_dim(), source);
      layer.attn_k_bias = vector(blk + "attn_k.bias", c.kv_dim(), source);
      layer.attn_v_bias = vector(blk + "attn_v.bias", c.kv_dim(), source);
    }
    layer.attn_output = matrix(blk + "attn_output", s.dim, c.q_dim(), source);
    layer.ffn_norm = vector(blk + "ffn_norm.weight", s.dim, source, 1);
    layer.ffn_gate = matrix(blk + "ffn_gate", s.hidden_dim, s.dim, source);
    layer.ffn_up = matrix(blk + "ffn_up", s.hidden_dim, s.dim, source);
    layer.ffn_down = matrix(blk + "ffn_down", s.dim, s.hidden_dim, source);
    w.layers.push_back(layer);
  }
  w.output_norm = vector("output_norm.weight", s.dim, source, 1);
  if (!s.tied) w.output = matrix("output", s.vocab_size, s.dim, source);
  if (s.rope_freqs) {
    w.rope_freqs.name = "rope_freqs.weight";
    for (int i = 0; i < s.head_dim / 2; ++i)
      w.rope_freqs.data.push_back(1 + float(source.below(4)));
  }
  return w;
}

std::vector<ModelShape> awkward_shapes() {
  std::vector<ModelShape> shapes;
  const auto add = [&](int head_dim, int n_heads, int n_kv_heads, bool tied, bool bias,
                       bool freqs) {
    ModelShape s;
    s.head_dim = head_dim, s.n_heads = n_heads, s.n_kv_heads = n_kv_heads;
    s.tied = tied, s.qkv_bias = bias, s.rope_freqs = freqs;
    shapes.push_back(s);
  };
  add(8, 3, 3, false, false, false);   // groups of 1
  add(24, 3, 1, true, false, true);    // of 3
  add(64, 4, 1, false, true, false);   // of 4
  add(80, 2, 2, true, true, false);    // of 1
  add(128, 8, 1, false, false, true);  // of 8
  add(8, 12, 4, true, false, false);   // of 3
  return shapes;
}

std::string describe(const ModelShape& s) {
  return "head_dim " + std::to_string(s.head_dim) + ", " + std::to_string(s.n_heads) +
         " heads on " + std::to_string(s.n_kv_heads) + (s.tied ? ", tied" : "") +
         (s.qkv_bias ? ", bias" : "") + (s.rope_freqs ? ", rope_freqs" : "");
}

std::vector<int> random_tokens(int count, int vocab_size, values::Source& source) {
  std::vector<int> tokens(count);
  for (int& token : tokens) token = source.below(vocab_size);
  return tokens;
}

std::vector<double> reference_logits(const model::HostWeights& w, const std::vector<int>& tokens,
                                     bool round_kv) {
  const model::Config& c = w.config;
  std::vector<Rows> keys(c.n_layers), values(c.n_layers);
  std::vector<double> logits;
  for (size_t pos = 0; pos < tokens.size(); ++pos) {
    std::vector<double> x(c.dim);
    for (int i = 0; i < c.dim; ++i) {
      x[i] = double(model::bf16_to_float(w.token_embd.data[size_t(tokens[pos]) * c.dim + i]));
    }
    for (int l = 0; l < c.n_layers; ++l) {
      const model::HostLayer& layer = w.layers[l];
      const auto in = norm(x, layer.attn_norm, c.norm_eps);
      auto q = times(layer.attn_q, in), k = times(layer.attn_k, in), v = times(layer.attn_v, in);
      add(q, layer.attn_q_bias), add(k, layer.attn_k_bias), add(v, layer.attn_v_bias);
      rotate(q, int(pos), w), rotate(k, int(pos), w);
      if (round_kv) round_bf16(k), round_bf16(v);
      keys[l].push_back(k), values[l].push_back(v);
      add(x, times(layer.attn_output, attend(c, q, keys[l], values[l])));
      const auto mid = norm(x, layer.ffn_norm, c.norm_eps);
      auto gate = times(layer.ffn_gate, mid);
      const auto up = times(layer.ffn_up, mid);
      for (size_t i = 0; i < gate.size(); ++i) gate[i] = gate[i] / (1 + std::exp(-gate[i])) * up[i];
      add(x, times(layer.ffn_down, gate));
    }
    const auto row = times(w.output_matrix(), norm(x, w.output_norm, c.norm_eps));
    logits.insert(logits.end(), row.begin(), row.end());
  }
  return logits;
}

double relative_l2(const std::vector<float>& a, const std::vector<double>& b) {
  double difference = 0, size = 0;
  for (size_t i = 0; i < b.size(); ++i) {
    difference += std::pow(double(a[i]) - b[i], 2);
    size += b[i] * b[i];
  }
  return std::sqrt(difference / size);
}
