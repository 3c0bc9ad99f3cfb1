// Fills the numbers of a recording into a card's sentences.
#include <cmath>

#include "visualizer/core/chapter_label.h"  // chapter_label
#include "visualizer/models/tour_model.h"
#include "visualizer/models/tour_numbers.h"

namespace viz {
namespace {

// "ratio.mean.vram_bytes", taken apart.
struct Placeholder {
  enum Whose { kRun, kOther, kRatio } whose = kRun;  // kRatio: the other's by the run's
  std::string part;
  const TourField* field = nullptr;
  std::string fact;  // empty: it is a field

  bool known() const {
    if (!fact.empty()) return part.empty() && whose != kRatio;
    return field != nullptr && has_tour_part(*field, part);
  }
};

Placeholder read_placeholder(std::string text) {
  Placeholder p;
  const auto take = [&text](const char* prefix) {
    if (text.rfind(prefix, 0) != 0) return false;
    text.erase(0, std::char_traits<char>::length(prefix));
    return true;
  };
  if (take("other.")) {
    p.whose = Placeholder::kOther;
  } else if (take("ratio.")) {
    p.whose = Placeholder::kRatio;
  }
  const size_t dot = text.rfind('.');
  if (dot != std::string::npos) p.part = text.substr(0, dot);
  const std::string name = dot == std::string::npos ? text : text.substr(dot + 1);
  p.field = find_tour_field(name);
  if (p.field == nullptr && is_tour_fact(name)) p.fact = name;
  return p;
}

std::string text_of(const Placeholder& p, const TourCard& card, const Recording* run,
                    const Recording* other) {
  const Recording* of = p.whose == Placeholder::kOther ? other : run;
  if (of == nullptr || (p.whose == Placeholder::kRatio && other == nullptr)) return kTourMissing;
  if (!p.fact.empty()) return tour_fact(p.fact, card, *of);
  const double number = tour_number(*p.field, p.part, card, *of);
  if (p.whose != Placeholder::kRatio) {
    return std::isnan(number) ? kTourMissing : value_text(p.field->unit, number);
  }
  const double ratio = tour_number(*p.field, p.part, card, *other) / number;
  return std::isfinite(ratio) ? value_text(Unit::kRatio, ratio) : kTourMissing;
}

// Calls `put` with each placeholder's text, and with what stands between.
template <typename Text, typename Hole>
void walk(const std::string& sentence, Text text, Hole hole) {
  for (size_t at = 0; at < sentence.size();) {
    const size_t open = sentence.find('{', at);
    const size_t close = open == std::string::npos ? open : sentence.find('}', open);
    if (close == std::string::npos) return text(sentence.substr(at));
    text(sentence.substr(at, open - at));
    hole(sentence.substr(open + 1, close - open - 1));
    at = close + 1;
  }
}

}  // namespace

std::vector<std::string> unknown_placeholders(const std::string& sentence) {
  std::vector<std::string> unknown;
  walk(
      sentence, [](const std::string&) {},
      [&](const std::string& hole) {
        if (!read_placeholder(hole).known()) unknown.push_back(hole);
      });
  return unknown;
}

std::string filled(const std::string& sentence, const TourCard& card, const Recording& recording,
                   const Recording* other) {
  const Recording* run = is_run_of(card, recording) ? &recording : nullptr;
  if (other != nullptr && chapter_label(other->run().chapter).row() != card.compare) {
    other = nullptr;
  }
  std::string result;
  walk(
      sentence, [&](const std::string& text) { result += text; },
      [&](const std::string& hole) {
        result += text_of(read_placeholder(hole), card, run, other);
      });
  return result;
}

}  // namespace viz
