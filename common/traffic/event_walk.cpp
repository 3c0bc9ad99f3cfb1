// Where in memory a launch was, and what one block of it did, to JSON and back: lists of numbers
// and short lists instead of objects, because a token has many launches.
#include <array>

#include "common/traffic/event_reading.h"
#include "common/traffic/event_writing.h"
#include "common/traffic/json_fields.h"

namespace traffic {
namespace {

using nlohmann::json;
using namespace json_fields;

// By WalkStep::Kind and WalkStep::Source.
constexpr std::array<const char*, 5> kKinds = {"load", "store", "write", "read", "barrier"};
constexpr std::array<const char*, 3> kSources = {"none", "copied", "inferred"};

void add_ranges(JsonLine& line, const char* key, const std::vector<ByteRange>& ranges) {
  if (ranges.empty()) return;
  line.open(key, '[');
  for (const ByteRange& r : ranges) line.element(r.begin).element(r.end);
  line.close(']');
}

void add_range(JsonLine& line, const ByteRange& r) { line.element(r.begin).element(r.end); }

void add_step(JsonLine& line, const WalkStep& s) {
  line.open_element('[').element(kKinds[s.kind]);
  if (s.kind == WalkStep::kLoad || s.kind == WalkStep::kStore) {
    line.element(s.id);
    add_range(line, s.range);
    line.element(s.bytes);
  } else if (s.kind != WalkStep::kBarrier) {
    line.element(s.array);
    add_range(line, s.shared);
    line.element(s.bytes);
    if (s.source != WalkStep::kNone) {
      line.element(kSources[s.source]).element(s.id);
      if (s.kind == WalkStep::kSharedWrite) add_range(line, s.range);
    }
  }
  line.close(']');
}

std::vector<ByteRange> ranges_of(const json& object, const char* name) {
  std::vector<ByteRange> ranges;
  if (!object.contains(name)) return ranges;
  const json& list = list_of(object, name);
  if (list.size() % 2 != 0) throw BadField{std::string("'") + name + "' has no even length"};
  for (size_t i = 0; i < list.size(); i += 2) {
    const ByteRange r{whole<uint64_t>(list[i], name), whole<uint64_t>(list[i + 1], name)};
    if (r.begin >= r.end || (!ranges.empty() && r.begin <= ranges.back().end)) {
      throw BadField{std::string("'") + name + "' does not ascend"};
    }
    ranges.push_back(r);
  }
  return ranges;
}

// The elements of one step, taken from left to right.
class StepReader {
 public:
  explicit StepReader(const json& step) : step_(step) {
    if (!step.is_array()) throw BadField{"an element of 'steps' is not a list"};
  }
  bool more() const { return next_ < step_.size(); }
  std::string word() {
    const json& v = take();
    if (!v.is_string()) throw BadField{"'steps': a number where a text should be"};
    return v.get<std::string>();
  }
  template <typename T>
  T number() {
    return whole<T>(take(), "steps");
  }
  ByteRange range() {
    const uint64_t begin = number<uint64_t>(), end = number<uint64_t>();
    if (begin > end) throw BadField{"'steps': a range ends before it begins"};
    return {begin, end};
  }

 private:
  const json& take() {
    if (!more()) throw BadField{"an element of 'steps' is too short"};
    return step_[next_++];
  }

  const json& step_;
  size_t next_ = 0;
};

template <size_t kCount>
std::optional<int> index_of(const std::string& word, const std::array<const char*, kCount>& words) {
  for (size_t i = 0; i < kCount; ++i) {
    if (word == words[i]) return static_cast<int>(i);
  }
  return std::nullopt;
}

// Nothing for a kind that a later program may have added.
std::optional<WalkStep> step_of(const json& list) {
  StepReader in(list);
  const std::optional<int> kind = index_of(in.word(), kKinds);
  if (!kind) return std::nullopt;
  WalkStep s;
  s.kind = static_cast<WalkStep::Kind>(*kind);
  if (s.kind == WalkStep::kBarrier) return s;
  if (s.kind == WalkStep::kLoad || s.kind == WalkStep::kStore) {
    s.id = in.number<uint32_t>();
    s.range = in.range();
    s.bytes = in.number<uint64_t>();
    return s;
  }
  s.array = in.word();
  s.shared = in.range();
  s.bytes = in.number<uint64_t>();
  if (!in.more()) return s;
  if (const auto source = index_of(in.word(), kSources)) {
    s.source = static_cast<WalkStep::Source>(*source);
    s.id = in.number<uint32_t>();
    if (s.kind == WalkStep::kSharedWrite) s.range = in.range();
  }
  return s;
}

}  // namespace

void add_touched(JsonLine& line, const std::vector<TouchedRanges>& touched) {
  line.open("touched", '[');
  for (const TouchedRanges& t : touched) {
    line.open_element('{').add("id", t.id);
    add_ranges(line, "read", t.read);
    add_ranges(line, "written", t.written);
    if (t.coarse) line.add("coarse", true);
    line.close('}');
  }
  line.close(']');
}

void add_walk(JsonLine& line, const BlockWalk& walk) {
  line.open("walk", '{').add("block", walk.block).open("steps", '[');
  for (const WalkStep& s : walk.steps) add_step(line, s);
  line.close(']');
  if (walk.cut) line.add("cut", true);
  line.close('}');
}

std::vector<TouchedRanges> touched_of(const json& event) {
  std::vector<TouchedRanges> result;
  if (!event.contains("touched")) return result;
  for (const json& t : list_of(event, "touched")) {
    if (!t.is_object()) throw BadField{"an element of 'touched' is not an object"};
    result.push_back({whole_of<uint32_t>(t, "id"), ranges_of(t, "read"), ranges_of(t, "written"),
                      t.contains("coarse") && truth(t, "coarse")});
  }
  return result;
}

std::optional<BlockWalk> walk_of(const json& event) {
  if (!event.contains("walk")) return std::nullopt;
  const json& w = object_of(event, "walk");
  BlockWalk walk;
  walk.block = whole_of<uint64_t>(w, "block");
  for (const json& list : list_of(w, "steps")) {
    if (std::optional<WalkStep> step = step_of(list)) walk.steps.push_back(std::move(*step));
  }
  walk.cut = w.contains("cut") && truth(w, "cut");
  return walk;
}

}  // namespace traffic
