// What the panels make of a run, against ladder-traced run --json: the same shares of time in all
// of them, and the same acceptance of proposals.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "tests/visualizer/reported.h"
#include "visualizer/core/measured.h"
#include "visualizer/models/hierarchy_model.h"
#include "visualizer/models/kernels_model.h"
#include "visualizer/models/text_model.h"
#include "visualizer/models/timeline_works.h"

using namespace viz;
using namespace viz_test;
using nlohmann::json;
using traffic::Bound;

namespace {

// All work of these columns: they are neighbours.
WorkRange works_of_columns(const Recording& r, bool prefill) {
  WorkRange works{SIZE_MAX, 0};
  for (const Column& c : r.columns()) {
    if (c.token < 0 || (c.phase == traffic::Phase::kPrefill) != prefill) continue;
    works.begin = std::min(works.begin, c.works.begin);
    works.end = std::max(works.end, c.works.end);
  }
  return works;
}

// A report has the time of launches by what bounds them and that of copies, which is PCIe's or
// VRAM's, apart.
void check_shares(const char* panel, const BoundSeconds& ours, const json& modelled) {
  INFO(panel);
  double copies = modelled.at("copy_seconds");
  for (int i = 0; i < traffic::kBounds; ++i) {
    const Bound bound = static_cast<Bound>(i);
    const double theirs = modelled.at("seconds_by_bound").at(traffic::bound_name(bound));
    INFO(traffic::bound_name(bound));
    if (bound == Bound::kPcie || bound == Bound::kVram) {
      copies -= ours[i] - theirs;
    } else {
      CHECK(ours[i] == Approx(theirs).epsilon(1e-9));
    }
  }
  CHECK(copies == Approx(0).margin(1e-12));
}

void check_part(const Recording& r, WorkRange part, const json& modelled) {
  HierarchyModel hierarchy;
  hierarchy.look(r, part);
  check_shares("hierarchy", hierarchy.view().seconds_by_bound, modelled);
  CHECK(hierarchy.view().library_seconds ==
        Approx(modelled.at("library_seconds").get<double>()).epsilon(1e-9));
  const TimelineWorks timeline = works_of(r, part);
  check_shares("timeline", timeline.seconds_by_bound, modelled);
  CHECK(timeline.library_seconds ==
        Approx(modelled.at("library_seconds").get<double>()).epsilon(1e-9));
  KernelsModel kernels;
  kernels.look(r, part);
  check_shares("kernels", kernels.total().seconds_by_bound(), modelled);
  for (const double seconds :
       {hierarchy.view().seconds, timeline.seconds, kernels.total().seconds}) {
    CHECK(seconds == Approx(modelled.at("seconds").get<double>()).epsilon(1e-9));
  }
  CHECK(hierarchy.view().bound() == kernels.total().bound());
}

// What stands in tiles beside keys and values.
void check_shapes(const Recording& r) {
  const traffic::RunSetup& s = r.run().setup;
  for (const char* name : {"q", "attended"}) {
    INFO(name);
    const auto a = std::find_if(r.allocations().begin(), r.allocations().end(),
                                [&](const AllocationAt& one) { return one.name == name; });
    REQUIRE(a != r.allocations().end());
    CHECK(a->shape == std::vector<uint64_t>{uint64_t(s.max_seq_len), uint64_t(s.n_heads),
                                            uint64_t(s.head_dim)});
  }
}

template <typename Number>
Number read(const std::string& bytes, size_t at) {
  Number number;
  std::memcpy(&number, bytes.data() + at, sizeof number);
  return number;
}

// The model, and its vocabulary's token `id` is the one that ends a text.
void write_ending_with(uint32_t id, const std::string& model, const std::string& path) {
  std::ifstream in(model, std::ios::binary);
  std::string bytes(std::istreambuf_iterator<char>(in), {});
  const auto value_of = [&bytes](const std::string& key) {
    const size_t at = bytes.find(key);
    REQUIRE(at != std::string::npos);
    return at + key.size() + 4;  // behind the value's type
  };
  const auto put = [&bytes](size_t at, uint32_t value) { std::memcpy(&bytes[at], &value, 4); };
  put(value_of("tokenizer.ggml.eos_token_id"), id);
  const size_t types = value_of("tokenizer.ggml.token_type");
  REQUIRE(read<uint64_t>(bytes, types + 4) > id);  // behind the elements' type: how many
  put(types + 12 + 4 * size_t(id), 3);             // a control token: it is no text
  std::ofstream(path, std::ios::binary) << bytes;
}

void check_acceptance(const RunRequest& request, size_t n_tokens) {
  const json row = reported(request);
  const Recording r = recorded(request);
  REQUIRE(row.at("tokens").size() == n_tokens);
  TextModel text;
  text.update(r);
  CHECK(text.tokens().size() == n_tokens);
  Playback end;
  end.play(false);
  end.go_to_work(r.works().size(), r);
  const TextProgress progress = text.progress(r, end);
  CHECK(progress.came == int(n_tokens));
  const Acceptance a = text.acceptance(progress);
  const json& s = row.at("speculation");
  CHECK(a.draft_tokens == s.at("draft_tokens"));
  CHECK(a.passes == s.at("target_passes"));
  CHECK(a.tokens == row.at("decode").at("steps"));
  REQUIRE(a.positions.size() == s.at("proposed").size());
  for (size_t i = 0; i < a.positions.size(); ++i) {
    CHECK(a.positions[i].looked_at == s.at("proposed")[i]);
    CHECK(a.positions[i].accepted == s.at("accepted")[i]);
  }
  // All tokens behind the first are from a round, and no round brought more.
  int brought = 0;
  for (const TextRound& round : text.rounds()) brought += round.brought;
  CHECK(brought == int(n_tokens) - 1);
  CHECK(r.columns()[size_t(text.tokens().back().column)].last_token == int(n_tokens) - 1);
}

}  // namespace

TEST_CASE("hierarchy, timeline, kernels and the report say the same of where time goes",
          "[viz][numbers]") {
  for (const auto& [chapter, variant] :
       {std::pair{"00", ""}, std::pair{"01", "host"}, std::pair{"02", "vram"},
        std::pair{"03", "vram"}, std::pair{"04", "cache"}, std::pair{"05", "03x03"}}) {
    INFO(chapter);
    const RunRequest request = short_run(chapter, variant);
    const json counts = reported(request).at("counts");
    const Recording r = recorded(request);
    check_shapes(r);
    check_part(r, works_of_columns(r, true), counts.at("prefill").at("modelled"));
    check_part(r, works_of_columns(r, false), counts.at("decode").at("modelled"));
  }
}

TEST_CASE("a clock that runs beside the count times the same launches", "[viz][numbers]") {
  for (const auto& [chapter, variant] : {std::pair{"04", "int4"}, std::pair{"05", "03x03"}}) {
    INFO(chapter);
    RunRequest request = short_run(chapter, variant);
    Recording r = recorded(request);
    request.program = LADDER_NATIVE;
    merge_measured(r, recorded(request));
    for (const bool prefill : {true, false}) {
      KernelsModel kernels;
      kernels.look(r, works_of_columns(r, prefill));
      double sum = 0;
      for (const KernelRow& row : kernels.rows()) {
        if (row.kind != Work::kLaunch) continue;
        INFO(row.name);
        CHECK(row.sums.measured_seconds > 0);
        sum += row.sums.measured_seconds;
      }
      CHECK(kernels.total().measured_seconds == Approx(sum));
    }
  }
}

TEST_CASE("acceptance is the report's, also where an end token stands within a round",
          "[viz][numbers]") {
  Folder folder;
  const std::string models = LADDER_SOURCE_DIR "/common/models/";
  RunRequest request = short_run("05", "03x03");
  request.n_tokens = 12;
  request.draft = models + "austen-draft.gguf";
  check_acceptance(request, 12);  // ends by the number of tokens, behind an accepted one

  // ", in the world, and a very good-humoured": " good" and "-" are accepted, "h" corrects.
  request.model = folder / "target.gguf", request.draft = folder / "draft.gguf";
  const std::pair<uint32_t, size_t> ends[] = {{2027, 10}, {1990, 11}};
  for (const auto& [id, n_tokens] : ends) {
    CAPTURE(id);
    write_ending_with(id, models + "austen-4m.gguf", request.model);
    write_ending_with(id, models + "austen-draft.gguf", request.draft);
    check_acceptance(request, n_tokens);
  }
}
