// The chapter of a run event, taken apart: "01_kv_cache-vram" is chapter 01, kv_cache, vram.
#pragma once

#include <algorithm>
#include <string>

namespace viz {

struct ChapterLabel {
  std::string id, name, variant;  // the variant is empty when a chapter has only one

  std::string title() const {  // "01 kv_cache vram", as the ladder table writes it
    return id + (name.empty() ? "" : " " + name) + (variant.empty() ? "" : " " + variant);
  }
  std::string row() const { return variant.empty() ? id : id + ":" + variant; }  // "01:vram"
};

inline ChapterLabel chapter_label(const std::string& chapter) {
  ChapterLabel label;
  const size_t name = chapter.find('_'), variant = chapter.find('-');
  label.id = chapter.substr(0, std::min(name, variant));
  if (name < variant) label.name = chapter.substr(name + 1, variant - name - 1);
  if (variant != std::string::npos) label.variant = chapter.substr(variant + 1);
  return label;
}

}  // namespace viz
