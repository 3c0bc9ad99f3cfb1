// What a loop around decoders hands on, a token at a time: to the text, to the callbacks, and the
// times of both phases. The loop adds tokens to a text and asks whether it goes on.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "common/decode/error.h"     // DecodeError
#include "common/decode/generate.h"  // Generated, GenerateCallbacks, StopReason
#include "common/model/tokenizer.h"  // Tokenizer, StreamDecoder

namespace decode {

class Output {
 public:
  // Stops after n tokens, or when prompt and text have text_room tokens and one more. Throws
  // DecodeError when there is no prompt, no token to produce, or no room for the prompt.
  Output(const model::Tokenizer& tokenizer, const GenerateCallbacks& callbacks, int prompt_tokens,
         int n, int text_room)
      : tokenizer_(tokenizer),
        callbacks_(callbacks),
        stream_(tokenizer, false),
        prompt_tokens_(prompt_tokens),
        n_(n),
        text_room_(text_room) {
    if (prompt_tokens == 0) {
      throw DecodeError("the prompt has no tokens: at least one is needed");
    }
    if (n <= 0) throw DecodeError("the number of tokens to generate must be positive");
    if (prompt_tokens > text_room) {
      throw DecodeError("the prompt has " + std::to_string(prompt_tokens) + " tokens, room for " +
                        std::to_string(text_room));
    }
  }

  void prefill_done() {
    result_.prefill_seconds = seconds_since_last();
    if (callbacks_.prefill_done) callbacks_.prefill_done();
  }

  // Takes what is new in `text` (the prompt's tokens and all produced ones). False when the text
  // ends; what comes after its end is dropped.
  bool take(const std::vector<int>& text) {
    for (size_t i = prompt_tokens_ + result_.tokens.size(); i < text.size(); ++i) {
      result_.tokens.push_back(text[i]);
      give(stream_.feed(text[i]));
      if (callbacks_.progress) callbacks_.progress(produced(), n_);
      if (ends(text[i])) return false;
    }
    return true;
  }

  Generated finish() {
    result_.decode_seconds = seconds_since_last();
    give(stream_.finish());
    return std::move(result_);
  }

  int produced() const { return static_cast<int>(result_.tokens.size()); }

 private:
  bool ends(int token) {
    if (tokenizer_.is_end(token)) {
      result_.stop = StopReason::kEnd;
    } else if (produced() == n_) {
      result_.stop = StopReason::kCount;
    } else if (prompt_tokens_ + produced() > text_room_) {
      result_.stop = StopReason::kContext;
    } else {
      return false;
    }
    return true;
  }

  void give(const std::string& text) {
    result_.text += text;
    if (callbacks_.text && !text.empty()) callbacks_.text(text);
  }

  double seconds_since_last() {
    const auto now = std::chrono::steady_clock::now();
    const double seconds = std::chrono::duration<double>(now - last_).count();
    last_ = now;
    return seconds;
  }

  const model::Tokenizer& tokenizer_;
  const GenerateCallbacks& callbacks_;
  model::StreamDecoder stream_;
  int prompt_tokens_, n_, text_room_;
  Generated result_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace decode
