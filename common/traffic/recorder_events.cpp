// What reaches the recorder besides launches: copies, library calls, phases, names, the end.
#include "common/traffic/allocation_map.h"
#include "common/traffic/events.h"
#include "common/traffic/recorder.h"
#include "common/traffic/replay.h"
#include "common/traffic/roofline.h"
#include "common/traffic/tensor_map.h"

namespace traffic {
namespace {

const char kCopyKernel[] = "(copy)";
const char kFlushKernel[] = "(flush)";

}  // namespace

void Recorder::copy(const simt::CopyInfo& info) {
  const bool to_device = info.to == simt::Space::kDevice;
  const bool from_device = info.source != nullptr && info.from == simt::Space::kDevice;
  const uint64_t to = to_device ? simt::arena_offset(info.destination) : 0;
  const uint64_t from = from_device ? simt::arena_offset(info.source) : 0;
  CopyCounts copies;
  copies.copies = 1;
  if (from_device) replay_->copy_read(from, info.bytes);
  if (to_device) replay_->copy_write(to, info.bytes);
  if (info.source == nullptr) {
    copies.fill_bytes = info.bytes;
  } else if (to_device && from_device) {
    copies.device_to_device_bytes = info.bytes;
  } else if (to_device) {
    copies.host_to_device_bytes = info.bytes;
    replay_->host_read(tensors_->of_offset(simt::Space::kDevice, to), info.bytes);
  } else if (from_device) {
    copies.device_to_host_bytes = info.bytes;
    replay_->host_write(tensors_->of_offset(simt::Space::kDevice, from), info.bytes);
  } else {
    copies.host_to_host_bytes = info.bytes;
  }
  Cell& c = cell(kernel_id(kCopyKernel));
  CopyEvent event;
  const MemoryCounts memory = drain_memory(c, events_ ? &event.tensors : nullptr);
  const double seconds = estimate_copy(gpu_, memory);
  c.totals.copies += copies;
  c.totals.modelled.copy_seconds += seconds;
  if (events_) {
    event.counts = copies;
    event.pageable = info.pageable;
    event.stream = info.stream;
    event.modelled_seconds = seconds;
    events_->write(event);
  }
}

void Recorder::library(const simt::LibraryInfo& call) {
  LibraryEvent event;
  event.name = call.name;
  event.counts = {1, call.launches, call.read_bytes, call.written_bytes};
  event.modelled_seconds = estimate_library(gpu_, event.counts);
  Cell& c = cell(kernel_id(event.name));
  c.totals.libraries += event.counts;
  c.totals.modelled.library_seconds += event.modelled_seconds;
  if (events_) events_->write(event);
}

void Recorder::work(double fp32_multiply_adds, double int8_multiply_adds) {
  next_work_.fp32_multiply_adds += fp32_multiply_adds;
  next_work_.int8_multiply_adds += int8_multiply_adds;
  work_declared_ = true;
}

void Recorder::phase(int phase, int token) {
  phase_ = phase >= 0 && phase < kPhases ? static_cast<Phase>(phase) : Phase::kLoad;
  token_ = token;
  if (events_) events_->write(PhaseEvent{phase_, token_});
}

void Recorder::allocated(const simt::Allocation& a) {
  tensors_->set(a);
  allocations_->add(a);
  if (events_)
    events_->write(
        AllocationEvent{AllocationEvent::kAllocate, a.id, a.space, a.bytes, a.name, a.shape});
}

void Recorder::freed(const simt::Allocation& a) {
  if (events_)
    events_->write(
        AllocationEvent{AllocationEvent::kFree, a.id, a.space, a.bytes, a.name, a.shape});
}

void Recorder::named(const simt::Allocation& a) {
  tensors_->set(a);
  if (events_)
    events_->write(
        AllocationEvent{AllocationEvent::kName, a.id, a.space, a.bytes, a.name, a.shape});
}

void Recorder::finish() {
  phase(static_cast<int>(Phase::kFlush), -1);
  replay_->flush();
  FlushEvent event;
  Cell& c = cell(kernel_id(kFlushKernel));
  const MemoryCounts memory = drain_memory(c, events_ ? &event.tensors : nullptr);
  c.totals.modelled.copy_seconds += estimate_copy(gpu_, memory);
  if (events_) {
    event.modelled_seconds = estimate_copy(gpu_, memory);
    events_->write(event);
  }
}

}  // namespace traffic
