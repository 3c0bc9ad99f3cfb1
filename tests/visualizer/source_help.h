// What the tests of the source share.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "visualizer/core/source.h"

namespace viz_test {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

template <typename Predicate>
bool wait_until(const Predicate& predicate, milliseconds limit = milliseconds(10'000)) {
  const auto until = Clock::now() + limit;
  while (!predicate()) {
    if (Clock::now() > until) return false;
    std::this_thread::sleep_for(milliseconds(1));
  }
  return true;
}

inline double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// Takes until the source has come to an end.
inline std::vector<traffic::Event> take_all(viz::Source& source) {
  std::vector<traffic::Event> all;
  wait_until([&] {
    for (traffic::Event& e : source.take(1000)) all.push_back(std::move(e));
    return source.state() != viz::Source::State::kRunning;
  });
  return all;
}

inline std::string text_of(const traffic::Event& event) {
  return std::get<traffic::TextEvent>(event).text;
}

// No process of ours is left, running or dead. What is let go of in the background may take a
// moment.
inline bool no_child_left() {
  return wait_until(
      [] {
        siginfo_t info{};
        return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == -1 && errno == ECHILD;
      },
      milliseconds(2000));
}

// A folder for one test.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "viz-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string operator/(const std::string& file) const { return path_ + "/" + file; }

 private:
  std::string path_;
};

inline std::string content(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

inline void write_file(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

// A stream as the fake decoder writes it.
inline std::string stream_text(int words, bool whole = true) {
  std::ostringstream out;
  traffic::EventWriter writer(out);
  writer.write(traffic::RunEvent{"fake.gguf", "03_grouped_query-vram", "traced", {}});
  for (int i = 0; i < words; ++i) writer.write(traffic::TextEvent{i, "word" + std::to_string(i)});
  if (whole) writer.end();
  return out.str();
}

}  // namespace viz_test
