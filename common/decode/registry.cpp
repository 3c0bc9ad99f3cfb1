// The list of chapters, and choosing from it.
#include "common/decode/registry.h"

#include <algorithm>
#include <sstream>

#include "common/decode/error.h"  // DecodeError

namespace decode {
namespace {

std::vector<Chapter>& list() {
  static std::vector<Chapter> chapters;
  return chapters;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  std::stringstream stream(text);
  for (std::string part; std::getline(stream, part, ',');) {
    if (!part.empty()) parts.push_back(part);
  }
  return parts;
}

bool contains(const std::vector<std::string>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

// Throws unless every wanted word is among those that the chapters have.
template <typename Field>
void check_known(const char* what, const std::vector<std::string>& wanted, Field field) {
  std::vector<std::string> known;
  for (const Chapter& chapter : chapters()) {
    const std::string& word = field(chapter);
    if (!word.empty() && !contains(known, word)) known.push_back(word);
  }
  for (const std::string& word : wanted) {
    if (contains(known, word)) continue;
    std::string all;
    for (const std::string& one : known) all += (all.empty() ? "" : ", ") + one;
    throw DecodeError(std::string(what) + ": found '" + word + "', expected some of " + all);
  }
}

}  // namespace

const std::vector<Chapter>& chapters() { return list(); }

RegisterChapter::RegisterChapter(Chapter chapter) {
  std::vector<Chapter>& all = list();
  const auto place =
      std::upper_bound(all.begin(), all.end(), chapter,
                       [](const Chapter& a, const Chapter& b) { return a.id < b.id; });
  all.insert(place, std::move(chapter));
}

std::vector<Chapter> select_chapters(const std::string& ids, const std::string& variants) {
  const std::vector<std::string> wanted_ids = split(ids), wanted_variants = split(variants);
  check_known("--chapters", wanted_ids,
              [](const Chapter& c) -> const std::string& { return c.id; });
  check_known("--kv", wanted_variants,
              [](const Chapter& c) -> const std::string& { return c.variant; });
  std::vector<Chapter> chosen;
  for (const Chapter& chapter : chapters()) {
    const bool id_ok = wanted_ids.empty() || contains(wanted_ids, chapter.id);
    const bool variant_ok = chapter.variant.empty() || wanted_variants.empty() ||
                            contains(wanted_variants, chapter.variant);
    if (id_ok && variant_ok) chosen.push_back(chapter);
  }
  if (chosen.empty()) throw DecodeError("--chapters and --kv: no chapter is both");
  return chosen;
}

}  // namespace decode
