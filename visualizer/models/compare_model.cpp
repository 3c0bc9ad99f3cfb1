// Sums both runs over the same part, and says what differs.
#include "visualizer/models/compare_model.h"

#include <algorithm>
#include <cmath>

#include "visualizer/core/chapter_label.h"   // chapter_label
#include "visualizer/models/compare_rows.h"  // compared_rows

namespace viz {
namespace {

using traffic::Phase;

bool after_prefill(const Column& c) {
  return c.phase == Phase::kDecode || c.phase == Phase::kDraft || c.phase == Phase::kVerify;
}

// The last token that a column has brought to the text: a verdict may take more than the text has
// room for.
int last_token(const Recording& r, const Column& c) {
  int limit = c.last_token;
  if (const int asked = r.run().setup.n_tokens; asked > 0) {
    limit = std::min(limit, asked - 1);
  } else if (!r.texts().empty()) {
    limit = std::min(limit, r.texts().back().token);
  }
  return std::max(c.token, limit);
}

// [first, last] of the columns that bring any of these tokens; grows the tokens to what they bring.
// False when one of the tokens is not there.
bool columns_of(const Recording& r, int& first, int& last, std::pair<int, int>& columns) {
  columns = {r.column_of_token(first), r.column_of_token(last)};
  if (columns.first < 0 || columns.second < 0) return false;
  if (size_t(columns.second) >= whole_columns(r)) return false;
  first = std::min(first, r.columns()[columns.first].token);
  last = std::max(last, last_token(r, r.columns()[columns.second]));
  return true;
}

void add_column(ComparedSide& side, const Recording& r, const Column& column) {
  side.sums += r.sums(column.works);
  for (size_t i = column.first_step; i < column.end_step; ++i) {
    const double seconds = r.steps()[i].measured_seconds;
    side.measured_seconds += seconds > 0 ? seconds : std::nan("");
  }
  ++side.columns;
}

void add_columns(ComparedSide& side, const Recording& r, std::pair<int, int> columns) {
  for (int i = columns.first; i <= columns.second; ++i) add_column(side, r, r.columns()[i]);
}

void sum_after_prefill(ComparedSide& side, const Recording& r) {
  for (size_t i = 0; i < whole_columns(r); ++i) {
    if (after_prefill(r.columns()[i])) add_column(side, r, r.columns()[i]);
  }
  side.tokens = tokens_after_prefill(r);
}

void sum_prefill(ComparedSide& side, const Recording& r) {
  for (size_t i = 0; i < whole_columns(r); ++i) {
    if (r.columns()[i].phase == Phase::kPrefill) add_column(side, r, r.columns()[i]);
  }
  side.tokens = side.columns > 0 ? 1 : 0;
}

std::string token_text(int token) { return "token " + std::to_string(token); }

// The smallest stretch of tokens around `token` that both runs bring in whole columns.
void sum_here(Compared& c, const Recording& a, const Recording& b, int token) {
  if (token < 0) {
    c.problem = "No token is being made here. Step to one.";
    return;
  }
  int first = token, last = token;
  std::pair<int, int> of_a, of_b;
  for (int before_first = -1, before_last = -1; first != before_first || last != before_last;) {
    before_first = first, before_last = last;
    const bool there = columns_of(a, first, last, of_a);
    if (there && columns_of(b, first, last, of_b)) continue;
    const std::string& who = there ? c.b.name : c.a.name;
    c.problem = who + " has not made " + token_text(there ? last : token) + " (yet).";
    return;
  }
  add_columns(c.a, a, of_a);
  add_columns(c.b, b, of_b);
  c.first_token = first, c.last_token = last;
  c.a.tokens = c.b.tokens = last - first + 1;
}

ComparedSide side_of(const Recording& r) {
  ComparedSide side;
  side.title = chapter_label(r.run().chapter).title();
  side.model = r.run().model;
  side.gpu = r.run().gpu.title;
  side.counts = r.run().target == "traced";
  return side;
}

void name_sides(Compared& c, const Recording& a, const Recording& b) {
  const ChapterLabel x = chapter_label(a.run().chapter), y = chapter_label(b.run().chapter);
  c.a.name = x.id, c.b.name = y.id;
  if (x.id != y.id) return;
  c.a.name = x.variant.empty() ? x.id : x.id + " " + x.variant;
  c.b.name = y.variant.empty() ? y.id : y.id + " " + y.variant;
  if (c.a.name == c.b.name) c.a.name += " (first)", c.b.name += " (second)";
}

std::string number_text(double value) {
  std::string text = std::to_string(value);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

// Everything but the chapter that would make the numbers differ.
std::vector<std::string> differences(const Compared& c, const Recording& a, const Recording& b) {
  std::vector<std::string> list;
  const auto differ = [&](const char* what, const std::string& x, const std::string& y) {
    if (x != y) list.push_back(std::string(what) + " differ: " + x + " and " + y + ".");
  };
  const traffic::RunEvent &x = a.run(), &y = b.run();
  const traffic::RunSetup &s = x.setup, &t = y.setup;
  differ("The models", x.model, y.model);
  differ("The GPUs", x.gpu.title, y.gpu.title);
  differ("The programs", x.target, y.target);
  if (s.prompt.empty() || t.prompt.empty()) {
    const bool both = s.prompt.empty() && t.prompt.empty();
    list.push_back(
        (both ? std::string("The recordings do")
              : "The recording of " + (s.prompt.empty() ? c.a.name : c.b.name) + " does") +
        " not say the prompt: it may differ.");
    return list;
  }
  if (s.prompt != t.prompt) {
    differ("The prompts", "\"" + s.prompt + "\"", "\"" + t.prompt + "\"");
  }
  differ("The temperatures", number_text(s.temperature), number_text(t.temperature));
  if (s.temperature > 0 || t.temperature > 0) {
    differ("The seeds", std::to_string(s.seed), std::to_string(t.seed));
    differ("The values of top-k", std::to_string(s.top_k), std::to_string(t.top_k));
    differ("The values of top-p", number_text(s.top_p), number_text(t.top_p));
  }
  if (!s.draft.empty() && !t.draft.empty()) differ("The draft models", s.draft, t.draft);
  if (s.draft_tokens > 0 && t.draft_tokens > 0) {
    differ("The proposals' lengths", std::to_string(s.draft_tokens),
           std::to_string(t.draft_tokens));
  }
  return list;
}

// Whether the tokens that both have are the same texts.
std::string text_note(const Recording& a, const Recording& b) {
  const size_t both = std::min(a.texts().size(), b.texts().size());
  if (both == 0) return "";
  for (size_t i = 0; i < both; ++i) {
    const TextAt &x = a.texts()[i], &y = b.texts()[i];
    if (x.token == y.token && x.text == y.text) continue;
    return "The texts part at " + token_text(std::min(x.token, y.token)) + ": \"" + x.text +
           "\" and \"" + y.text + "\".";
  }
  return both == 1 ? "The first token is the same." : "Both write the same text.";
}

// A mean over texts of different length is a mean over sequences of different length.
void warn_of_lengths(Compared& c) {
  if (c.part != Part::kPerToken || c.a.tokens == c.b.tokens) return;
  c.warnings.push_back("The means are over " + std::to_string(c.a.tokens) + " and " +
                       std::to_string(c.b.tokens) +
                       " tokens: a longer text has a longer cache to read.");
}

}  // namespace

size_t whole_columns(const Recording& r) {
  const size_t all = r.columns().size();
  return r.complete() || all == 0 ? all : all - 1;
}

int tokens_after_prefill(const Recording& recording) {
  int last = 0;
  for (size_t i = 0; i < whole_columns(recording); ++i) {
    const Column& c = recording.columns()[i];
    if (after_prefill(c)) last = std::max(last, last_token(recording, c));
  }
  return last;
}

int sequence_length(const Recording& recording, int token) {
  const size_t prompt = recording.run().setup.prompt_pieces.size();
  return prompt == 0 ? -1 : int(prompt) + token;
}

double kv_bytes(const Recording& recording, int length) {
  double sum = 0;
  for (const AllocationAt& a : recording.allocations()) {
    if (class_of(a.name) != TensorClass::kKvCache) continue;
    const double room = a.shape.size() > 2 ? double(a.shape[2]) : recording.run().setup.max_seq_len;
    if (length < 0 || room <= 0) return std::nan("");
    sum += double(a.bytes) * length / room;
  }
  return sum;
}

const ComparedRow* Compared::row(const std::string& id) const {
  const auto found =
      std::find_if(rows.begin(), rows.end(), [&](const ComparedRow& r) { return r.id == id; });
  return found == rows.end() ? nullptr : &*found;
}

Compared compare(const Recording& a, const Recording& b, Part part, int token) {
  Compared c;
  c.part = part;
  c.a = side_of(a), c.b = side_of(b);
  name_sides(c, a, b);
  c.warnings = differences(c, a, b);
  c.text_note = text_note(a, b);
  if (part == Part::kHere) {
    sum_here(c, a, b, token);
  } else {
    const auto sum = part == Part::kPrefill ? sum_prefill : sum_after_prefill;
    sum(c.a, a), sum(c.b, b);
    for (const ComparedSide* side : {&c.b, &c.a}) {
      if (side->tokens > 0) continue;
      c.problem = side->name + (part == Part::kPrefill ? " has not read the whole prompt (yet)."
                                                       : " has not made a token after the prompt "
                                                         "(yet).");
    }
    warn_of_lengths(c);
  }
  if (!c.problem.empty()) return c;
  const int end_a = part == Part::kPerToken ? c.a.tokens : c.last_token;
  const int end_b = part == Part::kPerToken ? c.b.tokens : c.last_token;
  c.rows = compared_rows(c.a, kv_bytes(a, sequence_length(a, end_a)), c.b,
                         kv_bytes(b, sequence_length(b, end_b)));
  return c;
}

}  // namespace viz
