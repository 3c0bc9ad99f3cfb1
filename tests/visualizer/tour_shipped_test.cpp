// All shipped cards speak of what is there: panels, chapters, variants, kernels and lessons.
#include <dirent.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

#include "tests/catch.h"
#include "tests/visualizer/stream.h"
#include "visualizer/models/tour_model.h"

using namespace viz;
using namespace viz_test;
using traffic::Phase;

namespace {

std::string read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  DIR* open = opendir(folder.c_str());
  REQUIRE(open != nullptr);
  while (const dirent* entry = readdir(open)) names.emplace_back(entry->d_name);
  closedir(open);
  std::sort(names.begin(), names.end());
  return names;
}

const std::string kChapters = LADDER_SOURCE_DIR "/chapters/";

// "02" -> ".../chapters/02_tiled_attention/"; empty when there is none.
std::string folder_of(const std::string& chapter) {
  for (const std::string& name : names_in(kChapters)) {
    if (name.rfind(chapter + "_", 0) == 0) return kChapters + name + "/";
  }
  return "";
}

// Everything that the chapters up to this one say in code.
std::string code_up_to(const std::string& chapter) {
  std::string code;
  for (const std::string& name : names_in(kChapters)) {
    if (name.size() < 3 || name[2] != '_' || name.substr(0, 2) > chapter) continue;
    for (const std::string& file : names_in(kChapters + name)) {
      const std::string ending = file.substr(std::min(file.size(), file.rfind('.')));
      if (ending == ".cuh" || ending == ".cu" || ending == ".h")
        code += read(kChapters + name + "/" + file);
    }
  }
  return code;
}

void check_row(const std::string& row) {
  const std::string id = row.substr(0, 2), variant = row.size() > 3 ? row.substr(3) : "";
  INFO("row " << row);
  REQUIRE(!folder_of(id).empty());
  const std::string code = read(folder_of(id) + "chapter.cu");
  CHECK(code.find("\"" + id + "\"") != std::string::npos);
  if (!variant.empty()) CHECK(code.find("\"" + variant + "\"") != std::string::npos);
  if (variant.empty()) CHECK(code.find("c.variant") == std::string::npos);
}

// A prefill and a token of a card's run, with a small model's shape.
Recording small_run(const TourCard& card) {
  traffic::RunEvent e =
      run_event(card.chapter + "_x" + (card.variant.empty() ? "" : "-" + card.variant));
  traffic::RunSetup& s = e.setup;
  s.n_layers = 2, s.n_heads = 4, s.n_kv_heads = 2, s.head_dim = 8;
  s.dim = 32, s.hidden_dim = 64, s.vocab_size = 100, s.max_seq_len = 10;
  s.prompt = card.prompt, s.prompt_pieces = {"a", "b", "c"};
  s.temperature = card.temperature, s.draft_tokens = card.draft_tokens;
  if (!card.gpu.empty()) e.gpu = traffic::gpu_spec(card.gpu);
  Recording r;
  r.add(e);
  for (const Phase phase : {Phase::kPrefill, Phase::kDecode}) {
    r.add(traffic::PhaseEvent{phase, phase == Phase::kDecode});
    r.add(launch("some_kernel", {tensor("weights.w", 100)}));
  }
  r.add(traffic::EndEvent{});
  return r;
}

}  // namespace

TEST_CASE("The shipped cards are whole: each chapter has four to six", "[viz][tour]") {
  const Tour tour(find_tour_root());
  for (const std::string& problem : tour.problems()) FAIL_CHECK(problem);
  std::set<std::string> chapters;
  for (const TourFile& file : tour.files()) {
    INFO(file.name);
    chapters.insert(file.chapter);
    CHECK(file.name.substr(0, 2) == file.chapter);
    CHECK(file.cards.size() >= 4);
    CHECK(file.cards.size() <= 6);
  }
  CHECK(chapters == std::set<std::string>{"00", "01", "02", "03", "04", "05"});
}

TEST_CASE("The shipped cards name panels, rows, kernels and lesson blocks that are there",
          "[viz][tour]") {
  const std::set<std::string> panels = {"hierarchy", "timeline", "kernels", "vram",
                                        "tiles",     "text",     "compare"};
  const Tour tour(LADDER_SOURCE_DIR);
  for (size_t i = 0; i < tour.size(); ++i) {
    const TourCard& c = tour.card_at(i);
    INFO(tour.file_of(i).name << ":" << c.line << " " << c.title);
    CHECK(c.chapter == tour.file_of(i).chapter);
    CHECK(panels.count(c.panel) == 1);
    check_row(c.row());
    if (!c.compare.empty()) check_row(c.compare);
    CHECK((c.panel == "compare") == !c.compare.empty());
    const std::string code = code_up_to(c.chapter);
    if (!c.kernel.empty()) CHECK(code.find(c.kernel + "(") != std::string::npos);
    // A lesson's formulas need nothing of a run but its shape.
    TourCard early = c;
    early.token = std::min(c.token, 1);
    const Recording r = small_run(c);
    const Predicted p = tour.predicted(early, r);
    CHECK(p.problem == "");
    CHECK(p.rows.size() == c.predictions.size());
    for (const std::string& s : c.sentences) CHECK(s.size() < 240);
  }
}
