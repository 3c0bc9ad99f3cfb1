// What there is to choose from: chapters and GPUs, and the model's shape. The programs say it
// (ladder-traced info), so that the window knows no chapter.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace viz {

struct ChapterInfo {
  std::string id, name, variant, idea;  // "03", "grouped_query", "vram" or empty, one line
  std::string kv;                       // where its cache lives: "vram", "host"; empty: unknown
  bool by_default = true;               // part of a plain ./ladder run
  bool draft = false;                   // decodes with a draft model
  bool lossy = false;                   // may change the text

  std::string title() const;  // "03 grouped_query vram"
  std::string row() const;    // "03:vram"
  bool operator==(const ChapterInfo&) const = default;
};

struct GpuInfo {
  std::string name, title;  // "h100", "NVIDIA H100 SXM5 80GB"
  bool operator==(const GpuInfo&) const = default;
};

// The chosen model's shape; 0 or empty: the program did not say.
struct ModelInfo {
  std::string file, name, architecture, storage, tokenizer;
  uint64_t weight_bytes = 0;  // on the device
  int dim = 0, hidden_dim = 0, n_layers = 0, n_heads = 0, n_kv_heads = 0, head_dim = 0;
  int vocab_size = 0, max_seq_len = 0;
  std::vector<std::string> notes;
  bool operator==(const ModelInfo&) const = default;
};

struct CatalogData {
  std::string target, device;  // "traced", "AMD EPYC, 2 threads"
  std::vector<ChapterInfo> chapters;
  std::vector<GpuInfo> gpus;
  std::optional<ModelInfo> model;

  // Variants of one chapter, in order.
  std::vector<const ChapterInfo*> variants(const std::string& id) const;
  // Null when there is none.
  const ChapterInfo* find(const std::string& id, const std::string& variant) const;
};

// Reads what `info --json -` wrote. Throws std::runtime_error that says what is wrong with it.
CatalogData parse_catalog(const std::string& text);

// To be used by one thread (the window's). Each call returns at once.
class Catalog {
 public:
  Catalog();
  ~Catalog();
  Catalog(const Catalog&) = delete;
  Catalog& operator=(const Catalog&) = delete;

  // Asks a program, in the background, what it has, and for the shape of this model; empty: the
  // shipped one. A later call replaces an earlier one that is not done.
  void load(const std::string& program, const std::string& model);

  // Takes over what has come; call it each frame. True when data() or message() has changed.
  bool update();
  bool loading() const { return loading_; }
  // Empty until the first load is done. Without a model when it cannot be read.
  const CatalogData& data() const { return data_; }
  // Why the last load failed, in one line; empty when it did not.
  const std::string& message() const { return message_; }

 private:
  class Load;
  CatalogData data_;
  std::string message_;
  bool loading_ = false;
  std::unique_ptr<Load> load_;
  std::vector<std::unique_ptr<Load>> ending_;
};

}  // namespace viz
