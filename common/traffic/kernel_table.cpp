// The kernel table as plain text.
#include <algorithm>
#include <map>
#include <vector>

#include "common/traffic/report.h"
#include "common/traffic/units.h"

namespace traffic {
namespace {

std::vector<KernelRow> rows_by_kernel(const Recorder& recorder, const Filter& filter) {
  std::vector<KernelRow> groups;
  std::map<std::string, size_t> index;
  for (const KernelRow& row : recorder.kernel_rows()) {
    if (filter.phase && *filter.phase != row.phase) continue;
    if (filter.token && *filter.token != row.token) continue;
    if (filter.kernel && *filter.kernel != row.kernel) continue;
    const auto [it, fresh] = index.try_emplace(row.kernel, groups.size());
    if (fresh) groups.push_back({row.phase, row.token, row.kernel, {}});
    groups[it->second].totals += row.totals;
  }
  return groups;
}

// What most of the modelled time of some launches is spent on.
const char* main_bound(const ModelledTime& t) {
  if (t.library_seconds > 0) return "declared";
  const auto longest = std::max_element(t.seconds_by_bound.begin(), t.seconds_by_bound.end());
  if (*longest <= 0) return "";
  return bound_name(static_cast<Bound>(longest - t.seconds_by_bound.begin()));
}

std::string work_text(const Totals& t) {
  if (t.declared.undeclared_launches > 0) return "undeclared";
  return t.kernels.launches == 0 ? "" : count_text(t.declared.multiply_adds());
}

struct Column {
  std::string title;
  int importance;  // columns of low importance go first when the table is too wide
  std::vector<std::string> cells;

  size_t width() const {
    size_t w = title.size();
    for (const std::string& c : cells) w = std::max(w, c.size());
    return w;
  }
};

std::vector<Column> columns_of(const std::vector<KernelRow>& rows) {
  std::vector<Column> columns = {
      {"launches", 6, {}}, {"VRAM", 9, {}},     {"L2", 5, {}},      {"L1", 3, {}},
      {"shared", 4, {}},   {"PCIe", 7, {}},     {"w/ideal", 1, {}}, {"mul-adds", 2, {}},
      {"modelled", 8, {}}, {"bound by", 0, {}},
  };
  for (const KernelRow& r : rows) {
    const Totals& t = r.totals;
    const KernelCounts& k = t.kernels;
    const double ratio = k.shared_ideal_wavefronts == 0
                             ? 0
                             : static_cast<double>(k.shared_wavefronts) /
                                   static_cast<double>(k.shared_ideal_wavefronts);
    const std::string cells[] = {
        std::to_string(k.launches + t.libraries.launches),
        bytes_text(static_cast<double>(t.memory.vram_bytes())),
        bytes_text(static_cast<double>(t.memory.l2_bytes())),
        bytes_text(static_cast<double>(t.memory.l1_bytes())),
        bytes_text(static_cast<double>(k.shared_bytes())),
        bytes_text(static_cast<double>(t.memory.host_bytes())),
        ratio == 0 ? "" : count_text(ratio),
        work_text(t),
        seconds_text(t.modelled.seconds()),
        main_bound(t.modelled),
    };
    for (size_t i = 0; i < columns.size(); ++i) columns[i].cells.push_back(cells[i]);
  }
  return columns;
}

// Leaves out columns until the rest and a name of `name_width` fit.
void fit(std::vector<Column>& columns, size_t name_width, size_t width) {
  const auto total = [&] {
    size_t sum = name_width;
    for (const Column& c : columns) sum += 2 + c.width();
    return sum;
  };
  while (columns.size() > 1 && total() > width) {
    columns.erase(std::min_element(
        columns.begin(), columns.end(),
        [](const Column& a, const Column& b) { return a.importance < b.importance; }));
  }
}

void pad_left(std::string& line, const std::string& text, size_t width) {
  line.append(width - std::min(width, text.size()), ' ');
  line += text;
}

// Says which kind of number each column shows, in lines of at most `width`.
std::string kinds_text(const std::vector<Column>& columns, const GpuSpec& gpu, size_t width) {
  std::string counted, declared, modelled;
  for (const Column& c : columns) {
    std::string& kind = c.title == "mul-adds"                            ? declared
                        : c.title == "modelled" || c.title == "bound by" ? modelled
                                                                         : counted;
    kind.append(kind.empty() ? "" : ", ").append(c.title);
  }
  std::string words = "counted: " + counted + ";";
  if (!declared.empty()) words += " declared: " + declared + ";";
  if (!modelled.empty()) words += " modelled for " + gpu.name + ": " + modelled + ";";
  words.back() = '.';
  std::string text, line;
  for (size_t at = 0; at < words.size();) {
    const size_t space = std::min(words.find(' ', at), words.size());
    const std::string word = words.substr(at, space - at);
    if (!line.empty() && line.size() + 1 + word.size() > width) {
      text += line + '\n';
      line.clear();
    }
    line.append(line.empty() ? "" : " ").append(word);
    at = space + 1;
  }
  return text + line + '\n';
}

}  // namespace

std::string kernel_table(const Recorder& recorder, const Filter& filter, int width) {
  const std::vector<KernelRow> rows = rows_by_kernel(recorder, filter);
  std::vector<Column> columns = columns_of(rows);
  size_t name_width = 6;
  for (const KernelRow& r : rows) name_width = std::max(name_width, r.kernel.size());
  const size_t limit = static_cast<size_t>(std::max(width, 20));
  const size_t short_name = std::min<size_t>(name_width, 24);
  fit(columns, short_name, limit);
  size_t used = 0;
  for (const Column& c : columns) used += 2 + c.width();
  name_width = std::min(name_width, std::max<size_t>(limit - std::min(limit, used), 8));

  std::string text = "kernel" + std::string(name_width - 6, ' ');
  for (const Column& c : columns) pad_left(text, c.title, c.width() + 2);
  text += '\n';
  for (size_t i = 0; i < rows.size(); ++i) {
    std::string name = rows[i].kernel;
    if (name.size() > name_width) name = name.substr(0, name_width - 1) + "~";
    std::string line = name + std::string(name_width - name.size(), ' ');
    for (const Column& c : columns) pad_left(line, c.cells[i], c.width() + 2);
    text += line + '\n';
  }
  return text + kinds_text(columns, recorder.gpu(), limit);
}

}  // namespace traffic
