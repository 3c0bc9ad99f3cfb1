// Event by event; nothing is kept but the clock and the open token.
#include "common/traffic/chrome_trace.h"

#include <ostream>

#include "common/traffic/json_line.h"

namespace traffic {
namespace {

enum Row { kTokens = 1, kKernels, kCopies, kLibraries };

class Trace {
 public:
  explicit Trace(std::ostream& out) : out_(out) { out_ << "{\"traceEvents\":[\n"; }

  void on(const RunEvent& e) {
    if (e.target != "traced") {
      name(0, "process_name", "measured, target " + e.target + ", chapter " + e.chapter);
      name(kTokens, "thread_name", "tokens (measured time)");
      return;
    }
    name(0, "process_name", "modelled " + e.gpu.title + ", chapter " + e.chapter);
    name(kTokens, "thread_name", "tokens");
    name(kKernels, "thread_name", "kernels (modelled time)");
    name(kCopies, "thread_name", "copies (modelled time)");
    name(kLibraries, "thread_name", "libraries (modelled time, declared bytes)");
  }
  void on(const PhaseEvent& e) {
    close_token();
    token_ = e;
    token_start_ = clock_;
    open_ = true;
    vram_ = host_ = 0;
  }
  void on(const LaunchEvent& e) {
    const MemoryCounts m = sum(e.tensors);
    JsonLine l = span(kKernels, e.kernel, clock_, e.modelled_seconds);
    l.open("args", '{').add("vram_bytes", m.vram_bytes()).add("l2_bytes", m.l2_bytes());
    l.add("l1_bytes", m.l1_bytes()).add("shared_bytes", e.counts.shared_bytes());
    l.add("pcie_bytes", m.host_bytes()).add("bound", bound_name(e.bound)).close('}');
    advance(l, m, e.modelled_seconds);
  }
  void on(const CopyEvent& e) {
    const MemoryCounts m = sum(e.tensors);
    const CopyCounts& c = e.counts;
    const char* what = c.host_to_device_bytes     ? "copy host to device"
                       : c.device_to_host_bytes   ? "copy device to host"
                       : c.device_to_device_bytes ? "copy device to device"
                       : c.fill_bytes             ? "fill"
                                                  : "copy";
    JsonLine l = span(kCopies, what, clock_, e.modelled_seconds);
    l.open("args", '{').add("vram_bytes", m.vram_bytes()).add("pcie_bytes", m.host_bytes());
    l.close('}');
    advance(l, m, e.modelled_seconds);
  }
  void on(const LibraryEvent& e) {
    JsonLine l = span(kLibraries, e.name, clock_, e.modelled_seconds);
    l.open("args", '{').add("declared_read_bytes", e.counts.read_bytes);
    l.add("declared_written_bytes", e.counts.written_bytes).close('}');
    advance(l, {}, e.modelled_seconds);
  }
  void on(const FlushEvent& e) {
    const MemoryCounts m = sum(e.tensors);
    JsonLine l = span(kCopies, "flush of L2", clock_, e.modelled_seconds);
    advance(l, m, e.modelled_seconds);
  }
  // The phase that it measures is open.
  void on(const MeasuredEvent& e) {
    clock_ += e.seconds;
    measured_ = true;
  }
  void on(const TextEvent&) {}
  void on(const VerdictEvent&) {}
  void on(const AllocationEvent&) {}
  void on(const EndEvent&) { close_token(); }

  void finish() {
    close_token();
    out_ << "\n],\"displayTimeUnit\":\"ms\"}\n";
  }

 private:
  static MemoryCounts sum(const std::vector<TensorTraffic>& tensors) {
    MemoryCounts m;
    for (const TensorTraffic& t : tensors) m += t.counts;
    return m;
  }
  void put(JsonLine& l) {
    out_ << (first_ ? "" : ",\n") << l.finish();
    first_ = false;
  }
  void name(int row, const char* what, const std::string& text) {
    JsonLine l;
    l.add("ph", "M").add("pid", 1).add("tid", row).add("name", what);
    l.open("args", '{').add("name", text).close('}');
    put(l);
  }
  // Times in a trace are microseconds.
  static JsonLine span(int row, const std::string& text, double start, double seconds) {
    JsonLine l;
    l.add("ph", "X").add("pid", 1).add("tid", row).add("name", text);
    l.add("ts", start * 1e6).add("dur", seconds * 1e6);
    return l;
  }
  void advance(JsonLine& l, const MemoryCounts& m, double seconds) {
    put(l);
    clock_ += seconds;
    vram_ += m.vram_bytes();
    host_ += m.host_bytes();
  }
  void counter(const char* what, uint64_t value) {
    JsonLine l;
    l.add("ph", "C").add("pid", 1).add("name", what).add("ts", token_start_ * 1e6);
    l.open("args", '{').add("bytes", value).close('}');
    put(l);
  }
  void close_token() {
    if (!open_ || clock_ == token_start_) return;
    open_ = false;
    std::string text = phase_name(token_.phase);
    if (token_.token >= 0) text.append(" ").append(std::to_string(token_.token));
    JsonLine l = span(kTokens, text, token_start_, clock_ - token_start_);
    put(l);
    if (measured_) return;
    counter("VRAM bytes a token", vram_);
    counter("PCIe bytes a token", host_);
  }

  std::ostream& out_;
  bool first_ = true, open_ = false, measured_ = false;
  double clock_ = 0, token_start_ = 0;  // seconds
  PhaseEvent token_;
  uint64_t vram_ = 0, host_ = 0;
};

}  // namespace

void write_chrome_trace(const NextEvent& next, std::ostream& out) {
  Trace trace(out);
  while (const Event* event = next()) {
    std::visit([&trace](const auto& e) { trace.on(e); }, *event);
  }
  trace.finish();
}

void write_chrome_trace(EventReader& events, std::ostream& out) {
  std::optional<Event> event;
  write_chrome_trace(
      [&]() -> const Event* {
        event = events.next();
        return event ? &*event : nullptr;
      },
      out);
}

}  // namespace traffic
