// What each number is, and in which units it is written.
#include "visualizer/models/compare_rows.h"

#include <cmath>
#include <cstdio>
#include <functional>
#include <limits>
#include <string>

#include "common/traffic/units.h"  // bytes_text, seconds_text, count_text

namespace viz {
namespace {

using traffic::MemoryCounts;

const double kUnknown = std::numeric_limits<double>::quiet_NaN();

double part_of(uint64_t part, uint64_t all) {
  return all == 0 ? kUnknown : double(part) / double(all);
}

// Of MemoryCounts, so that each class has it too.
struct MemoryRow {
  ComparedRow row;
  uint64_t (*of)(const MemoryCounts&);
};

const std::vector<MemoryRow>& memory_rows() {
  static const std::vector<MemoryRow> rows = {
      {{"vram_bytes", "VRAM", "counted", "moves less",
        "Bytes between the card's memory and the chip.", Unit::kBytes},
       [](const MemoryCounts& m) { return m.vram_bytes(); }},
      {{"l2_bytes", "L2", "counted", "moves less",
        "Bytes that arrive at L2: what L1 could not answer, and all writes.", Unit::kBytes},
       [](const MemoryCounts& m) { return m.l2_bytes(); }},
      {{"l1_bytes", "L1", "counted", "asks for less",
        "Bytes that the kernels ask for, outside shared memory, in sectors of 32 bytes.",
        Unit::kBytes},
       [](const MemoryCounts& m) { return m.l1_bytes(); }},
      {{"host_bytes", "PCIe", "counted", "moves less", "Bytes between host RAM and the GPU.",
        Unit::kBytes},
       [](const MemoryCounts& m) { return m.host_bytes(); }},
  };
  return rows;
}

ComparedRow memory_row(const MemoryRow& m, const ComparedSide& a, const ComparedSide& b) {
  ComparedRow row = m.row;
  row.a = double(m.of(a.sums.memory)) / a.tokens;
  row.b = double(m.of(b.sums.memory)) / b.tokens;
  row.by_class = true;
  for (int i = 0; i < kTensorClasses; ++i) {
    row.a_class[i] = double(m.of(a.sums.by_class[i])) / a.tokens;
    row.b_class[i] = double(m.of(b.sums.by_class[i])) / b.tokens;
  }
  return row;
}

}  // namespace

double ComparedRow::ratio() const {
  if (std::isnan(a) || std::isnan(b) || b == 0) return kUnknown;
  return a / b;
}

int ComparedRow::winner() const {
  if (better == nullptr || std::isnan(a) || std::isnan(b)) return 0;
  if (std::fabs(a - b) <= 0.005 * std::max(std::fabs(a), std::fabs(b))) return 0;
  return a < b ? -1 : 1;
}

std::vector<ComparedRow> compared_rows(const ComparedSide& a, double kv_a, const ComparedSide& b,
                                       double kv_b) {
  std::vector<ComparedRow> rows;
  const auto add = [&](ComparedRow row, const std::function<double(const ComparedSide&)>& of) {
    row.a = of(a), row.b = of(b);
    rows.push_back(row);
  };
  rows.push_back(memory_row(memory_rows()[0], a, b));
  rows.push_back(memory_row(memory_rows()[1], a, b));
  rows.push_back(memory_row(memory_rows()[2], a, b));
  add({"shared_bytes", "shared memory", "counted", "moves less",
       "Bytes that threads read from and write to shared memory.", Unit::kBytes},
      [](const ComparedSide& s) { return double(s.sums.kernels.shared_bytes()) / s.tokens; });
  rows.push_back(memory_row(memory_rows()[3], a, b));
  add({"kv_bytes", "KV cache", "counted", "keeps less",
       "Bytes of keys and values that are kept at the end.", Unit::kBytes},
      [&](const ComparedSide& s) { return &s == &a ? kv_a : kv_b; });
  add({"launches", "launches", "counted", "launches less", "Kernels that are started.",
       Unit::kCount},
      [](const ComparedSide& s) { return double(s.sums.kernels.launches) / s.tokens; });
  add({"multiply_adds", "multiply-adds", "declared", "computes less",
       "As the launchers state them, fp32 and int8 together.", Unit::kCount},
      [](const ComparedSide& s) { return s.sums.declared.multiply_adds() / s.tokens; });
  add({"seconds", "time", "modelled", "is faster",
       "By bandwidths and peak operations of the GPU. It is no measurement.", Unit::kSeconds},
      [](const ComparedSide& s) { return s.sums.seconds / s.tokens; });
  if (!std::isnan(a.measured_seconds) || !std::isnan(b.measured_seconds)) {
    add({"measured_seconds", "time", "measured", "is faster",
         "By a clock, on the machine that decoded.", Unit::kSeconds},
        [](const ComparedSide& s) { return s.measured_seconds / s.tokens; });
  }
  add({"wavefronts", "wavefronts / ideal", "counted", "has fewer bank conflicts",
       "Turns that shared memory needs, by the fewest possible. 1 is best.", Unit::kRatio},
      [](const ComparedSide& s) {
        return part_of(s.sums.kernels.shared_wavefronts, s.sums.kernels.shared_ideal_wavefronts);
      });
  add({"l1_hit_rate", "found in L1", "counted", nullptr,
       "Of the bytes that loads ask for. More is not better by itself: asking for less is.",
       Unit::kPercent},
      [](const ComparedSide& s) {
        return part_of(s.sums.memory.l1_hit_bytes, s.sums.memory.l1_load_bytes);
      });
  add({"l2_hit_rate", "found in L2", "counted", nullptr,
       "Of the bytes that arrive at L2 to be read. More is not better by itself.", Unit::kPercent},
      [](const ComparedSide& s) {
        const MemoryCounts& m = s.sums.memory;
        return part_of(m.l2_hit_bytes, m.l2_load_bytes + m.l2_atomic_bytes);
      });
  for (ComparedRow& row : rows) {
    if (std::string(row.kind) == "measured") continue;
    if (!a.counts) row.a = kUnknown;
    if (!b.counts) row.b = kUnknown;
  }
  return rows;
}

std::string value_text(Unit unit, double value) {
  if (std::isnan(value)) return "-";
  char text[32];
  switch (unit) {
    case Unit::kBytes:
      return traffic::bytes_text(value);
    case Unit::kSeconds:
      return traffic::seconds_text(value);
    case Unit::kCount:
      if (value < 1000 && value != std::floor(value)) break;
      return traffic::count_text(value);
    case Unit::kPercent:
      std::snprintf(text, sizeof text, "%.1f%%", 100 * value);
      return text;
    case Unit::kRatio:
      break;
  }
  std::snprintf(text, sizeof text, unit == Unit::kRatio ? "%.2f" : "%.1f", value);
  return text;
}

std::string exact_text(Unit unit, double value) {
  if (std::isnan(value)) return "not recorded";
  if (unit == Unit::kPercent || unit == Unit::kRatio) {
    char text[32];
    std::snprintf(text, sizeof text, unit == Unit::kPercent ? "%.4f%%" : "%.4f",
                  unit == Unit::kPercent ? 100 * value : value);
    return text;
  }
  if (unit == Unit::kSeconds) {
    char text[32];
    std::snprintf(text, sizeof text, "%.6f ms", 1e3 * value);
    return text;
  }
  char digits[64];
  std::snprintf(digits, sizeof digits, value == std::floor(value) ? "%.0f" : "%.2f", value);
  std::string text = digits;
  const size_t point = std::min(text.find('.'), text.size());
  for (size_t at = point; at > 3; at -= 3) text.insert(at - 3, ",");
  return unit == Unit::kBytes ? text + " B" : text;
}

}  // namespace viz
