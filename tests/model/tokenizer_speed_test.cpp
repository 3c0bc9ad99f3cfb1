// Tokenizing takes bounded time on text made to be slow.
#include <chrono>

#include "common/model/tokenizer.h"
#include "test_files.h"
#include "tests/catch.h"

using model::Tokenizer;

namespace {

std::vector<std::string> vocabularies() {
  std::string root = LADDER_SOURCE_DIR;
  std::string goldens = root + "/tests/model/goldens/";
  return {root + "/common/models/austen-4m.gguf", goldens + "gpt-2.gguf",
          goldens + "llama-bpe.gguf", goldens + "smollm.gguf", goldens + "qwen2.gguf"};
}

std::string repeated(const std::string& text, size_t bytes) {
  std::string out;
  while (out.size() < bytes) out += text;
  return out;
}

}  // namespace

TEST_CASE("1 MB of one character takes bounded time and comes back", "[model]") {
  constexpr size_t kBytes = 1 << 20;
  for (const std::string& path : vocabularies()) {
    Tokenizer tokenizer = Tokenizer::load(model::GgufFile::open(path));
    for (const char* unit :
         {"a", " ", "3", "\n", "!", "\xe4\xb8\xad", "\xcc\x81", "\xcc\x81\xcc\xa3"}) {
      std::string text = repeated(unit, kBytes);
      auto start = std::chrono::steady_clock::now();
      std::vector<int> ids = tokenizer.encode(text);
      std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
      INFO(path << " on " << unit);
      CHECK(seconds.count() < 15);
      if (tokenizer.pre() != "qwen2") CHECK(tokenizer.decode(ids) == text);
    }
  }
}

TEST_CASE("a megabyte of spaces before a word takes bounded time", "[model]") {
  for (const std::string& path : vocabularies()) {
    Tokenizer tokenizer = Tokenizer::load(model::GgufFile::open(path));
    std::string text = std::string(1 << 20, ' ') + "word" + std::string(1 << 18, '\n') + "x";
    auto start = std::chrono::steady_clock::now();
    std::vector<int> ids = tokenizer.encode(text);
    std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    CHECK(seconds.count() < 15);
    CHECK(tokenizer.decode(ids) == text);
  }
}

TEST_CASE("a megabyte of invalid bytes takes bounded time", "[model]") {
  for (const std::string& path : vocabularies()) {
    Tokenizer tokenizer = Tokenizer::load(model::GgufFile::open(path));
    auto start = std::chrono::steady_clock::now();
    std::vector<int> ids = tokenizer.encode(std::string(1 << 20, '\x80'));
    std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    CHECK(seconds.count() < 15);
    size_t added_space = tokenizer.kind() == "llama" ? 1 : 0;
    CHECK(ids.size() == (1 << 20) + added_space);
  }
}
