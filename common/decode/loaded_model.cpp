// Loads a model for a command of the command line.
#include "common/decode/loaded_model.h"

#include <algorithm>
#include <filesystem>

#include "common/decode/error.h"  // DecodeError
#include "common/model/chat.h"    // encode_chat
#include "common/model/config.h"  // read_config
#include "common/model/vocab.h"   // vocab_difference

namespace decode {

LoadedModel::LoadedModel(const std::string& model_path)
    : path(model_path),
      file(model::GgufFile::open(model_path)),
      host(model::load_weights(file, model::read_config(file))),
      tokenizer(model::Tokenizer::load(file)),
      device_bytes(weight_bytes(host)),
      notes(host.warnings) {
  if (host.quantized()) {
    notes.push_back("the file's matrices are " + host.storage() +
                    ": its bf16 weights here are dequantized, a baseline that is no better");
  }
}

void LoadedModel::upload(const std::string& name) { device = upload_weights(host, name); }

std::string LoadedModel::file_name() const {
  const size_t slash = path.find_last_of('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

nlohmann::ordered_json model_json(const LoadedModel& model) {
  const model::Config& c = model.host.config;
  return {{"file", model.file_name()},
          {"name", c.name},
          {"architecture", c.architecture},
          {"dim", c.dim},
          {"hidden_dim", c.hidden_dim},
          {"n_layers", c.n_layers},
          {"n_heads", c.n_heads},
          {"n_kv_heads", c.n_kv_heads},
          {"head_dim", c.head_dim},
          {"vocab_size", c.vocab_size},
          {"context", c.max_seq_len},
          {"weight_bytes", model.device_bytes},
          {"notes", model.notes}};
}

int tokens_to_count(const Options& options, const LoadedModel& model) {
  if (options.count_tokens > 0) return std::min(options.n_tokens, options.count_tokens);
  const uint64_t weights = model.device_bytes / sizeof(uint16_t);
  return weights <= kFewWeights ? options.n_tokens : std::min(options.n_tokens, kTokensOfMany);
}

std::string draft_path(const Options& options) {
  if (options.draft == "self") return "";
  if (!options.draft.empty()) return options.draft;
  const std::filesystem::path model = options.model;
  const std::filesystem::path draft = model.parent_path() / "austen-draft.gguf";
  return model.filename() == "austen-4m.gguf" && std::filesystem::exists(draft) ? draft.string()
                                                                                : "";
}

void check_draft(const LoadedModel& target, const LoadedModel& draft) {
  const std::string difference =
      model::vocab_difference(model::load_vocab(target.file), model::load_vocab(draft.file));
  if (difference.empty()) return;
  throw DecodeError("--draft: " + draft.file_name() + " has another vocabulary than " +
                    target.file_name() + ": " + difference);
}

int context_to_make(const Options& options, const LoadedModel& model, size_t prompt_tokens) {
  const int64_t most = model.host.config.max_seq_len;
  const int64_t needed = int64_t(prompt_tokens) + options.n_tokens;
  if (options.context == 0) return int(std::min(needed, most));
  const auto wrong = [&](const std::string& expected) {
    throw DecodeError("--context: found " + std::to_string(options.context) + ", expected " +
                      expected);
  };
  if (options.context > most) wrong("at most the model's context of " + std::to_string(most));
  if (options.context < needed) {
    wrong("at least " + std::to_string(needed) + ": " + std::to_string(prompt_tokens) +
          " tokens of the prompt and " + std::to_string(options.n_tokens) + " new ones");
  }
  return options.context;
}

std::vector<int> prompt_tokens(const LoadedModel& model, const Options& options) {
  std::vector<int> tokens = options.chat.empty() ? model.tokenizer.encode_prompt(options.prompt)
                                                 : model::encode_chat(model.tokenizer, options.chat,
                                                                      {{"user", options.prompt}});
  if (tokens.empty()) throw DecodeError("--prompt: no tokens, at least one is needed");
  const int context = model.host.config.max_seq_len;
  if (tokens.size() > static_cast<size_t>(context)) {
    throw DecodeError("--prompt: found " + std::to_string(tokens.size()) +
                      " tokens, expected at most the model's context of " +
                      std::to_string(context));
  }
  return tokens;
}

}  // namespace decode
