// Runs a grid: hands its blocks, lowest first, to the OS threads; wave by wave when someone counts.
#include "common/simt/launch.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <unordered_map>

#include "common/simt/arena.h"
#include "common/simt/faults.h"
#include "common/simt/symbolize.h"
#include "common/simt/tracing.h"
#include "cuda_runtime_api.h"

namespace simt {
namespace {

double number_from_environment(const char* name, double otherwise) {
  const char* text = std::getenv(name);
  if (text == nullptr || *text == '\0') return otherwise;
  char* end = nullptr;
  double value = std::strtod(text, &end);
  if (*end != '\0' || !(value > 0)) {
    std::fprintf(stderr, "%s: expected a number above 0, found \"%s\"; using %g\n", name, text,
                 otherwise);
    return otherwise;
  }
  return value;
}

constexpr unsigned kMostThreads = 256;

struct Settings {
  std::mutex launching;  // one launch at a time
  unsigned threads = static_cast<unsigned>(std::min<double>(
      kMostThreads,
      number_from_environment("SIMT_THREADS", std::max(1u, std::thread::hardware_concurrency()))));
  std::atomic<double> watchdog_seconds{number_from_environment("SIMT_WATCHDOG_SECONDS", 60)};
  Observer* observer = nullptr;
  Fault fault;
  std::unordered_map<const void*, uint64_t> static_shared;
  std::unordered_map<const void*, std::string> names;  // of the kernels that were observed
  std::unique_ptr<WorkerPool> pool;
  uint64_t launches = 0;
};

Settings& settings() {
  static Settings* const instance = new Settings;  // outlives every static destructor that launches
  return *instance;
}

WorkerPool& pool() {
  Settings& s = settings();
  if (s.pool == nullptr || s.pool->size() != s.threads) {
    s.pool.reset();
    s.pool = std::make_unique<WorkerPool>(s.threads);
  }
  return *s.pool;
}

void finish_block(LaunchState& launch, Worker& worker, uint64_t block) {
  if (!worker.printed.empty()) {
    std::lock_guard<std::mutex> lock(launch.mutex);
    launch.printed[block] = std::move(worker.printed);
    worker.printed.clear();
  }
  launch.finished[block - launch.first].store(1, std::memory_order_release);
}

uint64_t used_static(const Worker& worker) {
  return worker.shared_used - (worker.call->dynamic_shared + 15) / 16 * 16;
}

}  // namespace

// --- the observer ---

void set_observer(Observer* observer) { settings().observer = observer; }
Observer* observer() { return settings().observer; }

// --- a wave ---

void run_wave_part(Worker& worker, LaunchState& launch) {
  worker.launch = &launch;
  worker.call = launch.call;
  worker.observer =
      launch.observer != nullptr ? &launch.observer->block_observer(worker.index) : nullptr;
  trace_open();
  Worker* outer = this_worker;
  this_worker = &worker;
  uint64_t used = 0;
  while (!launch.stop.load(std::memory_order_relaxed)) {
    uint64_t block = launch.next.fetch_add(launch.chunk, std::memory_order_relaxed);
    if (block >= launch.end) break;
    uint64_t end = std::min(block + launch.chunk, launch.end);
    for (; block < end; ++block) {
      worker.progress.fetch_add(1, std::memory_order_relaxed);
      run_block(worker, block);
      worker.progress.fetch_add(1, std::memory_order_relaxed);
      used = std::max(used, used_static(worker));
      finish_block(launch, worker, block);
      if (worker.faulted) break;
    }
    if (worker.faulted) {
      // The rest of the chunk counts as finished, so that nobody waits for it.
      for (; block < end; ++block) finish_block(launch, worker, block);
      break;
    }
  }
  this_worker = outer;
  if (used != 0) {
    std::lock_guard<std::mutex> lock(launch.mutex);
    launch.static_shared = std::max(launch.static_shared, used);
  }
}

void keep_fault(Worker& worker, Fault fault) {
  LaunchState& launch = *worker.launch;
  std::lock_guard<std::mutex> lock(launch.mutex);
  if (launch.fault.error == cudaSuccess || worker.block < launch.fault_block) {
    launch.fault = std::move(fault);
    launch.fault_block = worker.block;
  }
  launch.stop = true;
}

void wait_for_lower_blocks(Worker& worker) {
  LaunchState& launch = *worker.launch;
  uint64_t mine = worker.block - launch.first;
  uint64_t prefix = launch.prefix.load(std::memory_order_acquire);
  for (unsigned spins = 0; prefix < mine;) {
    if (launch.finished[prefix].load(std::memory_order_acquire) != 0) {
      ++prefix;
    } else if (++spins > 200) {
      std::this_thread::yield();
    }
  }
  uint64_t known = launch.prefix.load(std::memory_order_relaxed);
  while (known < prefix && !launch.prefix.compare_exchange_weak(known, prefix)) {
  }
}

// --- a launch ---

namespace {

// A template is written as `kernel<kRows>` at its launch; whoever counts wants `kernel<8>`.
const char* observed_name(Settings& s, const KernelCall& call) {
  auto [it, fresh] = s.names.try_emplace(call.function);
  if (fresh && call.function != nullptr) it->second = function_name(call.function);
  return it->second.empty() ? call.name : it->second.c_str();
}

void run_wave(LaunchState& launch, uint64_t first, uint64_t count) {
  launch.first = first;
  launch.end = first + count;
  launch.next = first;
  launch.prefix = 0;
  if (launch.finished.size() < count) launch.finished = std::vector<std::atomic<uint8_t>>(count);
  for (uint64_t i = 0; i < count; ++i) launch.finished[i].store(0, std::memory_order_relaxed);
  WorkerPool& workers = pool();
  unsigned threads = static_cast<unsigned>(std::min<uint64_t>(workers.size(), count));
  launch.chunk = std::max<uint64_t>(1, count / (threads * 8));
  workers.run(launch, threads);
  for (const auto& [block, text] : launch.printed) std::fwrite(text.data(), 1, text.size(), stdout);
  launch.printed.clear();
}

}  // namespace

cudaError_t run_kernel(const KernelCall& asked) {
  Settings& s = settings();
  std::lock_guard<std::mutex> lock(s.launching);
  KernelCall call = asked;
  if (s.observer != nullptr) call.name = observed_name(s, asked);
  install_fault_handlers();  // again: a test framework may have put its own in their place
  LaunchState launch;
  launch.call = &call;
  launch.observer = s.observer;
  LaunchInfo info;
  info.index = s.launches++;
  info.call = &call;
  info.blocks = uint64_t{call.grid.x} * call.grid.y * call.grid.z;
  info.static_shared = s.static_shared[call.function];
  if (launch.observer != nullptr) launch.observer->launch_begin(info);
  // Without an observer the waves only bound the book-keeping.
  uint64_t wave = launch.observer != nullptr ? launch.observer->wave_blocks(info) : 1 << 16;
  for (uint64_t first = 0; first < info.blocks && !launch.stop; first += wave) {
    uint64_t count = std::min(wave, info.blocks - first);
    if (launch.observer != nullptr) launch.observer->wave_begin(info, first, count);
    run_wave(launch, first, count);
    info.static_shared = std::max(info.static_shared, launch.static_shared);
    if (launch.observer != nullptr) launch.observer->wave_end(info, first, count);
  }
  info.static_shared = s.static_shared[call.function] =
      std::max(info.static_shared, launch.static_shared);
  if (launch.observer != nullptr) launch.observer->launch_end(info);
  if (launch.fault.error != cudaSuccess) {
    std::fflush(stdout);
    std::fprintf(stderr, "%s: %s\n", cudaGetErrorName(launch.fault.error),
                 launch.fault.text.c_str());
    s.fault = launch.fault;
  }
  return launch.fault.error;
}

const Fault& last_fault() { return settings().fault; }

size_t static_shared_bytes(const void* function) {
  Settings& s = settings();
  std::lock_guard<std::mutex> lock(s.launching);
  auto it = s.static_shared.find(function);
  return it == s.static_shared.end() ? 0 : it->second;
}

void set_thread_count(unsigned threads) {
  Settings& s = settings();
  std::lock_guard<std::mutex> lock(s.launching);
  s.threads = threads == 0 ? std::max(1u, std::thread::hardware_concurrency())
                           : std::min(threads, kMostThreads);
}
unsigned thread_count() { return settings().threads; }
void set_watchdog_seconds(double seconds) { settings().watchdog_seconds = seconds; }
double watchdog_seconds() { return settings().watchdog_seconds; }

}  // namespace simt
