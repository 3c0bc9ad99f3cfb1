// Bad files: header, keys and values. Numbers in the names are those of the project's list.
#include <chrono>
#include <limits>

#include "allocation_meter.h"
#include "common/model/gguf.h"
#include "load_error.h"
#include "test_files.h"
#include "tests/catch.h"

using model::gguf_number;
using model::gguf_string;

namespace {

constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();
constexpr uint32_t kU8 = 0, kU32 = 4, kI32 = 5, kF32 = 6, kBool = 7, kString = 8, kArray = 9;

std::string u32(uint32_t value) { return gguf_number(value); }
std::string u64(uint64_t value) { return gguf_number(value); }

}  // namespace

TEST_CASE("bad file 1: a wrong magic is refused", "[model][bad]") {
  RawGguf file;
  file.magic = "GGML";
  std::string error = open_error_of(file.bytes());
  CHECK(contains(error, "magic: found \"GGML\", expected \"GGUF\""));
}

TEST_CASE("bad file 2: versions 0, 1 and above 3 are refused", "[model][bad]") {
  for (uint32_t version : {0u, 1u, 4u, 1000u, 0xffffffffu}) {
    RawGguf file;
    file.version = version;
    CHECK(contains(open_error_of(file.bytes()), "version: found " + std::to_string(version)));
  }
}

TEST_CASE("bad file 3: a big-endian file is named as such", "[model][bad]") {
  RawGguf file;
  file.version = 0x03000000;
  CHECK(contains(open_error_of(file.bytes()), "big-endian"));
}

TEST_CASE("bad files 4, 5 and 6: counts that the file cannot hold are refused at once",
          "[model][bad]") {
  for (uint64_t count : {kMax, kMax / 8, uint64_t{1} << 40, uint64_t{50}}) {
    RawGguf file;
    file.value("a", kU8, "x");
    file.has_counts = true;
    file.n_values = 1;
    file.n_tensors = count;
    CHECK(contains(open_error_of(file.bytes()), "tensor count: found " + std::to_string(count)));
    file.n_values = count;
    file.n_tensors = 0;
    CHECK(contains(open_error_of(file.bytes()), "key count: found " + std::to_string(count)));
  }
}

TEST_CASE("bad file 7: a key of 2^64-1 bytes is refused", "[model][bad]") {
  RawGguf file;
  file.values.push_back(u64(kMax) + "some bytes that follow");
  CHECK(contains(open_error_of(file.bytes()), "key 0 name"));
}

TEST_CASE("bad file 8: an empty, overlong or non-ASCII key is refused", "[model][bad]") {
  CHECK(contains(open_error_of(RawGguf().value("", kU32, "1234").bytes()), "key 0 name"));
  CHECK(contains(open_error_of(RawGguf().value("caf\xc3\xa9", kU8, "x").bytes()), "caf\\xc3\\xa9"));
  std::string longest(65535, 'k');
  CHECK(open_error_of(RawGguf().value(longest, kU8, "x").bytes()).empty());
  CHECK(contains(open_error_of(RawGguf().value(longest + "k", kU8, "x").bytes()), "65536 bytes"));
}

TEST_CASE("bad file 9: a duplicate key is refused", "[model][bad]") {
  RawGguf file;
  file.value("one", kU8, "x").value("two", kU8, "x").value("one", kU32, u32(1));
  CHECK(contains(open_error_of(file.bytes()), "key \"one\": found it twice"));
}

TEST_CASE("bad file 10: a value type of 13 or above is refused", "[model][bad]") {
  for (uint32_t type : {13u, 14u, 255u, 0xffffffffu}) {
    std::string name = "value type " + std::to_string(type);
    CHECK(contains(open_error_of(RawGguf().value("a", type, "12345678").bytes()), name));
    std::string array = u32(type) + u64(1) + "12345678";
    CHECK(contains(open_error_of(RawGguf().value("a", kArray, array).bytes()), name));
  }
}

TEST_CASE("bad file 11: a bool that is neither 0 nor 1 is refused", "[model][bad]") {
  CHECK(open_error_of(RawGguf().value("abcde", kBool, std::string(1, '\1')).bytes()).empty());
  CHECK(contains(open_error_of(RawGguf().value("abcde", kBool, "\2").bytes()), "bool 2"));
  std::string array = u32(kBool) + u64(3) + std::string("\0\1\xff", 3);
  CHECK(contains(open_error_of(RawGguf().value("abcde", kArray, array).bytes()), "bool 255"));
}

TEST_CASE("bad file 12: a string that goes past the end is refused", "[model][bad]") {
  for (uint64_t length : {uint64_t{4}, uint64_t{1} << 32, kMax}) {
    std::string error =
        open_error_of(RawGguf().value("abcde", kString, u64(length) + "abc").bytes());
    CHECK(contains(error, "key \"abcde\": found 3 bytes left in the file, expected " +
                              std::to_string(length)));
  }
  std::string array = u32(kString) + u64(2) + gguf_string("abc") + u64(100) + "x";
  CHECK(contains(open_error_of(RawGguf().value("abcde", kArray, array).bytes()), "expected 100"));
}

TEST_CASE("bad file 13: an array whose byte size overflows is refused", "[model][bad]") {
  for (uint32_t type : {kU8, kU32, kString, 12u}) {
    for (uint64_t count : {kMax, kMax / 8 + 1, kMax / 4 + 1, uint64_t{1} << 40}) {
      std::string array = u32(type) + u64(count) + "1234567812345678";
      std::string error = open_error_of(RawGguf().value("abcde", kArray, array).bytes());
      CHECK(contains(error, std::to_string(count) + " elements"));
    }
  }
}

TEST_CASE("bad file 14: arrays of arrays are refused at the first level", "[model][bad]") {
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += u32(kArray) + u64(1);
  CHECK(contains(open_error_of(RawGguf().value("abcde", kArray, deep).bytes()),
                 "an array of arrays"));
}

TEST_CASE("bad file 15: an alignment that is no u32 power of two is refused", "[model][bad]") {
  for (uint32_t alignment : {0u, 3u, 24u, 0xffffffffu}) {
    RawGguf file;
    file.value("general.alignment", kU32, u32(alignment));
    CHECK(contains(open_error_of(file.bytes()),
                   "general.alignment: found " + std::to_string(alignment)));
  }
  CHECK(contains(open_error_of(RawGguf().value("general.alignment", kI32, u32(32)).bytes()),
                 "found i32, expected u32"));
  CHECK(contains(open_error_of(RawGguf().value("general.alignment", 10, u64(32)).bytes()), "u64"));
  CHECK(open_error_of(RawGguf().value("general.alignment", kU32, u32(1)).bytes()).empty());
}

TEST_CASE("bad file 32: a million keys are read, and a duplicate is found, in seconds",
          "[model][bad]") {
  RawGguf file;
  for (int i = 0; i < 1000000; ++i) file.value("key." + std::to_string(i), kU8, "x");
  TempDir dir;
  auto start = std::chrono::steady_clock::now();
  std::string path = dir.write("many.gguf", file.bytes());
  CHECK(model::GgufFile::open(path).has("key.999999"));
  file.value("key.500000", kU8, "x");
  CHECK(contains(open_error_of(file.bytes()), "key \"key.500000\": found it twice"));
  auto seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  CHECK(seconds < 30);
}

TEST_CASE("a hostile count allocates no more than the file's size warrants", "[model][bad]") {
  TempDir dir;
  std::vector<std::string> files;
  RawGguf counts;
  counts.has_counts = true;
  counts.n_values = counts.n_tensors = uint64_t{1} << 50;
  files.push_back(counts.bytes());
  files.push_back(RawGguf().value("a", kString, u64(uint64_t{1} << 45) + "x").bytes());
  files.push_back(
      RawGguf().value("a", kArray, u32(kString) + u64(uint64_t{1} << 45) + "x").bytes());
  files.push_back(RawGguf().value("a", kArray, u32(kF32) + u64(uint64_t{1} << 45) + "x").bytes());
  files.push_back(RawGguf().tensor("t", {1u << 30, 1u << 20}, 0, 0).bytes());
  for (const std::string& bytes : files) {
    std::string path = dir.write("hostile.gguf", bytes);
    reset_allocations();
    CHECK_FALSE(load_error(path).empty());
    CHECK(allocations().total < 100000);
  }
}

TEST_CASE("text from the file is escaped and cut in a message", "[model][bad]") {
  RawGguf file;
  file.value("a\nb\x1b[31m" + std::string(1000, 'x'), kBool, "\7");
  std::string error = open_error_of(file.bytes());
  CHECK(contains(error, "\"a\\x0ab\\x1b[31mxxx"));
  CHECK(error.size() < 300);
}
