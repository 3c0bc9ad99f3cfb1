// Which variant of a chapter a request means, and where its cache then lives.
#pragma once

#include <string>
#include <vector>

#include "visualizer/core/catalog.h"
#include "visualizer/core/run_request.h"

namespace viz {

// Gives the request one variant that there is: the one it names; else one whose cache lives in `kv`
// ("vram", "host", empty: anywhere), and of those the chapter's first. Returns what is wrong, in
// one line, and then leaves the request as it is; empty: nothing.
std::string settle_variant(RunRequest& request, const std::string& kv, const CatalogData& catalog);

// The variant to take when a cache moves to `kv`: the first of the chapter that has it there, and
// `before` if that is one of them. Null: the chapter has none.
const ChapterInfo* variant_with(const CatalogData& catalog, const std::string& chapter,
                                const std::string& kv, const std::string& before);

// Whether its variants differ only in where the cache lives: "vram" and "host".
bool only_places(const std::vector<const ChapterInfo*>& variants);
// Where this variant's cache lives; its name tells where an older program does not.
std::string place_of(const ChapterInfo& chapter);

}  // namespace viz
