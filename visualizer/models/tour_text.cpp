// Fills the numbers of a recording into a card's sentences.
#include <array>
#include <cmath>
#include <functional>

#include "visualizer/core/chapter_label.h"    // chapter_label
#include "visualizer/models/compare_model.h"  // Unit, value_text, tokens_after_prefill
#include "visualizer/models/tour_model.h"

namespace viz {
namespace {

const char kMissing[] = "…";

struct Field {
  const char* name;
  Unit unit;
  double (*of)(const Sums&);
};

double share(uint64_t part, uint64_t all) { return all == 0 ? NAN : double(part) / double(all); }

const Field kFields[] = {
    {"vram_bytes", Unit::kBytes, [](const Sums& s) { return double(s.memory.vram_bytes()); }},
    {"vram_read_bytes", Unit::kBytes,
     [](const Sums& s) { return double(s.memory.vram_read_bytes); }},
    {"l2_bytes", Unit::kBytes, [](const Sums& s) { return double(s.memory.l2_bytes()); }},
    {"l1_bytes", Unit::kBytes, [](const Sums& s) { return double(s.memory.l1_bytes()); }},
    {"host_bytes", Unit::kBytes, [](const Sums& s) { return double(s.memory.host_bytes()); }},
    {"shared_bytes", Unit::kBytes, [](const Sums& s) { return double(s.kernels.shared_bytes()); }},
    {"launches", Unit::kCount, [](const Sums& s) { return double(s.kernels.launches); }},
    {"multiply_adds", Unit::kCount, [](const Sums& s) { return s.declared.multiply_adds(); }},
    {"seconds", Unit::kSeconds, [](const Sums& s) { return s.seconds; }},
    {"l1_hit_rate", Unit::kPercent,
     [](const Sums& s) { return share(s.memory.l1_hit_bytes, s.memory.l1_load_bytes); }},
    {"l2_hit_rate", Unit::kPercent,
     [](const Sums& s) {
       return share(s.memory.l2_hit_bytes, s.memory.l2_load_bytes + s.memory.l2_atomic_bytes);
     }},
    {"wavefronts", Unit::kRatio,
     [](const Sums& s) {
       return share(s.kernels.shared_wavefronts, s.kernels.shared_ideal_wavefronts);
     }},
};

// Which work a number is of. The classes of tensors come behind, by name.
const std::array<const char*, 6> kParts = {"",       "prefill",  "mean",
                                           "kernel", "drafting", "verifying"};
const std::array<const char*, 5> kClasses = {"weights", "kv_cache", "activations", "scores",
                                             "draft"};  // as TensorClass

const Field* find_field(const std::string& name) {
  for (const Field& field : kFields) {
    if (name == field.name) return &field;
  }
  return nullptr;
}

int index_in(const std::string& name, const char* const* list, size_t size) {
  for (size_t i = 0; i < size; ++i) {
    if (name == list[i]) return int(i);
  }
  return -1;
}
int class_index(const std::string& part) {
  return index_in(part, kClasses.data(), kClasses.size());
}

// Numbers that are no sum of work.
struct Fact {
  const char* name;
  std::function<std::string(const TourCard&, const Recording&)> text;
};

const VerdictAt* verdict_of(const TourCard& card, const Recording& r) {
  const int column = r.column_of_token(card.token);
  for (const VerdictAt& v : r.verdicts()) {
    if (column >= 0 && v.verdict.token == r.columns()[column].token) return &v;
  }
  return nullptr;
}

std::string count(int n) { return n < 0 ? kMissing : std::to_string(n); }

std::string bytes_or_missing(double bytes) {
  return std::isnan(bytes) ? kMissing : value_text(Unit::kBytes, bytes);
}

std::string round_tokens(const TourCard& card, const Recording& r) {
  const int column = r.column_of_token(card.token);
  if (column < 0) return kMissing;
  return count(r.columns()[column].last_token - r.columns()[column].token + 1);
}

std::string tokens_a_round(const Recording& r) {
  int rounds = 0;
  for (size_t i = 0; i < whole_columns(r); ++i) {
    if (r.columns()[i].phase == traffic::Phase::kDraft) ++rounds;
  }
  if (rounds == 0) return kMissing;
  return value_text(Unit::kRatio, double(tokens_after_prefill(r)) / rounds);
}

const std::vector<Fact>& facts() {
  using Card = TourCard;
  static const std::vector<Fact> list = {
      {"length",
       [](const Card& c, const Recording& r) { return count(sequence_length(r, c.token)); }},
      {"prompt_tokens",
       [](const Card&, const Recording& r) { return count(sequence_length(r, 0)); }},
      {"kv_kept",
       [](const Card& c, const Recording& r) {
         return bytes_or_missing(kv_bytes(r, sequence_length(r, c.token)));
       }},
      {"token", [](const Card& c, const Recording&) { return count(c.token); }},
      {"proposed",
       [](const Card& c, const Recording& r) {
         const VerdictAt* v = verdict_of(c, r);
         return v == nullptr ? kMissing : count(int(v->verdict.proposed.size()));
       }},
      {"accepted",
       [](const Card& c, const Recording& r) {
         const VerdictAt* v = verdict_of(c, r);
         return v == nullptr ? kMissing : count(v->verdict.accepted);
       }},
      {"round_tokens", round_tokens},
      {"tokens_a_round", [](const Card&, const Recording& r) { return tokens_a_round(r); }},
  };
  return list;
}

const Fact* find_fact(const std::string& name) {
  for (const Fact& fact : facts()) {
    if (name == fact.name) return &fact;
  }
  return nullptr;
}

// "ratio.mean.vram_bytes", taken apart.
struct Placeholder {
  enum Whose { kRun, kOther, kRatio } whose = kRun;  // kRatio: the other's by the run's
  std::string part;
  const Field* field = nullptr;
  const Fact* fact = nullptr;

  bool known() const {
    if (fact != nullptr) return part.empty() && whose != kRatio;
    return field != nullptr &&
           (class_index(part) >= 0 ? field->unit == Unit::kBytes && field->name[0] != 's'
                                   : index_in(part, kParts.data(), kParts.size()) >= 0);
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
  p.field = find_field(name);
  if (p.field == nullptr) p.fact = find_fact(name);
  return p;
}

// Sums over the columns or steps that fit.
template <typename Fits>
std::optional<Sums> sum_of_columns(const Recording& r, Fits fits) {
  std::optional<Sums> sum;
  for (size_t i = 0; i < whole_columns(r); ++i) {
    const Column& c = r.columns()[i];
    if (!fits(c)) continue;
    if (!sum) sum.emplace();
    *sum += r.sums(c.works);
  }
  return sum;
}

std::optional<Sums> sum_of_phase(const Recording& r, const Column& column, traffic::Phase phase) {
  std::optional<Sums> sum;
  for (size_t i = column.first_step; i < column.end_step; ++i) {
    if (r.steps()[i].phase != phase) continue;
    if (!sum) sum.emplace();
    *sum += r.sums(r.steps()[i].works);
  }
  return sum;
}

std::optional<Sums> sum_of_kernel(const Recording& r, const Column& column,
                                  const std::string& kernel) {
  std::optional<Sums> sum;
  for (size_t w = column.works.begin; w < column.works.end; ++w) {
    if (r.kernel_name(w) != kernel) continue;
    if (!sum) sum.emplace();
    *sum += r.sums({w, w + 1});
  }
  return sum;
}

// NaN: not recorded (yet).
double number_of(const Placeholder& p, const TourCard& card, const Recording& r) {
  using traffic::Phase;
  const auto value = [&](const std::optional<Sums>& sum) {
    return sum ? p.field->of(*sum) : double(NAN);
  };
  if (p.part == "prefill") {
    return value(sum_of_columns(r, [](const Column& c) { return c.phase == Phase::kPrefill; }));
  }
  if (p.part == "mean") {
    const double tokens = tokens_after_prefill(r);
    const auto sum = sum_of_columns(
        r, [](const Column& c) { return c.token > 0 && c.phase != Phase::kPrefill; });
    const bool rate = p.field->unit == Unit::kPercent || p.field->unit == Unit::kRatio;
    return value(sum) / (rate ? 1 : tokens);
  }
  const int at = r.column_of_token(card.token);
  if (at < 0 || size_t(at) >= whole_columns(r)) return NAN;
  const Column& column = r.columns()[at];
  if (p.part == "kernel") return value(sum_of_kernel(r, column, card.kernel));
  if (p.part == "drafting") return value(sum_of_phase(r, column, Phase::kDraft));
  if (p.part == "verifying") return value(sum_of_phase(r, column, Phase::kVerify));
  Sums sum = r.sums(column.works);
  if (const int c = class_index(p.part); c >= 0) sum.memory = sum.by_class[c];
  return value(sum);
}

std::string text_of(const Placeholder& p, const TourCard& card, const Recording* run,
                    const Recording* other) {
  const Recording* of = p.whose == Placeholder::kOther ? other : run;
  if (of == nullptr || (p.whose == Placeholder::kRatio && other == nullptr)) return kMissing;
  if (p.fact != nullptr) return p.fact->text(card, *of);
  const double number = number_of(p, card, *of);
  if (p.whose != Placeholder::kRatio) {
    return std::isnan(number) ? kMissing : value_text(p.field->unit, number);
  }
  const double ratio = number_of(p, card, *other) / number;
  return std::isfinite(ratio) ? value_text(Unit::kRatio, ratio) : kMissing;
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
