// The OS threads that run blocks, and the watchdog that cuts a block off that does not end.
#include <pthread.h>
#include <signal.h>

#include <chrono>
#include <condition_variable>
#include <new>
#include <thread>

#include "common/simt/arena.h"
#include "common/simt/faults.h"
#include "common/simt/launch.h"

namespace simt {

struct WorkerPool::Shared {
  std::mutex mutex;
  std::condition_variable wake, done;
  LaunchState* launch = nullptr;
  unsigned wanted = 0;  // helpers that the wave can use
  unsigned running = 0;
  uint64_t serial = 0;            // of the wave
  std::atomic<uint64_t> hint{0};  // serial, readable without the lock
  bool quit = false;
  std::vector<std::thread> threads;
  std::vector<pthread_t> handles;
  std::thread watchdog;
  std::condition_variable watchdog_wake;
};

WorkerPool::WorkerPool(unsigned threads) : shared_(std::make_unique<Shared>()) {
  install_fault_handlers();
  for (unsigned i = 0; i < threads; ++i) {
    workers_.push_back(std::make_unique<Worker>());
    workers_[i]->index = i;
    workers_[i]->shared = static_cast<char*>(arena_allocate(Space::kShared, kSharedArenaBytes));
    if (workers_[i]->shared == nullptr) throw std::bad_alloc();
  }
  shared_->handles.resize(threads);
  shared_->handles[0] = pthread_self();
  for (unsigned i = 1; i < threads; ++i) {
    shared_->threads.emplace_back([this, i] { helper(i); });
    shared_->handles[i] = shared_->threads.back().native_handle();
  }
  shared_->watchdog = std::thread([this] { watch(); });
}

WorkerPool::~WorkerPool() {
  {
    std::lock_guard<std::mutex> lock(shared_->mutex);
    shared_->quit = true;
    ++shared_->hint;
  }
  shared_->wake.notify_all();
  shared_->watchdog_wake.notify_all();
  for (std::thread& thread : shared_->threads) thread.join();
  shared_->watchdog.join();
}

void WorkerPool::helper(unsigned index) {
  prepare_for_faults(*workers_[index]);
  Shared& s = *shared_;
  uint64_t seen = 0;
  for (;;) {
    // Launches follow one another closely, so look for the next one a little before sleeping.
    for (int i = 0; i < 4000 && s.hint.load(std::memory_order_acquire) == seen; ++i) {
#if defined(__x86_64__)
      __builtin_ia32_pause();
#endif
    }
    std::unique_lock<std::mutex> lock(s.mutex);
    s.wake.wait(lock, [&] { return s.quit || s.serial != seen; });
    if (s.quit) return;
    seen = s.serial;
    if (s.launch == nullptr || index > s.wanted) continue;
    LaunchState& launch = *s.launch;
    ++s.running;
    lock.unlock();
    run_wave_part(*workers_[index], launch);
    lock.lock();
    if (--s.running == 0) s.done.notify_one();
  }
}

void WorkerPool::run(LaunchState& launch, unsigned threads) {
  Shared& s = *shared_;
  if (threads > 1) {
    {
      std::lock_guard<std::mutex> lock(s.mutex);
      s.launch = &launch;
      s.wanted = threads - 1;
      ++s.serial;
      s.hint.store(s.serial, std::memory_order_release);
    }
    s.wake.notify_all();
  }
  prepare_for_faults(*workers_[0]);
  s.handles[0] = pthread_self();
  run_wave_part(*workers_[0], launch);
  if (threads > 1) {
    std::unique_lock<std::mutex> lock(s.mutex);
    s.launch = nullptr;  // a helper that wakes now finds nothing left
    s.done.wait(lock, [&] { return s.running == 0; });
  }
}

// Cuts off a worker whose block has not changed for too long.
void WorkerPool::watch() {
  using Clock = std::chrono::steady_clock;
  struct Seen {
    uint64_t progress = 0;
    Clock::time_point since = Clock::now();
  };
  std::vector<Seen> seen(workers_.size());
  std::unique_lock<std::mutex> lock(shared_->mutex);
  while (!shared_->quit) {
    shared_->watchdog_wake.wait_for(lock, std::chrono::milliseconds(50));
    auto now = Clock::now();
    for (size_t i = 0; i < workers_.size(); ++i) {
      uint64_t progress = workers_[i]->progress.load(std::memory_order_relaxed);
      if (progress != seen[i].progress) seen[i] = {progress, now};
      std::chrono::duration<double> stuck = now - seen[i].since;
      if (progress % 2 == 1 && stuck.count() > watchdog_seconds()) {
        pthread_kill(shared_->handles[i], watchdog_signal());
        seen[i].since = now;
      }
    }
  }
}

}  // namespace simt
