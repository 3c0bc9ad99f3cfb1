// What other heads of K and V cost: the command convert-heads and the study pooled-heads.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "chapters/03_grouped_query/decoder.cuh"   // Decoder
#include "chapters/03_grouped_query/pool_heads.h"  // convert_heads
#include "common/decode/error.h"                   // DecodeError
#include "common/decode/loaded_model.h"            // LoadedModel
#include "common/decode/quality.h"                 // measure_quality
#include "common/decode/quality_report.h"          // quality_line
#include "common/decode/study.h"                   // RegisterStudy
#include "common/decode/tool.h"                    // RegisterTool

namespace {

using decode::LoadedModel;
using decode::Quality;
using model::TensorType;

// A file that is removed again.
class TemporaryFile {
 public:
  TemporaryFile() {
    path_ = (std::filesystem::temp_directory_path() / "ladder-heads-XXXXXX").string();
    const int descriptor = mkstemp(&path_[0]);
    if (descriptor < 0) throw decode::DecodeError(path_ + ": cannot be made");
    close(descriptor);
  }
  ~TemporaryFile() { unlink(path_.c_str()); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// The type that the file's own K matrices have, or bf16 for blocks of 4 or 8 bits: a mean of such
// is no such block.
TensorType stored_as(const LoadedModel& model) {
  const TensorType type = model.host.layers.at(0).attn_k.stored;
  return model::block_values(type) == 1 ? type : TensorType::kBF16;
}

TensorType store_type(const decode::Options& options, const LoadedModel& model) {
  if (options.store.empty()) return stored_as(model);
  for (const TensorType type : {TensorType::kF32, TensorType::kF16, TensorType::kBF16}) {
    if (options.store == model::tensor_type_name(type)) return type;
  }
  throw decode::DecodeError("--store: found '" + options.store + "', expected F32, F16 or BF16");
}

// How well each of these models predicts the text; the first is the reference.
std::vector<Quality> qualities(const std::vector<LoadedModel*>& models, const std::string& text,
                               int n_tokens) {
  const auto tokens = decode::read_tokens(models[0]->tokenizer, text, n_tokens);
  decode::DecoderOptions options;
  options.max_seq_len = std::min(decode::kQualityWindow, models[0]->host.config.max_seq_len);
  options.max_logit_rows = 32;
  std::vector<std::unique_ptr<decode::Decoder>> owners;
  std::vector<decode::Decoder*> decoders;
  for (LoadedModel* model : models) {
    model->upload();
    owners.push_back(
        std::make_unique<ch03::Decoder>(model->device, options, ch01::KvMemory::kVram));
    decoders.push_back(owners.back().get());
  }
  return decode::measure_quality(decoders, tokens, options.max_seq_len);
}

std::string heads_title(int kv_heads, int n_heads) {
  std::string kind = kv_heads == n_heads ? " (MHA)" : kv_heads == 1 ? " (MQA)" : "";
  return std::to_string(kv_heads) + (kv_heads == 1 ? " head" : " heads") + " of K and V" + kind;
}

// Writes --out with --kv-heads heads, reads it back, and compares it with the original.
nlohmann::ordered_json convert(const decode::Options& options) {
  if (options.kv_heads == 0) throw decode::DecodeError("convert-heads: --kv-heads N is missing");
  if (options.out.empty()) throw decode::DecodeError("convert-heads: --out FILE is missing");
  LoadedModel original(options.model);
  ch03::convert_heads(original.file, options.kv_heads, store_type(options, original), options.out);
  LoadedModel converted(options.out);
  const auto found = qualities({&original, &converted}, options.text, options.text_tokens);
  const int n_heads = original.host.config.n_heads, had = original.host.config.n_kv_heads;
  if (!options.quiet) {
    std::printf("%s: written\n%s: %lld tokens predicted\n%s\n%s\n%s\n", options.out.c_str(),
                options.text.c_str(), static_cast<long long>(found[0].positions),
                decode::quality_heading().c_str(),
                decode::quality_line(heads_title(had, n_heads), found[0]).c_str(),
                decode::quality_line(heads_title(options.kv_heads, n_heads), found[1]).c_str());
  }
  return {{"format", "decoder-ladder convert-heads 1"},
          {"model", original.file_name()},
          {"out", options.out},
          {"text", options.text},
          {"kv_heads", {had, options.kv_heads}},
          {"original", decode::quality_json(found[0])},
          {"converted", decode::quality_json(found[1])}};
}

// A row for each count of heads that the model can be turned to.
void pooled_heads(decode::StudyRun& run) {
  LoadedModel original(run.options().model);
  const model::Config& config = original.host.config;
  const std::vector<int> counts = ch03::possible_kv_heads(config);
  std::vector<std::unique_ptr<TemporaryFile>> files;
  std::vector<std::unique_ptr<LoadedModel>> owners;
  std::vector<LoadedModel*> models = {&original};
  for (const int count : counts) {
    if (count == config.n_kv_heads) continue;
    files.push_back(std::make_unique<TemporaryFile>());
    ch03::convert_heads(original.file, count, stored_as(original), files.back()->path());
    owners.push_back(std::make_unique<LoadedModel>(files.back()->path()));
    models.push_back(owners.back().get());
  }
  const auto found = qualities(models, run.options().text, run.options().text_tokens);
  size_t converted = 0;
  for (const int count : counts) {
    const bool is_original = count == config.n_kv_heads;
    const Quality& quality = found[is_original ? 0 : ++converted];
    run.row()
        .set("kv_heads", count)
        .set("title",
             heads_title(count, config.n_heads) + (is_original ? ", the model itself" : ""))
        .set("cache_bytes", 4.0 * config.n_layers * count * config.head_dim)
        .set("perplexity", quality.perplexity())
        .set("loss", quality.loss)
        .set("divergence", quality.divergence)
        .set("agreement", quality.agreement)
        .set("positions", double(quality.positions));
  }
}

const decode::RegisterTool kTool({"convert-heads", convert});

decode::Study study() {
  decode::Study s;
  s.name = "pooled-heads";
  s.title = "quality when heads of K and V are pooled or copied";
  s.run = pooled_heads;
  s.counts = false;
  return s;
}
const decode::RegisterStudy kStudy(study());

}  // namespace
