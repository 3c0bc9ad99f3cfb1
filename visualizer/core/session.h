// One run or one file: the thread that reads it, from the first byte to the words about its end.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "visualizer/core/descriptor.h"   // StopSignal
#include "visualizer/core/event_queue.h"  // EventQueue
#include "visualizer/core/run_request.h"  // RunRequest

namespace viz {

class Child;
class EventInput;

class Session {
 public:
  struct Plan {
    std::optional<RunRequest> run;  // a decoder, or else
    std::string path;               // a file
    std::string record;             // empty: not recorded
    std::chrono::milliseconds patience{0};
  };

  explicit Session(Plan plan);  // starts the thread
  ~Session();                   // stops it and waits for it
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Ends the thread soon, with the decoder; does not wait.
  void stop();
  bool over() const { return over_; }  // the thread has nothing more to do

  EventQueue& queue() { return queue_; }
  const std::string& name() const { return name_; }
  uint64_t bytes_read() const { return bytes_read_; }
  int process() const { return process_; }
  // Whole once over() is true.
  std::string problem() const { return locked(problem_); }
  std::string record_problem() const { return locked(record_problem_); }
  std::string errors() const { return locked(errors_); }

 private:
  void run();
  void read_child();
  void read_file();
  // Until the end of the stream. What was wrong with it; empty: it was whole.
  std::string parse(EventInput& input);
  void add(traffic::Event event, size_t bytes);
  void flush();
  void wait_for_end(Child& child);
  std::string child_problem(Child& child, const std::string& wrong, bool cut) const;
  std::string file_problem(const std::string& wrong) const;
  std::string locked(const std::string& text) const;
  void set(std::string& text, std::string value);

  const Plan plan_;
  const std::string name_;
  StopSignal stop_;
  EventQueue queue_;
  std::vector<QueuedEvent> batch_;  // the thread's alone
  size_t batch_bytes_ = 0;
  uint64_t events_ = 0;

  std::atomic<bool> over_ = false;
  std::atomic<uint64_t> bytes_read_ = 0;
  std::atomic<int> process_ = 0;
  mutable std::mutex mutex_;  // of the texts
  std::string problem_, record_problem_, errors_;
  std::thread thread_;
};

}  // namespace viz
