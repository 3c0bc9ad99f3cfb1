// The paper's argument about memory, counted: what attention alone moves between L2 and the SMs and
// from VRAM, for chapters 01 and 02, against the length of the sequence. For chapter 02 with three
// sizes of shared memory, and so three numbers of rows a block (Br).
#include <cmath>
#include <memory>
#include <random>

#include "chapters/00_naive/softmax.cuh"                    // softmax
#include "chapters/00_naive/weighted_values.cuh"            // weighted_values
#include "chapters/02_tiled_attention/flash_attention.cuh"  // flash_attention
#include "common/decode/study.h"                            // RegisterStudy

namespace {

using ch02::Attention;
using gpu::bf16;

constexpr int kHeads = 1;  // more are more of the same, and chapter 01 takes its time
constexpr int kHeadDim = 64;

// The tensors of one attention over a prompt of `length` tokens.
struct Tensors {
  explicit Tensors(int length, bool with_scores)
      : a{kHeads, kHeadDim, length, 0, length},
        q(size_t(length) * kHeads * kHeadDim, "q"),
        out(q.size(), "attended"),
        scores(with_scores ? size_t(kHeads) * length * a.stride() : 0, "scores"),
        keys(q.size(), "k"),
        values(q.size(), "v") {
    std::mt19937 random(1);
    std::vector<float> floats(q.size());
    for (float& x : floats) x = float(random() % 2048) / 1024 - 1;
    gpu::upload(q, floats.data(), floats.size());
    std::vector<bf16> halves(q.size());
    for (bf16& x : halves) x.bits = uint16_t(0x3e00 + random() % 256);
    gpu::upload(keys, halves.data(), halves.size());
    gpu::upload(values, halves.data(), halves.size());
  }
  Attention a;
  gpu::DeviceBuffer<float> q, out, scores;
  gpu::DeviceBuffer<bf16> keys, values;
};

void row(decode::StudyRun& run, const char* gpu, int length, int warps) {
  const bool tiled = warps > 0;
  run.progress(std::string(gpu) + ", " + std::to_string(length) + " tokens, chapter " +
               (tiled ? "02, " + std::to_string(warps) + " warps" : "01"));
  ch02::FlashPlan plan;
  const decode::StudyCounts counts = run.count(gpu, [&] {
    auto t = std::make_shared<Tensors>(length, !tiled);
    if (tiled) plan = ch02::flash_plan(t->a, warps);
    return [=] {
      const float scale = 1 / std::sqrt(float(kHeadDim));
      if (tiled) {
        ch02::flash_attention(t->out.data(), t->q.data(), t->keys.data(), t->values.data(), t->a,
                              scale, plan, nullptr);
      } else {
        ch00::scores(t->scores.data(), t->q.data(), t->keys.data(), t->a, scale, nullptr);
        ch00::softmax(t->scores.data(), t->a, nullptr);
        ch00::weighted_values(t->out.data(), t->scores.data(), t->values.data(), t->a, nullptr);
      }
    };
  });
  run.row()
      .set("gpu", gpu)
      .set("chapter", tiled ? "02" : "01")
      .set("length", length)
      .set("rows", plan.rows)
      .set("shared", double(plan.shared_bytes))
      .set("l2_bytes", counts.l2_bytes)
      .set("vram_bytes", counts.vram_bytes)
      .set("multiply_adds", counts.multiply_adds)
      .set("seconds", counts.seconds);
}

void attention_io(decode::StudyRun& run) {
  for (const char* gpu : {"h100", "classroom"}) {
    for (int length = 128; length <= 4096; length *= 2) {
      for (const int warps : {0, 2, 4, 8}) row(run, gpu, length, warps);
    }
  }
}

const decode::RegisterStudy kStudy({"attention-io",
                                    "bytes of attention against sequence length, 01 and 02",
                                    attention_io});

}  // namespace
