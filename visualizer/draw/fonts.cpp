// Which font files, which characters.
#include "visualizer/draw/fonts.h"

#include <fstream>
#include <set>

namespace viz {
namespace {

// Pairs of first and last; European writing, arrows, mathematics, boxes and signs. DejaVu has most
// of them.
constexpr ImWchar kUsual[] = {0x0020, 0x007E, 0x00A0, 0x02AF, 0x0370, 0x03FF, 0x0400,
                              0x052F, 0x1E00, 0x1EFF, 0x2010, 0x205E, 0x2070, 0x209C,
                              0x20A0, 0x20BF, 0x2190, 0x21FF, 0x2200, 0x22FF, 0x2500,
                              0x25FF, 0xFFFD, 0xFFFD, 0};
// Of the large font, which shows titles and numbers.
constexpr ImWchar kFew[] = {0x0020, 0x007E, 0x00A0, 0x017F, 0x2010, 0x2026,
                            0x2190, 0x2193, 0x2212, 0x2212, 0};

constexpr const char* kDejaVu[] = {
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", "/usr/share/fonts/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf", "/usr/share/fonts/TTF/DejaVuSans.ttf"};
constexpr const char* kEastAsian[] = {
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
};

template <size_t kCount>
const char* first_there(const char* const (&files)[kCount]) {
  for (const char* file : files) {
    if (std::ifstream(file)) return file;
  }
  return nullptr;
}

bool usual(unsigned c) {
  for (const ImWchar* range = kUsual; *range != 0; range += 2) {
    if (range[0] <= c && c <= range[1]) return true;
  }
  return c < 0x20;
}

// Calls use(character, its bytes) for each character of UTF-8 text; skips what is none.
template <class Use>
void each_character(const std::string& text, Use use) {
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const size_t length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (i + length > text.size()) return;
    unsigned c = length == 1 ? lead : lead & (0x7Fu >> length);
    for (size_t k = 1; k < length; ++k) {
      c = c << 6 | (static_cast<unsigned char>(text[i + k]) & 0x3F);
    }
    use(c, text.substr(i, length));
    i += length;
  }
}

ImFont* load(const char* file, float pixels, const ImWchar* characters, const char* rare_file,
             const ImWchar* rare) {
  ImFontAtlas& atlas = *ImGui::GetIO().Fonts;
  ImFontConfig config;
  // Whole pixels: what stands in a column of numbers stays in it, and is sharp.
  config.PixelSnapH = true;
  config.OversampleH = config.OversampleV = 1;
  ImFont* font;
  if (file != nullptr) {
    font = atlas.AddFontFromFileTTF(file, pixels, &config, characters);
  } else {
    config.SizePixels = pixels;
    font = atlas.AddFontDefault(&config);
  }
  // The usual font has Hebrew, Arabic and more; what it lacks comes from the other one.
  config.MergeMode = true;
  for (const char* merged : {file, rare_file}) {
    if (merged != nullptr && rare != nullptr) {
      atlas.AddFontFromFileTTF(merged, pixels, &config, rare);
    }
  }
  return font;
}

}  // namespace

void load_fonts(Theme& theme, const std::string& rare) {
  ImFontAtlas& atlas = *ImGui::GetIO().Fonts;
  atlas.Clear();
  static ImVector<ImWchar> rare_ranges;  // the atlas reads it later, when it is built
  rare_ranges.clear();
  if (!rare.empty()) {
    ImFontGlyphRangesBuilder builder;
    builder.AddText(rare.c_str());
    builder.BuildRanges(&rare_ranges);
  }
  const ImWchar* wanted = rare_ranges.empty() ? nullptr : rare_ranges.Data;
  const char* usual_file = first_there(kDejaVu);
  const char* rare_file = wanted == nullptr ? nullptr : first_there(kEastAsian);
  theme.body = load(usual_file, theme.px(15), kUsual, rare_file, wanted);
  theme.small = load(usual_file, theme.px(12.5f), kUsual, rare_file, wanted);
  theme.large = load(usual_file, theme.px(20), kFew, nullptr, nullptr);
  ImGui::GetIO().FontDefault = theme.body;
}

std::string rare_characters(const std::string& text) {
  std::set<std::string> found;
  each_character(text, [&found](unsigned c, const std::string& bytes) {
    if (!usual(c) && c <= IM_UNICODE_CODEPOINT_MAX) found.insert(bytes);
  });
  std::string all;
  for (const std::string& one : found) all += one;
  return all;
}

}  // namespace viz
