// libFuzzer target: a file's bytes go through all that a stranger's model goes through.
//
// Only a ModelError may come out, with a message of one line. ASan and UBSan watch the rest.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "common/model/chat.h"
#include "common/model/config.h"
#include "common/model/tokenizer.h"
#include "common/model/weights.h"

namespace {

// A file in memory, so that the reader's own path (open, fstat, pread) is what runs.
const std::string& file_with(const uint8_t* data, size_t size) {
  static const int fd = ::memfd_create("fuzz", 0);
  static const std::string path = "/proc/self/fd/" + std::to_string(fd);
  bool written = fd >= 0 && ::ftruncate(fd, 0) == 0 &&
                 ::pwrite(fd, data, size, 0) == static_cast<ssize_t>(size);
  if (!written) {
    std::perror("memfd");
    std::abort();
  }
  return path;
}

template <typename F>
void only_model_errors(F f) {
  try {
    f();
  } catch (const model::ModelError& error) {
    std::string message = error.what();
    if (message.empty() || message.find('\n') != std::string::npos) {
      std::fprintf(stderr, "not one line: %s\n", message.c_str());
      std::abort();
    }
  }
}

void use_tokenizer(const model::GgufFile& file) {
  model::Tokenizer tokenizer = model::Tokenizer::load(file);
  const std::string text = " It is 3.14 \n\n<s>we'LL\xc3\xa9\xff \xf0\x9f\x98\x80<|im_end|>";
  for (bool parse_special : {false, true}) {
    tokenizer.decode(tokenizer.encode_prompt(text, parse_special), parse_special);
  }
  model::guess_chat_format(tokenizer);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string& path = file_with(data, size);
  only_model_errors([&] {
    model::GgufFile file = model::GgufFile::open(path);
    only_model_errors([&] { use_tokenizer(file); });
    model::load_weights(file, model::read_config(file)).storage();
  });
  return 0;
}
