// The work inside one column: a strip and a table.
#include <algorithm>
#include <cmath>

#include "common/traffic/units.h"
#include "visualizer/panels/timeline_parts.h"

namespace viz {

using traffic::Bound;

namespace {

std::string plural(size_t n, const std::string& one, const std::string& many) {
  return std::to_string(n) + " " + (n == 1 ? one : many);
}

// "98 launches, 2 copies, 1 library call".
std::string kinds_text(const std::vector<TimelineWork>& works) {
  size_t count[4] = {};
  for (const TimelineWork& w : works) ++count[w.kind];
  std::string text;
  const auto add = [&text](size_t n, const std::string& one, const std::string& many) {
    if (n > 0) text += (text.empty() ? "" : ", ") + plural(n, one, many);
  };
  add(count[Work::kLaunch], "launch", "launches");
  add(count[Work::kCopy], "copy", "copies");
  add(count[Work::kLibrary], "library call", "library calls");
  add(count[Work::kFlush], "write-back", "write-backs");
  return text;
}

void work_tooltip(const Theme& theme, const TimelineWork& w) {
  std::vector<std::pair<std::string, std::string>> rows = {
      {"time (modelled)", traffic::seconds_text(w.seconds)},
      {"bound by (modelled)", traffic::bound_name(w.bound)}};
  const char* const kind = w.kind == Work::kLibrary ? " (declared)" : " (counted)";
  for (int i = 0; i < kTimelineLevels; ++i) {
    const auto level = static_cast<TimelineLevel>(i);
    if (w.at(level) == 0) continue;
    rows.push_back({level_name(level) + std::string(kind), exact_bytes_text(w.at(level))});
  }
  value_tooltip(theme, w.name, rows);
}

std::string bytes_cell(uint64_t bytes) {
  return bytes == 0 ? "-" : traffic::bytes_text(double(bytes));
}

}  // namespace

void TimelineKernels::update(const Recording& recording, WorkRange range) {
  if (recording_ == &recording && range_ == range) return;
  recording_ = &recording;
  range_ = range;
  works_ = works_of(recording, range);
}

void TimelineKernels::draw(Context& context, const TimelineColumn& column, TimelineLevel sram) {
  const float width = ImGui::GetContentRegionAvail().x;
  draw_head(context, column, width);
  if (works_.works.empty()) return;
  draw_strip(context, width);
  draw_table(context, sram);
}

void TimelineKernels::draw_head(const Context& context, const TimelineColumn& column, float width) {
  const Theme& t = context.theme;
  ImDrawList* list = ImGui::GetWindowDrawList();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float title =
      put_text(list, t.body, at, t.text, "Inside " + column_name(column), Align::kLeft, width);
  std::string what = kinds_text(works_.works);
  if (column.seconds > 0) what += ": " + traffic::seconds_text(column.seconds) + " modelled";
  if (column.measured_seconds > 0) {
    what +=
        (what.empty() ? "" : ", ") + traffic::seconds_text(column.measured_seconds) + " measured";
  }
  const float drop = text_size(t.body, "0").y - text_size(t.small, "0").y - 1;
  put_text(list, t.small, {at.x + title + t.px(10), at.y + drop}, t.muted, what, Align::kLeft,
           std::max(1.f, width - title - t.px(10)));
  float y = at.y + text_size(t.body, "0").y + t.px(3);
  std::vector<std::pair<double, int>> shares;
  for (int i = 0; i < traffic::kBounds; ++i) {
    if (works_.seconds_by_bound[i] > 0) shares.push_back({works_.seconds_by_bound[i], i});
  }
  std::sort(shares.rbegin(), shares.rend());
  std::vector<LegendItem> items;
  const auto add = [&](ImU32 color, const std::string& name, double seconds) {
    items.push_back({color, name + " " + percent_text(seconds / works_.seconds), false});
  };
  for (const auto& [seconds, bound] : shares) {
    add(t.bounds[bound], traffic::bound_name(static_cast<Bound>(bound)), seconds);
  }
  if (works_.library_seconds > 0) add(t.faint, "library", works_.library_seconds);
  const float before =
      put_text(list, t.small, {at.x, y}, t.muted, "bound by, modelled:") + t.px(10);
  y += draw_legend(list, t, {at.x + before, y}, width - before, items);
  ImGui::SetCursorScreenPos({at.x, y + t.px(1)});
}

void TimelineKernels::draw_strip(Context& context, float width) {
  const Theme& t = context.theme;
  ImDrawList* list = ImGui::GetWindowDrawList();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float height = t.px(24), phases = t.px(4);
  Playback& playback = context.run.playback;
  ImGui::InvisibleButton("strip", {width, height + phases});
  const bool hovered = ImGui::IsItemHovered() && !context.still, pressed = ImGui::IsItemActive();
  const float mouse = (ImGui::GetIO().MousePos.x - at.x) / width;
  const double all = works_.seconds > 0 ? works_.seconds : 1;
  const TimelineWork* under = nullptr;
  const TimelineWork* current = nullptr;
  const auto x = [&](double seconds) { return at.x + width * float(seconds / all); };
  for (const TimelineWork& w : works_.works) {
    const float from = x(w.begin), to = x(w.begin + w.seconds);
    const float gap = to - from > 3 ? 1.f : 0.f;
    const bool picked = !context.selection.kernel.empty() &&
                        context.run.recording.kernel_name(w.work) == context.selection.kernel;
    list->AddRectFilled({from, at.y}, {std::max(to - gap, from + 0.5f), at.y + height},
                        t.bound(w.bound));
    if (picked) {
      list->AddRectFilled({from, at.y + height - t.px(4)}, {to - gap, at.y + height}, t.text);
    }
    list->AddRectFilled({from, at.y + height}, {to, at.y + height + phases}, t.phase(w.phase));
    if (to - from > t.px(56)) {
      put_text(list, t.small, {(from + to) / 2, at.y + t.px(4)}, ink_on(t.bound(w.bound)), w.name,
               Align::kCenter, to - from - t.px(8));
    }
    if (w.begin <= mouse * all && mouse * all < w.begin + w.seconds) under = &w;
    if (w.work == playback.work()) current = &w;
  }
  if (current != nullptr) {
    const float from = x(current->begin), to = x(current->begin + current->seconds);
    list->AddRect({from - 1, at.y - 1}, {std::max(to, from + 2) + 1, at.y + height + 1}, t.text, 0,
                  0, t.px(2));
    const float now = std::round(x(current->begin + playback.done() * current->seconds));
    list->AddRectFilled({now - 1, at.y - t.px(2)}, {now + 1, at.y + height + phases}, t.accent);
  }
  if (hovered && under != nullptr) work_tooltip(t, *under);
  if (pressed && under != nullptr && under->work != playback.work()) {
    playback.go_to_work(under->work, context.run.recording);
  }
  ImGui::SetCursorScreenPos({at.x, at.y + height + phases + t.px(4)});
}

void TimelineKernels::draw_table(Context& context, TimelineLevel sram) {
  const Theme& t = context.theme;
  const float line = text_size(t.small, "0").y + t.px(4);
  const ImVec2 room = ImGui::GetContentRegionAvail();
  if (room.y < 2.5f * line) return;
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {0, 0});
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float inner = room.x - ImGui::GetStyle().ScrollbarSize;
  draw_row(context, {}, SIZE_MAX, at.y, inner, sram);
  ImGui::SetCursorScreenPos({at.x, at.y + line});
  const float rows = line * std::floor((room.y - line) / line);  // none is cut
  ImGui::BeginChild("works", {room.x, rows}, false);
  const size_t now = context.run.playback.work();
  const float start = ImGui::GetCursorPosY(), all = line * float(works_.works.size());
  const bool read = ImGui::IsWindowHovered() && !context.still && context.run.playback.playing();
  // The current row stays in sight while the playback goes on, unless someone reads the table.
  if (now != shown_work_ && range_.contains(now) && !read) {
    const float top = float(now - range_.begin) * line, scroll = ImGui::GetScrollY();
    if (top < scroll - 1 || top + line > scroll + rows + 1) {
      const float to = line * std::round((top - rows / 2) / line);
      const float target = std::clamp(to, 0.f, std::max(0.f, all - rows));
      // ImGui scrolls in the next frame; this one is drawn as if it had.
      ImGui::SetScrollY(target);
      ImGui::SetCursorPosY(start + scroll - target);
    }
    shown_work_ = now;
  }
  ImGuiListClipper clipper;
  clipper.Begin(int(works_.works.size()), line);
  while (clipper.Step()) {
    for (int i = clipper.DisplayStart; i < clipper.DisplayEnd; ++i) {
      const TimelineWork& w = works_.works[size_t(i)];
      const float top = ImGui::GetCursorScreenPos().y;
      ImGui::PushID(i);
      if (ImGui::Selectable("##row", w.work == now, 0, {inner, line})) {
        context.run.playback.go_to_work(w.work, context.run.recording);
        shown_work_ = w.work;
      }
      if (ImGui::IsItemHovered() && !context.still) work_tooltip(t, w);
      ImGui::PopID();
      draw_row(context, w, size_t(i), top, inner, sram);
    }
  }
  clipper.End();
  ImGui::SetCursorPosY(start + all);
  ImGui::Dummy({1, 0});
  ImGui::EndChild();
  ImGui::PopStyleVar();
}

// A row, or with index SIZE_MAX the heads of the columns.
void TimelineKernels::draw_row(Context& context, const TimelineWork& w, size_t index, float top,
                               float width, TimelineLevel sram) const {
  const Theme& t = context.theme;
  ImDrawList* list = ImGui::GetWindowDrawList();
  const bool head = index == SIZE_MAX;
  const float left = ImGui::GetCursorScreenPos().x, y = top + t.px(2);
  float right = left + width - t.px(4);
  const auto cell = [&](float size, const std::string& text, ImU32 color) {
    put_text(list, t.small, {right, y}, color, text, Align::kRight, size - t.px(6));
    right -= size;
  };
  const ImU32 ink = head ? t.muted : t.text;
  const auto bytes = [&](TimelineLevel level, const char* name) {
    const uint64_t value = w.at(level);
    cell(t.px(70), head ? name : bytes_cell(value), head || value == 0 ? t.muted : t.text);
  };
  if (width > t.px(560)) bytes(TimelineLevel::kHost, "host");
  if (width > t.px(500)) bytes(sram, sram == TimelineLevel::kShared ? "shared" : level_name(sram));
  bytes(TimelineLevel::kVram, "VRAM");
  cell(t.px(64), head ? "bound by" : traffic::bound_name(w.bound), ink);
  cell(t.px(66), head ? "modelled" : traffic::seconds_text(w.seconds), ink);
  const float number = t.px(34), name = std::min(t.px(230), 0.55f * (right - left - number));
  const float bar = left + number + name, longest = right - t.px(10) - bar;
  if (!head && works_.longest > 0 && longest > 0) {
    const float length = std::max(1.f, longest * float(w.seconds / works_.longest));
    list->AddRectFilled({bar, top + t.px(5)},
                        {bar + length, top + t.px(1) + text_size(t.small, "0").y}, t.bound(w.bound),
                        t.px(2));
  }
  put_text(list, t.small, {left + number - t.px(8), y}, t.muted,
           head ? "#" : std::to_string(index + 1), Align::kRight);
  put_text(list, t.small, {left + number, y}, ink, head ? "in order" : w.name, Align::kLeft,
           std::max(1.f, name - t.px(6)));
}

}  // namespace viz
