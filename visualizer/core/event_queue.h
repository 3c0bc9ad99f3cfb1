// Events on their way from the thread that reads to the window. Bounded: where the window does not
// take them, the reader waits and with it the decoder.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

#include "common/traffic/events.h"  // Event

namespace viz {

struct QueuedEvent {
  traffic::Event event;
  size_t bytes = 0;  // in the stream
};

class EventQueue {
 public:
  static constexpr size_t kMostEvents = 50'000;
  static constexpr size_t kMostBytes = size_t{256} << 20;

  // The reader: adds a batch and leaves it empty. Waits while there is no room; false when nothing
  // more is wanted.
  bool push(std::vector<QueuedEvent>& batch);
  void clear();  // frees what nobody will take, after close()

  // The window. None of these waits for the reader.
  std::vector<traffic::Event> take(size_t max_events, size_t max_bytes);
  size_t waiting() const;  // events that have not been taken
  void close();            // nothing more is wanted

 private:
  bool next_batch();

  mutable std::mutex mutex_;
  std::condition_variable room_;
  std::deque<std::vector<QueuedEvent>> batches_;
  size_t events_ = 0, bytes_ = 0;  // not taken yet, those of current_ included
  bool closed_ = false;

  std::vector<QueuedEvent> current_;  // the window's alone
  size_t next_ = 0;                   // in it
};

}  // namespace viz
