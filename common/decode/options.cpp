// Reads the command line.
#include "common/decode/options.h"

#include <functional>
#include <limits>
#include <map>

#include "common/decode/option_values.h"  // to_integer, OptionError
#include "common/traffic/walk.h"          // WalkChoice

namespace decode {
namespace {

using Setter = std::function<void(Options&, const std::string& option, const std::string& value)>;

const std::map<std::string, Setter>& setters() {
  constexpr long long kMost = std::numeric_limits<int>::max();
  constexpr long long kMostSeed = std::numeric_limits<long long>::max();
  static const std::map<std::string, Setter> kSetters = {
      {"--model", [](auto& o, auto&, auto& v) { o.model = v; }},
      {"--prompt", [](auto& o, auto&, auto& v) { o.prompt = v; }},
      {"--chat", [](auto& o, auto&, auto& v) { o.chat = v; }},
      {"-n", [](auto& o, auto& name, auto& v) { o.n_tokens = int(to_integer(name, v, 1, kMost)); }},
      {"--count-tokens",
       [](auto& o, auto& name, auto& v) { o.count_tokens = int(to_integer(name, v, 1, kMost)); }},
      {"--context",
       [](auto& o, auto& name, auto& v) { o.context = int(to_integer(name, v, 0, kMost)); }},
      {"--chapters", [](auto& o, auto&, auto& v) { o.chapters = v; }},
      {"--kv", [](auto& o, auto&, auto& v) { o.kv = v; }},
      {"--draft", [](auto& o, auto&, auto& v) { o.draft = v; }},
      {"--draft-tokens",
       [](auto& o, auto& name, auto& v) { o.draft_tokens = int(to_integer(name, v, 1, 64)); }},
      {"--gpu",
       [](auto& o, auto&, auto& v) {
         o.gpu = v;
         o.gpu_given = true;
       }},
      {"--text", [](auto& o, auto&, auto& v) { o.text = v; }},
      {"--tokens",
       [](auto& o, auto& name, auto& v) { o.text_tokens = int(to_integer(name, v, 2, kMost)); }},
      {"--kv-heads",
       [](auto& o, auto& name, auto& v) { o.kv_heads = int(to_integer(name, v, 1, 32768)); }},
      {"--store", [](auto& o, auto&, auto& v) { o.store = v; }},
      {"--out", [](auto& o, auto&, auto& v) { o.out = v; }},
      {"--temperature",
       [](auto& o, auto& name, auto& v) { o.sampler.temperature = float(to_number(name, v)); }},
      {"--top-k",
       [](auto& o, auto& name, auto& v) { o.sampler.top_k = int(to_integer(name, v, 0, kMost)); }},
      {"--top-p",
       [](auto& o, auto& name, auto& v) { o.sampler.top_p = float(to_number(name, v)); }},
      {"--seed", [](auto& o, auto& name,
                    auto& v) { o.sampler.seed = uint64_t(to_integer(name, v, 0, kMostSeed)); }},
      {"--json", [](auto& o, auto&, auto& v) { o.json = v; }},
      {"--events", [](auto& o, auto&, auto& v) { o.events = v; }},
      {"--trace", [](auto& o, auto&, auto& v) { o.trace = v; }},
      {"--walk-block",
       [](auto& o, auto&, auto& v) {
         traffic::WalkChoice check(v);
         o.walk_block = v;
       }},
      {"--instructions", [](auto& o, auto&, auto& v) { o.instructions = v; }},
  };
  return kSetters;
}

bool set_flag(Options& options, const std::string& argument) {
  if (argument == "--quiet") return options.quiet = true;
  if (argument == "--progress") return options.progress = true;
  if (argument == "--help" || argument == "-h") {
    options.command = "help";
    return true;
  }
  return false;
}

}  // namespace

Options parse_options(const std::vector<std::string>& arguments) {
  Options options;
  options.command = "help";
  if (arguments.empty()) return options;
  size_t next = 0;
  const auto is_word = [&] {
    return next < arguments.size() && arguments[next].rfind("-", 0) != 0;
  };
  if (is_word()) options.command = arguments[next++];
  if (options.command == "study" && is_word()) options.study = arguments[next++];
  while (next < arguments.size()) {
    std::string argument = arguments[next++];
    if (set_flag(options, argument)) continue;
    // "--option value" or "--option=value"
    std::string value;
    const size_t equals = argument.rfind("--", 0) == 0 ? argument.find('=') : std::string::npos;
    const bool joined = equals != std::string::npos;
    if (joined) {
      value = argument.substr(equals + 1);
      argument.resize(equals);
    }
    const auto setter = setters().find(argument);
    if (setter == setters().end())
      throw OptionError("unknown option '" + argument + "' (--help lists them)");
    if (!joined) {
      if (next == arguments.size()) throw OptionError(argument + ": a value is missing");
      value = arguments[next++];
    }
    setter->second(options, argument, value);
  }
  check_sampler_options(options.sampler);
  return options;
}

std::string help_text(const std::string& target) {
  return "ladder-" + target +
         R"( COMMAND [options]: decodes text with each chapter of the ladder

commands
  run             decode, stream the text, write a report
  bench           speed of two kernels and of decoding on this machine
  probe           one small kernel for each level of memory, counted (ladder-traced)
  quality         perplexity of each chapter, and how far it is from the first of them
  convert-heads   writes a model with other heads of K and V, and says what that costs (chapter 03)
  study [NAME]    a chapter's table of its own; without a name: which there are
  info            the model, the chapters and the GPUs that are known
  help            this text

options of run (and, where they make sense, of the others)
  --model FILE    GGUF file (llama or qwen2 architecture)
  --prompt TEXT   text to continue
  --chat FORMAT   lay the prompt out as a chat message: smollm2 or llama3
  -n N            tokens to generate
  --count-tokens N
                  ladder-traced stops after so many; all of them for a model of up to 32 million
                  weights, else 8
  --context N     positions that the caches of K and V have room for; 0: as many as the prompt and
                  the new tokens need
  --chapters IDS  some of the chapters: 00,01; one variant of a chapter: 02:host
  --kv PLACES     some of the places for the cache of K and V: vram,host
  --draft FILE    GGUF file of the model that drafts (chapter 05), or self: the model drafts for
                  itself; austen-draft.gguf for austen-4m.gguf beside it, else self
  --draft-tokens K
                  tokens that the draft proposes at a time
  --gpu SPEC      GPU whose caches and time are modelled; classroom is an H100 shrunk to the model
  --text FILE     text to predict (quality, convert-heads)
  --tokens N      of it, from its beginning
  --kv-heads N    heads of K and V to make (convert-heads)
  --store TYPE    store them as F32, F16 or BF16 (convert-heads)
  --out FILE      the model to write (convert-heads)
  --temperature T 0 takes the most likely token
  --top-k K       choose among the K most likely tokens; 0 means all
  --top-p P       choose among the fewest tokens whose probabilities reach P
  --seed S        of the random numbers
  --json FILE     write this target's report; - is standard output
  --events FILE   write the event stream to a file or a pipe; with several chapters, one file
                  each: FILE-00_naive, ... (ladder-traced: all that was counted; the others: text
                  and measured time)
  --walk-block B  block of each launch whose steps are in the event stream: first, middle, last, a
                  number or none (ladder-traced)
  --trace FILE    write a Chrome trace, which ui.perfetto.dev opens (ladder-traced)
  --instructions FILE
                  write each kernel's loads and stores, by instruction (ladder-traced)
  --quiet         do not print the text
  --progress      show progress on standard error
)";
}

}  // namespace decode
