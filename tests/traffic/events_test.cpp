// The event stream: written, read back, cut, damaged; and the Chrome trace made from it.
#include "common/traffic/events.h"

#include <nlohmann/json.hpp>
#include <sstream>

#include "common/traffic/chrome_trace.h"
#include "tests/catch.h"
#include "tests/traffic/stand_in.h"

using namespace stand_in;
using namespace traffic;

namespace {

// A small run with every kind of event.
std::string recorded(Totals* totals = nullptr) {
  std::ostringstream out;
  EventWriter writer(out);
  Simulator s(small_gpu());
  writer.write(RunEvent{"austen \"4m\".gguf", "01_kv_cache", "traced", s.recorder.gpu()});
  s.recorder.set_events(&writer);
  const uint64_t x = s.allocate("weights.\xC3\xA9", 8192), y = s.allocate("y", 4096);
  static char host[512];
  simt::CopyInfo copy;
  copy.destination = s.address(x);
  copy.source = host;
  copy.bytes = 512;
  copy.pageable = true;
  s.recorder.copy(copy);
  s.recorder.phase(static_cast<int>(Phase::kDecode), 0);
  s.recorder.work(123456789, 0);
  s.launch("matmul_kernel<8>", 3, [&](uint64_t b) {
    return Requests{strided(kLoad, kDevice, x + b * 512, 16, 16), strided(kStore, kDevice, y, 4, 4),
                    strided(kLoad, kShared, 0, 8, 4)};
  });
  s.launch("undeclared", {});
  writer.write(TextEvent{0, "caf\xC3\xA9\n\x01\xFF"});
  simt::LibraryInfo library;
  library.name = "thrust::max_element";
  library.read_bytes = 100;
  s.recorder.library(library);
  simt::Allocation a;
  a.id = 2;
  a.bytes = 4096;
  a.name = "y";
  s.recorder.freed(a);
  s.recorder.finish();
  writer.end();
  CHECK(writer.ok());
  if (totals) *totals = s.recorder.totals();
  return out.str();
}

std::vector<Event> read_all(const std::string& text) {
  std::istringstream in(text);
  EventReader reader(in, "events.jsonl");
  std::vector<Event> events;
  while (auto e = reader.next()) events.push_back(*e);
  return events;
}

std::string error_of(const std::string& text) {
  try {
    read_all(text);
  } catch (const TrafficError& e) {
    return e.what();
  }
  return "no error";
}

// The recorded run with `from` in it replaced once.
std::string damaged(const std::string& from, const std::string& to) {
  std::string text = recorded();
  const size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

template <typename T>
std::vector<T> all_of(const std::vector<Event>& events) {
  std::vector<T> found;
  for (const Event& e : events) {
    if (const T* t = std::get_if<T>(&e)) found.push_back(*t);
  }
  return found;
}

}  // namespace

TEST_CASE("events read back as they were written", "[traffic]") {
  Totals totals;
  const std::vector<Event> events = read_all(recorded(&totals));
  const RunEvent run = std::get<RunEvent>(events[0]);
  CHECK(run.model == "austen \"4m\".gguf");
  CHECK(run.chapter == "01_kv_cache");
  CHECK(run.gpu.vram_bandwidth == 3.35e12);
  CHECK(run.gpu.sms == 2);
  CHECK(run.gpu.sources.size() >= 3);
  const auto launches = all_of<LaunchEvent>(events);
  REQUIRE(launches.size() == 2);
  CHECK(launches[0].kernel == "matmul_kernel<8>");
  CHECK(launches[0].grid == std::array<uint32_t, 3>{3, 1, 1});
  CHECK(launches[0].block == std::array<uint32_t, 3>{32, 1, 1});
  CHECK(launches[0].declared.fp32_multiply_adds == 123456789);
  CHECK(launches[0].declared.undeclared_launches == 0);
  CHECK(launches[1].declared.undeclared_launches == 1);
  CHECK(launches[0].counts.shared_wavefronts == 6);
  REQUIRE(launches[0].tensors.size() == 2);
  CHECK(launches[0].tensors[0].name == "weights.\xC3\xA9");
  CHECK(launches[0].tensors[0].counts.vram_read_bytes == 3 * 512);
  const auto text = all_of<TextEvent>(events);
  REQUIRE(text.size() == 1);
  CHECK(text[0].text == "caf\xC3\xA9\n\x01\xEF\xBF\xBD");  // the byte that is no UTF-8 is replaced
  const auto allocations = all_of<AllocationEvent>(events);
  REQUIRE(allocations.size() == 5);
  CHECK(allocations[0].kind == AllocationEvent::kAllocate);
  CHECK(allocations[1].kind == AllocationEvent::kName);
  CHECK(allocations[4].kind == AllocationEvent::kFree);
  CHECK(all_of<CopyEvent>(events).at(0).pageable);
  CHECK(all_of<LibraryEvent>(events).at(0).counts.read_bytes == 100);
  CHECK(all_of<EndEvent>(events).at(0).events == events.size() - 1);
}

TEST_CASE("the events of a run add up to the recorder's totals", "[traffic]") {
  Totals totals, sum;
  const std::vector<Event> events = read_all(recorded(&totals));
  double modelled = 0;
  auto add = [&](const std::vector<TensorTraffic>& tensors, double seconds) {
    for (const TensorTraffic& t : tensors) sum.memory += t.counts;
    modelled += seconds;
  };
  for (const LaunchEvent& l : all_of<LaunchEvent>(events)) {
    add(l.tensors, l.modelled_seconds);
    sum.kernels += l.counts;
    sum.declared += l.declared;
  }
  for (const CopyEvent& c : all_of<CopyEvent>(events)) {
    add(c.tensors, c.modelled_seconds);
    sum.copies += c.counts;
  }
  for (const FlushEvent& f : all_of<FlushEvent>(events)) add(f.tensors, f.modelled_seconds);
  for (const LibraryEvent& l : all_of<LibraryEvent>(events)) {
    sum.libraries += l.counts;
    modelled += l.modelled_seconds;
  }
  CHECK(sum.memory == totals.memory);
  CHECK(sum.kernels == totals.kernels);
  CHECK(sum.declared == totals.declared);
  CHECK(sum.copies == totals.copies);
  CHECK(sum.libraries == totals.libraries);
  CHECK(modelled == Approx(totals.modelled.seconds()));
}

TEST_CASE("the same run writes the same stream", "[traffic]") { CHECK(recorded() == recorded()); }

TEST_CASE("a stream that was cut anywhere is an error", "[traffic]") {
  const std::string text = recorded();
  for (size_t length = 0; length < text.size(); ++length) {
    const std::string e = error_of(text.substr(0, length));
    REQUIRE(e.rfind("events.jsonl:", 0) == 0);
    REQUIRE((contains(e, "cut") || contains(e, "empty")));
  }
  CHECK(error_of(text) == "no error");
}

TEST_CASE("errors of a stream name file, line and field", "[traffic]") {
  CHECK(contains(error_of(damaged("\"version\":1", "\"version\":2")),
                 "events.jsonl:1: the stream has version 2; this program reads version 1"));
  CHECK(contains(error_of("GGUF\n"), "events.jsonl:1: this is no event stream"));
  CHECK(contains(error_of("{\"event\":\"end\"}\n"), "this is no event stream"));
  CHECK(contains(error_of("{\"event\":7}\n"), "this is no event stream"));
  CHECK(contains(error_of(damaged("{\"event\":\"phase\"", "{\"event\":\"phase")),
                 "not a JSON object"));
  CHECK(contains(error_of(damaged("\"kernel\":\"undeclared\"", "\"kernel\":5")),
                 "'kernel' is not a string"));
  CHECK(
      contains(error_of(damaged("\"grid\":[3,1,1]", "\"grid\":[3,1]")), "'grid' does not have 3"));
  CHECK(contains(error_of(damaged("\"grid\":[3,1,1]", "\"grid\":[3,1,-1]")),
                 "'grid' is not a whole"));
  CHECK(
      contains(error_of(damaged("\"grid\":[3,1,1]", "\"grid\":[3,1,4294967296]")), "out of range"));
  CHECK(contains(error_of(damaged("\"phase\":\"decode\"", "\"phase\":\"dance\"")), "'dance'"));
  CHECK(contains(error_of(damaged("\"bound\":\"", "\"bound\":\"x")), "'bound'"));
  CHECK(contains(error_of(damaged("\"space\":\"device\"", "\"space\":\"moon\"")), "'space'"));
  CHECK(contains(error_of(damaged("\"tensors\":[", "\"tensors\":[7,")), "'tensors'"));
  CHECK(contains(error_of(damaged("\"sms\":2", "\"sms\":2.5")), "'sms' is not a whole number"));
  CHECK(contains(error_of(damaged("\"l2_bytes\":", "\"l2_bits\":")), "'l2_bytes' is missing"));
  const std::string e = error_of(damaged("\"pageable\":true", "\"pageable\":1"));
  CHECK(contains(e, ": 'pageable' is not true or false"));
  CHECK(contains(e, "events.jsonl:6:"));
}

TEST_CASE("later kinds of events and fields are skipped", "[traffic]") {
  const size_t events = read_all(recorded()).size();
  CHECK(read_all(damaged("{\"event\":\"phase\"",
                         "{\"event\":\"weather\",\"x\":1}\n{\"event\":\"phase\""))
            .size() == events);
  CHECK(read_all(damaged("{\"event\":\"phase\",", "{\"event\":\"phase\",\"mood\":\"good\","))
            .size() == events);
}

TEST_CASE("a writer whose file cannot be opened or written says so", "[traffic]") {
  CHECK_THROWS_AS(EventWriter(std::string("/nonexistent/events.jsonl")), TrafficError);
  std::ostringstream out;
  EventWriter writer(out);
  writer.write(PhaseEvent{});
  CHECK(writer.ok());
  out.setstate(std::ios::badbit);
  writer.write(PhaseEvent{});
  CHECK_FALSE(writer.ok());
}

TEST_CASE("the Chrome trace is JSON with spans that follow each other", "[traffic]") {
  Totals totals;
  std::istringstream in(recorded(&totals));
  EventReader reader(in, "events.jsonl");
  std::ostringstream out;
  write_chrome_trace(reader, out);
  const nlohmann::json trace = nlohmann::json::parse(out.str());
  double clock = 0;
  int kernels = 0, counters = 0, tokens = 0;
  for (const auto& e : trace.at("traceEvents")) {
    REQUIRE(e.at("pid") == 1);
    if (e.at("ph") == "C") ++counters;
    if (e.at("ph") != "X") continue;
    if (e.at("tid") == 1) {
      ++tokens;
      continue;
    }
    CHECK(e.at("ts").get<double>() == Approx(clock));
    clock = e.at("ts").get<double>() + e.at("dur").get<double>();
    kernels += e.at("tid") == 2;
  }
  CHECK(clock == Approx(totals.modelled.seconds() * 1e6));
  CHECK(kernels == 2);
  CHECK(tokens >= 1);
  CHECK(counters >= 2);
}
