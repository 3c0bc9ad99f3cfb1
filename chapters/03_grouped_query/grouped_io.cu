// The study grouped-io: bytes of attention, for a head of K and V for every query head (chapter
// 02), and for groups that share one.
#include <functional>
#include <memory>
#include <vector>

#include "chapters/02_tiled_attention/flash.cuh"  // tiled_attention
#include "chapters/03_grouped_query/grouped.cuh"  // grouped_attention
#include "common/decode/study.h"                  // RegisterStudy

namespace {

using ch03::Grouped;
using gpu::bf16;

constexpr int kHeads = 8, kHeadDim = 64;

// The launches of one attention on tensors of its own, whose numbers do not matter.
std::function<void()> attention(const Grouped& g, bool of_chapter_03) {
  struct Tensors {
    gpu::DeviceBuffer<float> q, out, partials;
    gpu::DeviceBuffer<bf16> keys, values;
  };
  const int cache_heads = of_chapter_03 ? g.n_kv_heads : g.n_heads;
  const size_t cache = size_t(cache_heads) * g.max_seq_len * g.head_dim;
  const size_t row = size_t(g.n_rows) * g.n_heads * g.head_dim;
  const auto t = std::make_shared<Tensors>();
  t->q = gpu::upload(std::vector<float>(row, 0.5f), "q");
  t->out = gpu::DeviceBuffer<float>(row, "attended");
  t->partials = gpu::DeviceBuffer<float>(ch02::partial_floats(g.n_heads, g.head_dim, g.max_seq_len),
                                         "partials");
  t->keys = gpu::upload(std::vector<bf16>(cache, bf16{0x3f00}), "kv_cache.k");
  t->values = gpu::upload(std::vector<bf16>(cache, bf16{0x3e80}), "kv_cache.v");
  return [=] {
    if (of_chapter_03) {
      ch03::grouped_attention(t->out.data(), t->partials.data(), t->q.data(), t->keys.data(),
                              t->values.data(), g, 0.125f, nullptr);
    } else {
      ch02::tiled_attention(t->out.data(), t->partials.data(), t->q.data(), t->keys.data(),
                            t->values.data(), g.ungrouped(), 0.125f, nullptr);
    }
  };
}

void row(decode::StudyRun& run, const char* part, const Grouped& g, bool of_chapter_03) {
  const decode::StudyCounts counts = run.count("h100", [&] { return attention(g, of_chapter_03); });
  run.row()
      .set("part", part)
      .set("chapter", of_chapter_03 ? "03" : "02")
      .set("kv_heads", g.n_kv_heads)
      .set("length", g.n_keys())
      .set("vram_bytes", counts.vram_bytes)
      .set("l2_bytes", counts.l2_bytes)
      .set("shared_bytes", counts.shared_bytes)
      .set("multiply_adds", counts.multiply_adds)
      .set("seconds", counts.seconds);
}

void grouped_io(decode::StudyRun& run) {
  for (const int length : {256, 1024, 4096}) {  // a new token and all before it
    row(run, "decode", {kHeads, kHeads, kHeadDim, 1, length - 1, length}, false);
    for (const int kv_heads : {8, 4, 2, 1}) {
      row(run, "decode", {kHeads, kv_heads, kHeadDim, 1, length - 1, length}, true);
    }
  }
  for (const int kv_heads : {8, 4, 2, 1}) {  // a prompt
    if (kv_heads == kHeads) row(run, "prefill", {kHeads, kHeads, kHeadDim, 512, 0, 512}, false);
    row(run, "prefill", {kHeads, kv_heads, kHeadDim, 512, 0, 512}, true);
  }
}

const decode::RegisterStudy kStudy({"grouped-io", "bytes of attention against heads of K and V",
                                    grouped_io});

}  // namespace
