// Studies: questions that a chapter answers by counting or computing a table of its own, such as
// the bytes of attention against sequence length. `ladder-traced study NAME --json F` runs one and
// writes its rows; a lesson shows them as a table or as a plot (common/lesson/README.md).
//
//   void attention_io(decode::StudyRun& run) {
//     for (const int length : {128, 256}) {
//       const decode::StudyCounts c = run.count("h100", [&] {
//         auto q = std::make_shared<gpu::DeviceBuffer<float>>(length * 64, "q");
//         return [=] { attention(q->data(), length); };
//       });
//       run.row().set("length", length).set("l2_bytes", c.l2_bytes);
//     }
//   }
//   const decode::RegisterStudy kStudy({"attention-io", "bytes of attention", attention_io});
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "common/decode/options.h"  // Options

namespace decode {

struct LoadedModel;  // loaded_model.h

// What some launches moved, from cold caches to everything written back, and their modelled time.
struct StudyCounts {
  double vram_bytes = 0, vram_read_bytes = 0, vram_write_bytes = 0;
  double l2_bytes = 0, l2_hit_bytes = 0;  // between L2 and the SMs; and of them found in L2
  double l1_bytes = 0, l1_hit_bytes = 0;  // that warps asked L1 for
  double shared_bytes = 0, shared_wavefronts = 0, shared_ideal_wavefronts = 0;
  double host_bytes = 0;  // over PCIe
  double launches = 0, estimated_requests = 0;
  double multiply_adds = 0;  // declared, fp32 and int8
  double seconds = 0;        // modelled
};

// One row of a study: named numbers and texts, in the order in which they were set.
class StudyRow {
 public:
  StudyRow& set(const std::string& name, double value);
  StudyRow& set(const std::string& name, const std::string& text);
  StudyRow& set(const std::string& name, const char* text) { return set(name, std::string(text)); }

 private:
  friend class StudyRun;
  struct Cell {
    std::string name, text;
    double number = 0;
    bool is_text = false;
  };
  std::vector<Cell> cells_;
};

// What a study gets.
class StudyRun {
 public:
  explicit StudyRun(const Options& options);
  ~StudyRun();

  const Options& options() const { return options_; }
  bool can_count() const;  // only ladder-traced counts

  // The model of --model and the draft of --draft (as `run` chooses it; the target itself when
  // there is none), loaded and uploaded at the first call.
  LoadedModel& model();
  LoadedModel& draft();

  // `make` allocates and fills what is needed; what it returns is called once and counted, on the
  // caches of `gpu` ("h100", "classroom", ...; classroom is shrunk as for the default model, or
  // for model() once that is loaded). Throws DecodeError where nothing is counted.
  StudyCounts count(const std::string& gpu, const std::function<std::function<void()>()>& make);

  // A new row of the result. The reference is valid until the next call.
  StudyRow& row();
  // A line on standard error, when --progress is given.
  void progress(const std::string& what) const;

  nlohmann::ordered_json rows_json() const;

 private:
  Options options_;
  std::unique_ptr<LoadedModel> model_, draft_;
  std::vector<StudyRow> rows_;
};

struct Study {
  std::string name;   // "attention-io"
  std::string title;  // one line
  std::function<void(StudyRun&)> run = nullptr;
  // Whether it counts. One that only computes (perplexities) is run by ladder-native, much faster.
  bool counts = true;
};

// A namespace-scope object of this type registers its study.
struct RegisterStudy {
  explicit RegisterStudy(Study study);
};

// Runs the study that the command line names, or lists all when it names none (null is returned
// then). Returns {format, study, title, target, rows: [{name: number or text, ...}]}.
// Throws DecodeError naming the studies that there are.
nlohmann::ordered_json study(const Options& options);

}  // namespace decode
