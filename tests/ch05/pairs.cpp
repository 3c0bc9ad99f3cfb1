// The shipped pair between a few tokens, and a tokenizer for models without text.
#include "tests/ch05/pairs.h"

#include <algorithm>
#include <numeric>

#include "common/decode/registry.h"  // select_chapters, Model
#include "common/model/gguf_writer.h"
#include "tests/model/test_files.h"  // TempDir, add_gpt2_vocab

namespace pairs {
namespace {

std::string shipped(const char* name) {
  return std::string(LADDER_SOURCE_DIR) + "/common/models/" + name;
}

// A model of the repository, as chapters get it, with a decoder of chapter 01.
class Shipped {
 public:
  explicit Shipped(const char* name)
      : file_(model::GgufFile::open(shipped(name))),
        host_(model::load_weights(file_, model::read_config(file_))),
        device_(decode::upload_weights(host_)),
        decoder_(decode::select_chapters("01", "vram").front().make({device_, host_, &file_}, {})) {
  }
  std::vector<float> logits_after(const std::vector<int>& tokens) {
    decoder_->truncate(0);
    const float* row = decoder_->forward(tokens.data(), int(tokens.size()), 1);
    return gpu::download(row, device_.config.vocab_size);
  }
  model::Tokenizer tokenizer() const { return model::Tokenizer::load(file_); }

 private:
  model::GgufFile file_;
  model::HostWeights host_;
  decode::DeviceWeights device_;
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
