// The shipped pair between a few tokens, and a tokenizer for models without text.
#include "tests/ch05/pairs.h"

#include <algorithm>
#include <numeric>

#include "common/decode/loaded_model.h"  // LoadedModel
#include "common/model/gguf_writer.h"
#include "tests/decode/decoding.h"
#include "tests/model/test_files.h"  // TempDir, add_gpt2_vocab

namespace pairs {
namespace {

std::string shipped(const char* name) {
  return std::string(LADDER_SOURCE_DIR) + "/common/models/" + name;
}

// A model of the repository, as chapters get it, with a decoder of chapter 01.
class Shipped {
 public:
  explicit Shipped(const char* name) : model_(shipped(name)) {
    model_.upload();
    decoder_ = decoding::make("01:vram", model_.model());
  }
  std::vector<float> logits_after(const std::vector<int>& tokens) {
    decoder_->truncate(0);
    const float* row = decoder_->forward(tokens.data(), int(tokens.size()), 1);
    return gpu::download(row, model_.host.config.vocab_size);
  }
  const model::Tokenizer& tokenizer() const { return model_.tokenizer; }

 private:
  decode::LoadedModel model_;
  std::unique_ptr<decode::Decoder> decoder_;
};

}  // namespace

Bigrams shipped_bigrams() {
  Shipped target("austen-4m.gguf"), draft("austen-draft.gguf");
  const std::vector<int> prompt = target.tokenizer().encode_prompt("She was");
  const std::vector<float> logits = target.logits_after(prompt);
  std::vector<int> ids(logits.size());
  std::iota(ids.begin(), ids.end(), 0);
  std::partial_sort(ids.begin(), ids.begin() + 8, ids.end(),
                    [&](int a, int b) { return logits[a] > logits[b]; });
  ids.resize(8);
  const auto rows = [&](Shipped& model) {
    std::vector<std::vector<float>> all;
    for (const int last : ids) {
      std::vector<int> tokens = prompt;
      tokens.push_back(last);
      const std::vector<float> row = model.logits_after(tokens);
      all.emplace_back();
      for (const int next : ids) all.back().push_back(row[next]);
    }
    return all;
  };
  return {"the shipped draft", rows(target), rows(draft)};
}

model::Tokenizer endless_tokenizer() {
  model::GgufWriter writer;
  add_gpt2_vocab(writer, "gpt-2", {});
  TempDir folder;
  const std::string path = folder.write("vocab.gguf", writer.bytes());
  return model::Tokenizer::load(model::GgufFile::open(path));
}

}  // namespace pairs
