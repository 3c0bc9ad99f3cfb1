// What tests do with a decoder.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "common/decode/registry.h"  // select_chapters, Decoder
#include "common/gpu/buffer.h"       // download

namespace decoding {

// The row that is named: "02:host", or "00:" where a chapter has one only.
inline std::unique_ptr<decode::Decoder> make(const std::string& row, const decode::Model& model,
                                             const decode::DecoderOptions& options = {}) {
  const std::string words = row.back() == ':' ? row.substr(0, row.size() - 1) : row;
  return decode::select_chapters(words, "").front().make(model, options);
}

// The same with a row of logits for each token that it has room for.
inline std::unique_ptr<decode::Decoder> make_all_rows(const std::string& row,
                                                      const decode::Model& model,
                                                      int max_seq_len = 0) {
  decode::DecoderOptions options;
  options.max_seq_len = max_seq_len;
  options.max_logit_rows = decode::sequence_room(model.host.config, options);
  return make(row, model, options);
}

// A row of logits for each of tokens[from ...], which come in pieces of these sizes; the last
// piece takes what is left. The decoder must hold tokens[0 .. from - 1].
inline std::vector<float> logits(decode::Decoder& decoder, const std::vector<int>& tokens,
                                 const std::vector<int>& pieces, int from = 0) {
  std::vector<float> all;
  const int end = static_cast<int>(tokens.size());
  for (size_t piece = 0; from < end; ++piece) {
    const int count = piece < pieces.size() ? std::min(pieces[piece], end - from) : end - from;
    const float* rows = decoder.forward(tokens.data() + from, count, count);
    const auto part = gpu::download(rows, size_t(count) * decoder.config().vocab_size);
    all.insert(all.end(), part.begin(), part.end());
    from += count;
  }
  return all;
}

// From an empty sequence.
inline std::vector<float> fresh_logits(decode::Decoder& decoder, const std::vector<int>& tokens,
                                       const std::vector<int>& pieces) {
  decoder.truncate(0);
  return logits(decoder, tokens, pieces);
}

}  // namespace decoding
