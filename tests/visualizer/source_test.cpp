// A decoder as the source of events: whole, and in every way broken.
#include "visualizer/core/source.h"

#include <signal.h>

#include <algorithm>
#include <memory>

#include "tests/catch.h"
#include "tests/visualizer/fake.h"
#include "tests/visualizer/source_help.h"
#include "visualizer/core/event_queue.h"

using namespace viz_test;
using Catch::Matchers::ContainsSubstring;
using viz::Source;
using State = viz::Source::State;

namespace {

// What the source says after a run of the fake decoder; `events`: how many came.
std::string message_of(const std::string& mode, size_t* events = nullptr, int n = 5) {
  Source source;
  source.start(fake(mode, n));
  const size_t count = take_all(source).size();
  if (events != nullptr) *events = count;
  REQUIRE(source.state() == (source.message().empty() ? State::kFinished : State::kFailed));
  return source.message();
}

}  // namespace

TEST_CASE("a decoder's events come in order, to the last", "[viz][source]") {
  Source source;
  REQUIRE(source.state() == State::kIdle);
  REQUIRE(source.take(10).empty());
  source.start(fake("whole", 2000));
  REQUIRE(source.name() == "viz-fake-decoder 03:vram");
  const std::vector<traffic::Event> events = take_all(source);
  REQUIRE(source.state() == State::kFinished);
  REQUIRE(events.size() == 2002);
  REQUIRE(std::get<traffic::RunEvent>(events[0]).model == "fake.gguf");
  for (int i = 0; i < 2000; ++i) REQUIRE(text_of(events[i + 1]) == "word" + std::to_string(i));
  REQUIRE(std::get<traffic::EndEvent>(events[2001]).events == 2001);
  REQUIRE(source.bytes_read() == stream_text(2000).size());
  REQUIRE(source.process() == 0);
  REQUIRE(source.message().empty());
}

TEST_CASE("no more events are taken than asked for, nor many more bytes", "[viz][source]") {
  Source source;
  source.start(fake("whole", 1000));
  REQUIRE(wait_until([&] { return source.waiting() == 1002; }));
  REQUIRE(source.state() == State::kRunning);  // there is something to take
  REQUIRE(source.take(10).size() == 10);
  REQUIRE(source.take(10, 1).size() == 1);  // one always
  // {"event":"text","token":10,"text":"word10"} and its line break
  REQUIRE(source.take(100, 3 * 44 + 43).size() == 3);
  REQUIRE(source.take(5000).size() == 988);
  REQUIRE(wait_until([&] { return source.state() == State::kFinished; }));
}

TEST_CASE("a decoder's own words are told", "[viz][source]") {
  REQUIRE(message_of("error") == "the decoder stopped: m.gguf: cannot be opened");
  REQUIRE(message_of("two lines") ==
          "the decoder stopped before its end: stopped with status 3: out of luck");
  REQUIRE(message_of("late") == "the decoder stopped: the report cannot be written");
}

TEST_CASE("a decoder that is killed is told from one that was cut", "[viz][source]") {
  size_t events = 0;
  REQUIRE_THAT(
      message_of("killed", &events, 1000),
      ContainsSubstring("the decoder stopped before its end: killed by signal 9 (Killed)"));
  REQUIRE(events > 100);  // what it had written is there, but for what it had not flushed
  REQUIRE(message_of("crashes") ==
          "the decoder stopped before its end: killed by signal 11 (Segmentation fault)");
  REQUIRE_THAT(message_of("cut"), ContainsSubstring("ended before the end of its events"));
  REQUIRE_THAT(message_of("silent"), ContainsSubstring("ended before the end of its events"));
}

TEST_CASE("what is no event stream is told with its line", "[viz][source]") {
  REQUIRE(message_of("garbage") ==
          "the decoder's events cannot be read: viz-fake-decoder 03:vram:1: this is no event "
          "stream: its first line is not a JSON object");
  REQUIRE_THAT(message_of("version"), ContainsSubstring("the stream has version 7; this program "
                                                        "reads version 1"));
}

TEST_CASE("a decoder that writes much on standard error is not held up", "[viz][source]") {
  Source source;
  source.start(fake("noise"));
  REQUIRE(take_all(source).size() == 7);
  REQUIRE(source.state() == State::kFinished);
  REQUIRE(source.errors().size() == 8192);
  REQUIRE_THAT(source.errors(), ContainsSubstring("line 39999 of many"));
}

TEST_CASE("what a decoder left behind does not keep the window waiting", "[viz][source]") {
  Folder folder;
  Source source;
  viz::RunRequest request = fake("grandchild");
  request.model = folder / "id";
  const auto start = Clock::now();
  source.start(request);
  take_all(source);
  REQUIRE(source.message() == "the decoder stopped: it fell over");
  REQUIRE(milliseconds_since(start) < 2000);
  pid_t id = 0;
  std::ifstream(request.model) >> id;
  REQUIRE(id > 0);
  REQUIRE(wait_until([&] {  // gone, or dead and waiting for a parent of its own to see it
    const std::string status = content("/proc/" + std::to_string(id) + "/status");
    return status.empty() || status.find("State:\tZ") != std::string::npos;
  }));
}

TEST_CASE("a missing program is told with what to do", "[viz][source]") {
  Source source;
  viz::RunRequest request = fake("whole");
  request.program = "/nowhere/ladder-traced";
  source.start(request);
  REQUIRE(take_all(source).empty());
  REQUIRE(
      source.message() ==
      "/nowhere/ladder-traced cannot be started: No such file or directory; ./ladder viz builds "
      "what is missing");
}

TEST_CASE("the reader waits when nobody takes, and goes on when someone does", "[viz][source]") {
  Source source;
  source.start(fake("flood"));
  REQUIRE(wait_until([&] { return source.waiting() >= viz::EventQueue::kMostEvents; }));
  std::this_thread::sleep_for(milliseconds(50));
  const size_t full = source.waiting();
  REQUIRE(full < viz::EventQueue::kMostEvents + 1000);
  REQUIRE(source.take(20'000).size() == 20'000);
  REQUIRE(wait_until([&] { return source.waiting() >= viz::EventQueue::kMostEvents; }));
  REQUIRE(source.state() == State::kRunning);
}

TEST_CASE("closing and switching in mid-decode take no time and leave no process",
          "[viz][source]") {
  double shortest = 1e9;  // of the rounds; in one of them a busy machine may do something else
  for (const char* mode : {"flood", "sleep", "flood", "flood"}) {
    double longest = 0;
    const auto timed = [&](const auto& act) {
      const auto start = Clock::now();
      act();
      longest = std::max(longest, milliseconds_since(start));
    };
    auto source = std::make_unique<Source>();
    for (int i = 0; i < 3; ++i) {
      timed([&] { source->start(fake(mode)); });
      REQUIRE(wait_until([&] { return source->waiting() > 0; }));
    }
    timed([&] { source->stop(); });
    REQUIRE(source->state() == State::kIdle);
    timed([&] { source->start(fake(mode)); });
    REQUIRE(wait_until([&] { return source->waiting() > 0; }));
    timed([&] { source.reset(); });
    REQUIRE(no_child_left());
    shortest = std::min(shortest, longest);
  }
  CAPTURE(shortest);
  REQUIRE(shortest < 100);
}

TEST_CASE("a stopped decoder's events are not mixed with the next one's", "[viz][source]") {
  Source source;
  source.start(fake("flood"));
  REQUIRE(wait_until([&] { return source.waiting() > 1000; }));
  source.take(100);
  source.start(fake("whole", 3));
  const std::vector<traffic::Event> events = take_all(source);
  REQUIRE(events.size() == 5);
  REQUIRE(std::holds_alternative<traffic::RunEvent>(events[0]));
  REQUIRE(source.state() == State::kFinished);
}
