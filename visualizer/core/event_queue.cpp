// The lock is held for a few assignments only: batches move as a whole.
#include "visualizer/core/event_queue.h"

namespace viz {

bool EventQueue::push(std::vector<QueuedEvent>& batch) {
  size_t bytes = 0;
  for (const QueuedEvent& e : batch) bytes += e.bytes;
  std::vector<QueuedEvent> moved = std::move(batch);
  batch.clear();
  std::unique_lock lock(mutex_);
  room_.wait(lock, [this] { return closed_ || (events_ < kMostEvents && bytes_ < kMostBytes); });
  if (closed_) return false;
  events_ += moved.size();
  bytes_ += bytes;
  if (!moved.empty()) batches_.push_back(std::move(moved));
  return true;
}

void EventQueue::clear() {
  std::deque<std::vector<QueuedEvent>> freed;  // without the lock
  const std::lock_guard lock(mutex_);
  freed.swap(batches_);
}

bool EventQueue::next_batch() {
  std::vector<QueuedEvent> old = std::move(current_);  // freed without the lock
  current_.clear();
  next_ = 0;
  const std::lock_guard lock(mutex_);
  if (batches_.empty()) return false;
  current_ = std::move(batches_.front());
  batches_.pop_front();
  return true;
}

std::vector<traffic::Event> EventQueue::take(size_t max_events, size_t max_bytes) {
  std::vector<traffic::Event> taken;
  size_t bytes = 0;
  while (taken.size() < max_events) {
    if (next_ == current_.size() && !next_batch()) break;
    QueuedEvent& e = current_[next_];
    if (!taken.empty() && bytes + e.bytes > max_bytes) break;
    bytes += e.bytes;
    taken.push_back(std::move(e.event));
    ++next_;
  }
  if (taken.empty()) return taken;
  {
    const std::lock_guard lock(mutex_);
    events_ -= taken.size();
    bytes_ -= bytes;
  }
  room_.notify_one();
  return taken;
}

size_t EventQueue::waiting() const {
  const std::lock_guard lock(mutex_);
  return events_;
}

void EventQueue::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  room_.notify_all();
}

}  // namespace viz
