// The paper's argument about memory, counted: what attention alone moves between L2 and the SMs and
// from VRAM, for chapters 01 and 02, against the length of the sequence. For chapter 02 with three
// sizes of shared memory, and so three numbers of rows a block (Br). Then a decode step, and
// prompts so short that the idea does not pay.
#include <cmath>
#include <memory>
#include <random>

#include "chapters/00_naive/softmax.cuh"          // softmax
#include "chapters/00_naive/weighted_values.cuh"  // weighted_values
#include "chapters/02_tiled_attention/flash.cuh"  // tiled_attention, flash_attention
#include "common/decode/study.h"                  // RegisterStudy

namespace {

using ch02::Attention;
using gpu::bf16;

constexpr int kHeadDim = 64;

// The tensors of one attention.
struct Tensors {
  Tensors(const Attention& shape, bool with_scores)
      : a(shape),
        q(size_t(a.n_rows) * a.n_heads * kHeadDim, "q"),
        out(q.size(), "attended"),
        scores(with_scores ? size_t(a.n_heads) * a.n_rows * a.stride() : 0, "scores"),
        partials(ch02::partial_floats(a.n_heads, kHeadDim, a.max_seq_len), "partials"),
        keys(size_t(a.n_heads) * a.max_seq_len * kHeadDim, "k"),
        values(keys.size(), "v") {
    std::mt19937 random(1);
    std::vector<float> floats(q.size());
    for (float& x : floats) x = float(random() % 2048) / 1024 - 1;
    gpu::upload(q, floats.data(), floats.size());
    std::vector<bf16> halves(keys.size());
    for (bf16& x : halves) x.bits = uint16_t(0x3e00 + random() % 256);
    gpu::upload(keys, halves.data(), halves.size());
    gpu::upload(values, halves.data(), halves.size());
  }
  Attention a;
  gpu::DeviceBuffer<float> q, out, scores, partials;
  gpu::DeviceBuffer<bf16> keys, values;
};

void attention_of_01(Tensors& t, float scale) {
  ch00::scores(t.scores.data(), t.q.data(), t.keys.data(), t.a, scale, nullptr);
  ch00::softmax(t.scores.data(), t.a, nullptr);
  ch00::weighted_values(t.out.data(), t.scores.data(), t.values.data(), t.a, nullptr);
}

// One row: chapter 01, or chapter 02 with that plan, or (a plan of 0 warps) as a decoder calls it.
void row(decode::StudyRun& run, const char* part, const char* gpu, const Attention& a,
         bool of_chapter_02, const ch02::FlashPlan& plan) {
  run.progress(std::string(gpu) + ", " + std::to_string(a.n_keys()) + " tokens, chapter " +
               (of_chapter_02 ? "02" : "01"));
  const decode::StudyCounts counts = run.count(gpu, [=] {
    auto t = std::make_shared<Tensors>(a, !of_chapter_02);
    return [=] {
      const float scale = 1 / std::sqrt(float(kHeadDim));
      if (!of_chapter_02) {
        attention_of_01(*t, scale);
      } else if (plan.warps > 0) {
        ch02::flash_attention(t->out.data(), t->q.data(), t->keys.data(), t->values.data(), a,
                              scale, plan, nullptr);
      } else {
        ch02::tiled_attention(t->out.data(), t->partials.data(), t->q.data(), t->keys.data(),
                              t->values.data(), a, scale, nullptr);
      }
    };
  });
  run.row()
      .set("part", part)
      .set("gpu", gpu)
      .set("chapter", of_chapter_02 ? "02" : "01")
      .set("length", a.n_keys())
      .set("rows", plan.rows)
      .set("shared", double(plan.shared_bytes))
      .set("launches", counts.launches)
      .set("l2_bytes", counts.l2_bytes)
      .set("vram_bytes", counts.vram_bytes)
      .set("shared_bytes", counts.shared_bytes)
      .set("multiply_adds", counts.multiply_adds)
      .set("seconds", counts.seconds);
}

// Prompts of one head. (More heads are more of the same, and chapter 01 takes its time.)
void prefill(decode::StudyRun& run, const char* gpu, int length) {
  const Attention a{1, kHeadDim, length, 0, length};
  row(run, "prefill", gpu, a, false, {});
  for (const int warps : {2, 4, 8}) row(run, "prefill", gpu, a, true, ch02::flash_plan(a, warps));
}

void attention_io(decode::StudyRun& run) {
  for (const char* gpu : {"h100", "classroom"}) {
    for (int length = 128; length <= 4096; length *= 2) prefill(run, gpu, length);
  }
  for (const int length : {256, 257, 1024, 4096}) {  // a new token and all before it
    const Attention a{8, kHeadDim, 1, length - 1, length};
    for (const bool of_02 : {false, true}) row(run, "decode", "h100", a, of_02, {});
  }
  for (const int length : {1, 8, 32}) {
    const Attention a{8, kHeadDim, length, 0, length};
    for (const bool of_02 : {false, true}) row(run, "short", "h100", a, of_02, {});
  }
}

const decode::RegisterStudy kStudy({"attention-io",
                                    "bytes of attention against sequence length, 01 and 02",
                                    attention_io});

}  // namespace
