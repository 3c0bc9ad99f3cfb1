// Where events come from: a decoder that runs beside us, or a file. A thread reads and parses; the
// window takes what has come, and never waits.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/traffic/events.h"        // Event
#include "visualizer/core/run_request.h"  // RunRequest

namespace viz {

class Session;  // one run or file: its thread and its queue

// To be used by one thread (the window's). Each call returns at once.
class Source {
 public:
  enum class State {
    kIdle,      // nothing was started, or it was stopped
    kRunning,   // events come, or wait to be taken
    kFinished,  // every event has been taken, the last one is the EndEvent
    kFailed     // message() says why; the events that came before have all been taken
  };

  // A file that has not grown for so long, and lacks its end, was cut.
  explicit Source(std::chrono::milliseconds patience = std::chrono::seconds(5));
  ~Source();  // ends what runs; waits for the threads, which takes milliseconds
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  // What is started after this call is also written to this file, byte for byte as it comes; empty:
  // not. Where that fails, reading goes on and record_problem() says why.
  void record(std::string path) { record_path_ = std::move(path); }

  // Each of these ends what runs; events of it that were not taken are gone.
  void start(const RunRequest& request);  // a decoder
  void open(const std::string& path);     // a file, one that still grows, or a named pipe
  void stop();

  // The next events in order, at most so many and, but for the first, of so many bytes in the
  // stream: events differ much in size, and a frame has little time. Empty: none has come.
  std::vector<traffic::Event> take(size_t max_events, size_t max_bytes = size_t{4} << 20);

  State state() const;
  // Why it failed and what to do, in one line; empty when it did not.
  std::string message() const;
  // Why the recording is not whole; empty when it is.
  std::string record_problem() const;
  // The end of what the decoder wrote to standard error, at most 8 KiB.
  std::string errors() const;
  // "ladder-traced 03:vram" or the file's path; empty when idle.
  std::string name() const;
  // Bytes of the stream that have been read so far, and events that wait to be taken.
  uint64_t bytes_read() const;
  size_t waiting() const;
  int process() const;  // the decoder's id while it runs; 0: none

 private:
  void begin(std::optional<RunRequest> run, const std::string& path);

  const std::chrono::milliseconds patience_;
  std::string record_path_;
  std::string start_problem_;                     // no session could be made
  std::unique_ptr<Session> session_;              // null when idle
  std::vector<std::unique_ptr<Session>> ending_;  // stopped ones whose threads may still end
};

}  // namespace viz
