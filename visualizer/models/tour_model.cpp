// Which cards there are, and which one is shown.
#include "visualizer/models/tour_model.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "visualizer/core/chapter_label.h"  // chapter_label

namespace viz {
namespace {

namespace fs = std::filesystem;

// Empty when it cannot be read.
std::string text_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return in ? text.str() : "";
}

// Entries of a folder whose names begin with a chapter's number, in order.
std::vector<fs::path> numbered(const fs::path& folder) {
  std::vector<fs::path> list;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (name.size() > 3 && isdigit(name[0]) && isdigit(name[1]) && name[2] == '_') {
      list.push_back(entry.path());
    }
  }
  std::sort(list.begin(), list.end());
  return list;
}

}  // namespace

std::string find_tour_root() {
  std::error_code error;
  std::vector<fs::path> places = {LADDER_SOURCE_DIR};
  const fs::path program = fs::read_symlink("/proc/self/exe", error).parent_path();
  if (!error) places.insert(places.end(), {program, program.parent_path()});
  for (const fs::path& place : places) {
    if (!numbered(place / "visualizer" / "tour").empty()) return place.string();
  }
  return "";
}

Tour::Tour(const std::string& root) : root_(root) {
  const fs::path folder = fs::path(root) / "visualizer" / "tour";
  for (const fs::path& path : numbered(folder)) {
    if (path.extension() != ".md") continue;
    const std::string name = path.filename().string();
    const std::string text = text_of(path);
    try {
      if (text.empty()) throw TourError(name + ": it cannot be read, or is empty");
      files_.push_back(parse_tour(text, name));
    } catch (const TourError& error) {
      problems_.push_back(error.what());
    }
  }
  if (files_.empty() && problems_.empty()) {
    problems_.push_back(root.empty() ? "The cards of the tour were not found: visualizer/tour is "
                                       "neither in the source folder nor beside the program."
                                     : folder.string() + " has no cards.");
  }
}

size_t Tour::size() const {
  size_t size = 0;
  for (const TourFile& file : files_) size += file.cards.size();
  return size;
}

void Tour::show(size_t index) {
  if (size() == 0) return;
  index_ = std::min(index, size() - 1);
  on_ = on_its_way_ = true;
}

std::optional<size_t> Tour::find(const std::string& card) const {
  size_t index = 0;
  for (const TourFile& file : files_) {
    for (size_t i = 0; i < file.cards.size(); ++i, ++index) {
      if (card == file.chapter + "." + std::to_string(i + 1)) return index;
    }
  }
  return std::nullopt;
}

const TourCard& Tour::card_at(size_t index) const {
  for (const TourFile& file : files_) {
    if (index < file.cards.size()) return file.cards[index];
    index -= file.cards.size();
  }
  throw std::out_of_range("the tour has no such card");
}

const TourFile& Tour::file_of(size_t index) const {
  for (const TourFile& file : files_) {
    if (index < file.cards.size()) return file;
    index -= file.cards.size();
  }
  throw std::out_of_range("the tour has no such card");
}

const std::string& Tour::lesson_of(const std::string& chapter) const {
  const auto [lesson, fresh] = lessons_.try_emplace(chapter);
  if (!fresh) return lesson->second;
  for (const fs::path& folder : numbered(fs::path(root_) / "chapters")) {
    if (folder.filename().string().rfind(chapter + "_", 0) == 0) {
      lesson->second = text_of(folder / "README.md");
    }
  }
  return lesson->second;
}

RunRequest request_for(const TourCard& card, const RunRequest& base) {
  RunRequest request = base;
  request.chapter = card.chapter;
  request.variant = card.variant;
  if (!card.prompt.empty()) request.prompt = card.prompt;
  if (!card.gpu.empty()) request.gpu = card.gpu;
  if (card.temperature > 0) request.temperature = float(card.temperature);
  if (card.draft_tokens > 0) request.draft_tokens = card.draft_tokens;
  request.n_tokens = std::max(request.n_tokens, card.token + 1);
  return request;
}

bool is_run_of(const TourCard& card, const Recording& recording) {
  if (!recording.started()) return false;
  const traffic::RunEvent& run = recording.run();
  return chapter_label(run.chapter).row() == card.row() &&
         (card.prompt.empty() || card.prompt == run.setup.prompt) &&
         (card.gpu.empty() || card.gpu == run.gpu.name) &&
         (card.temperature <= 0 || float(card.temperature) == float(run.setup.temperature)) &&
         (card.draft_tokens <= 0 || card.draft_tokens == run.setup.draft_tokens);
}

std::optional<size_t> work_of(const TourCard& card, const Recording& recording) {
  if (!is_run_of(card, recording)) return std::nullopt;
  const int column = recording.column_of_token(card.token);
  if (column < 0 || recording.columns()[column].works.empty()) return std::nullopt;
  const WorkRange works = recording.columns()[column].works;
  for (size_t w = works.begin; w < works.end; ++w) {
    if (recording.kernel_name(w) == card.kernel) return w;
  }
  return card.play ? works.begin : works.end - 1;
}

}  // namespace viz
