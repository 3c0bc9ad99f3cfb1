// Asking a program what it holds.
#include "visualizer/core/catalog.h"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <thread>

#include "visualizer/core/child.h"     // Child
#include "visualizer/core/programs.h"  // default_model

namespace viz {
namespace {

using nlohmann::json;

constexpr size_t kMostBytes = 4 << 20;
constexpr auto kPatience = std::chrono::seconds(60);
constexpr int kLookAgainMs = 20;

ChapterInfo chapter_from(const json& j) {
  ChapterInfo c;
  c.id = j.at("id").get<std::string>();
  c.name = j.at("name").get<std::string>();
  c.variant = j.value("variant", "");
  c.idea = j.value("idea", "");
  c.kv = j.value("kv", "");
  c.by_default = j.value("by_default", true);
  c.draft = j.value("draft", false);
  c.lossy = j.value("lossy", false);
  return c;
}

ModelInfo model_from(const json& j) {
  ModelInfo m;
  m.file = j.value("file", "");
  m.name = j.value("name", "");
  m.architecture = j.value("architecture", "");
  m.storage = j.value("storage", "");
  m.tokenizer = j.value("tokenizer", "");
  m.weight_bytes = j.value("weight_bytes", uint64_t{0});
  m.dim = j.value("dim", 0);
  m.hidden_dim = j.value("hidden_dim", 0);
  m.n_layers = j.value("n_layers", 0);
  m.n_heads = j.value("n_heads", 0);
  m.n_kv_heads = j.value("n_kv_heads", 0);
  m.head_dim = j.value("head_dim", 0);
  m.vocab_size = j.value("vocab_size", 0);
  m.max_seq_len = j.value("max_seq_len", 0);
  m.notes = j.value("notes", std::vector<std::string>());
  return m;
}

// What the program wrote on standard output. Throws std::runtime_error when it failed; returns an
// empty text when stopped.
std::string output_of(const std::vector<std::string>& command, const StopSignal& stop) {
  Child child({command, 1});
  std::string text;
  char buffer[16 << 10];
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (true) {
    child.read_errors();
    const bool over = child.ended();
    const ssize_t got = read(child.data(), buffer, sizeof buffer);
    if (got > 0) text.append(buffer, size_t(got));
    if (text.size() > kMostBytes) throw std::runtime_error(command[0] + " writes without an end");
    if (got > 0) continue;
    if (over) break;
    if (std::chrono::steady_clock::now() > until) {
      throw std::runtime_error(command[0] + " does not answer");
    }
    pollfd ready[] = {{child.data(), POLLIN, 0}, {child.error_output(), POLLIN, 0}};
    // Where the pipe is closed already, only its end is waited for.
    if (!(got == 0 ? stop.sleep(kLookAgainMs) : stop.wait(ready, 2, kLookAgainMs))) return "";
  }
  child.read_errors();
  if (child.succeeded()) return text;
  const std::string told = child.error_line();
  throw std::runtime_error(told.empty() ? command[0] + " " + child.end_words() : told);
}

CatalogData ask(const std::string& program, const std::string& model, const StopSignal& stop) {
  std::vector<std::string> command = {program, "info", "--json", "-"};
  const std::string path = model.empty() ? default_model() : model;
  if (!path.empty()) command.insert(command.end(), {"--model", path});
  const std::string text = output_of(command, stop);
  return stop.is_set() ? CatalogData() : parse_catalog(text);
}

}  // namespace

std::string ChapterInfo::title() const {
  return id + " " + name + (variant.empty() ? "" : " " + variant);
}
std::string ChapterInfo::row() const { return variant.empty() ? id : id + ":" + variant; }

std::vector<const ChapterInfo*> CatalogData::variants(const std::string& id) const {
  std::vector<const ChapterInfo*> found;
  for (const ChapterInfo& c : chapters) {
    if (c.id == id) found.push_back(&c);
  }
  return found;
}

const ChapterInfo* CatalogData::find(const std::string& id, const std::string& variant) const {
  for (const ChapterInfo& c : chapters) {
    if (c.id == id && c.variant == variant) return &c;
  }
  return nullptr;
}

CatalogData parse_catalog(const std::string& text) {
  const json j = json::parse(text, nullptr, false);
  if (!j.is_object()) throw std::runtime_error("what info wrote is not a JSON object");
  try {
    const std::string format = j.value("format", "");
    if (format != "decoder-ladder info 1") {
      throw std::runtime_error("info has format '" + format +
                               "', expected 'decoder-ladder info 1'");
    }
    CatalogData data;
    data.target = j.value("target", "");
    data.device = j.value("device", "");
    for (const json& c : j.at("chapters")) data.chapters.push_back(chapter_from(c));
    for (const json& g : j.at("gpus")) {
      data.gpus.push_back({g.at("name").get<std::string>(), g.value("title", "")});
    }
    if (j.contains("model") && j["model"].is_object()) data.model = model_from(j["model"]);
    return data;
  } catch (const json::exception& error) {
    throw std::runtime_error(std::string("what info wrote cannot be read: ") + error.what());
  }
}

// One question, in its own thread.
class Catalog::Load {
 public:
  Load(std::string program, std::string model) : thread_([=, this] { run(program, model); }) {}
  ~Load() {
    stop();
    thread_.join();
  }
  void stop() { stop_.set(); }
  bool over() const { return over_; }
  const CatalogData& data() const { return data_; }  // once it is over
  const std::string& message() const { return message_; }

 private:
  void run(const std::string& program, const std::string& model) {
    try {
      data_ = ask(program, model, stop_);
    } catch (const std::exception& error) {
      message_ = error.what();
      try {
        data_ = ask(program, "", stop_);
      } catch (const std::exception&) {  // the first message says more
      }
      data_.model.reset();
    }
    over_ = true;
  }

  StopSignal stop_;
  CatalogData data_;
  std::string message_;
  std::atomic<bool> over_ = false;
  std::thread thread_;
};

Catalog::Catalog() = default;
Catalog::~Catalog() = default;

void Catalog::load(const std::string& program, const std::string& model) {
  if (load_) {
    load_->stop();
    ending_.push_back(std::move(load_));
  }
  message_.clear();
  try {
    load_ = std::make_unique<Load>(program, model);
  } catch (const std::exception& error) {
    message_ = error.what();
  }
  loading_ = load_ != nullptr;
}

bool Catalog::update() {
  std::erase_if(ending_, [](const auto& load) { return load->over(); });
  if (!load_ || !load_->over()) return false;
  const CatalogData& come = load_->data();
  if (come.chapters.empty()) {
    data_.model.reset();  // what else there was stays
  } else {
    data_ = come;
  }
  message_ = load_->message();
  loading_ = false;
  load_.reset();
  return true;
}

}  // namespace viz
