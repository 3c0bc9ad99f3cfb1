// Parses the header, the metadata and the tensor list of a GGUF file.
#pragma once

#include <string>

#include "common/model/file_reader.h"
#include "common/model/gguf.h"

namespace model {

// Fills a GgufFile whose path_ and fd_ are set. Used by GgufFile::open only.
class GgufParser {
 public:
  GgufParser(GgufFile& file, uint64_t size);
  void parse();

 private:
  void parse_header();
  void parse_value(uint64_t index);
  GgufValue read_value(const std::string& field);
  std::unique_ptr<GgufArray> read_array(const std::string& field);
  ValueType read_type(const std::string& field);
  void sort_values();
  void read_alignment();
  void parse_tensor(uint64_t index);
  void read_dims(GgufTensor& tensor, const std::string& field);
  void sort_tensors();
  void place_tensors();

  GgufFile& file_;
  uint64_t size_;
  FileReader reader_;
  uint64_t n_tensors_ = 0;
  uint64_t n_values_ = 0;
  uint64_t alignment_ = 32;
};

}  // namespace model
