// Choosing among variants.
#include "visualizer/shell/choices.h"

namespace viz {

std::string place_of(const ChapterInfo& chapter) {
  if (!chapter.kv.empty()) return chapter.kv;
  return chapter.variant == "vram" || chapter.variant == "host" ? chapter.variant : "";
}

bool only_places(const std::vector<const ChapterInfo*>& variants) {
  for (const ChapterInfo* c : variants) {
    if (c->variant != "vram" && c->variant != "host") return false;
  }
  return true;
}

const ChapterInfo* variant_with(const CatalogData& catalog, const std::string& chapter,
                                const std::string& kv, const std::string& before) {
  const ChapterInfo* first = nullptr;
  for (const ChapterInfo* c : catalog.variants(chapter)) {
    if (!kv.empty() && place_of(*c) != kv) continue;
    if (c->variant == before) return c;
    if (first == nullptr) first = c;
  }
  return first;
}

std::string settle_variant(RunRequest& request, const std::string& kv, const CatalogData& catalog) {
  const auto variants = catalog.variants(request.chapter);
  if (variants.empty()) {
    std::string ids;
    for (const ChapterInfo& c : catalog.chapters) {
      if (ids.find(c.id) == std::string::npos) ids += (ids.empty() ? "" : ", ") + c.id;
    }
    return "--chapter: found '" + request.chapter + "', expected one of " + ids;
  }
  if (!request.variant.empty() && catalog.find(request.chapter, request.variant) == nullptr) {
    std::string rows;
    for (const ChapterInfo* c : variants) rows += (rows.empty() ? "" : ", ") + c->row();
    return "--chapter: found '" + request.row() + "', expected one of " + rows;
  }
  if (!request.variant.empty() && kv.empty()) return "";
  const ChapterInfo* found = variant_with(catalog, request.chapter, kv, request.variant);
  if (found == nullptr) {
    return "--kv: found '" + kv + "', but chapter " + request.chapter + " has no such variant";
  }
  request.variant = found->variant;
  return "";
}

}  // namespace viz
