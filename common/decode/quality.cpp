// Reads the text once, with all decoders abreast, so that no logits need to be kept.
#include "common/decode/quality.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>

#include "common/decode/error.h"  // DecodeError
#include "common/gpu/buffer.h"    // download

namespace decode {
namespace {

// One row of logits as log-probabilities.
struct Row {
  explicit Row(int vocab_size) : log_p(vocab_size) {}

  // Throws DecodeError when a logit is NaN or infinite.
  void set(const float* logits) {
    best = 0;
    for (size_t i = 0; i < log_p.size(); ++i) {
      if (!std::isfinite(logits[i])) {
        throw DecodeError("quality: the logit of token " + std::to_string(i) +
                          " is not a finite number");
      }
      if (logits[i] > logits[best]) best = i;
    }
    const double largest = logits[best];
    double sum = 0;
    for (size_t i = 0; i < log_p.size(); ++i) sum += std::exp(double(logits[i]) - largest);
    const double log_sum = largest + std::log(sum);
    for (size_t i = 0; i < log_p.size(); ++i) log_p[i] = double(logits[i]) - log_sum;
  }

  // KL(this || other)
  double divergence(const Row& other) const {
    double sum = 0;
    for (size_t i = 0; i < log_p.size(); ++i) {
      sum += std::exp(log_p[i]) * (log_p[i] - other.log_p[i]);
    }
    return std::max(sum, 0.0);  // rounding alone could bring it below
  }

  std::vector<double> log_p;  // (vocab_size)
  size_t best = 0;
};

class Meter {
 public:
  explicit Meter(const std::vector<Decoder*>& decoders)
      : decoders_(decoders),
        vocab_size_(decoders[0]->config().vocab_size),
        rows_(decoders[0]->max_logit_rows()),
        sums_(decoders.size()),
        row_(decoders.size(), Row(vocab_size_)) {
    for (const Decoder* decoder : decoders) {
      if (decoder->config().vocab_size != vocab_size_) {
        throw DecodeError("quality: vocabularies of " + std::to_string(vocab_size_) + " and " +
                          std::to_string(decoder->config().vocab_size) + " tokens");
      }
      rows_ = std::min(rows_, decoder->max_logit_rows());
    }
    for (Quality& sum : sums_) sum.agreement = 0;
  }

  // tokens[0] is what a window begins with.
  void read_window(const int* tokens, int count) {
    for (Decoder* decoder : decoders_) decoder->truncate(0);
    for (int at = 0; at < count - 1; at += rows_) {
      read_piece(tokens + at, std::min(rows_, count - 1 - at));
    }
    for (Decoder* decoder : decoders_) decoder->truncate(0);
  }

  std::vector<Quality> means() const {
    std::vector<Quality> means = sums_;
    for (Quality& mean : means) {
      mean.loss /= double(mean.positions);
      mean.divergence /= double(mean.positions);
      mean.agreement /= double(mean.positions);
    }
    return means;
  }

 private:
  // Feeds tokens[0] to tokens[n - 1]; row r is compared with tokens[r + 1].
  void read_piece(const int* tokens, int n) {
    std::vector<std::vector<float>> logits;
    for (Decoder* decoder : decoders_) {
      const float* device = decoder->forward(tokens, n, n);
      CUDA_CHECK(cudaDeviceSynchronize());
      logits.push_back(gpu::download(device, size_t(n) * vocab_size_));
    }
    for (int r = 0; r < n; ++r) {
      for (size_t d = 0; d < decoders_.size(); ++d) {
        row_[d].set(logits[d].data() + size_t(r) * vocab_size_);
        sums_[d].positions += 1;
        sums_[d].loss -= row_[d].log_p[tokens[r + 1]];
        sums_[d].divergence += d == 0 ? 0.0 : row_[0].divergence(row_[d]);
        sums_[d].agreement += row_[d].best == row_[0].best ? 1 : 0;
      }
    }
  }

  const std::vector<Decoder*>& decoders_;
  int vocab_size_;
  int rows_;  // of logits at one time
  std::vector<Quality> sums_;
  std::vector<Row> row_;
};

}  // namespace

double Quality::perplexity() const { return std::exp(loss); }

std::vector<Quality> measure_quality(const std::vector<Decoder*>& decoders,
                                     const std::vector<int>& tokens, int window,
                                     const std::function<void(size_t done)>& progress) {
  if (decoders.empty()) throw DecodeError("quality: no decoder");
  if (tokens.size() < 2) throw DecodeError("quality: the text has fewer than 2 tokens");
  if (window < 2) throw DecodeError("quality: a window needs at least 2 tokens");
  for (const Decoder* decoder : decoders) {
    if (std::min(tokens.size(), size_t(window)) - 1 > size_t(decoder->max_seq_len())) {
      throw DecodeError("quality: windows of " + std::to_string(window) + " tokens, room for " +
                        std::to_string(decoder->max_seq_len()));
    }
  }
  Meter meter(decoders);
  for (size_t first = 0; first < tokens.size(); first += window) {
    const size_t count = std::min(size_t(window), tokens.size() - first);
    meter.read_window(tokens.data() + first, static_cast<int>(count));
    if (progress) progress(first + count);
  }
  return meter.means();
}

std::vector<int> read_tokens(const model::Tokenizer& tokenizer, const std::string& path,
                             int count) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  if (!file) throw DecodeError(path + ": cannot be read");
  std::vector<int> tokens = tokenizer.encode(text.str());
  if (count > 0 && tokens.size() > size_t(count)) tokens.resize(count);
  if (tokens.size() < 2) {
    throw DecodeError(path + ": found " + std::to_string(tokens.size()) +
                      " tokens, expected at least 2");
  }
  return tokens;
}

}  // namespace decode
