// Looking for files.
#include "visualizer/core/programs.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace viz {
namespace {

namespace fs = std::filesystem;

bool is_there(const std::string& path) {
  std::error_code none;
  return fs::exists(path, none);
}

// The first of them that holds the file, else empty.
std::string find(const std::vector<std::string>& folders, const std::string& file) {
  for (const std::string& folder : folders) {
    if (is_there(folder + "/" + file)) return folder + "/" + file;
  }
  return "";
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// As common/model/fetch_smollm2.sh chooses it.
std::string cache_folder() {
  const std::string cache = variable("XDG_CACHE_HOME"), home = variable("HOME");
  return (!cache.empty() ? cache : home.empty() ? "" : home + "/.cache") + "/decoder-ladder";
}

}  // namespace

std::string own_folder() {
  std::error_code none;
  return fs::read_symlink("/proc/self/exe", none).parent_path().string();
}

std::string program_path(const std::string& folder, const std::string& target) {
  return (folder.empty() ? "." : folder) + "/ladder-" + target;
}

std::vector<std::string> targets_in(const std::string& folder) {
  std::vector<std::string> found;
  for (const char* target : {"traced", "native", "gpu"}) {
    if (access(program_path(folder, target).c_str(), X_OK) == 0) found.emplace_back(target);
  }
  return found;
}

std::vector<ModelChoice> known_models() {
  // The tree that this was built from; or the one that it was moved to; or where it is run.
  const std::vector<std::string> shipped = {own_folder() + "/../common/models",
                                            LADDER_SOURCE_DIR "/common/models", "common/models"};
  std::vector<ModelChoice> models;
  const auto add = [&models](const char* name, const char* title, const std::string& path) {
    std::error_code none;
    if (!path.empty()) models.push_back({name, title, fs::path(path).lexically_normal().string()});
  };
  add("default", "Austen, 3.8 million parameters", find(shipped, "austen-4m.gguf"));
  add("draft", "Austen, 0.4 million parameters", find(shipped, "austen-draft.gguf"));
  add("smollm2", "SmolLM2, 135 million parameters",
      find({cache_folder()}, "SmolLM2-135M-Instruct.Q4_1.gguf"));
  return models;
}

std::string default_model() {
  for (const ModelChoice& model : known_models()) {
    if (model.name == "default") return model.path;
  }
  return "";
}

}  // namespace viz
