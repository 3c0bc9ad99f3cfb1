// Writing events.
#include "common/traffic/events.h"

#include <cerrno>
#include <cstring>
#include <fstream>

#include "common/traffic/event_writing.h"
#include "common/traffic/fields.h"

namespace traffic {
namespace {

const char* space_name(simt::Space space) {
  return space == simt::Space::kDevice ? "device" : space == simt::Space::kHost ? "host" : "shared";
}

// Zeros are left out: most fields of most tensors are.
auto nonzero_into(JsonLine& line) {
  return [&line](const char* name, uint64_t value) {
    if (value != 0) line.add(name, value);
  };
}

void add_tensors(JsonLine& line, const std::vector<TensorTraffic>& tensors) {
  line.open("tensors", '[');
  for (const TensorTraffic& t : tensors) {
    line.open_element('{').add("name", t.name);
    for_memory_fields(t.counts, nonzero_into(line));
    line.close('}');
  }
  line.close(']');
}

void add_dimensions(JsonLine& line, const char* key, const std::array<uint32_t, 3>& d) {
  line.open(key, '[');
  for (uint32_t n : d) line.element(n);
  line.close(']');
}

void add_modelled(JsonLine& line, double seconds) {
  line.open("modelled", '{').add("seconds", seconds).close('}');
}

JsonLine begin(const char* kind) {
  JsonLine line;
  line.add("event", kind);
  return line;
}

}  // namespace

EventWriter::EventWriter(const std::string& path)
    : file_(std::make_unique<std::ofstream>(path, std::ios::binary)), out_(file_.get()) {
  if (!*out_) throw TrafficError(path + ": cannot be opened for writing: " + std::strerror(errno));
}

EventWriter::~EventWriter() = default;

void EventWriter::line(const std::string& text) {
  if (!ok_) return;
  *out_ << text << '\n';
  ++events_;
  ok_ = static_cast<bool>(*out_);
}

void EventWriter::write(const RunEvent& e) {
  JsonLine l = begin("run");
  l.add("format", "decoder-ladder-events").add("version", kEventVersion);
  l.add("model", e.model).add("chapter", e.chapter).add("target", e.target);
  l.open("gpu", '{').add("name", e.gpu.name).add("title", e.gpu.title);
  for_gpu_fields(e.gpu, [&l](const char* name, auto value) { l.add(name, value); });
  l.open("sources", '[');
  for (const std::string& source : e.gpu.sources) l.element(source);
  l.close(']').close('}');
  add_setup(l, e.setup);
  line(l.finish());
}

void EventWriter::write(const AllocationEvent& e) {
  static const char* const kinds[] = {"allocate", "free", "name"};
  JsonLine l = begin(kinds[e.kind]);
  l.add("id", e.id).add("space", space_name(e.space)).add("bytes", e.bytes).add("name", e.name);
  if (!e.shape.empty()) {
    l.open("shape", '[');
    for (uint64_t n : e.shape) l.element(n);
    l.close(']');
  }
  line(l.finish());
}

void EventWriter::write(const PhaseEvent& e) {
  line(begin("phase").add("phase", phase_name(e.phase)).add("token", e.token).finish());
  out_->flush();  // whoever watches a pipe sees each token as it comes
}

void EventWriter::write(const TextEvent& e) {
  line(begin("text").add("token", e.token).add("text", e.text).finish());
  out_->flush();
}

void EventWriter::write(const VerdictEvent& e) {
  JsonLine l = begin("verdict");
  l.add("token", e.token).open("proposed", '[');
  for (const std::string& text : e.proposed) l.element(text);
  l.close(']').add("accepted", e.accepted).add("next", e.next);
  line(l.finish());
  out_->flush();
}

void EventWriter::write(const LaunchEvent& e) {
  JsonLine l = begin("launch");
  l.add("index", e.index).add("kernel", e.kernel);
  add_dimensions(l, "grid", e.grid);
  add_dimensions(l, "block", e.block);
  l.add("shared_bytes", e.shared_bytes).add("stream", e.stream).open("counted", '{');
  for_kernel_fields(e.counts, nonzero_into(l));
  l.close('}');
  add_tensors(l, e.tensors);
  l.open("declared", '{');
  if (e.declared.undeclared_launches == 0) {
    l.add("fp32_multiply_adds", e.declared.fp32_multiply_adds);
    l.add("int8_multiply_adds", e.declared.int8_multiply_adds);
  }
  l.close('}').open("modelled", '{').add("seconds", e.modelled_seconds);
  l.add("bound", bound_name(e.bound)).close('}');
  if (!e.touched.empty()) add_touched(l, e.touched);
  if (e.walk) add_walk(l, *e.walk);
  line(l.finish());
}

void EventWriter::write(const CopyEvent& e) {
  JsonLine l = begin("copy");
  l.add("pageable", e.pageable).add("stream", e.stream).open("counted", '{');
  for_copy_fields(e.counts, nonzero_into(l));
  l.close('}');
  add_tensors(l, e.tensors);
  add_modelled(l, e.modelled_seconds);
  line(l.finish());
}

void EventWriter::write(const LibraryEvent& e) {
  JsonLine l = begin("library");
  l.add("name", e.name).open("declared", '{');
  for_library_fields(e.counts, nonzero_into(l));
  l.close('}');
  add_modelled(l, e.modelled_seconds);
  line(l.finish());
}

void EventWriter::write(const FlushEvent& e) {
  JsonLine l = begin("flush");
  add_tensors(l, e.tensors);
  add_modelled(l, e.modelled_seconds);
  line(l.finish());
}

void EventWriter::write(const MeasuredEvent& e) {
  JsonLine l = begin("measured");
  l.add("phase", phase_name(e.phase)).add("token", e.token).add("seconds", e.seconds);
  if (!e.kernels.empty()) {
    l.open("kernels", '[');
    for (const KernelTime& k : e.kernels) {
      l.open_element('{').add("kernel", k.kernel).add("launches", k.launches);
      l.add("seconds", k.seconds).close('}');
    }
    l.close(']');
  }
  line(l.finish());
  out_->flush();
}

void EventWriter::end() {
  line(begin("end").add("events", events_).finish());
  out_->flush();
  ok_ = ok_ && static_cast<bool>(*out_);
}

}  // namespace traffic
