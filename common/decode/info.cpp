// Prints the model's shape, the chapters and the GPUs.
#include "common/decode/info.h"

#include <cstdio>

#include "common/decode/loaded_model.h"  // LoadedModel
#include "common/decode/machine.h"       // device_name
#include "common/decode/registry.h"      // chapters
#include "common/traffic/gpu_spec.h"     // gpu_names

namespace decode {

void print_info(const Options& options) {
  std::printf("target    %s on %s\n", target_name().c_str(), device_name().c_str());
  for (const Chapter& c : chapters()) {
    std::printf("chapter   %s: %s%s\n", title(c).c_str(), c.idea.c_str(),
                c.by_default ? "" : " (only when it is named)");
  }
  LoadedModel model(options.model);
  for (const std::string& name : traffic::gpu_names()) {
    const traffic::GpuSpec gpu = traffic::gpu_spec(name, double(model.device_bytes));
    std::printf("gpu       %s: %s\n", name.c_str(), gpu.title.c_str());
  }
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

}  // namespace decode
