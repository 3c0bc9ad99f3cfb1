// Says the model's shape, the chapters and the GPUs.
#include "common/decode/info.h"

#include <cstdio>

#include "common/decode/loaded_model.h"  // LoadedModel
#include "common/decode/machine.h"       // device_name
#include "common/decode/registry.h"      // chapters
#include "common/traffic/gpu_spec.h"     // gpu_names

namespace decode {
namespace {

using nlohmann::ordered_json;

ordered_json chapter_json(const Chapter& c) {
  return {{"id", c.id},           {"name", c.name},
          {"variant", c.variant}, {"idea", c.idea},
          {"kv", c.kv},           {"by_default", c.by_default},
          {"lossy", c.lossy},     {"draft", bool(c.make_generator)}};
}

ordered_json shape_json(const LoadedModel& model) {
  const model::Config& c = model.host.config;
  return {{"file", model.path},
          {"name", c.name},
          {"architecture", c.architecture},
          {"storage", model.host.storage()},
          {"weight_bytes", model.device_bytes},
          {"dim", c.dim},
          {"hidden_dim", c.hidden_dim},
          {"n_layers", c.n_layers},
          {"n_heads", c.n_heads},
          {"n_kv_heads", c.n_kv_heads},
          {"head_dim", c.head_dim},
          {"vocab_size", c.vocab_size},
          {"tokenizer", model.tokenizer.kind()},
          {"pretokenizer", model.tokenizer.pre()},
          {"max_seq_len", c.max_seq_len},
          {"notes", model.notes}};
}

void print_chapters() {
  for (const Chapter& c : chapters()) {
    std::printf("chapter   %s: %s%s\n", title(c).c_str(), c.idea.c_str(),
                c.by_default ? "" : " (only when it is named)");
  }
}

void print_model(const LoadedModel& model) {
  const model::Config& c = model.host.config;
  std::printf("model     %s\n", model.path.c_str());
  std::printf("  name          %s (%s)\n", c.name.c_str(), c.architecture.c_str());
  std::printf("  stored as     %s\n", model.host.storage().c_str());
  std::printf("  weights       %llu bytes on the device\n",
              static_cast<unsigned long long>(model.device_bytes));
  std::printf("  dim           %d, feed-forward %d, %d layers\n", c.dim, c.hidden_dim, c.n_layers);
  std::printf("  heads         %d of %d values, %d for K and V\n", c.n_heads, c.head_dim,
              c.n_kv_heads);
  std::printf("  vocabulary    %d, tokenizer %s %s\n", c.vocab_size, model.tokenizer.kind().c_str(),
              model.tokenizer.pre().c_str());
  std::printf("  context       %d tokens\n", c.max_seq_len);
  for (const std::string& note : model.notes) std::printf("  note          %s\n", note.c_str());
}

}  // namespace

ordered_json info(const Options& options) {
  const bool print = options.json != "-";
  if (print) std::printf("target    %s on %s\n", target_name().c_str(), device_name().c_str());
  if (print) print_chapters();
  const LoadedModel model(options.model);
  ordered_json json = {{"format", "decoder-ladder info 1"},
                       {"target", target_name()},
                       {"device", device_name()},
                       {"chapters", ordered_json::array()},
                       {"gpus", ordered_json::array()}};
  for (const Chapter& c : chapters()) json["chapters"].push_back(chapter_json(c));
  for (const std::string& name : traffic::gpu_names()) {
    const traffic::GpuSpec gpu = traffic::gpu_spec(name, double(model.device_bytes));
    if (print) std::printf("gpu       %s: %s\n", name.c_str(), gpu.title.c_str());
    json["gpus"].push_back({{"name", name}, {"title", gpu.title}});
  }
  if (print) print_model(model);
  json["model"] = shape_json(model);
  return json;
}

}  // namespace decode
