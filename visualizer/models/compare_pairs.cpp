// Which second run is worth a look.
#include "visualizer/core/chapter_label.h"  // chapter_label
#include "visualizer/models/compare_model.h"

namespace viz {
namespace {

// Of one chapter: the row with this variant, else the first of those that are shown by default.
const ChapterInfo* nearest(const CatalogData& catalog, const std::string& id,
                           const std::string& variant) {
  const auto variants = catalog.variants(id);
  const ChapterInfo* best = nullptr;
  for (const ChapterInfo* c : variants) {
    if (c->variant == variant) return c;
    if (best == nullptr || (!best->by_default && c->by_default)) best = c;
  }
  return best;
}

}  // namespace

std::vector<NaturalPair> natural_pairs(const CatalogData& catalog, const std::string& chapter) {
  const ChapterLabel here = chapter_label(chapter);
  std::string before, after;
  for (const ChapterInfo& c : catalog.chapters) {
    if (c.id < here.id) before = std::max(before, c.id);
    if (c.id > here.id) after = after.empty() ? c.id : std::min(after, c.id);
  }
  std::vector<NaturalPair> pairs;
  if (const ChapterInfo* c = nearest(catalog, before, here.variant)) {
    pairs.push_back({*c, "the chapter before: what does " + here.id + " change?"});
  }
  if (const ChapterInfo* c = nearest(catalog, after, here.variant)) {
    pairs.push_back({*c, "the next chapter: what will it change?"});
  }
  const ChapterInfo* own = catalog.find(here.id, here.variant);
  for (const ChapterInfo* c : catalog.variants(here.id)) {
    if (c->variant == here.variant) continue;
    const bool host = own != nullptr && own->kv != c->kv && c->kv == "host";
    const bool vram = own != nullptr && own->kv != c->kv && c->kv == "vram";
    pairs.push_back({*c, host   ? "the same chapter, its cache in host RAM"
                         : vram ? "the same chapter, its cache in VRAM"
                                : "the same chapter, set otherwise"});
  }
  return pairs;
}

RunRequest request_beside(const RunRequest& first, const traffic::RunEvent& run,
                          const ChapterInfo& chapter) {
  RunRequest request = first;
  request.chapter = chapter.id;
  request.variant = chapter.variant;
  request.kv.clear();
  const traffic::RunSetup& s = run.setup;
  if (s.prompt.empty()) return request;
  request.prompt = s.prompt;
  request.n_tokens = s.n_tokens > 0 ? s.n_tokens : request.n_tokens;
  request.temperature = float(s.temperature);
  request.top_k = s.top_k;
  request.top_p = float(s.top_p);
  request.seed = s.seed;
  if (!run.gpu.name.empty()) request.gpu = run.gpu.name;
  return request;
}

}  // namespace viz
