// Two runs side by side: the same numbers of both, and what they should not be compared by.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "visualizer/core/catalog.h"      // CatalogData
#include "visualizer/core/recording.h"    // Recording, Sums
#include "visualizer/core/run_request.h"  // RunRequest

namespace viz {

// Which part of the runs is compared.
enum class Part {
  kPerToken,  // all after the prefill, divided by the tokens that it brought: ./ladder run's table
  kPrefill,
  kHere  // the token at which we are
};

enum class Unit { kBytes, kCount, kSeconds, kPercent, kRatio };
std::string value_text(Unit unit, double value);  // three digits; "-" for what is not known
std::string exact_text(Unit unit, double value);  // "8,004,812 B"

// One number of both runs. Not known: NaN.
struct ComparedRow {
  const char* id;      // "vram_bytes"
  const char* title;   // "VRAM"
  const char* kind;    // "counted", "declared", "modelled"
  const char* better;  // what the smaller one does: "moves less"; null: neither is better
  const char* help;    // one sentence
  Unit unit;
  double a = 0, b = 0;
  bool by_class = false;  // the bytes are of tensors:
  std::array<double, kTensorClasses> a_class{}, b_class{};

  double ratio() const;  // a / b; NaN when either is not known or b is 0
  // -1: a is better, 1: b is better, 0: equal (to half a percent), or it cannot be said.
  int winner() const;
};

// One of the two runs, as far as it is compared.
struct ComparedSide {
  std::string title;       // "01 kv_cache vram"
  std::string name;        // as short as tells the two apart: "01", "01 vram"
  std::string model, gpu;  // "austen-4m.gguf", the GPU's title
  int tokens = 0;          // that the sums are divided by; 1 for the prefill
  int columns = 0;         // of the recording that were summed
  Sums sums;               // not divided
  // By a clock, of the same steps, not divided; NaN when not all of them have it.
  double measured_seconds = 0;
  bool counts = true;  // false: a program that measures time and counts nothing
};

struct Compared {
  Part part = Part::kPerToken;
  int first_token = 0, last_token = 0;  // the tokens that are compared, of both
  ComparedSide a, b;
  std::vector<ComparedRow> rows;      // empty when there is a problem
  std::vector<std::string> warnings;  // what differs between the runs beside what is compared
  std::string problem;                // why there are no numbers; empty: there are
  std::string text_note;  // "Both write the same text." or where the texts part; empty: none yet

  const ComparedRow* row(const std::string& id) const;  // null: none
};

// `token` matters for kHere only: the text token at which we are, -1 for none. A round of
// speculative decoding brings several tokens: then all columns that bring any of them are summed,
// in both runs, and the sums divided by the tokens.
Compared compare(const Recording& a, const Recording& b, Part part, int token);

// Columns that are whole: these many from the first. The last column of a stream that goes on, or
// was cut, may lack work.
size_t whole_columns(const Recording& recording);
// Text tokens that all whole columns after the prefill have brought.
int tokens_after_prefill(const Recording& recording);
// What the allocations named kv_cache hold for a sequence of `length` tokens; NaN when the stream
// does not say for how many positions they have room. 0 when there are none.
double kv_bytes(const Recording& recording, int length);
// Tokens in the sequence at the end of a column with this token; -1 when the prompt's are not
// known.
int sequence_length(const Recording& recording, int token);

// A second run that is worth a look beside this one.
struct NaturalPair {
  ChapterInfo chapter;
  std::string why;  // "the chapter before: what does 02 change?"
};
std::vector<NaturalPair> natural_pairs(const CatalogData& catalog, const std::string& chapter);

// The first run's request, with another chapter; of a recording that was opened, as its setup says.
RunRequest request_beside(const RunRequest& first, const traffic::RunEvent& run,
                          const ChapterInfo& chapter);

}  // namespace viz
