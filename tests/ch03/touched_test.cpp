// Where in the cache a decode step is: the event stream's ranges against the cache's layout.
#include <map>

#include "common/decode/registry.h"  // select_chapters
#include "tests/catch.h"
#include "tests/decode/random_model.h"
#include "tests/decode/recorded_launches.h"

namespace {

using traffic::ByteRange;
using traffic::LaunchEvent;
using Ranges = std::vector<ByteRange>;

ModelShape shape_of_cache() {
  ModelShape s;
  s.head_dim = 32, s.n_heads = 8, s.n_kv_heads = 2;
  s.dim = 128, s.hidden_dim = 320, s.n_layers = 3, s.vocab_size = 256, s.max_seq_len = 1024;
  return s;
}

// Rows [first, end) of both heads of a layer in (n_layers, n_kv_heads, max_seq_len, head_dim).
Ranges rows(int layer, int first, int end) {
  const ModelShape s = shape_of_cache();
  Ranges ranges;
  for (int head = 0; head < s.n_kv_heads; ++head) {
    const uint64_t begin = uint64_t(layer * s.n_kv_heads + head) * s.max_seq_len;
    const uint64_t row = s.head_dim * sizeof(gpu::bf16);
    ranges.push_back({(begin + uint64_t(first)) * row, (begin + uint64_t(end)) * row});
  }
  return ranges;
}

}  // namespace

TEST_CASE("a step reads rows 0 to its position of each layer's K and V, and writes that row",
          "[ch03][traffic]") {
  values::Source source;
  const model::HostWeights host = random_model(shape_of_cache(), source);
  for (const int before : {1, 40, 299}) {  // in one split, and in two
    Recording recording;
    const decode::DeviceWeights device = decode::upload_weights(host);
    std::vector<traffic::Event> events;
    const auto prompt = random_tokens(before, shape_of_cache().vocab_size, source);
    std::unique_ptr<decode::Decoder> decoder;
    events = recorded_events(recording, "none", [&] {
      decoder = decode::select_chapters("03:vram", "").front().make({device, host, nullptr}, {});
    });
    std::map<std::string, traffic::AllocationEvent> named;
    for (const traffic::Event& e : events) {
      const auto* a = std::get_if<traffic::AllocationEvent>(&e);
      if (a && a->kind == traffic::AllocationEvent::kName) named[a->name] = *a;
    }
    CHECK(named.at("kv_cache.k").shape == std::vector<uint64_t>{3, 2, 1024, 32});
    decoder->forward(prompt.data(), before, 1);
    const auto launches =
        recorded_launches(recording, "none", [&] { decoder->forward(prompt.data(), 1, 1); });
    for (const char* name : {"kv_cache.k", "kv_cache.v"}) {
      INFO(name << " after " << before << " tokens");
      std::vector<Ranges> read, written;  // by the launches that do, in order: one a layer
      for (const LaunchEvent& l : launches) {
        CHECK_FALSE(l.walk);
        for (const traffic::TouchedRanges& t : l.touched) {
          if (t.id != named.at(name).id) continue;
          CHECK_FALSE(t.coarse);
          if (!t.read.empty()) read.push_back(t.read);
          if (!t.written.empty()) written.push_back(t.written);
        }
      }
      REQUIRE(read.size() == 3);
      REQUIRE(written.size() == 3);
      for (int layer = 0; layer < 3; ++layer) {
        CHECK(read[layer] == rows(layer, 0, before + 1));
        CHECK(written[layer] == rows(layer, before, before + 1));
      }
    }
  }
}
