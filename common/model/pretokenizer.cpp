// Pre-tokenizers on PCRE2.
//
// The expressions are those of the models' published tokenizer.json files. They are written here
// with White_Space spelled out, because PCRE2's \s also takes U+180E, which Unicode no longer
// counts as white space.
#include "common/model/pretokenizer.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <algorithm>
#include <cstdint>

#include "common/model/error.h"

namespace model {

namespace {

#define SPACE_SET "\\p{Z}\\t-\\r\\x{85}"  // White_Space, for use inside [ ]

// GPT-2 (2019). Also the second step of smollm.
constexpr char kGpt2[] = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^" SPACE_SET
                         "\\p{L}\\p{N}]+"
                         "|[" SPACE_SET "]+(?![^" SPACE_SET "])|[" SPACE_SET "]+";

// Llama 3 and Qwen2 differ in how many digits stay together.
#define LLAMA3_LIKE(DIGITS)                                                              \
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|" DIGITS "| ?[^" SPACE_SET \
  "\\p{L}\\p{N}]+[\\r\\n]*|[" SPACE_SET                                                  \
  "]*[\\r\\n]+"                                                                          \
  "|[" SPACE_SET "]+(?![^" SPACE_SET "])|[" SPACE_SET "]+"
constexpr char kLlama3[] = LLAMA3_LIKE("\\p{N}{1,3}");
constexpr char kQwen2[] = LLAMA3_LIKE("\\p{N}");

constexpr char kDigit[] = "\\p{N}";

}  // namespace

struct PreTokenizer::Regex {
  explicit Regex(const char* pattern) {
    int error = 0;
    PCRE2_SIZE offset = 0;
    code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern), PCRE2_ZERO_TERMINATED,
                         PCRE2_UTF | PCRE2_UCP, &error, &offset, nullptr);
    if (code == nullptr) throw ModelError("PCRE2 does not take the pre-tokenizer's expression");
    pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);  // without JIT it only runs slower
  }
  ~Regex() { pcre2_code_free(code); }
  Regex(const Regex&) = delete;
  Regex& operator=(const Regex&) = delete;

  pcre2_code* code = nullptr;
};

namespace {

// One pass over a text: finds matches from left to right.
class Scan {
 public:
  Scan(const pcre2_code* code, std::string_view text)
      : code_(code),
        text_(text),
        data_(pcre2_match_data_create_from_pattern(code, nullptr)),
        context_(pcre2_match_context_create(nullptr)) {
    // A run of white space is stepped back through once, so the work is linear in the text.
    size_t steps = std::min<size_t>(10'000'000 + 8 * text.size(), UINT32_MAX);
    pcre2_set_match_limit(context_, static_cast<uint32_t>(steps));
  }
  ~Scan() {
    pcre2_match_context_free(context_);
    pcre2_match_data_free(data_);
  }
  Scan(const Scan&) = delete;
  Scan& operator=(const Scan&) = delete;

  // The next match at or after `from`; false when there is none.
  bool next(size_t from, size_t* begin, size_t* end) {
    int result = pcre2_match(code_, reinterpret_cast<PCRE2_SPTR>(text_.data()), text_.size(), from,
                             PCRE2_NO_UTF_CHECK, data_, context_);
    if (result == PCRE2_ERROR_NOMATCH) return false;
    if (result < 0) throw ModelError("PCRE2 error " + std::to_string(result) + " on this text");
    const PCRE2_SIZE* range = pcre2_get_ovector_pointer(data_);
    *begin = range[0];
    *end = range[1];
    return *end > *begin;
  }

 private:
  const pcre2_code* code_;
  std::string_view text_;
  pcre2_match_data* data_;
  pcre2_match_context* context_;
};

// Appends the matches of `code` and the text between them, each as a word.
void cut(const pcre2_code* code, std::string_view text, std::vector<std::string_view>& words) {
  Scan scan(code, text);
  size_t at = 0;
  size_t begin = 0;
  size_t end = 0;
  while (at < text.size() && scan.next(at, &begin, &end)) {
    if (begin > at) words.push_back(text.substr(at, begin - at));
    words.push_back(text.substr(begin, end - begin));
    at = end;
  }
  if (at < text.size()) words.push_back(text.substr(at));
}

}  // namespace

bool PreTokenizer::known(const std::string& name) {
  return name == "gpt-2" || name == "llama-bpe" || name == "smollm" || name == "qwen2";
}

PreTokenizer::PreTokenizer(const std::string& name)
    : composes_(name == "qwen2"), single_digits_(name == "smollm") {
  const char* pattern = name == "llama-bpe" ? kLlama3 : name == "qwen2" ? kQwen2 : kGpt2;
  words_ = std::make_unique<Regex>(pattern);
  if (single_digits_) digits_ = std::make_unique<Regex>(kDigit);
}

PreTokenizer::~PreTokenizer() = default;

std::vector<std::string_view> PreTokenizer::split(std::string_view text) const {
  std::vector<std::string_view> words;
  if (!single_digits_) {
    cut(words_->code, text, words);
    return words;
  }
  std::vector<std::string_view> spans;
  cut(digits_->code, text, spans);
  for (std::string_view span : spans) cut(words_->code, span, words);
  return words;
}

}  // namespace model
