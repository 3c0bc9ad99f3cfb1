// Setups, shapes, verdicts, measured time, touched ranges and walks in the event stream: written,
// read back, left out, damaged.
#include <sstream>

#include "common/traffic/chrome_trace.h"
#include "common/traffic/events.h"
#include "tests/catch.h"

using namespace traffic;

namespace {

RunEvent run_event() {
  RunEvent run{"austen-4m.gguf", "05_speculative-03x03", "traced", gpu_spec("h100"), {}};
  RunSetup& s = run.setup;
  s.prompt = "It is a truth";
  s.prompt_pieces = {"It", " is", " a", " truth"};
  s.n_tokens = 12;
  s.temperature = 0.75;
  s.top_p = 0.5;
  s.top_k = 40;
  s.seed = uint64_t{1} << 60;
  s.draft = "austen-draft.gguf";
  s.draft_tokens = 4;
  s.n_layers = 5, s.n_heads = 6, s.n_kv_heads = 2, s.head_dim = 32, s.dim = 192;
  s.hidden_dim = 512, s.vocab_size = 4096, s.max_seq_len = 64;
  return run;
}

LaunchEvent launch_event() {
  LaunchEvent l;
  l.kernel = "flash_attention_kernel<1>";
  l.grid = l.block = {1, 1, 1};
  l.touched.push_back({7, {{0, 64}, {128, 4096}}, {}, false});
  l.touched.push_back({8, {}, {{32, 64}}, true});
  BlockWalk walk;
  walk.block = 3;
  walk.cut = true;
  WalkStep load{WalkStep::kLoad, WalkStep::kNone, 7, {128, 2176}, "", {}, 2048};
  WalkStep store{WalkStep::kStore, WalkStep::kNone, 8, {32, 64}, "", {}, 32};
  WalkStep copied{
      WalkStep::kSharedWrite, WalkStep::kCopied, 7, {128, 2176}, "shared", {0, 2560}, 2048};
  WalkStep computed{
      WalkStep::kSharedWrite, WalkStep::kInferred, 7, {0, 64}, "weights", {64, 128}, 64};
  WalkStep zeros{WalkStep::kSharedWrite, WalkStep::kNone, 0, {}, "shared", {2560, 2576}, 16};
  WalkStep read{WalkStep::kSharedRead, WalkStep::kNone, 0, {}, "", {0, 2560}, 9000};
  WalkStep tile{WalkStep::kSharedRead, WalkStep::kCopied, 7, {}, "shared", {0, 2560}, 9000};
  walk.steps = {load, copied, computed, zeros, WalkStep{}, read, tile, store};
  l.walk = walk;
  return l;
}

// Of the given events, between the first and the last.
template <typename... Events>
std::string stream(const Events&... events) {
  std::ostringstream out;
  EventWriter writer(out);
  writer.write(run_event());
  (writer.write(events), ...);
  writer.end();
  return out.str();
}

std::vector<Event> read_all(const std::string& text) {
  std::istringstream in(text);
  EventReader reader(in, "events.jsonl");
  std::vector<Event> events;
  while (auto e = reader.next()) events.push_back(*e);
  return events;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

// What is wrong with the stream of the launch once `from` in it is `to`.
std::string launch_error(const std::string& from, const std::string& to) {
  try {
    read_all(replaced(stream(launch_event()), from, to));
  } catch (const TrafficError& e) {
    return e.what();
  }
  return "no error";
}

void check_step(const WalkStep& a, const WalkStep& b) {
  CHECK(a.kind == b.kind);
  CHECK(a.source == b.source);
  CHECK(a.id == b.id);
  CHECK(a.range == b.range);
  CHECK(a.array == b.array);
  CHECK(a.shared == b.shared);
  CHECK(a.bytes == b.bytes);
}

}  // namespace

TEST_CASE("a run's setup reads back as it was written", "[traffic]") {
  const RunSetup wanted = run_event().setup;
  const RunSetup s = std::get<RunEvent>(read_all(stream()).at(0)).setup;
  CHECK(s.prompt == wanted.prompt);
  CHECK(s.prompt_pieces == wanted.prompt_pieces);
  CHECK(s.n_tokens == 12);
  CHECK(s.temperature == 0.75);
  CHECK(s.top_p == 0.5);
  CHECK(s.top_k == 40);
  CHECK(s.seed == wanted.seed);
  CHECK(s.draft == wanted.draft);
  CHECK(s.draft_tokens == 4);
  CHECK(s.n_layers == 5);
  CHECK(s.n_heads == 6);
  CHECK(s.n_kv_heads == 2);
  CHECK(s.head_dim == 32);
  CHECK(s.dim == 192);
  CHECK(s.hidden_dim == 512);
  CHECK(s.vocab_size == 4096);
  CHECK(s.max_seq_len == 64);
}

TEST_CASE("a shape, a verdict and a measured time read back as they were written", "[traffic]") {
  const AllocationEvent named{AllocationEvent::kName, 3, simt::Space::kHost, 40960, "kv_cache.k",
                              {5, 2, 64, 32}};
  MeasuredEvent with_kernels{Phase::kDecode, 5, 0.5, {}};
  with_kernels.kernels = {{"matmul_kernel", 12, 0.25}, {"rmsnorm_kernel", 3, 0.125}};
  const auto events = read_all(stream(named, VerdictEvent{4, {" a", "n\"", "y"}, 2, " one"},
                                      MeasuredEvent{Phase::kVerify, 4, 0.0125}, with_kernels));
  REQUIRE(events.size() == 6);
  CHECK(std::get<MeasuredEvent>(events[3]).kernels.empty());
  const auto kernels = std::get<MeasuredEvent>(events[4]).kernels;
  REQUIRE(kernels.size() == 2);
  CHECK(kernels[0].kernel == "matmul_kernel");
  CHECK(kernels[1].launches == 3);
  CHECK(kernels[1].seconds == 0.125);
  CHECK(std::get<AllocationEvent>(events[1]).shape == named.shape);
  const auto verdict = std::get<VerdictEvent>(events[2]);
  CHECK(verdict.token == 4);
  CHECK(verdict.proposed == std::vector<std::string>{" a", "n\"", "y"});
  CHECK(verdict.accepted == 2);
  CHECK(verdict.next == " one");
  const auto measured = std::get<MeasuredEvent>(events[3]);
  CHECK(measured.phase == Phase::kVerify);
  CHECK(measured.token == 4);
  CHECK(measured.seconds == 0.0125);
}

TEST_CASE("touched ranges and a walk read back as they were written", "[traffic]") {
  const LaunchEvent wanted = launch_event();
  const auto events = read_all(stream(wanted));
  const LaunchEvent& l = std::get<LaunchEvent>(events.at(1));
  REQUIRE(l.touched.size() == 2);
  for (size_t i = 0; i < 2; ++i) {
    CHECK(l.touched[i].id == wanted.touched[i].id);
    CHECK(l.touched[i].read == wanted.touched[i].read);
    CHECK(l.touched[i].written == wanted.touched[i].written);
    CHECK(l.touched[i].coarse == wanted.touched[i].coarse);
  }
  REQUIRE(l.walk);
  CHECK(l.walk->block == 3);
  CHECK(l.walk->cut);
  REQUIRE(l.walk->steps.size() == wanted.walk->steps.size());
  for (size_t i = 0; i < wanted.walk->steps.size(); ++i) {
    INFO("step " << i);
    check_step(l.walk->steps[i], wanted.walk->steps[i]);
  }
}

TEST_CASE("a stream of an older program has neither setup nor walks", "[traffic]") {
  std::string text = stream(LaunchEvent());
  const size_t begin = text.find(",\"setup\":{"), end = text.find('\n');
  text = text.substr(0, begin) + "}" + text.substr(end);
  const auto events = read_all(text);
  CHECK(std::get<RunEvent>(events.at(0)).setup.prompt.empty());
  CHECK(std::get<RunEvent>(events.at(0)).setup.top_p == 1);
  CHECK(std::get<RunEvent>(events.at(0)).setup.max_seq_len == 0);
  CHECK(std::get<LaunchEvent>(events.at(1)).touched.empty());
  CHECK_FALSE(std::get<LaunchEvent>(events.at(1)).walk);
}

TEST_CASE("steps and sources that a later program adds are passed over", "[traffic]") {
  const std::string text = stream(launch_event());
  const auto steps = [](const std::string& of) {
    return std::get<LaunchEvent>(read_all(of).at(1)).walk->steps;
  };
  CHECK(steps(replaced(text, "[\"barrier\"]", "[\"nap\",3,\"x\"]")).size() == 7);
  const auto other = steps(replaced(text, "\"copied\"", "\"guessed\""));
  REQUIRE(other.size() == 8);
  CHECK(other[1].source == WalkStep::kNone);
  CHECK(other[1].bytes == 2048);
}

TEST_CASE("what is wrong in ranges, walks and verdicts is named", "[traffic]") {
  using Catch::Matchers::ContainsSubstring;
  CHECK(launch_error("x", "x") == "no error");
  CHECK_THAT(launch_error("[0,64,128,4096]", "[0,64,128]"),
             ContainsSubstring("'read' has no even length"));
  CHECK_THAT(launch_error("[0,64,128,4096]", "[0,64,32,4096]"),
             ContainsSubstring("'read' does not ascend"));
  CHECK_THAT(launch_error("[0,64,128,4096]", "[0,0]"), ContainsSubstring("'read' does not ascend"));
  CHECK_THAT(launch_error("[0,64,128,4096]", "[0,-1]"),
             ContainsSubstring("'read' is not a whole number"));
  CHECK_THAT(launch_error("\"coarse\":true", "\"coarse\":1"), ContainsSubstring("'coarse'"));
  CHECK_THAT(launch_error("[\"load\",7,128", "[\"load\",7,\"x\""),
             ContainsSubstring("events.jsonl:2: 'steps' is not a whole number"));
  CHECK_THAT(launch_error("[\"load\",7,128,2176,2048]", "[\"load\",7,128]"),
             ContainsSubstring("an element of 'steps' is too short"));
  CHECK_THAT(launch_error("[\"load\",7,128,2176,2048]", "[\"load\",7,128,64,2048]"),
             ContainsSubstring("'steps': a range ends before it begins"));
  CHECK_THAT(launch_error("[\"barrier\"]", "5"),
             ContainsSubstring("an element of 'steps' is not a list"));
  CHECK_THAT(launch_error("\"walk\":{\"block\":3", "\"walk\":{\"block\":-3"),
             ContainsSubstring("'block' is not a whole number"));
  const std::string verdict = stream(VerdictEvent{4, {" a"}, 1, " one"});
  CHECK_THROWS_WITH(read_all(replaced(verdict, "\"accepted\":1", "\"accepted\":2")),
                    ContainsSubstring("'accepted' is not from 0"));
  CHECK_THROWS_WITH(read_all(replaced(stream(), "\"n_layers\":5", "\"n_layers\":true")),
                    ContainsSubstring("'n_layers' is not a whole number"));
  CHECK_THROWS_WITH(read_all(replaced(stream(), "[\"It\",", "[5,")),
                    ContainsSubstring("an element of 'prompt_pieces' is not a string"));
}

TEST_CASE("events in memory give the same trace as a stream of them", "[traffic]") {
  LaunchEvent launch = launch_event();
  launch.modelled_seconds = 0.5;
  const std::string text = stream(PhaseEvent{Phase::kDecode, 1}, launch);
  std::istringstream in(text);
  EventReader reader(in, "events.jsonl");
  std::ostringstream from_stream, from_memory, still_going;
  write_chrome_trace(reader, from_stream);
  std::vector<Event> events = read_all(text);
  const auto trace = [&events](std::ostream& out) {
    size_t i = 0;
    write_chrome_trace([&] { return i < events.size() ? &events[i++] : nullptr; }, out);
  };
  trace(from_memory);
  CHECK(from_memory.str() == from_stream.str());
  events.pop_back();  // the end has not come yet
  trace(still_going);
  CHECK(still_going.str() == from_stream.str());
}

TEST_CASE("the trace of a target in real time shows measured tokens", "[traffic]") {
  RunEvent run = run_event();
  run.target = "gpu";
  std::vector<Event> events = {run,
                               PhaseEvent{Phase::kPrefill, 0},
                               MeasuredEvent{Phase::kPrefill, 0, 0.25},
                               PhaseEvent{Phase::kDecode, 1},
                               MeasuredEvent{Phase::kDecode, 1, 0.5},
                               EndEvent{5}};
  size_t i = 0;
  std::ostringstream out;
  write_chrome_trace([&] { return i < events.size() ? &events[i++] : nullptr; }, out);
  using Catch::Matchers::ContainsSubstring;
  CHECK_THAT(out.str(), ContainsSubstring("measured, target gpu"));
  CHECK_THAT(out.str(), ContainsSubstring("\"name\":\"prefill 0\",\"ts\":0,\"dur\":250000"));
  CHECK_THAT(out.str(), ContainsSubstring("\"name\":\"decode 1\",\"ts\":250000,\"dur\":5e+05"));
  CHECK_THAT(out.str(), !ContainsSubstring("VRAM"));
  CHECK_THAT(out.str(), !ContainsSubstring("modelled"));
}
