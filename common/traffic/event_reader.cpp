// Reading events: every field is checked, because the file may be anybody's.
#include <istream>
#include <nlohmann/json.hpp>

#include "common/traffic/event_reading.h"
#include "common/traffic/fields.h"
#include "common/traffic/json_fields.h"

namespace traffic {
namespace {

using nlohmann::json;
using namespace json_fields;

constexpr size_t kMaxLineBytes = 16 << 20;

// Fields that are absent are zero.
auto counts_from(const json& object) {
  return [&object](const char* name, uint64_t& value) {
    const auto it = object.find(name);
    value = it == object.end() ? 0 : whole<uint64_t>(*it, name);
  };
}

std::vector<TensorTraffic> tensors_of(const json& event) {
  std::vector<TensorTraffic> result;
  for (const json& t : list_of(event, "tensors")) {
    if (!t.is_object()) throw BadField{"an element of 'tensors' is not an object"};
    result.push_back({text(t, "name"), {}});
    for_memory_fields(result.back().counts, counts_from(t));
  }
  return result;
}

std::array<uint32_t, 3> dimensions(const json& event, const char* name) {
  const json& list = list_of(event, name);
  if (list.size() != 3) throw BadField{std::string("'") + name + "' does not have 3 numbers"};
  return {whole<uint32_t>(list[0], name), whole<uint32_t>(list[1], name),
          whole<uint32_t>(list[2], name)};
}

double modelled_seconds(const json& event) {
  return number(object_of(event, "modelled"), "seconds");
}

Phase phase_of(const json& event) {
  const std::string name = text(event, "phase");
  for (int i = 0; i < kPhases; ++i) {
    if (name == phase_name(static_cast<Phase>(i))) return static_cast<Phase>(i);
  }
  throw BadField{"'phase' is none that is known: '" + shown(name) + "'"};
}

Bound bound_of(const json& modelled) {
  const std::string name = text(modelled, "bound");
  for (int i = 0; i < kBounds; ++i) {
    if (name == bound_name(static_cast<Bound>(i))) return static_cast<Bound>(i);
  }
  throw BadField{"'bound' is none that is known: '" + shown(name) + "'"};
}

RunEvent run_event(const json& e) {
  RunEvent r{text(e, "model"), text(e, "chapter"), text(e, "target"), {}, {}};
  const json& gpu = object_of(e, "gpu");
  r.gpu.name = text(gpu, "name");
  r.gpu.title = text(gpu, "title");
  for_gpu_fields(r.gpu, [&gpu](const char* name, auto& value) {
    if constexpr (std::is_same_v<decltype(value), double&>) {
      value = number(gpu, name);
    } else {
      value = whole_of<std::remove_reference_t<decltype(value)>>(gpu, name);
    }
  });
  r.gpu.sources = texts(gpu, "sources");
  r.setup = setup_of(e);
  return r;
}

AllocationEvent allocation_event(const json& e, AllocationEvent::Kind kind) {
  const std::string space = text(e, "space");
  if (space != "device" && space != "host") throw BadField{"'space' is neither device nor host"};
  AllocationEvent a{kind,
                    whole_of<uint32_t>(e, "id"),
                    space == "device" ? simt::Space::kDevice : simt::Space::kHost,
                    whole_of<uint64_t>(e, "bytes"),
                    text(e, "name"),
                    {}};
  if (e.contains("shape")) {
    for (const json& n : list_of(e, "shape")) a.shape.push_back(whole<uint64_t>(n, "shape"));
  }
  return a;
}

VerdictEvent verdict_event(const json& e) {
  VerdictEvent v{whole_of<int>(e, "token"), texts(e, "proposed"), whole_of<int>(e, "accepted"),
                 text(e, "next")};
  if (v.accepted < 0 || static_cast<size_t>(v.accepted) > v.proposed.size()) {
    throw BadField{"'accepted' is not from 0 to the number of 'proposed'"};
  }
  return v;
}

LaunchEvent launch_event(const json& e) {
  LaunchEvent l;
  l.index = whole_of<uint64_t>(e, "index");
  l.kernel = text(e, "kernel");
  l.grid = dimensions(e, "grid");
  l.block = dimensions(e, "block");
  l.shared_bytes = whole_of<uint64_t>(e, "shared_bytes");
  l.stream = whole_of<uint32_t>(e, "stream");
  for_kernel_fields(l.counts, counts_from(object_of(e, "counted")));
  l.tensors = tensors_of(e);
  const json& declared = object_of(e, "declared");
  if (declared.empty()) {
    l.declared.undeclared_launches = 1;
  } else {
    l.declared.fp32_multiply_adds = number(declared, "fp32_multiply_adds");
    l.declared.int8_multiply_adds = number(declared, "int8_multiply_adds");
  }
  l.modelled_seconds = modelled_seconds(e);
  l.bound = bound_of(object_of(e, "modelled"));
  l.touched = touched_of(e);
  l.walk = walk_of(e);
  return l;
}

CopyEvent copy_event(const json& e) {
  CopyEvent c;
  c.pageable = truth(e, "pageable");
  c.stream = whole_of<uint32_t>(e, "stream");
  for_copy_fields(c.counts, counts_from(object_of(e, "counted")));
  c.tensors = tensors_of(e);
  c.modelled_seconds = modelled_seconds(e);
  return c;
}

LibraryEvent library_event(const json& e) {
  LibraryEvent l;
  l.name = text(e, "name");
  for_library_fields(l.counts, counts_from(object_of(e, "declared")));
  l.modelled_seconds = modelled_seconds(e);
  return l;
}

MeasuredEvent measured_event(const json& e) {
  MeasuredEvent m{phase_of(e), whole_of<int>(e, "token"), number(e, "seconds"), {}};
  if (!e.contains("kernels")) return m;
  for (const json& k : list_of(e, "kernels")) {
    if (!k.is_object()) throw BadField{"an element of 'kernels' is not an object"};
    m.kernels.push_back(
        {text(k, "kernel"), whole_of<uint64_t>(k, "launches"), number(k, "seconds")});
  }
  return m;
}

// Nothing for a kind that a later program may have added.
std::optional<Event> event_from(const json& e) {
  const std::string kind = text(e, "event");
  if (kind == "run") return run_event(e);
  if (kind == "allocate") return allocation_event(e, AllocationEvent::kAllocate);
  if (kind == "free") return allocation_event(e, AllocationEvent::kFree);
  if (kind == "name") return allocation_event(e, AllocationEvent::kName);
  if (kind == "phase") return PhaseEvent{phase_of(e), whole_of<int>(e, "token")};
  if (kind == "text") return TextEvent{whole_of<int>(e, "token"), text(e, "text")};
  if (kind == "verdict") return verdict_event(e);
  if (kind == "launch") return launch_event(e);
  if (kind == "copy") return copy_event(e);
  if (kind == "library") return library_event(e);
  if (kind == "flush") return FlushEvent{tensors_of(e), modelled_seconds(e)};
  if (kind == "measured") return measured_event(e);
  if (kind == "end") return EndEvent{whole_of<uint64_t>(e, "events")};
  return std::nullopt;
}

// Reads up to a line break; false at the end of the stream or when the line is too long.
bool read_line(std::istream& in, std::string& line) {
  line.clear();
  for (int c = in.get(); c != EOF; c = in.get()) {
    if (c == '\n') return true;
    if (line.size() == kMaxLineBytes) return false;
    line += static_cast<char>(c);
  }
  return false;
}

}  // namespace

void EventReader::fail(const std::string& what) const {
  throw TrafficError(name_ + ":" + std::to_string(line_) + ": " + what);
}

std::optional<Event> EventReader::next() {
  std::string line;
  while (!ended_) {
    ++line_;
    if (!read_line(in_, line)) {
      if (line.size() == kMaxLineBytes) fail("the line is longer than 16 MiB");
      if (!started_ && line.empty()) fail("the file is empty; expected an event stream");
      fail("the stream was cut: it stops before its 'end' event");
    }
    const json e = json::parse(line, nullptr, false);
    if (!e.is_object()) {
      fail(started_ ? "this line is not a JSON object: '" + shown(line) + "'"
                    : "this is no event stream: its first line is not a JSON object");
    }
    try {
      if (!started_) {
        if (e.value("event", json()) != "run" || text(e, "format") != "decoder-ladder-events") {
          fail(
              "this is no event stream: its first event is not a 'run' of format "
              "'decoder-ladder-events'");
        }
        const int version = whole_of<int>(e, "version");
        if (version != kEventVersion) {
          fail("the stream has version " + std::to_string(version) +
               "; this program reads version " + std::to_string(kEventVersion));
        }
        started_ = true;
      }
      std::optional<Event> event = event_from(e);
      if (!event) continue;
      ended_ = std::holds_alternative<EndEvent>(*event);
      return event;
    } catch (const BadField& bad) {
      fail(bad.what);
    }
  }
  return std::nullopt;
}

}  // namespace traffic
