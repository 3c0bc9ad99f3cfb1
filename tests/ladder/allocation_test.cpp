// Nothing is allocated once a decoder is made: not in the prompt, not in the token loop.
#include <functional>

#include "common/decode/generate.h"  // generate
#include "common/decode/sampler.h"   // Sampler
#include "tests/catch.h"
#include "tests/ladder/rungs.h"
#include "tests/ladder/wrong_decoders.h"

using namespace rungs;

namespace {

// The simulator never gives an address twice, and the distance of two allocations depends on
// their sizes only: so two probes lie as far apart as neighbours unless something came between.
struct Probe {
  size_t device, host;
  Probe() {
    const gpu::DeviceBuffer<char> on_device(256, "probe");
    const gpu::PinnedBuffer<char> on_host(256, "probe");
    device = reinterpret_cast<size_t>(on_device.data());
    host = reinterpret_cast<size_t>(on_host.data());
  }
};

decode::SamplerOptions drawing() {
  decode::SamplerOptions options;
  options.temperature = 0.9f;
  options.top_k = 40;
  options.top_p = 0.9f;
  return options;
}

bool allocates_nothing(const std::function<void()>& work) {
  const Probe first, neighbour;
  work();
  const Probe last;
  return last.device - neighbour.device == neighbour.device - first.device &&
         last.host - neighbour.host == neighbour.host - first.host;
}

bool allocates_nothing(Decoder& decoder, const model::Tokenizer& words,
                       const std::vector<int>& prompt) {
  decode::Sampler sampler(words.vocab_size(), drawing());
  return allocates_nothing([&] { decode::generate(decoder, sampler, words, prompt, 8); });
}

// Right, but takes new memory for each call.
class Wasteful : public wrong::Through {
 public:
  using Through::Through;
  const float* forward(const int* tokens, int n_tokens, int n_logits) override {
    const gpu::DeviceBuffer<float> scratch(n_tokens, "scratch");
    return Through::forward(tokens, n_tokens, n_logits);
  }
};

}  // namespace

TEST_CASE("no chapter allocates memory while it writes", "[ladder]") {
  INFO_SEED();
  values::Source source(67);
  const auto words = model::Tokenizer::load(
      model::GgufFile::open(std::string(LADDER_SOURCE_DIR) + "/tests/reference/tiny-llama.gguf"));
  ModelShape shape = cases()[5].shape;
  shape.vocab_size = words.vocab_size();
  const UploadedModel model(random_model(shape, source));
  const std::vector<int> prompt = random_tokens(35, shape.vocab_size, source);
  for (const std::string& key : decoders()) {
    CAPTURE(key);
    REQUIRE(allocates_nothing(*make_all_rows(key, model, 64), words, prompt));
  }
  decode::DecoderOptions room;
  room.max_seq_len = 64;
  const UploadedModel draft(random_model(shape, source));
  for (const decode::Chapter& chapter : decode::chapters()) {
    if (!chapter.make_generator) continue;
    CAPTURE(key(chapter));
    const auto generator = chapter.make_generator(model, draft, room, {drawing(), 4});
    REQUIRE(allocates_nothing([&] { generator->generate(words, prompt, 8); }));
  }
  Wasteful wasteful(make_all_rows("03:vram", model, 64));
  REQUIRE_FALSE(allocates_nothing(wasteful, words, prompt));
}
