// Sequential reads from a file descriptor that never go past the size checked at the start.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/model/error.h"

namespace model {

// Opens a regular file for reading and gives its descriptor and size. Never blocks: a FIFO, a
// directory or a device is an error.
int open_regular_file(const std::string& path, uint64_t* size);

// Reads exactly `bytes` bytes at `offset`; throws when the file has become shorter.
void read_exactly(int fd, const std::string& path, uint64_t offset, uint64_t bytes, void* out);

// Buffered reader of little-endian values. `field` in each call names what is being read, for the
// message when the bytes are not there.
class FileReader {
 public:
  // Reads past `limit` bytes are refused: it bounds the metadata of a very large or sparse file.
  FileReader(int fd, const std::string& path, uint64_t size, uint64_t limit);

  uint64_t position() const { return position_; }
  uint64_t remaining() const { return size_ - position_; }
  void read(void* out, uint64_t bytes, const std::string& field);
  uint32_t u32(const std::string& field);
  uint64_t u64(const std::string& field);
  std::string string(const std::string& field);                      // u64 length, then bytes
  std::string string(const std::string& field, uint64_t max_bytes);  // a longer one is refused
  void need(uint64_t bytes, const std::string& field);               // throws if not there
  ModelError error(const std::string& field, const std::string& found, const std::string& expected);

 private:
  int fd_;
  std::string path_;
  uint64_t size_;
  uint64_t limit_;
  uint64_t position_ = 0;
  uint64_t buffer_start_ = 0;  // file offset of buffer_[0]
  std::vector<unsigned char> buffer_;
};

}  // namespace model
