// The formulas in the lessons are those of the byte functions beside the kernels.
#include <string>
#include <vector>

#include "common/lesson/document.h"
#include "common/lesson/prediction.h"
#include "common/lesson/text.h"
#include "tests/catch.h"
#include "tests/lesson/step_bytes.h"

namespace {

// Of the lesson's block "predict" for the decode steps, or for the prefill.
lesson::Prediction prediction_of(const std::string& chapter, bool prefill) {
  lesson::Prediction prediction;
  const std::string path = LADDER_SOURCE_DIR "/chapters/" + chapter + "/README.md";
  lesson::fill(lesson::read_text(path), [&](const lesson::Block& block) {
    if (block.kind == "predict" && (block.arguments.size() > 2) == prefill) {
      prediction = lesson::read_prediction(block.lines);
    }
    return std::string();
  });
  return prediction;
}

lesson::Variables variables(const under_test::StepShape& s) {
  return {{"dim", s.dim},
          {"hidden", s.hidden},
          {"layers", s.layers},
          {"heads", s.heads},
          {"kv_heads", s.kv_heads},
          {"head_dim", s.head_dim},
          {"vocab", s.vocab},
          {"q_dim", s.heads * s.head_dim},
          {"kv_dim", s.kv_heads * s.head_dim}};
}

// `rows`: 0 is as many as the sequence has tokens.
void compare(const std::string& chapter, bool prefill, int rows, const std::vector<int>& lengths) {
  const lesson::Prediction prediction = prediction_of(chapter, prefill);
  const under_test::StepShape shapes[] = {{256, 640, 5, 8, 2, 32, 2048},
                                          {576, 1536, 30, 9, 3, 64, 49152}};
  for (const auto& shape : shapes) {
    for (const int length : lengths) {
      const auto bytes =
          under_test::step_bytes(std::stoi(chapter), shape, rows > 0 ? rows : length, length);
      const auto values = lesson::step_variables(prediction, variables(shape), length);
      CHECK(prediction.kernels.size() == bytes.size());
      for (const lesson::KernelFormula& kernel : prediction.kernels) {
        INFO(chapter << " " << kernel.kernel << " at " << length);
        CHECK(lesson::evaluate(kernel.bytes, values) == bytes.at(kernel.kernel));
      }
    }
  }
}

}  // namespace

TEST_CASE("lesson 00 states the bytes that its kernels' functions give", "[lesson][ch00]") {
  compare("00_naive", false, 0, {1, 19, 33, 300});
}

TEST_CASE("lesson 01 states the bytes that its kernels' functions give", "[lesson][ch01]") {
  compare("01_kv_cache", false, 1, {1, 19, 33, 300});
}

TEST_CASE("lessons 02 and 03 state the bytes that their kernels' functions give",
          "[lesson][ch02][ch03]") {
  for (const char* chapter : {"02_tiled_attention", "03_grouped_query"}) {
    compare(chapter, false, 1, {1, 19, 33, 256});
    compare(chapter, true, 0, {9, 19, 33, 300});
  }
}

TEST_CASE("lesson 04 states the bytes that its kernels' functions give", "[lesson][ch04]") {
  compare("04_int8", false, 1, {1, 19, 33, 256});
  compare("04_int8", true, 0, {9, 19, 33, 300});
}
