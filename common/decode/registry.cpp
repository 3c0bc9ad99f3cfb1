// The list of chapters, and choosing from it.
#include "common/decode/registry.h"

#include <algorithm>
#include <sstream>

#include "common/decode/error.h"  // DecodeError

namespace decode {
namespace {

using Words = std::vector<std::string>;

std::vector<Chapter>& list() {
  static std::vector<Chapter> chapters;
  return chapters;
}

Words split(const std::string& text) {
  Words parts;
  std::stringstream stream(text);
  for (std::string part; std::getline(stream, part, ',');) {
    if (!part.empty()) parts.push_back(part);
  }
  return parts;
}

bool contains(const Words& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

std::string key(const Chapter& chapter) { return chapter.id + ":" + chapter.variant; }

// Throws unless every wanted word is known.
void check_known(const char* what, const Words& wanted, const Words& known) {
  for (const std::string& word : wanted) {
    if (contains(known, word)) continue;
    std::string all;
    for (const std::string& one : known) all += (all.empty() ? "" : ", ") + one;
    throw DecodeError(std::string(what) + ": found '" + word + "', expected some of " + all);
  }
}

void check_ids(const Words& wanted) {
  Words ids;
  for (const Chapter& chapter : chapters()) {
    if (!contains(ids, chapter.id)) ids.push_back(chapter.id);
  }
  for (const std::string& word : wanted) {
    const std::string id = word.substr(0, word.find(':'));
    check_known("--chapters", {id}, ids);
    if (id == word) continue;
    Words variants;
    for (const Chapter& chapter : chapters()) {
      if (chapter.id == id) variants.push_back(key(chapter));
    }
    check_known("--chapters", {word}, variants);
  }
}

void check_places(const Words& wanted) {
  Words places;
  for (const Chapter& chapter : chapters()) {
    if (!chapter.kv.empty() && !contains(places, chapter.kv)) places.push_back(chapter.kv);
  }
  check_known("--kv", wanted, places);
}

bool is_chosen(const Chapter& chapter, const Words& ids, const Words& places) {
  const bool in_place = chapter.kv.empty() || places.empty() || contains(places, chapter.kv);
  if (!in_place) return false;
  if (contains(ids, key(chapter))) return true;
  if (!ids.empty() && !contains(ids, chapter.id)) return false;
  return chapter.by_default || contains(places, chapter.variant);
}

}  // namespace

std::string title(const Chapter& chapter) {
  return chapter.id + " " + chapter.name + (chapter.variant.empty() ? "" : " " + chapter.variant);
}

const std::vector<Chapter>& chapters() { return list(); }

RegisterChapter::RegisterChapter(Chapter chapter) {
  std::vector<Chapter>& all = list();
  const auto place =
      std::upper_bound(all.begin(), all.end(), chapter,
                       [](const Chapter& a, const Chapter& b) { return a.id < b.id; });
  all.insert(place, std::move(chapter));
}

std::vector<Chapter> select_chapters(const std::string& ids, const std::string& kv) {
  const Words wanted_ids = split(ids), wanted_places = split(kv);
  check_ids(wanted_ids);
  check_places(wanted_places);
  std::vector<Chapter> chosen;
  for (const Chapter& chapter : chapters()) {
    if (is_chosen(chapter, wanted_ids, wanted_places)) chosen.push_back(chapter);
  }
  if (chosen.empty()) throw DecodeError("--chapters and --kv: no chapter is both");
  return chosen;
}

int row_to_compare(const std::vector<Chapter>& rows, int index, const std::vector<bool>& ran) {
  const std::string& wanted = rows[index].compare_with;
  for (int i = index - 1; i >= 0; --i) {
    if (!ran[i]) continue;
    if (wanted.empty() ? !rows[i].lossy && rows[i].compare_with.empty()
                       : rows[i].id == wanted || key(rows[i]) == wanted) {
      return i;
    }
  }
  return -1;
}

}  // namespace decode
