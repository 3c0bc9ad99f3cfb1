// Reads the command line.
#include "visualizer/options.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <map>

#include "common/decode/option_values.h"  // to_integer, wrong_option
#include "visualizer/core/programs.h"     // known_models

namespace viz {
namespace {

using decode::to_integer, decode::to_number, decode::wrong_option;

std::string one_of(const std::string& option, const std::string& text,
                   const std::vector<std::string>& words) {
  if (std::find(words.begin(), words.end(), text) != words.end()) return text;
  std::string all;
  for (size_t i = 0; i < words.size(); ++i) {
    all += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + words[i];
  }
  wrong_option(option, text, all);
}

std::string file_name(const std::string& option, const std::string& text) {
  if (text.empty()) wrong_option(option, text, "a file");
  return text;
}

// "default", "draft" and "smollm2" are names of models that are at hand.
std::string model_file(const std::string& text) {
  for (const ModelChoice& model : known_models()) {
    if (model.name == text) return model.path;
  }
  return text;
}

void set_chapter(Options& o, const std::string& option, const std::string& value) {
  const size_t colon = value.find(':');
  const std::string id = value.substr(0, colon);
  if (id.empty() || id.find_first_not_of("0123456789") != std::string::npos) {
    wrong_option(option, value, "a chapter's number, or with a variant: 02 or 02:host");
  }
  o.run.chapter = id.size() == 1 ? "0" + id : id;
  o.run.variant = colon == std::string::npos ? "" : value.substr(colon + 1);
}

void set_size(Options& o, const std::string& option, const std::string& value) {
  const size_t x = value.find('x');
  if (x == std::string::npos) wrong_option(option, value, "width and height, as 1280x800");
  o.width = int(to_integer(option, value.substr(0, x), 320, 16384));
  o.height = int(to_integer(option, value.substr(x + 1), 240, 16384));
}

using Setter = std::function<void(Options&, const std::string& option, const std::string& value)>;

const std::map<std::string, Setter>& run_setters() {
  constexpr long long kMost = std::numeric_limits<int>::max();
  constexpr long long kMostSeed = std::numeric_limits<long long>::max();
  static const std::map<std::string, Setter> kSetters = {
      {"--chapter", set_chapter},
      {"--model", [](auto& o, auto&, auto& v) { o.run.model = model_file(v); }},
      {"--prompt", [](auto& o, auto&, auto& v) { o.run.prompt = v; }},
      {"--chat",
       [](auto& o, auto& n, auto& v) {
         o.run.chat = one_of(n, v, {"smollm2", "llama3"});
       }},
      {"-n", [](auto& o, auto& n, auto& v) { o.run.n_tokens = int(to_integer(n, v, 1, kMost)); }},
      {"--count-tokens",
       [](auto& o, auto& n, auto& v) { o.run.count_tokens = int(to_integer(n, v, 1, kMost)); }},
      {"--gpu", [](auto& o, auto& n, auto& v) { o.run.gpu = file_name(n, v); }},
      {"--kv",
       [](auto& o, auto& n, auto& v) {
         o.kv = one_of(n, v, {"vram", "host"});
       }},
      {"--draft", [](auto& o, auto&, auto& v) { o.run.draft = v == "self" ? v : model_file(v); }},
      {"--draft-tokens",
       [](auto& o, auto& n, auto& v) { o.run.draft_tokens = int(to_integer(n, v, 1, 64)); }},
      {"--context",
       [](auto& o, auto& n, auto& v) { o.run.context = int(to_integer(n, v, 1, kMost)); }},
      {"--temperature",
       [](auto& o, auto& n, auto& v) { o.run.temperature = float(to_number(n, v, 0, 100)); }},
      {"--top-k", [](auto& o, auto& n, auto& v) { o.run.top_k = int(to_integer(n, v, 0, kMost)); }},
      {"--top-p", [](auto& o, auto& n, auto& v) { o.run.top_p = float(to_number(n, v, 0, 1)); }},
      {"--seed",
       [](auto& o, auto& n, auto& v) { o.run.seed = uint64_t(to_integer(n, v, 0, kMostSeed)); }},
      {"--walk-block", [](auto& o, auto&, auto& v) { o.run.walk_block = v; }},
      {"--measure",
       [](auto& o, auto& n, auto& v) {
         o.measure = one_of(n, v, {"native", "gpu", "none"});
       }},
      {"--target",
       [](auto& o, auto& n, auto& v) {
         o.target = one_of(n, v, {"traced", "native", "gpu"});
       }},
  };
  return kSetters;
}

const std::map<std::string, Setter>& view_setters() {
  static const std::map<std::string, Setter> kSetters = {
      {"--replay", [](auto& o, auto& n, auto& v) { o.replay = file_name(n, v); }},
      {"--record", [](auto& o, auto& n, auto& v) { o.record = file_name(n, v); }},
      {"--compare", [](auto& o, auto& n, auto& v) { o.compare = file_name(n, v); }},
      {"--panel",
       [](auto& o, auto& n, auto& v) {
         o.panel = one_of(
             n, v,
             {"hierarchy", "timeline", "kernels", "vram", "tiles", "text", "compare", "tour"});
       }},
      {"--card", [](auto& o, auto&, auto& v) { o.card = v; }},
      {"--at", [](auto& o, auto& n, auto& v) { o.at = int(to_integer(n, v, 0, 1 << 30)); }},
      {"--scope",
       [](auto& o, auto& n, auto& v) {
         o.scope = one_of(n, v, {"kernel", "token", "run"});
       }},
      {"--theme",
       [](auto& o, auto& n, auto& v) {
         o.dark = one_of(n, v, {"light", "dark"}) == "dark";
       }},
      {"--size", set_size},
      {"--scale", [](auto& o, auto& n, auto& v) { o.scale = float(to_number(n, v, 0.5, 4)); }},
      {"--screenshot", [](auto& o, auto& n, auto& v) { o.screenshot = file_name(n, v); }},
      {"--export-json", [](auto& o, auto& n, auto& v) { o.export_json = file_name(n, v); }},
      {"--export-trace", [](auto& o, auto& n, auto& v) { o.export_trace = file_name(n, v); }},
      {"--hot-spots", [](auto& o, auto& n, auto& v) { o.hot_spots = file_name(n, v); }},
  };
  return kSetters;
}

bool set_flag(Options& o, const std::string& argument) {
  if (argument == "--help" || argument == "-h") return o.help = true;
  if (argument == "--json") return o.bench_json = true;
  if (argument == "--dark" || argument == "--light") {
    o.dark = argument == "--dark";
    return true;
  }
  return false;
}

const Setter* find_setter(const std::string& option) {
  for (const auto* setters : {&run_setters(), &view_setters()}) {
    const auto found = setters->find(option);
    if (found != setters->end()) return &found->second;
  }
  return nullptr;
}

}  // namespace

Options parse_options(const std::vector<std::string>& arguments) {
  Options options;
  options.run.chapter = "02";
  options.run.variant.clear();  // the chapter's first one
  bool chapter_given = false;
  size_t next = 0;
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
    if (argument == "--bench") {  // its seconds may be left out
      options.bench = true;
      const bool follows = next < arguments.size() && !arguments[next].empty() &&
                           arguments[next].find_first_not_of("0123456789.") == std::string::npos;
      if (!joined && follows) value = arguments[next++];
      if (joined || follows) options.bench_seconds = to_number(argument, value, 0.1, 3600);
      continue;
    }
    const Setter* setter = find_setter(argument);
    if (setter == nullptr && argument.rfind('-', 0) != 0) {
      throw OptionError("'" + argument + "' is no option (--help lists them)");
    }
    if (setter == nullptr) {
      throw OptionError("unknown option '" + argument + "' (--help lists them)");
    }
    if (!joined) {
      if (next == arguments.size()) throw OptionError(argument + ": a value is missing");
      value = arguments[next++];
    }
    (*setter)(options, argument, value);
    chapter_given = chapter_given || argument == "--chapter";
  }
  // The decoder whose frame times the project states.
  if (options.bench && !chapter_given) options.run.chapter = "03";
  return options;
}

std::string help_text() {
  return R"(ladder-viz [options]: a window that shows where a decoder's bytes move

what is decoded
  --chapter C       03, or with a variant 03:host
  --model NAME|FILE default, draft, smollm2, or a GGUF file (llama or qwen2 architecture)
  --prompt TEXT     text to continue
  --chat FORMAT     lay the prompt out as a chat message: smollm2 or llama3
  -n N              tokens to generate
  --count-tokens N  stop the counting after N tokens
  --gpu SPEC        GPU whose caches and time are modelled
  --kv PLACE        where the cache of K and V lives: vram or host
  --draft NAME|FILE the model that drafts (chapter 05); self: the model drafts for itself
  --draft-tokens K  tokens that the draft proposes at a time
  --context N       positions that the caches of K and V have room for
  --temperature T   0 takes the most likely token
  --top-k K         choose among the K most likely tokens; 0 means all
  --top-p P         choose among the fewest tokens whose probabilities reach P
  --seed S          of the random numbers
  --walk-block B    block of each launch whose steps are recorded: first, middle, last, a number
  --target T        the program that decodes: traced counts; native and gpu measure time
  --measure T       a second program beside it that measures time: native, gpu or none (not
                    given: gpu, where there is one)
  --compare C       a second run beside it: a chapter, or an event file
  --replay FILE     shows a recorded event file instead
  --record FILE     writes the event stream to a file as well

how it is shown
  --panel P         hierarchy, timeline, kernels, vram, tiles, text, compare or tour
  --at TOKEN        stand at that token of the text, from 0
  --card NN.K       show card K of chapter NN's tour, and run what it speaks of
  --scope S         sum over the current kernel, token or run
  --theme T         light or dark
  --size WxH        of the window
  --scale S         of everything in it; not given: as the monitor says

without a window
  --screenshot FILE writes a picture (PNG)
  --export-json FILE
                    writes the numbers that the panel shows; - is standard output
  --export-trace FILE
                    writes a Chrome trace, which ui.perfetto.dev opens
  --bench [SECONDS] measures the time of a frame; with --json as JSON
  --hot-spots FILE  writes where tabs and buttons are (for tests)
  --help            this text
)";
}

}  // namespace viz
