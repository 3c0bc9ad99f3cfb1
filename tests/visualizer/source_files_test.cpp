// Files and pipes as the source of events, and recording.
#include <fcntl.h>
#include <sys/stat.h>

#include "tests/catch.h"
#include "tests/visualizer/fake.h"
#include "tests/visualizer/source_help.h"

using namespace viz_test;
using Catch::Matchers::ContainsSubstring;
using viz::Source;
using State = viz::Source::State;

namespace {

std::string message_of(const std::string& path, size_t* events = nullptr) {
  Source source(milliseconds(60));
  source.open(path);
  const size_t count = take_all(source).size();
  if (events != nullptr) *events = count;
  REQUIRE(source.state() == (source.message().empty() ? State::kFinished : State::kFailed));
  return source.message();
}

void append(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary | std::ios::app) << text;
}

}  // namespace

TEST_CASE("a recorded file is read whole", "[viz][source]") {
  Folder folder;
  write_file(folder / "f.jsonl", stream_text(3000));
  size_t events = 0;
  REQUIRE(message_of(folder / "f.jsonl", &events) == "");
  REQUIRE(events == 3002);
}

TEST_CASE("a bad file is told by name, with what is wrong and what to do", "[viz][source]") {
  Folder folder;
  const std::string f = folder / "f.jsonl";
  REQUIRE(message_of(f) == f + ": cannot be opened: No such file or directory; ./ladder run "
                               "--chapters 03:vram --events FILE writes one");
  REQUIRE_THAT(message_of(folder / ""), ContainsSubstring("is a folder, not an event stream"));
  write_file(f, "");
  REQUIRE_THAT(message_of(f),
               ContainsSubstring(f + ":1: the file is empty") && ContainsSubstring("./ladder run"));
  write_file(f, "{\"a\": 1}\n");
  REQUIRE_THAT(message_of(f), ContainsSubstring(f + ":1: this is no event stream"));
  write_file(f, std::string("\x7f"
                            "ELF\0\0\n",
                            7));
  REQUIRE_THAT(message_of(f), ContainsSubstring(f + ":1: this is no event stream"));
  std::string other = stream_text(2);
  other.replace(other.find("\"version\":1"), 11, "\"version\":2");
  write_file(f, other);
  REQUIRE_THAT(message_of(f), ContainsSubstring("has version 2; this program reads version 1"));
}

TEST_CASE("a cut file shows what came before the cut", "[viz][source]") {
  Folder folder;
  const std::string f = folder / "f.jsonl";
  write_file(f, stream_text(7, false) + "{\"event\":\"te");
  size_t events = 0;
  REQUIRE(message_of(f, &events) ==
          f + ":9: the stream was cut: it stops before its 'end' event; 8 events came before that");
  REQUIRE(events == 8);
}

TEST_CASE("an old file that was cut is not waited for", "[viz][source]") {
  Folder folder;
  const std::string f = folder / "f.jsonl";
  write_file(f, stream_text(7, false));
  namespace fs = std::filesystem;
  fs::last_write_time(f, fs::file_time_type::clock::now() - std::chrono::hours(1));
  Source source;  // which waits for seconds where a file may still grow
  const auto start = Clock::now();
  source.open(f);
  REQUIRE(take_all(source).size() == 8);
  REQUIRE_THAT(source.message(), ContainsSubstring("cut"));
  REQUIRE(milliseconds_since(start) < 1000);
}

TEST_CASE("a file that still grows is followed to its end", "[viz][source]") {
  Folder folder;
  const std::string f = folder / "f.jsonl", whole = stream_text(40);
  Source source;
  append(f, whole.substr(0, 2 * whole.size() / 3));
  source.open(f);
  size_t events = 0;
  const auto take = [&] { return (events += source.take(100).size()); };
  REQUIRE(wait_until([&] { return take() > 0; }));
  const size_t before = events;
  REQUIRE(source.state() == State::kRunning);
  for (size_t at = 2 * whole.size() / 3; at < whole.size(); at += 100) {
    append(f, whole.substr(at, 100));
    std::this_thread::sleep_for(milliseconds(5));
  }
  REQUIRE(wait_until([&] { return take() == 42; }));
  REQUIRE(before < 42);
  REQUIRE(wait_until([&] { return source.state() == State::kFinished; }));
}

TEST_CASE("a named pipe opens without a writer, and is followed", "[viz][source]") {
  Folder folder;
  const std::string f = folder / "pipe";
  REQUIRE(mkfifo(f.c_str(), 0600) == 0);
  auto source = std::make_unique<Source>();
  const auto start = Clock::now();
  source->open(f);
  source.reset();  // nobody ever writes
  REQUIRE(milliseconds_since(start) < 100);

  source = std::make_unique<Source>();
  source->open(f);
  std::this_thread::sleep_for(milliseconds(20));
  REQUIRE(source->state() == State::kRunning);
  std::thread writer([&] { write_file(f, stream_text(500)); });
  REQUIRE(take_all(*source).size() == 502);
  writer.join();
  REQUIRE(source->state() == State::kFinished);

  source->open(f);
  std::thread cut([&] { write_file(f, stream_text(5, false)); });
  REQUIRE(take_all(*source).size() == 6);
  cut.join();
  REQUIRE_THAT(source->message(), ContainsSubstring("the stream was cut"));
}

TEST_CASE("a recording has the decoder's bytes", "[viz][source]") {
  Folder folder;
  const std::string f = folder / "record.jsonl";
  write_file(f, "what was there before, and is longer than nothing");
  Source source;
  source.record(f);
  source.start(fake("whole", 30'000));
  REQUIRE(take_all(source).size() == 30'002);
  REQUIRE(source.record_problem() == "");
  REQUIRE(content(f) == stream_text(30'000));
  size_t events = 0;
  REQUIRE(message_of(f, &events) == "");
  REQUIRE(events == 30'002);
}

TEST_CASE("a recording that cannot be written does not stop the decoder", "[viz][source]") {
  Folder folder;
  REQUIRE(mkfifo((folder / "pipe").c_str(), 0600) == 0);
  const std::pair<std::string, std::string> cases[] = {
      {folder / "none/f.jsonl", "cannot be written: No such file or directory"},
      {folder / "", "cannot be written: Is a directory"},
      {folder / "pipe", "cannot be written: No such device or address"},
      {"/dev/full", "cannot be written: No space left on device"}};
  for (const auto& [path, words] : cases) {
    Source source;
    source.record(path);
    source.start(fake("whole", 50));
    REQUIRE(take_all(source).size() == 52);
    REQUIRE(source.state() == State::kFinished);
    REQUIRE(source.record_problem() == path + ": " + words);
  }
}

TEST_CASE("a file is not recorded over itself", "[viz][source]") {
  Folder folder;
  const std::string f = folder / "f.jsonl";
  write_file(f, stream_text(50));
  Source source;
  source.record(folder / "./f.jsonl");
  source.open(f);
  REQUIRE(take_all(source).size() == 52);
  REQUIRE_THAT(source.record_problem(), ContainsSubstring("the file that is being read"));
  REQUIRE(content(f) == stream_text(50));
}

TEST_CASE("a slow reader of a recording does not keep the window from closing", "[viz][source]") {
  Folder folder;
  const std::string f = folder / "pipe";
  REQUIRE(mkfifo(f.c_str(), 0600) == 0);
  const int reader = open(f.c_str(), O_RDONLY | O_NONBLOCK);
  auto source = std::make_unique<Source>();
  source->record(f);
  source->start(fake("flood"));
  REQUIRE(wait_until([&] { return source->process() != 0; }));
  std::this_thread::sleep_for(milliseconds(30));
  const auto start = Clock::now();
  source.reset();
  REQUIRE(milliseconds_since(start) < 100);
  close(reader);
  REQUIRE(no_child_left());
}
