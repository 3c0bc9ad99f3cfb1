// Targets without hooks: nothing is counted.
#include "common/decode/counting.h"
#include "common/decode/error.h"  // DecodeError

namespace decode {
namespace {

class NoCounting : public Counting {
 public:
  void begin(const std::string&) override {}
  void text(int, const std::string&) override {}
  nlohmann::ordered_json end() override { return nullptr; }
};

}  // namespace

std::unique_ptr<Counting> make_counting(const CountingOptions& options) {
  if (!options.events.empty() || !options.trace.empty() || !options.instructions.empty()) {
    throw DecodeError("--events, --trace and --instructions: only ladder-traced counts");
  }
  return std::make_unique<NoCounting>();
}

}  // namespace decode
