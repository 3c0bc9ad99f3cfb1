// Finds out what a kernel did wrong and says it in one report.
#include "common/simt/faults.h"

#include <algorithm>
#include <cstdio>
#include <map>

#include "common/simt/runtime.h"
#include "common/simt/symbolize.h"
#include "common/simt/tracing.h"

namespace simt {
namespace {

constexpr uint64_t kAddressBits = (uint64_t{1} << 48) - 1;  // the rest tells a range's pieces apart

std::string index_text(uint3 i) {
  return "(" + std::to_string(i.x) + "," + std::to_string(i.y) + "," + std::to_string(i.z) + ")";
}

// Runs `body`, which must not return, on a stack of its own: reading debug information takes more
// than a CUDA thread has.
template <class Body>
[[noreturn]] void on_report_stack(Worker& worker, Body body) {
  simt_call_on(
      worker.report_stack, [](void* argument) { (*static_cast<Body*>(argument))(); }, &body);
  __builtin_unreachable();
}

// Which threads wait, and where: one line for each place.
std::string waiting_text(Worker& worker) {
  std::map<std::string, std::pair<unsigned, unsigned>> places;  // -> first thread, how many
  for (unsigned i = 0; i < worker.threads; ++i) {
    const Warp& warp = worker.warp[i / kWarpSize];
    if ((warp.live >> i % kWarpSize & 1) == 0) continue;
    bool barrier = (warp.at_barrier >> i % kWarpSize & 1) != 0;
    std::string place = std::string(barrier ? "__syncthreads" : "a warp collective") + " at " +
                        source_text(waiting_pc(worker, i));
    auto [it, fresh] = places.try_emplace(place, i, 0);
    ++it->second.second;
  }
  std::string text;
  for (const auto& [place, who] : places) {
    text += (text.empty() ? "" : "; ") + std::to_string(who.second) +
            (who.second == 1 ? " thread waits" : " threads wait") + " in " + place +
            " (first: " + index_text(worker.context[who.first].thread) + ")";
  }
  return text;
}

}  // namespace

std::string bytes_text(uint64_t bytes) {
  return std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes");
}

std::string place_text(const Worker& worker, unsigned thread) {
  return std::string("kernel ") + worker.call->name + ", block " +
         index_text(worker.context[thread].block) + ", thread " +
         index_text(worker.context[thread].thread);
}

namespace {

// The live allocation that ends closest below an arena offset, in the same space; null if none.
const Allocation* nearest_below(uint64_t offset) {
  const Allocation* best = nullptr;
  for (uint32_t id = 1; id <= allocation_count(); ++id) {
    const Allocation& a = allocation(id);
    if (!a.live || static_cast<uint64_t>(a.space) != offset >> kSpaceShift) continue;
    if (a.offset + a.bytes > offset % kSpaceBytes) continue;
    if (best == nullptr || a.offset > best->offset) best = &a;
  }
  return best;
}

}  // namespace

std::string address_text(const Worker& worker, const void* address) {
  char hex[32];
  std::snprintf(hex, sizeof hex, "%p", address);
  auto value = reinterpret_cast<uintptr_t>(address);
  if (value < 4096) return "through a null pointer (address " + std::string(hex) + ")";
  uint64_t offset = arena_offset(address);
  if (offset >= 3 * kSpaceBytes) {
    return "address " + std::string(hex) + ", which is neither device nor pinned host memory";
  }
  if (static_cast<Space>(offset >> kSpaceShift) == Space::kShared) {
    uint64_t inside = static_cast<uint64_t>(static_cast<const char*>(address) - worker.shared);
    std::string text = "shared memory at offset " + std::to_string(static_cast<int64_t>(inside)) +
                       " (the block has " + bytes_text(worker.shared_used) + ")";
    for (const SharedArray& array : worker.layout.arrays) {
      if (inside >= array.offset + array.bytes && inside < array.offset + array.bytes + 4096) {
        text = bytes_text(inside - array.offset - array.bytes) + " past the end of shared array '" +
               array.name + "' (" + bytes_text(array.bytes) + ")";
      }
    }
    return text;
  }
  const Allocation* a = find_allocation(address);
  if (a == nullptr) a = nearest_below(offset);
  if (a == nullptr) return "address " + std::string(hex) + ", which is outside every allocation";
  const char* space = a->space == Space::kDevice ? " of VRAM" : " of pinned host memory";
  uint64_t start = a->offset + (a->space == Space::kHost ? kSpaceBytes : 0);
  std::string name = "'" + a->name + "' (" + bytes_text(a->bytes) + space + ")";
  if (offset >= start + a->bytes) {
    return bytes_text(offset - start - a->bytes) + " past the end of " + name;
  }
  if (!a->live) return bytes_text(offset - start) + " into freed memory that was " + name;
  return bytes_text(offset - start) + " into " + name;
}

void report(Worker& worker, cudaError_t error, const std::string& what, uint64_t pc) {
  on_report_stack(worker, [&] {
    RuntimeScope scope;
    Fault fault;
    fault.error = error;
    fault.text = place_text(worker, worker.current) + ": " + what + ", at " + source_text(pc);
    abandon_block(worker, std::move(fault));
  });
}

void report_stuck(Worker& worker) {
  on_report_stack(worker, [&] {
    RuntimeScope scope;
    Fault fault;
    fault.error = cudaErrorLaunchTimeout;
    std::string rest;
    if (worker.done != 0) {
      unsigned first = 0;
      while ((worker.warp[first / kWarpSize].live >> first % kWarpSize & 1) != 0) ++first;
      rest = "; " + std::to_string(worker.done) +
             (worker.done == 1 ? " thread has" : " threads have") +
             " returned without coming there (first: " + index_text(worker.context[first].thread) +
             ")";
    }
    fault.text = std::string("kernel ") + worker.call->name + ", block " +
                 index_text(worker.context[0].block) +
                 ": a barrier that not all threads reach: " + waiting_text(worker) + rest;
    abandon_block(worker, std::move(fault));
  });
}

void report_hang(Worker& worker, uint64_t pc) {
  // Cut off inside the simulator, the kernel is told at its last access that is known.
  if (source_place(pc).file.empty() && trace_last_pc() != 0) pc = trace_last_pc() - 1;
  report(worker, cudaErrorLaunchTimeout,
         "does not end: the block has run for longer than the watchdog allows "
         "(SIMT_WATCHDOG_SECONDS)",
         pc);
}

void report_not_in_mask(Worker& worker, uint32_t mask) {
  char hex[16];
  std::snprintf(hex, sizeof hex, "0x%08x", mask);
  report(worker, cudaErrorLaunchFailure,
         "calls a warp collective with the mask " + std::string(hex) +
             ", which leaves out its own lane",
         waiting_pc(worker, worker.current));
}

void report_access(Worker& worker, unsigned warp, unsigned lane, const char* verb, uint64_t address,
                   uint32_t bytes, uint64_t pc) {
  on_report_stack(worker, [&] {
    RuntimeScope scope;
    Fault fault;
    bool misaligned = bytes <= 16 && (bytes & (bytes - 1)) == 0 && address % bytes != 0;
    fault.error = misaligned ? cudaErrorMisalignedAddress : cudaErrorIllegalAddress;
    const void* p = reinterpret_cast<const void*>(address);
    fault.text = place_text(worker, warp * kWarpSize + lane) + ": " + verb + " " +
                 bytes_text(bytes) + (misaligned ? " at a misaligned address, " : ", ") +
                 address_text(worker, p) + ", at " + source_text((pc & kAddressBits) - 1);
    abandon_block(worker, std::move(fault));
  });
}

void check_shared_limit(Worker& worker, uint64_t bytes, const char* name) {
  constexpr uint64_t kStaticLimit = 48 << 10;  // as nvcc: "uses too much shared data"
  uint64_t dynamic = worker.call->dynamic_shared;
  if (bytes - (dynamic + 15) / 16 * 16 > kStaticLimit) {
    report(worker, cudaErrorInvalidValue,
           "uses too much static shared memory with '" + std::string(name) +
               "': " + bytes_text(bytes - dynamic) + " of at most " + bytes_text(kStaticLimit) +
               " (nvcc refuses this when it compiles)",
           reinterpret_cast<uint64_t>(worker.call->function));
  }
  uint64_t limit = device().shared_per_block_optin;
  if (bytes > limit) {
    report(worker, cudaErrorInvalidValue,
           "uses too much shared memory: " + bytes_text(bytes) +
               ", static and dynamic, of at most " + bytes_text(limit),
           reinterpret_cast<uint64_t>(worker.call->function));
  }
}

void device_trap(const char* what, const char* expression, const char* file, unsigned line) {
  Worker& worker = *this_worker;
  RuntimeScope scope;
  Fault fault;
  bool assertion = expression != nullptr && expression[0] != '\0';
  fault.error = assertion ? cudaErrorAssert : cudaErrorLaunchFailure;
  fault.text = place_text(worker, worker.current) + ": " + what +
               (assertion ? " `" + std::string(expression) + "` failed" : std::string()) + ", at " +
               file + ":" + std::to_string(line);
  abandon_block(worker, std::move(fault));
}

}  // namespace simt
