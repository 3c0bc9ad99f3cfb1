// Lines and figures of the hierarchy panel.
#include "visualizer/panels/hierarchy_text.h"

#include <algorithm>
#include <cmath>

#include "common/traffic/units.h"
#include "visualizer/draw/shapes.h"

namespace viz {

using traffic::Bound;
using traffic::bytes_text;
using traffic::count_text;
using traffic::seconds_text;

namespace {

std::string counted(size_t n, const char* what) {
  return std::to_string(n) + " " + what +
         (n == 1                                      ? ""
          : what[std::string(what).size() - 1] == 'h' ? "es"
                                                      : "s");
}

std::string dims(const std::array<uint32_t, 3>& d) {
  std::string text = std::to_string(d[0]);
  if (d[1] > 1 || d[2] > 1) text += " x " + std::to_string(d[1]);
  if (d[2] > 1) text += " x " + std::to_string(d[2]);
  return text;
}

}  // namespace

std::string scope_title(const Context& context) {
  const Recording& r = context.run.recording;
  if (r.works().empty()) {
    if (!r.started()) return "Nothing has run yet";
    return r.run().target == "traced" ? "Nothing has run on the GPU yet"
                                      : "This program measures time and counts no bytes";
  }
  if (context.selection.scope == Scope::kRun) {
    return "The run up to here";
  }
  const size_t work = context.run.playback.work();
  const Step& step = r.steps()[r.works()[work].step];
  const std::string phase = traffic::phase_name(step.phase);
  const std::string where = step.token >= 0 ? "token " + std::to_string(step.token) : phase;
  if (context.selection.scope == Scope::kKernel) {
    static const char* const kinds[] = {"One kernel", "One copy", "One library call",
                                        "The last write-backs"};
    return std::string(kinds[r.works()[work].kind]) + " of " + where +
           (step.token >= 0 ? " (" + phase + ")" : "");
  }
  return step.token >= 0 ? "Token " + std::to_string(step.token) + " (" + phase + ")"
                         : "Phase " + phase;
}

std::string scope_sums(const HierarchyView& view) {
  if (view.seconds <= 0 && view.launches == 0) return "";
  std::string text = counted(view.launches, "launch");
  if (view.copies > 0)
    text += ", " + std::to_string(view.copies) + (view.copies == 1 ? " copy" : " copies");
  return text + ", " + seconds_text(view.seconds) + " modelled";
}

std::string now_text(const Context& context) {
  const Recording& r = context.run.recording;
  if (r.works().empty()) {
    return r.started() ? "What moves between these levels is shown as soon as a kernel has run."
                       : "Start a run: the bytes of every kernel will flow along these links.";
  }
  const size_t work = context.run.playback.work();
  std::string text = "now: " + r.work_name(work);
  if (const traffic::LaunchEvent* e = r.launch(work)) {
    text += "   " + dims(e->grid) + " blocks of " + dims(e->block) + " threads   " +
            seconds_text(e->modelled_seconds) + " modelled, bound by " +
            traffic::bound_name(e->bound);
  } else if (const traffic::LibraryEvent* call = r.library(work)) {
    text += "   library call   " + bytes_text(double(call->counts.read_bytes)) +
            " read by its declaration, on no link here   " + seconds_text(call->modelled_seconds) +
            " modelled";
  } else {
    text += "   " + seconds_text(r.works()[work].seconds) + " modelled";
  }
  const Step& step = r.steps()[r.works()[work].step];
  if (step.measured_seconds > 0) {
    text += "   (this step: " + seconds_text(step.measured_seconds) + " measured)";
  }
  return text;
}

std::string scale_text(Scope scope, uint64_t full) {
  const char* of = scope == Scope::kKernel  ? "the most of a kernel"
                   : scope == Scope::kToken ? "the most of a token"
                                            : "the most here";
  return "Width: square root of the bytes, full at " + bytes_text(double(full)) + ", " + of +
         ". Speed: how busy a link is.";
}

const char* nothing_text(Link link) {
  switch (link) {
    case Link::kPinned:
      return "no pinned memory";
    case Link::kCopies:
      return "no copies";
    case Link::kShared:
      return "not used";
    default:
      return "";
  }
}

LevelFigure level_figure(Level level, const HierarchyView& view) {
  if (view.seconds <= 0) return {};
  const auto hits = [](double rate) -> LevelFigure {
    if (std::isnan(rate)) return {};
    return {percent_text(rate), "hits", rate};
  };
  switch (level) {
    case Level::kCompute:
      if (view.declared.multiply_adds() <= 0) return {};
      return {count_text(view.declared.multiply_adds()), "mul-adds"};
    case Level::kShared: {
      const traffic::KernelCounts& k = view.shared;
      if (k.shared_ideal_wavefronts == 0) return {};
      const double ratio = double(k.shared_wavefronts) / double(k.shared_ideal_wavefronts);
      return {ratio_text(ratio), "ideal"};
    }
    case Level::kL1:
      return hits(view.l1_hit_rate());
    case Level::kL2:
      return hits(view.l2_hit_rate());
    case Level::kVram:
      return {bytes_text(double(view.all.vram_bytes())), "read and written"};
    case Level::kHost:
      return {bytes_text(double(view.all.host_bytes())), "over PCIe"};
  }
  return {};
}

std::string level_line(Level level, const traffic::GpuSpec& gpu, float width, const Theme& theme) {
  if (gpu.sms == 0) return level_meaning(level);
  if (level == Level::kHost) return "the computer's own memory";
  const std::string size = level_size(level, gpu);
  const std::string both = size + ",  " + level_bandwidth(level, gpu) +
                           (level == Level::kShared || level == Level::kL1 ? " all" : "");
  return text_size(theme.small, both).x <= width ? both : size;
}

void draw_time_bar(ImDrawList* list, const Theme& theme, const HierarchyView& view, Box box) {
  struct Part {
    std::string name;
    double seconds;
    ImU32 color;
  };
  std::vector<Part> parts;
  for (int i = 0; i < traffic::kBounds; ++i) {
    if (view.seconds_by_bound[i] <= 0) continue;
    const Bound bound = static_cast<Bound>(i);
    parts.push_back({traffic::bound_name(bound), view.seconds_by_bound[i], theme.bound(bound)});
  }
  if (view.library_seconds > 0) parts.push_back({"library", view.library_seconds, theme.faint});
  std::stable_sort(parts.begin(), parts.end(),
                   [](const Part& a, const Part& b) { return a.seconds > b.seconds; });
  float x = box.min.x;
  for (const Part& part : parts) {
    const float to = x + float(part.seconds / view.seconds) * box.width();
    list->AddRectFilled({x, box.min.y}, {std::max(to - 1, x), box.max.y}, part.color, theme.px(2));
    const std::string text = part.name + " " + percent_text(part.seconds / view.seconds);
    const ImVec2 size = text_size(theme.small, text);
    if (to - x > size.x + theme.px(10)) {
      // On pale colours the text is dark, on dark ones white.
      const ImVec4 c = ImGui::ColorConvertU32ToFloat4(part.color);
      const bool pale = 0.3f * c.x + 0.59f * c.y + 0.11f * c.z > 0.52f;
      put_text(list, theme.small, {x + theme.px(6), box.center().y - size.y / 2},
               pale ? IM_COL32(16, 20, 26, 255) : IM_COL32_WHITE, text);
    }
    x = to;
  }
}

void time_tooltip(const Theme& theme, const HierarchyView& view) {
  std::vector<std::pair<std::string, std::string>> rows;
  for (int i = 0; i < traffic::kBounds; ++i) {
    if (view.seconds_by_bound[i] <= 0) continue;
    rows.emplace_back(traffic::bound_name(static_cast<Bound>(i)),
                      seconds_text(view.seconds_by_bound[i]) + "  " +
                          percent_text(view.seconds_by_bound[i] / view.seconds));
  }
  if (view.library_seconds > 0) {
    rows.emplace_back("library, by declared bytes", seconds_text(view.library_seconds));
  }
  value_tooltip(theme, "Modelled time, by what each launch and copy waits for", rows);
}

void draw_bound_tag(ImDrawList* list, const Theme& theme, ImU32 color, double share,
                    ImVec2 middle) {
  const std::string text = "bounds " + percent_text(share) + " of the time";
  const ImVec2 size = text_size(theme.small, text);
  const ImVec2 min{middle.x - size.x / 2 - theme.px(8), middle.y - size.y / 2 - theme.px(1)};
  list->AddRectFilled(min,
                      {middle.x + size.x / 2 + theme.px(8), middle.y + size.y / 2 + theme.px(2)},
                      color, theme.px(8));
  put_text(list, theme.small, {min.x + theme.px(8), min.y + theme.px(1)}, IM_COL32_WHITE, text);
}

}  // namespace viz
