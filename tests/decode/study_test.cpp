// Studies: what they count and what they report.
#include "common/decode/study.h"

#include <nlohmann/json.hpp>

#include "common/decode/error.h"         // DecodeError
#include "common/decode/loaded_model.h"  // LoadedModel
#include "common/gpu/buffer.h"           // DeviceBuffer
#include "tests/catch.h"
#include "tests/decode/study_under_test.h"

namespace {

decode::StudyCounts count_copy(decode::StudyRun& run, const std::string& gpu, int n) {
  return run.count(gpu, [n] {
    const auto from = std::make_shared<gpu::DeviceBuffer<float>>(n, "from");
    const auto to = std::make_shared<gpu::DeviceBuffer<float>>(n, "to");
    CUDA_CHECK(cudaMemset(from->data(), 0, from->bytes()));
    return [=] { under_test::copy(to->data(), from->data(), n); };
  });
}

void copies(decode::StudyRun& run) {
  for (const int n : {1024, 4096}) {
    const decode::StudyCounts c = count_copy(run, "h100", n);
    run.row().set("name", "copy").set("n", n).set("vram_bytes", c.vram_bytes);
  }
}

const decode::RegisterStudy kStudies[] = {
    decode::RegisterStudy({"copies", "bytes of a copy", copies}),
    decode::RegisterStudy({"computes", "counts nothing",
                           [](decode::StudyRun& run) { run.row().set("x", 0.5); }, false}),
};

}  // namespace

TEST_CASE("a study counts what its launch moves, to the byte, and not what comes before",
          "[decode]") {
  decode::StudyRun run{decode::Options()};
  REQUIRE(run.can_count());
  for (const char* gpu : {"h100", "classroom", "t4", "h100"}) {
    CAPTURE(gpu);
    const decode::StudyCounts c = count_copy(run, gpu, 8192);
    CHECK(c.vram_read_bytes == 4 * 8192);
    CHECK(c.vram_write_bytes == 4 * 8192);  // all of it, also what was still in L2
    CHECK(c.vram_bytes == 8 * 8192);
    CHECK(c.l2_bytes == 8 * 8192);
    CHECK(c.launches == 1);
    CHECK(c.estimated_requests == 0);
    CHECK(c.seconds > 0);
  }
}

TEST_CASE("a study reports its rows by name", "[decode]") {
  decode::Options options;
  options.study = "copies";
  const nlohmann::ordered_json report = decode::study(options);
  CHECK(report["format"].get<std::string>() == "decoder-ladder study 1");
  CHECK(report["study"].get<std::string>() == "copies");
  CHECK(report["rows"].size() == 2);
  CHECK(report["rows"][1].dump() == R"({"name":"copy","n":4096.0,"vram_bytes":32768.0})");
}

TEST_CASE("an unknown study is an error that names those that there are", "[decode]") {
  decode::Options options;
  options.study = "none";
  CHECK_THROWS_WITH(decode::study(options), Catch::Matchers::ContainsSubstring(
                                                "found 'none', expected one of computes, copies"));
}

TEST_CASE("a study gets the model of the command line and its draft", "[decode]") {
  decode::Options options;
  options.model = std::string(LADDER_SOURCE_DIR) + "/common/models/austen-4m.gguf";
  decode::StudyRun run(options);
  CHECK(run.model().file_name() == "austen-4m.gguf");
  CHECK(run.draft().file_name() == "austen-draft.gguf");
  CHECK(run.model().device.config.vocab_size == run.draft().device.config.vocab_size);
  options.draft = "self";
  decode::StudyRun alone(options);
  CHECK(&alone.draft() == &alone.model());
}
