// Sentences about single rows, and about all.
#include "common/decode/table_words.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "common/decode/text_grid.h"  // wrap

namespace decode {

using nlohmann::ordered_json;

namespace {

// Where the tokens of a row first differ from those that they are compared with; "" when nowhere.
std::string difference_text(const ordered_json& row) {
  const ordered_json& equal = row["equal_to_previous"];
  if (!equal.is_object()) return "";
  char gap[32];
  std::snprintf(gap, sizeof gap, "%.0e", equal["top_two_gap"].get<double>());
  const std::string what = row["lossy"].get<bool>()   ? "a lossy chapter"
                           : equal["tie"].get<bool>() ? "a tie"
                                                      : "an ERROR";
  return row_name(row) + ": token " + std::to_string(equal["at"].get<int>() + 1) +
         " is the first that differs from " + row["compared_with"].get<std::string>() +
         ", where the two largest logits lie " + gap + " apart: " + what + ".";
}

// What is compared with another row than a reader expects: a lossy one.
std::string comparison_text(const ordered_json& table, const ordered_json& row) {
  const ordered_json& with = row["compared_with"];
  for (const ordered_json& other : table["chapters"]) {
    if (with == row_name(other) && other["lossy"].get<bool>()) {
      return row_name(row) + " is compared with " + row_name(other) + ".";
    }
  }
  return "";
}

std::string two_digits(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", value);
  return text;
}

// (1 - a^(k+1)) / (1 - a): the tokens of a pass if each of k proposed ones stays with probability
// a, whatever came before it.
double expected_tokens(double a, int k) {
  return a < 1 ? (1 - std::pow(a, k + 1)) / (1 - a) : k + 1;
}

// How a draft's proposals fared, by their place in a proposal, and what the formula makes of it.
std::string acceptance_text(const ordered_json& row) {
  const ordered_json& s = row["speculation"];
  if (s.is_null() || s["acceptance"].is_null() || s["tokens_per_pass"].is_null()) return "";
  std::string text = row_name(row) + ": accepted by position";
  for (const ordered_json& share : s["acceptance_by_position"]) {
    text += " " + (share.is_null() ? "-" : percent_text(share.get<double>()));
  }
  const double a = s["acceptance"].get<double>();
  const int k = s["draft_tokens"].get<int>();
  return text + "; " + two_digits(s["tokens_per_pass"].get<double>()) + " tokens a pass, where " +
         percent_text(a) + " at every position would give (1 - a^" + std::to_string(k + 1) +
         ") / (1 - a) = " + two_digits(expected_tokens(a, k)) + ".";
}

std::string counted_legend(const ordered_json& row, const std::string& gpu) {
  const int tokens = row["counted"]["tokens"].get<int>();
  const size_t produced = row["tokens"].size();
  std::string text = "A token: all work after the prefill, divided by the " +
                     std::to_string(tokens) + " tokens that it produced";
  if (size_t(tokens) + 1 < produced) {
    text += " (counting stops at token " + std::to_string(tokens + 1) + " of the text's " +
            std::to_string(produced) + ": --count-tokens)";
  }
  return text + ". Counted: exact; L1, L2 and VRAM under the cache model of " + gpu +
         ". Launches are kernels. Declared: stated by each launcher. Modelled: a roofline estimate "
         "for " +
         gpu + ", not a measurement. ";
}

std::string speculation_legend(const ordered_json& table) {
  const ordered_json& rows = table["chapters"];
  const auto row = std::find_if(rows.begin(), rows.end(),
                                [](const ordered_json& r) { return !r["speculation"].is_null(); });
  if (row == rows.end()) return "";
  const std::string draft = table["draft"].is_null() ? "the model itself" : table["draft"];
  return " Speculation: " + draft + " drafts " +
         std::to_string((*row)["speculation"]["draft_tokens"].get<int>()) +
         " tokens at a time; accepted are those of the drafted tokens that the target looked at "
         "and took; tokens/pass: produced for each pass of the target.";
}

}  // namespace

std::string row_name(const ordered_json& row) {
  std::string text = row["id"].get<std::string>() + " " + row["name"].get<std::string>();
  if (!row["variant"].get<std::string>().empty()) text += " " + row["variant"].get<std::string>();
  return text;
}

std::string percent_text(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.0f%%", 100 * share);
  return text;
}

std::string table_remarks(const ordered_json& table, size_t width) {
  std::string text;
  const auto add = [&](const std::string& remark) {
    if (!remark.empty()) text += wrap(remark, width);
  };
  for (const ordered_json& row : table["chapters"]) {
    add(acceptance_text(row));
    add(difference_text(row));
    add(comparison_text(table, row));
  }
  for (const ordered_json& one : table["skipped"]) {
    add(row_name(one) + " is left out: " + one["reason"].get<std::string>() + ".");
  }
  return text;
}

std::string table_legend(const ordered_json& table) {
  const ordered_json& row = table["chapters"].front();
  std::string text;
  if (!row["counted"].is_null()) text += counted_legend(row, table["gpu"].get<std::string>());
  if (!row["measured"].is_null()) {
    text += "Measured: " + row["measured"]["target"].get<std::string>() + " target on " +
            row["measured"]["device"].get<std::string>() + ". ";
  }
  return text + "Same text: the tokens are those of the nearest line above that is not lossy." +
         speculation_legend(table);
}

}  // namespace decode
