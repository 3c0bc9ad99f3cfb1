// Looks them up and sums them up.
#include "visualizer/models/tour_numbers.h"

#include <array>
#include <cmath>
#include <functional>

namespace viz {
namespace {

double share(uint64_t part, uint64_t all) { return all == 0 ? NAN : double(part) / double(all); }

const TourField kFields[] = {
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

std::string count(int n) { return n < 0 ? kTourMissing : std::to_string(n); }

std::string bytes_or_missing(double bytes) {
  return std::isnan(bytes) ? kTourMissing : value_text(Unit::kBytes, bytes);
}

// Of the sequence after the card's token; -1 while that has not been made.
int length_at(const TourCard& card, const Recording& r) {
  const int column = r.column_of_token(card.token);
  if (column < 0 || size_t(column) >= whole_columns(r)) return -1;
  return sequence_length(r, card.token);
}

std::string round_tokens(const TourCard& card, const Recording& r) {
  const int column = r.column_of_token(card.token);
  if (column < 0) return kTourMissing;
  return count(r.columns()[column].last_token - r.columns()[column].token + 1);
}

std::string tokens_a_round(const Recording& r) {
  int rounds = 0;
  for (size_t i = 0; i < whole_columns(r); ++i) {
    if (r.columns()[i].phase == traffic::Phase::kDraft) ++rounds;
  }
  if (rounds == 0) return kTourMissing;
  return value_text(Unit::kRatio, double(tokens_after_prefill(r)) / rounds);
}

const std::vector<Fact>& facts() {
  using Card = TourCard;
  static const std::vector<Fact> list = {
      {"length", [](const Card& c, const Recording& r) { return count(length_at(c, r)); }},
      {"prompt_tokens",
       [](const Card&, const Recording& r) { return count(sequence_length(r, 0)); }},
      {"kv_kept",
       [](const Card& c, const Recording& r) {
         return bytes_or_missing(kv_bytes(r, length_at(c, r)));
       }},
      {"token", [](const Card& c, const Recording&) { return count(c.token); }},
      {"proposed",
       [](const Card& c, const Recording& r) {
         const VerdictAt* v = verdict_of(c, r);
         return v == nullptr ? kTourMissing : count(int(v->verdict.proposed.size()));
       }},
      {"accepted",
       [](const Card& c, const Recording& r) {
         const VerdictAt* v = verdict_of(c, r);
         return v == nullptr ? kTourMissing : count(v->verdict.accepted);
       }},
      {"round_tokens", round_tokens},
      {"tokens_a_round", [](const Card&, const Recording& r) { return tokens_a_round(r); }},
  };
  return list;
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

}  // namespace

const TourField* find_tour_field(const std::string& name) {
  for (const TourField& field : kFields) {
    if (name == field.name) return &field;
  }
  return nullptr;
}

bool has_tour_part(const TourField& field, const std::string& part) {
  // Of a class of tensors there are bytes outside shared memory, and nothing else.
  if (class_index(part) >= 0) {
    return field.unit == Unit::kBytes && std::string(field.name) != "shared_bytes";
  }
  return index_in(part, kParts.data(), kParts.size()) >= 0;
}

double tour_number(const TourField& field, const std::string& part, const TourCard& card,
                   const Recording& r) {
  using traffic::Phase;
  const auto value = [&](const std::optional<Sums>& sum) {
    return sum ? field.of(*sum) : double(NAN);
  };
  if (part == "prefill") {
    return value(sum_of_columns(r, [](const Column& c) { return c.phase == Phase::kPrefill; }));
  }
  if (part == "mean") {
    const double tokens = tokens_after_prefill(r);
    const auto sum = sum_of_columns(
        r, [](const Column& c) { return c.token > 0 && c.phase != Phase::kPrefill; });
    const bool rate = field.unit == Unit::kPercent || field.unit == Unit::kRatio;
    return value(sum) / (rate ? 1 : tokens);
  }
  const int at = r.column_of_token(card.token);
  if (at < 0 || size_t(at) >= whole_columns(r)) return NAN;
  const Column& column = r.columns()[at];
  if (part == "kernel") return value(sum_of_kernel(r, column, card.kernel));
  if (part == "drafting") return value(sum_of_phase(r, column, Phase::kDraft));
  if (part == "verifying") return value(sum_of_phase(r, column, Phase::kVerify));
  Sums sum = r.sums(column.works);
  if (const int c = class_index(part); c >= 0) sum.memory = sum.by_class[c];
  return value(sum);
}

bool is_tour_fact(const std::string& name) {
  for (const Fact& fact : facts()) {
    if (name == fact.name) return true;
  }
  return false;
}

std::string tour_fact(const std::string& name, const TourCard& card, const Recording& recording) {
  for (const Fact& fact : facts()) {
    if (name == fact.name) return fact.text(card, recording);
  }
  return kTourMissing;
}

}  // namespace viz
