// Pictures without a display: what is on them, of every panel.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "tests/catch.h"
#include "tests/visualizer/stream.h"
#include "visualizer/shell/screenshot.h"

namespace {

using traffic::Phase;
using traffic::PhaseEvent;
using viz::TensorClass;

constexpr int kTokens = 6;

// A decoder with weights, a cache of K and V, activations and scores; each token reads more rows.
std::string event_file() {
  const std::string path = (std::filesystem::temp_directory_path() /
                            ("viz-headless-" + std::to_string(std::rand()) + ".jsonl"))
                               .string();
  std::ofstream out(path);
  traffic::EventWriter writer(out);
  traffic::RunEvent run = viz_test::run_event();
  run.setup.prompt = "It is";
  run.setup.prompt_pieces = {"It", " is"};
  run.setup.n_tokens = kTokens;
  run.setup.n_layers = 1, run.setup.n_heads = 2, run.setup.n_kv_heads = 2;
  run.setup.head_dim = 16, run.setup.dim = 32, run.setup.max_seq_len = 8;
  writer.write(run);
  writer.write(viz_test::allocation(1, "weights.wq", 4 << 20, {1024, 2048}));
  writer.write(viz_test::allocation(2, "kv_cache.k", 1 << 20, {1, 2, 8, 16}));
  writer.write(viz_test::allocation(3, "x", 64 << 10));
  writer.write(viz_test::allocation(4, "scores", 64 << 10));
  for (int token = 0; token < kTokens; ++token) {
    writer.write(PhaseEvent{token == 0 ? Phase::kPrefill : Phase::kDecode, token});
    writer.write(viz_test::launch(
        "matmul_kernel",
        {viz_test::tensor("weights.wq", 4 << 20), viz_test::tensor("x", 1 << 20, 1 << 20)}, 4e-6));
    writer.write(
        viz_test::launch("attention_kernel",
                         {viz_test::tensor("kv_cache.k", uint64_t(token + 1) << 20, 1 << 18),
                          viz_test::tensor("scores", 1 << 20, 1 << 20)},
                         2e-6));
    writer.write(traffic::TextEvent{token, " word"});
  }
  writer.end();
  return path;
}

struct Picture {
  viz::Image image;
  viz::Theme theme;
  std::map<std::string, std::vector<int>> spots;  // x, y, width, height

  unsigned at(int x, int y) const {
    const uint8_t* p = &image.rgba[(size_t(y) * size_t(image.width) + size_t(x)) * 4];
    return unsigned(p[0]) | unsigned(p[1]) << 8 | unsigned(p[2]) << 16 | unsigned(p[3]) << 24;
  }
  // Pixels by colour within a spot.
  std::map<unsigned, int> colors(const std::string& spot) const {
    std::map<unsigned, int> count;
    const std::vector<int>& area = spots.at(spot);
    for (int y = area[1]; y < area[1] + area[3]; ++y) {
      for (int x = area[0]; x < area[0] + area[2]; ++x) ++count[at(x, y)];
    }
    return count;
  }
};

Picture draw(const std::string& events, const std::string& panel, int width, int height,
             float scale, bool dark) {
  viz::Options options =
      viz::parse_options({"--replay", events, "--panel", panel, "--compare", events});
  width = int(float(width) * scale), height = int(float(height) * scale);
  viz::Headless screen(width, height);
  viz::Gui gui(screen.gl(), dark, scale);
  viz::App app(options, gui, true);
  viz::prepare_picture(app, options);
  Picture picture;
  picture.image = viz::draw_picture(screen, gui, app, width, height);
  picture.theme = gui.theme();
  std::istringstream lines(app.spots().text());
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string word, name;
    words >> word >> name;
    if (word != "spot") continue;
    std::vector<int> area(4);
    for (int& value : area) words >> value;
    picture.spots[name] = area;
  }
  return picture;
}

struct File {
  std::string path = event_file();
  ~File() { std::remove(path.c_str()); }
};

// Nothing reaches the window's margin, where text that is too long would run out.
bool margin_is_free(const Picture& p) {
  const int margin = int(p.theme.px(8));
  for (int y = 0; y < p.image.height; ++y) {
    for (int x = 0; x < margin; ++x) {
      if (p.at(x, y) != p.theme.background) return false;
      if (p.at(p.image.width - 1 - x, y) != p.theme.background) return false;
    }
  }
  return true;
}

bool can_draw() {
  setenv("LIBGL_ALWAYS_SOFTWARE", "1", 1);
  try {
    viz::Headless screen(16, 16);
    return true;
  } catch (const std::exception& e) {
    WARN("no picture can be drawn here: " << e.what());
    return false;
  }
}

const std::vector<std::string> kPanels = {"hierarchy", "timeline", "kernels", "vram",
                                          "tiles",     "text",     "compare", "tour"};

TEST_CASE("every panel draws something, at every size, light and dark", "[visualizer]") {
  if (!can_draw()) return;
  const File file;
  for (const std::string& panel : kPanels) {
    for (const bool dark : {true, false}) {
      CAPTURE(panel, dark);
      const Picture p = dark ? draw(file.path, panel, 1280, 800, 1, true)
                             : draw(file.path, panel, 900, 600, 1.5f, false);
      const auto colors = p.colors("panel");
      const std::vector<int>& area = p.spots.at("panel");
      CHECK(colors.size() > 12);  // letters alone have many shades
      int most = 0;
      for (const auto& [color, count] : colors) most = std::max(most, count);
      CHECK(double(most) < 0.995 * double(area[2]) * double(area[3]));
      CHECK(colors.count(p.theme.surface) == 1);
      CHECK(margin_is_free(p));
      for (const std::string& tab : kPanels) CHECK(p.spots.count("tab:" + tab) == 1);
    }
  }
}

TEST_CASE("the panels of memory have the tensors' colours", "[visualizer]") {
  if (!can_draw()) return;
  const File file;
  for (const char* panel : {"hierarchy", "timeline"}) {
    CAPTURE(panel);
    const Picture p = draw(file.path, panel, 1280, 800, 1, true);
    const auto colors = p.colors("panel");
    for (const TensorClass c : {TensorClass::kWeights, TensorClass::kKvCache,
                                TensorClass::kActivations, TensorClass::kScores}) {
      CAPTURE(viz::class_name(c));
      const auto found = colors.find(p.theme.tensor(c));
      REQUIRE(found != colors.end());
      CHECK(found->second > 30);
    }
    // Nothing here belongs to a draft; its colour may stand in no bar.
    const auto draft = colors.find(p.theme.tensor(TensorClass::kDraft));
    CHECK((draft == colors.end() || draft->second < 300));
  }
}

TEST_CASE("the same picture comes out each time", "[visualizer]") {
  if (!can_draw()) return;
  const File file;
  for (const std::string& panel : kPanels) {
    CAPTURE(panel);
    const Picture a = draw(file.path, panel, 900, 600, 1, true);
    const Picture b = draw(file.path, panel, 900, 600, 1, true);
    CHECK((a.image.rgba == b.image.rgba));
  }
}

TEST_CASE("a picture of a file that is none is an error that says so", "[visualizer]") {
  if (!can_draw()) return;
  viz::Options options = viz::parse_options({"--replay", "/no/such/file.jsonl"});
  viz::Headless screen(320, 240);
  viz::Gui gui(screen.gl(), true, 1);
  viz::App app(options, gui, true);
  CHECK_THROWS_WITH(viz::prepare_picture(app, options),
                    Catch::Matchers::ContainsSubstring("/no/such/file.jsonl"));
}

TEST_CASE("a small window shows all tabs and buttons, however large its scale", "[visualizer]") {
  if (!can_draw()) return;
  const File file;
  for (const auto& [width, height, scale] :
       {std::tuple(640, 480, 1.f), std::tuple(500, 700, 1.f), std::tuple(640, 400, 2.f)}) {
    CAPTURE(width, height, scale);
    const Picture p = draw(file.path, "text", width, height, scale, true);
    for (const auto& [name, area] : p.spots) {
      if (name.rfind("tab:", 0) != 0 && name.rfind("button:", 0) != 0) continue;
      CAPTURE(name);
      CHECK(area[0] >= 0);
      CHECK(area[0] + area[2] <= p.image.width);
      CHECK(area[1] + area[3] <= p.image.height);
    }
    CHECK(p.spots.at("scope")[0] + p.spots.at("scope")[2] < p.spots.at("button:theme")[0]);
    CHECK(margin_is_free(p));
  }
}

TEST_CASE("a token that the text does not have is no picture", "[visualizer]") {
  if (!can_draw()) return;
  const File file;
  viz::Options options = viz::parse_options({"--replay", file.path, "--at", "6"});
  viz::Headless screen(320, 240);
  viz::Gui gui(screen.gl(), true, 1);
  viz::App app(options, gui, true);
  CHECK_THROWS_WITH(viz::prepare_picture(app, options), "--at: found '6', but the last token is 5");
}

TEST_CASE("a PNG file is written whole or is an error", "[visualizer]") {
  const viz::Image image{2, 1, {255, 0, 0, 255, 0, 255, 0, 255}};
  const std::string path =
      (std::filesystem::temp_directory_path() / "viz-headless-test.png").string();
  viz::write_png(path, image);
  std::ifstream in(path, std::ios::binary);
  std::string head(8, '\0');
  in.read(head.data(), 8);
  CHECK(head == "\x89PNG\r\n\x1a\n");
  std::remove(path.c_str());
  CHECK_THROWS_WITH(viz::write_png("/no/such/folder/a.png", image),
                    Catch::Matchers::ContainsSubstring("/no/such/folder/a.png"));
}

}  // namespace
