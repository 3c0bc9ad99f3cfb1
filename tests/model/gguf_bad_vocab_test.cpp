// Bad files: vocabularies. Numbers in the names are those of the project's list.
#include <limits>

#include "common/model/tokenizer.h"
#include "load_error.h"
#include "test_files.h"
#include "tests/catch.h"

using model::GgufWriter;

namespace {

// The message that loading the writer's vocabulary gives, "" when all is well.
std::string vocab_error(const GgufWriter& writer) {
  TempDir dir;
  std::string path = dir.write("vocab.gguf", writer.bytes());
  try {
    model::Tokenizer::load(model::GgufFile::open(path));
  } catch (const model::ModelError& error) {
    std::string message = error.what();
    CHECK(message.rfind(path + ": ", 0) == 0);
    CHECK_FALSE(contains(message, "\n"));
    return message;
  }
  return "";
}

std::string llama_error(const VocabParts& vocab) {
  GgufWriter writer;
  add_vocab(writer, vocab);
  return vocab_error(writer);
}

}  // namespace

TEST_CASE("bad file 28: scores or types of another length or type are refused", "[model][bad]") {
  VocabParts vocab = llama_vocab({"a", "b"});
  CHECK(llama_error(vocab).empty());
  VocabParts few = vocab;
  few.scores.pop_back();
  CHECK(contains(llama_error(few), "tokenizer.ggml.scores: found 260 elements, expected 261"));
  VocabParts many = vocab;
  many.types.push_back(1);
  CHECK(contains(llama_error(many), "tokenizer.ggml.token_type: found 262 elements"));

  GgufWriter floats;
  floats.add_string("tokenizer.ggml.model", "llama");
  floats.add_strings("tokenizer.ggml.tokens", vocab.tokens);
  floats.add_float32s("tokenizer.ggml.scores", vocab.scores);
  floats.add_float32s("tokenizer.ggml.token_type", vocab.scores);
  CHECK(contains(vocab_error(floats), "found array of f32, expected array of i32"));
  GgufWriter ints;
  ints.add_string("tokenizer.ggml.model", "llama");
  ints.add_strings("tokenizer.ggml.tokens", vocab.tokens);
  ints.add_int32s("tokenizer.ggml.scores", vocab.types);
  ints.add_int32s("tokenizer.ggml.token_type", vocab.types);
  CHECK(contains(vocab_error(ints), "found array of i32, expected array of f32"));
}

TEST_CASE("a token type outside 1 to 6 and a score that is NaN are refused", "[model][bad]") {
  VocabParts vocab = llama_vocab({"a"});
  vocab.types.back() = 7;
  CHECK(contains(llama_error(vocab), "token_type[259]: found 7"));
  vocab.types.back() = -1;
  CHECK(contains(llama_error(vocab), "token_type[259]: found -1"));
  vocab.types.back() = 1;
  vocab.scores.back() = std::numeric_limits<float>::quiet_NaN();
  CHECK(contains(llama_error(vocab), "scores[259]"));
}

TEST_CASE("bad file 29: a malformed byte token is refused", "[model][bad]") {
  for (const char* text : {"<0x-1>", "<0xZZ>", "<0x0>", "<0x000>", "<0xAA", "0xAA", "", "<0xaa>"}) {
    VocabParts vocab = llama_vocab({});
    vocab.tokens[10] = text;
    CHECK(contains(llama_error(vocab), "tokenizer.ggml.tokens[10]: found"));
  }
}

TEST_CASE("bad file 30: merges that name absent tokens are refused", "[model][bad]") {
  auto error_with = [](const std::string& merge) {
    TempDir dir;
    GgufWriter writer;
    add_gpt2_vocab(writer, "gpt-2", {"a b", "ab c"});
    std::string whole = writer.bytes();
    whole.replace(whole.rfind("ab c"), 4, merge);
    std::string path = dir.write("vocab.gguf", whole);
    try {
      model::Tokenizer::load(model::GgufFile::open(path));
    } catch (const model::ModelError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK(error_with("ab c").empty());
  CHECK(contains(error_with("zz c"), "tokenizer.ggml.merges[1]: found \"zz\""));
  CHECK(contains(error_with("ab d"), "found \"abd\", expected a token"));
  CHECK(contains(error_with("abcd"), "two tokens with a space between them"));
  CHECK(contains(error_with("abc "), "two tokens with a space between them"));
  CHECK(contains(error_with(" abc"), "two tokens with a space between them"));
}

TEST_CASE("bad file 31: a named token outside the vocabulary is refused", "[model][bad]") {
  for (const char* name : {"bos", "eos", "unknown", "eot", "padding"}) {
    std::string key = std::string("tokenizer.ggml.") + name + "_token_id";
    for (uint32_t id : {261u, 0xffffffffu}) {
      GgufWriter writer;
      add_vocab(writer, llama_vocab({"a", "b"}));
      writer.add_uint32(key, id);
      CHECK(contains(vocab_error(writer), key + ": found " + std::to_string(id)));
    }
    GgufWriter writer;
    add_vocab(writer, llama_vocab({"a", "b"}));
    writer.add_uint32(key, 260);
    CHECK(vocab_error(writer).empty());
  }
}

TEST_CASE("an unknown kind of tokenizer or pre-tokenizer is named", "[model][bad]") {
  GgufWriter writer;
  writer.add_string("tokenizer.ggml.model", "bert");
  CHECK(contains(vocab_error(writer), "tokenizer.ggml.model: found \"bert\""));
  GgufWriter pre;
  add_gpt2_vocab(pre, "tekken", {});
  CHECK(contains(vocab_error(pre), "tokenizer.ggml.pre: found \"tekken\""));
}
