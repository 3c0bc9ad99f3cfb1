// Tokenizers beyond the goldens: special tokens, prefixes, merges, streaming.
#include "common/model/tokenizer.h"

#include <algorithm>

#include "test_files.h"
#include "tests/catch.h"
#include "tokenizers.h"

using model::StreamDecoder;
using model::Tokenizer;

namespace {

Tokenizer load_written(const model::GgufWriter& writer) {
  TempDir dir;
  return Tokenizer::load(model::GgufFile::open(dir.write("v.gguf", writer.bytes())));
}

std::string streamed(StreamDecoder& decoder, const std::vector<int>& ids) {
  std::string text;
  for (int id : ids) text += decoder.feed(id);
  return text + decoder.finish();
}

}  // namespace

TEST_CASE("special tokens are parsed only when asked", "[model]") {
  Tokenizer tokenizer = load_golden("smollm");
  std::string text = "<|im_start|>user<|im_end|>";
  std::vector<int> plain = tokenizer.encode(text);
  std::vector<int> special = tokenizer.encode(text, true);
  for (int id : plain) CHECK_FALSE(tokenizer.is_special(id));
  REQUIRE(special.size() >= 3);
  CHECK(special.front() == tokenizer.find_special("<|im_start|>"));
  CHECK(special.back() == tokenizer.find_special("<|im_end|>"));
  CHECK(tokenizer.decode(plain) == text);
  CHECK(tokenizer.decode(special) == "user");
  CHECK(tokenizer.decode(special, true) == text);
  CHECK(tokenizer.is_end(special.back()));
  CHECK_FALSE(tokenizer.is_end(special[1]));
}

TEST_CASE("user-defined tokens are matched in plain text", "[model]") {
  Tokenizer qwen = load_golden("qwen2");
  CHECK(qwen.encode("<tool_call>").size() == 1);
  CHECK(qwen.decode(qwen.encode("a<tool_call> b")) == "a<tool_call> b");
  Tokenizer llama = austen();
  std::vector<int> ids = llama.encode("a\n\nb");
  CHECK(std::count(ids.begin(), ids.end(), 3) == 2);
}

TEST_CASE("BOS is added only when the file asks for it", "[model]") {
  CHECK(austen().encode_prompt("It is").front() != austen().bos_id());
  model::GgufWriter writer;
  add_vocab(writer, llama_vocab({"a", "\xe2\x96\x81",
                                 "\xe2\x96\x81"
                                 "a"}));
  writer.add_uint32("tokenizer.ggml.bos_token_id", 1);
  Tokenizer tokenizer = load_written(writer);  // llama files ask for it unless they say no
  CHECK(tokenizer.add_bos());
  CHECK(tokenizer.encode_prompt("a") == std::vector<int>{1, 261});
  CHECK(tokenizer.encode_prompt("<s>a", true) == std::vector<int>{1, 261});
  CHECK(tokenizer.encode("a") == std::vector<int>{261});
}

TEST_CASE("the space prefix is honoured, and taken back", "[model]") {
  VocabParts vocab = llama_vocab({"a", "\xe2\x96\x81",
                                  "\xe2\x96\x81"
                                  "a"});
  model::GgufWriter writer;
  add_vocab(writer, vocab);
  writer.add_bool("tokenizer.ggml.add_space_prefix", false);
  Tokenizer without = load_written(writer);
  CHECK(without.encode("a") == std::vector<int>{259});
  CHECK(without.decode(without.encode(" a")) == " a");
  Tokenizer with = austen();
  CHECK(with.decode(with.encode("It")) == "It");
  CHECK(with.decode(with.encode(" It")) == " It");
  CHECK(with.token_text(with.encode("It")[0]) == " It");
}

TEST_CASE("llama merges by score, leftmost first, and falls back to bytes", "[model]") {
  model::GgufWriter writer;
  add_vocab(writer, llama_vocab({"bc", "ab", "abc", "a", "b", "c"}));
  writer.add_bool("tokenizer.ggml.add_space_prefix", false);
  Tokenizer tokenizer = load_written(writer);
  CHECK(tokenizer.encode("abc") == std::vector<int>{261});  // bc, then a+bc
  CHECK(tokenizer.encode("abab") == std::vector<int>{260, 260});
  CHECK(tokenizer.encode("aab") == std::vector<int>{262, 260});
  CHECK(tokenizer.encode("z") == std::vector<int>{3 + 'z'});
  CHECK(tokenizer.encode("\xc3\xa9") == std::vector<int>{3 + 0xc3, 3 + 0xa9});
}

TEST_CASE("llama takes an unused piece apart again", "[model]") {
  VocabParts vocab = llama_vocab({"ab", "a", "b"});
  vocab.types[259] = 5;
  model::GgufWriter writer;
  add_vocab(writer, vocab);
  writer.add_bool("tokenizer.ggml.add_space_prefix", false);
  CHECK(load_written(writer).encode("ab") == std::vector<int>{260, 261});
}

TEST_CASE("a vocabulary without byte tokens gives one unknown token for a run", "[model]") {
  VocabParts vocab;
  vocab.tokens = {"<unk>", "a"};
  vocab.types = {2, 1};
  vocab.scores = {0, 0};
  model::GgufWriter writer;
  add_vocab(writer, vocab);
  writer.add_bool("tokenizer.ggml.add_space_prefix", false);
  Tokenizer tokenizer = load_written(writer);
  CHECK(tokenizer.encode("a\xc3\xa9za") == std::vector<int>{1, 0, 1});
}

TEST_CASE("the stream never splits a code point, and loses nothing", "[model]") {
  std::string text =
      "a😀中é\xff"
      "👩‍💻\xe4\xb8";
  for (const Tokenizer& tokenizer : all_tokenizers()) {
    StreamDecoder decoder(tokenizer);
    std::string whole;
    std::vector<std::string> pieces;
    for (int id : tokenizer.encode("a😀中é👩‍💻")) pieces.push_back(decoder.feed(id));
    for (const std::string& piece : pieces) {
      CHECK((piece.empty() || (static_cast<unsigned char>(piece[0]) & 0xc0) != 0x80));
      whole += piece;
    }
    CHECK(whole == "a😀中é👩‍💻");
    CHECK(decoder.finish().empty());
    StreamDecoder again(tokenizer);
    CHECK(streamed(again, tokenizer.encode(text)) == text);
  }
}

TEST_CASE("the stream holds back the start of a character until it is complete", "[model]") {
  Tokenizer tokenizer = austen();
  std::vector<int> bytes = tokenizer.encode("\n😀");  // space, newline, then four byte tokens
  REQUIRE(bytes.size() == 6);
  StreamDecoder decoder(tokenizer);
  CHECK(decoder.feed(bytes[0]).empty());
  CHECK(decoder.feed(bytes[1]) == "\n");
  for (int i : {2, 3, 4}) CHECK(decoder.feed(bytes[static_cast<size_t>(i)]).empty());
  CHECK(decoder.feed(bytes[5]) == "😀");
  decoder.feed(bytes[2]);
  CHECK(decoder.finish() == "\xf0");
  CHECK(decoder.finish().empty());
}

TEST_CASE("text that goes on from a prompt keeps its first space", "[model]") {
  Tokenizer tokenizer = austen();
  std::vector<int> ids = tokenizer.encode("is a");
  StreamDecoder start(tokenizer);
  CHECK(streamed(start, ids) == "is a");
  StreamDecoder going_on(tokenizer, false);
  CHECK(streamed(going_on, ids) == " is a");
}

TEST_CASE("an id outside the vocabulary is an error", "[model]") {
  Tokenizer tokenizer = austen();
  for (int id : {-1, 2048, 1 << 30}) {
    CHECK_THROWS_AS(tokenizer.token_text(id), model::ModelError);
    CHECK_THROWS_AS(tokenizer.decode({id}), model::ModelError);
    CHECK_THROWS_AS(tokenizer.is_end(id), model::ModelError);
  }
}
