// Loads a file as the programs do; see load_error.h.
#include "load_error.h"

#include "common/model/config.h"
#include "common/model/tokenizer.h"
#include "common/model/weights.h"
#include "test_files.h"
#include "tests/catch.h"

namespace {

// One line, and it says which file.
std::string checked(const std::string& message, const std::string& path) {
  if (!message.empty()) {
    CHECK(message.find('\n') == std::string::npos);
    CHECK(message.rfind(path + ": ", 0) == 0);
    CHECK(contains(message, "found"));
    CHECK(contains(message, "expected"));
    CHECK(message.size() < 600);
  }
  return message;
}

}  // namespace

std::string load_error(const std::string& path) {
  try {
    model::GgufFile file = model::GgufFile::open(path);
    model::Config config = model::read_config(file);
    model::Tokenizer::load(file);
    model::load_weights(file, config);
  } catch (const model::ModelError& error) {
    return error.what();
  }
  return "";
}

std::string load_error_of(const std::string& bytes) {
  TempDir dir;
  std::string path = dir.write("model.gguf", bytes);
  return checked(load_error(path), path);
}

std::string open_error_of(const std::string& bytes) {
  TempDir dir;
  std::string path = dir.write("model.gguf", bytes);
  try {
    model::GgufFile::open(path);
  } catch (const model::ModelError& error) {
    return checked(error.what(), path);
  }
  return "";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}
