// From warp requests to steps.
#include "common/traffic/walk_recorder.h"

#include <algorithm>

namespace traffic {
namespace {

uint64_t offset_of(const simt::WarpRequest& r, unsigned position) {
  if (r.addresses != nullptr) return r.addresses[position];
  return r.first + static_cast<uint64_t>(r.stride * static_cast<int64_t>(position));
}

const char* memory_at(simt::Space space, uint64_t offset) {
  return simt::arena_base + static_cast<uint64_t>(space) * simt::kSpaceBytes + offset;
}

// g++ tells the two sides of `shared = global`, where both are structs, in this order.
bool is_copy(const simt::WarpRequest& r, const simt::WarpRequest& next) {
  constexpr uint64_t kNear = 32;  // bytes of code
  return r.space == simt::Space::kShared && r.kind == simt::AccessKind::kStore &&
         next.space != simt::Space::kShared && next.kind == simt::AccessKind::kLoad &&
         next.bytes == r.bytes && next.mask == r.mask && next.pc > r.pc && next.pc - r.pc < kNear;
}

}  // namespace

void WalkRecorder::begin(const simt::SharedMemory& shared) {
  memory_ = &shared;
  for (WarpState& w : warps_) {
    w.round = w.read_since_load = 0;
    for (LaneLoads& lane : w.lanes) lane.clear();
  }
  words_.clear();
  labels_.assign(1, Label{});
  walk_.emplace();
  walk_->block = expected_;
}

void WalkRecorder::warp(unsigned warp, const simt::WarpRequest* requests, size_t count) {
  if (walk_->cut) return;
  if (warps_.size() <= warp) warps_.resize(warp + 1);
  WarpState& w = warps_[warp];
  if (w.lanes.empty()) w.lanes.resize(32);
  if (w.mark == 0) w.mark = ++marks_;
  for (size_t i = 0; i < count; ++i) {
    if (i + 1 < count && is_copy(requests[i], requests[i + 1])) {
      request(w, requests[i + 1]);
      request(w, requests[i++]);
    } else {
      request(w, requests[i]);
    }
  }
}

void WalkRecorder::request(WarpState& w, const simt::WarpRequest& r) {
  if (r.lanes == 0 || r.bytes == 0) return;
  if (r.space == simt::Space::kShared) {
    shared(w, r);
  } else {
    global(w, r);
  }
}

void WalkRecorder::global(WarpState& w, const simt::WarpRequest& r) {
  const bool host = r.space == simt::Space::kHost;
  if (r.kind != simt::AccessKind::kStore) w.read_since_load &= ~r.mask;
  uint32_t lanes = r.mask;
  for (unsigned i = 0; i < r.lanes; ++i, lanes &= lanes - 1) {
    const uint64_t offset = offset_of(r, i);
    const uint32_t id = allocations_.of_page(host, offset / simt::kPageBytes);
    if (id == 0) continue;  // a __device__ variable
    const uint64_t begin = offset - allocations_.place(id).offset;
    const ByteRange at{begin, begin + r.bytes};
    const auto step = [&](WalkStep::Kind kind) {
      open_.add({w.round, kind, WalkStep::kNone, id, -1}, at, {}, r.bytes);
    };
    if (r.kind != simt::AccessKind::kStore) {
      step(WalkStep::kLoad);
      if (lanes != 0 && r.bytes <= 16) {
        w.lanes[static_cast<unsigned>(__builtin_ctz(lanes))].add(
            id, begin, memory_at(r.space, offset), r.bytes);
      }
    }
    if (r.kind != simt::AccessKind::kLoad) step(WalkStep::kStore);
  }
}

void WalkRecorder::shared(WarpState& w, const simt::WarpRequest& r) {
  const bool plain_store = r.kind == simt::AccessKind::kStore;
  if (!plain_store) w.read_since_load |= r.mask;
  if (r.kind == simt::AccessKind::kLoad && r.addresses == nullptr && r.stride >= 0 &&
      r.stride <= static_cast<int64_t>(r.bytes)) {
    // Most reads: one word for all lanes, or words side by side.
    const uint64_t span = static_cast<uint64_t>(r.stride) * (r.lanes - 1u) + r.bytes;
    read(w, {r.first, static_cast<uint32_t>(span)}, uint64_t{r.bytes} * r.lanes);
    return;
  }
  uint32_t lanes = r.mask;
  for (unsigned i = 0; i < r.lanes; ++i, lanes &= lanes - 1) {
    const Access a{offset_of(r, i), r.bytes};
    if (!plain_store) read(w, a, r.bytes);
    if (r.kind == simt::AccessKind::kLoad) continue;
    write(w, plain_store ? __builtin_ffs(static_cast<int>(lanes)) - 1 : -1, a);
  }
}

// Split where words of another origin begin. `moved`: bytes of all lanes.
void WalkRecorder::read(const WarpState& w, const Access& a, uint64_t moved) {
  const uint64_t end = a.offset + a.bytes;
  for (uint64_t at = a.offset; at < end;) {
    const uint32_t origin = word(at).label;
    uint64_t next = at;
    while (next < end && word(next).label == origin) {
      word(next).reader = w.mark;
      next = (next / kWordBytes + 1) * kWordBytes;
    }
    next = std::min(next, end);
    const Label& from = labels_[origin];
    open_.add({w.round, WalkStep::kSharedRead, from.source, from.id, array_at(at)}, {at, next}, {},
              moved * (next - at) / a.bytes);
    at = next;
  }
}

// `lane`: -1 for an atomic, whose result has no source.
void WalkRecorder::write(WarpState& w, int lane, const Access& a) {
  LaneLoads::Source source;
  if (lane >= 0) {
    const auto l = static_cast<unsigned>(lane);
    // What is computed after shared memory was read comes from there; loads that came before that
    // are on their way to somewhere else.
    const bool computed_from_loads = (w.read_since_load >> l & 1) == 0;
    source = w.lanes[l].take(memory_->begin + a.offset, a.bytes, computed_from_loads);
  }
  const uint32_t origin = label({source.kind, source.id});
  const uint64_t end = a.offset + a.bytes;
  for (uint64_t at = a.offset; at < end; at += kWordBytes) {
    // New values over what has been used. (A result in place of its operand is no new round.)
    if (source.kind != WalkStep::kNone && word(at).reader == w.mark) begin_round(w);
    word(at).label = origin;
  }
  open_.add({w.round, WalkStep::kSharedWrite, source.kind, source.id, array_at(a.offset)},
            {a.offset, end}, source.range, a.bytes);
}

void WalkRecorder::begin_round(WarpState& w) {
  ++w.round;
  w.mark = ++marks_;
}

WalkRecorder::Word& WalkRecorder::word(uint64_t offset) {
  const size_t i = offset / kWordBytes;
  if (i >= words_.size()) words_.resize(std::max<size_t>(i + 1, words_.size() * 2));
  return words_[i];
}

uint32_t WalkRecorder::label(const Label& label) {
  const auto found = std::find(labels_.begin(), labels_.end(), label);
  if (found == labels_.end()) {
    labels_.push_back(label);
    return static_cast<uint32_t>(labels_.size() - 1);
  }
  return static_cast<uint32_t>(found - labels_.begin());
}

// 0 is the dynamic part, i + 1 the i-th static array.
int WalkRecorder::array_at(uint64_t offset) const {
  if (offset < memory_->dynamic_bytes) return 0;
  for (size_t i = 0; i < memory_->arrays.size(); ++i) {
    const simt::SharedArray& a = memory_->arrays[i];
    if (offset >= a.offset && offset < a.offset + a.bytes) return static_cast<int>(i) + 1;
  }
  return -1;
}

std::string WalkRecorder::array_name(int array) const {
  const char* name =
      array == 0 ? memory_->dynamic_name : memory_->arrays[static_cast<size_t>(array) - 1].name;
  return name == nullptr ? "" : name;
}

void WalkRecorder::close() {
  std::vector<WalkStep>& steps = walk_->steps;
  open_.close_into(steps, [this](int array) { return array_name(array); });
  if (steps.size() <= kMaxWalkSteps) return;
  steps.resize(kMaxWalkSteps);
  walk_->cut = true;
}

void WalkRecorder::barrier() {
  if (walk_->cut) return;
  close();
  for (WarpState& w : warps_) {
    w.round = 0;
    w.mark = 0;
  }
  if (walk_->steps.size() == kMaxWalkSteps) {
    walk_->cut = true;
  } else {
    walk_->steps.push_back({});
  }
}

void WalkRecorder::end() {
  if (!walk_->cut) close();
  memory_ = nullptr;
}

std::optional<BlockWalk> WalkRecorder::take() {
  std::optional<BlockWalk> walk = std::move(walk_);
  walk_.reset();
  expected_ = kNoBlock;
  return walk;
}

}  // namespace traffic
