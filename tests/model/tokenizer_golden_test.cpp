// Token ids against Hugging Face's tokenizers and SentencePiece; make_goldens.py made the goldens.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "common/model/tokenizer.h"
#include "tests/catch.h"
#include "tests/smollm2.h"

using model::Tokenizer;
using nlohmann::json;

namespace {

constexpr size_t kBlock = 1024;  // code points under one hash

std::string goldens() { return std::string(LADDER_SOURCE_DIR) + "/tests/model/goldens/"; }

json read_json(const std::string& path) {
  std::ifstream in(path);
  REQUIRE(in);
  return json::parse(in);
}

struct Text {
  std::string name;
  std::string text;
};

std::vector<Text> hard_strings() {
  std::vector<Text> texts;
  for (const json& entry : read_json(goldens() + "strings.json")) {
    Text text{entry["name"], ""};
    for (int i = 0; i < entry["repeat"].get<int>(); ++i)
      text.text += entry["text"].get<std::string>();
    texts.push_back(text);
  }
  return texts;
}

std::string utf8(uint32_t c) {
  if (c < 0x80) return {static_cast<char>(c)};
  std::string out;
  int shift = c < 0x800 ? 6 : c < 0x10000 ? 12 : 18;
  uint32_t lead = c < 0x800 ? 0xc0 : c < 0x10000 ? 0xe0 : 0xf0;
  out += static_cast<char>(lead | c >> shift);
  while ((shift -= 6) >= 0) out += static_cast<char>(0x80 | (c >> shift & 0x3f));
  return out;
}

// Every code point that Unicode 14 assigns.
std::vector<std::string> code_points() {
  std::vector<std::string> points;
  for (const json& range : read_json(goldens() + "code_points.json")) {
    for (uint32_t c = range[0]; c <= range[1].get<uint32_t>(); ++c) points.push_back(utf8(c));
  }
  return points;
}

std::string fnv1a(const std::vector<int>& ids) {
  uint64_t value = 0xcbf29ce484222325u;
  for (int id : ids) {
    for (int shift = 0; shift < 32; shift += 8) {
      value = (value ^ (static_cast<uint32_t>(id) >> shift & 0xff)) * 0x100000001b3u;
    }
  }
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
  return text;
}

json shortened(const std::vector<int>& ids, const json& wanted) {
  if (wanted.is_array()) return ids;
  return {{"count", ids.size()}, {"fnv1a", fnv1a(ids)}};
}

void check_strings(const Tokenizer& tokenizer, const json& golden) {
  std::vector<Text> texts = hard_strings();
  REQUIRE(golden["plain"].size() == texts.size());
  for (size_t i = 0; i < texts.size(); ++i) {
    INFO(texts[i].name);
    const json& plain = golden["plain"][i];
    const json& special = golden["special"][i];
    CHECK(shortened(tokenizer.encode(texts[i].text), plain) == plain);
    CHECK(shortened(tokenizer.encode(texts[i].text, true), special) == special);
  }
}

void check_code_points(const Tokenizer& tokenizer, const json& golden) {
  std::vector<std::string> points = code_points();
  size_t blocks = (points.size() + kBlock - 1) / kBlock;
  REQUIRE(golden["single"].size() == blocks);
  for (size_t block = 0; block < blocks; ++block) {
    std::vector<int> single;
    std::string joined;
    for (size_t i = block * kBlock; i < std::min(points.size(), (block + 1) * kBlock); ++i) {
      std::vector<int> ids = tokenizer.encode(points[i]);
      single.insert(single.end(), ids.begin(), ids.end());
      joined += points[i];
    }
    INFO("code points from number " << block * kBlock);
    CHECK(fnv1a(single) == golden["single"][block].get<std::string>());
    CHECK(fnv1a(tokenizer.encode(joined)) == golden["joined"][block].get<std::string>());
  }
}

void check(const std::string& gguf, const std::string& name) {
  Tokenizer tokenizer = Tokenizer::load(model::GgufFile::open(gguf));
  json golden = read_json(goldens() + name + ".json");
  check_strings(tokenizer, golden);
  check_code_points(tokenizer, golden);
}

}  // namespace

TEST_CASE("the default model's ids are SentencePiece's and Hugging Face's", "[model][golden]") {
  check(std::string(LADDER_SOURCE_DIR) + "/common/models/austen-4m.gguf", "austen");
}

TEST_CASE("gpt-2 ids are Hugging Face's", "[model][golden]") {
  check(goldens() + "gpt-2.gguf", "gpt-2");
}

TEST_CASE("llama-bpe ids are Hugging Face's", "[model][golden]") {
  check(goldens() + "llama-bpe.gguf", "llama-bpe");
}

TEST_CASE("qwen2 ids are Hugging Face's", "[model][golden]") {
  check(goldens() + "qwen2.gguf", "qwen2");
}

TEST_CASE("smollm ids are Hugging Face's, for the first 4,000 merges of SmolLM2",
          "[model][golden]") {
  check(goldens() + "smollm.gguf", "smollm");
}

TEST_CASE("SmolLM2's ids are Hugging Face's, where its file is present", "[model][golden]") {
  const std::string path = smollm2_path();
  if (path.empty()) {
    WARN(kNoSmollm2);
    return;
  }
  check(path, "smollm2");
}
