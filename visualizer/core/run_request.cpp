// A run's command line.
#include "visualizer/core/run_request.h"

#include <charconv>

namespace viz {
namespace {

// The shortest text that is this number again, whatever the locale.
std::string number(float value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  return {text, end};
}

}  // namespace

std::vector<std::string> RunRequest::arguments() const {
  std::vector<std::string> list = {"run", "--quiet", "--chapters", row()};
  const auto add = [&list](const char* option, std::string value) {
    list.emplace_back(option);
    list.push_back(std::move(value));
  };
  const auto add_text = [&](const char* option, const std::string& value) {
    if (!value.empty()) add(option, value);
  };
  const auto add_count = [&](const char* option, int value) {
    if (value != 0) add(option, std::to_string(value));
  };
  add_text("--kv", kv);
  add_text("--model", model);
  add_text("--draft", draft);
  add("--prompt", prompt);
  add_text("--chat", chat);
  add("-n", std::to_string(n_tokens));
  add_count("--count-tokens", count_tokens);
  add_count("--context", context);
  add_count("--draft-tokens", draft_tokens);
  add("--temperature", number(temperature));
  add("--top-k", std::to_string(top_k));
  add("--top-p", number(top_p));
  add("--seed", std::to_string(seed));
  add_text("--gpu", gpu);
  // The block with the most keys: from chapter 02 on attention begins with the longest rows, before
  // it ends with them (and the program's own choice is the last block).
  const bool long_first = chapter >= "02";
  add_text("--walk-block", walk_block.empty() && long_first ? "first" : walk_block);
  add("--events", "/dev/fd/" + std::to_string(kEventsDescriptor));
  return list;
}

}  // namespace viz
