// Which variant a request means, and how frame times are summed up.
#include "visualizer/shell/choices.h"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/catch.h"
#include "visualizer/shell/frame_times.h"

namespace {

viz::ChapterInfo chapter(const std::string& id, const std::string& variant, const std::string& kv) {
  viz::ChapterInfo c;
  c.id = id, c.name = "name", c.variant = variant, c.kv = kv;
  return c;
}

viz::CatalogData catalog() {
  viz::CatalogData data;
  data.chapters = {chapter("00", "", ""),          chapter("02", "vram", "vram"),
                   chapter("02", "host", "host"),  chapter("04", "weights", "vram"),
                   chapter("04", "cache", "vram"), chapter("04", "host", "host")};
  return data;
}

std::string settled(const std::string& id, const std::string& variant, const std::string& kv) {
  viz::RunRequest request;
  request.chapter = id, request.variant = variant;
  const std::string wrong = viz::settle_variant(request, kv, catalog());
  return wrong.empty() ? request.row() : wrong;
}

TEST_CASE("a chapter without a variant means its first one", "[visualizer]") {
  CHECK(settled("00", "", "") == "00");
  CHECK(settled("02", "", "") == "02:vram");
  CHECK(settled("04", "cache", "") == "04:cache");
}

TEST_CASE("--kv chooses a variant that keeps its cache there", "[visualizer]") {
  CHECK(settled("02", "", "host") == "02:host");
  CHECK(settled("04", "cache", "vram") == "04:cache");
  CHECK(settled("04", "host", "vram") == "04:weights");
}

TEST_CASE("what there is not is named with what there is", "[visualizer]") {
  CHECK(settled("07", "", "") == "--chapter: found '07', expected one of 00, 02, 04");
  CHECK(settled("02", "disk", "") ==
        "--chapter: found '02:disk', expected one of 02:vram, 02:host");
  CHECK(settled("00", "", "host") == "--kv: found 'host', but chapter 00 has no such variant");
}

TEST_CASE("only chapters whose variants are places have the plain switch", "[visualizer]") {
  const viz::CatalogData data = catalog();
  CHECK(viz::only_places(data.variants("02")));
  CHECK_FALSE(viz::only_places(data.variants("04")));
}

TEST_CASE("the median, the 95th hundredth and the largest of frame times", "[visualizer]") {
  std::vector<double> values;
  for (int i = 100; i >= 1; --i) values.push_back(i);
  const viz::Spread s = viz::spread(values);
  CHECK(s.median == 50.5);
  CHECK(s.most_of == 95);
  CHECK(s.max == 100);
  CHECK(viz::spread({}).max == 0);
}

TEST_CASE("frames over the budget are told, and what a decoder did beside them", "[visualizer]") {
  viz::FrameTimes times;
  for (int i = 0; i < 4; ++i) {
    viz::FrameTime time;
    time.build = 1, time.render = i == 3 ? 15.5 : 15;  // 16 ms are not over
    time.live = i != 0;
    time.works = size_t(i);
    times.add("vram", time);
  }
  const auto json = nlohmann::json::parse(times.json("here"));
  const auto& vram = json.at("panels").at("vram");
  CHECK(vram.at("over") == 1);
  CHECK(vram.at("decoding") == 0.75);
  CHECK(vram.at("launches_a_frame") == 1.5);
  CHECK(json.at("where") == "here");
}

}  // namespace
