// Stands for a decoder in the tests of the source, and does what its prompt says: mostly what a
// decoder should never do. Writes to the pipe or file that --events names.
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>

#include "common/traffic/events.h"  // EventWriter

namespace {

std::map<std::string, std::string> options;

[[noreturn]] void sleep_for_ever() {
  while (true) pause();
}

void write_head(traffic::EventWriter& writer) {
  writer.write(traffic::RunEvent{"fake.gguf", "03_grouped_query-vram", "traced", {}});
}

void write_texts(traffic::EventWriter& writer, int count) {
  for (int i = 0; i < count; ++i) writer.write(traffic::TextEvent{i, "word" + std::to_string(i)});
}

// "0 1 2 3": what is open, but for the descriptor that looks.
std::string open_descriptors() {
  std::string list;
  DIR* folder = opendir("/proc/self/fd");
  while (const dirent* entry = readdir(folder)) {
    const std::string name = entry->d_name;
    if (name[0] == '.' || std::atoi(entry->d_name) == dirfd(folder)) continue;
    list += (list.empty() ? "" : " ") + name;
  }
  closedir(folder);
  return list;
}

int fail(const char* words, int status) {
  std::fputs(words, stderr);
  return status;
}

void write_raw(const std::string& text) {
  std::ofstream(options["--events"], std::ios::binary) << text;
}

// Something that it starts goes on, and holds the pipe open.
void leave_grandchild() {
  const pid_t id = fork();
  if (id == 0) sleep_for_ever();
  std::ofstream(options["--model"]) << id;
}

int behave(const std::string& mode) {
  if (mode == "error") return fail("note: hello\nerror: m.gguf: cannot be opened\n", 1);
  if (mode == "two lines") return fail("loading\nout of luck\n", 3);
  if (mode == "silent") return 0;
  if (mode == "garbage") {
    for (int i = 0; i < 1000; ++i) write_raw("this is no event\n");
    sleep_for_ever();
  }
  if (mode == "version") {
    write_raw(
        "{\"event\":\"run\",\"format\":\"decoder-ladder-events\",\"version\":7,\"model\":\"m\"}\n");
    return 0;
  }
  if (mode == "noise") {  // more on standard error than a pipe holds
    for (int i = 0; i < 40'000; ++i) std::fprintf(stderr, "line %d of many that nobody reads\n", i);
  }
  if (mode == "descriptors") {
    const std::string open = open_descriptors();
    traffic::EventWriter writer(options["--events"]);
    write_head(writer);
    writer.write(traffic::TextEvent{0, open});
    writer.write(traffic::TextEvent{1, std::to_string(nice(0))});
    writer.end();
    return 0;
  }
  traffic::EventWriter writer(options["--events"]);
  write_head(writer);
  write_texts(writer, mode == "flood" ? 1 << 30 : std::atoi(options["-n"].c_str()));
  if (mode == "sleep") {
    signal(SIGTERM, SIG_IGN);
    sleep_for_ever();
  }
  if (mode == "killed") raise(SIGKILL);
  if (mode == "crashes") {
    signal(SIGSEGV, SIG_DFL);  // whatever a sanitizer makes of it
    raise(SIGSEGV);
  }
  if (mode == "grandchild") {
    leave_grandchild();
    return fail("error: it fell over\n", 1);
  }
  if (mode == "cut") return 0;
  writer.end();
  if (mode == "late") return fail("error: the report cannot be written\n", 1);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i + 1 < argc; ++i) options[argv[i]] = argv[i + 1];
  if (argc > 1 && std::string(argv[1]) == "info") return behave(options["--model"]);
  return behave(options["--prompt"]);
}
