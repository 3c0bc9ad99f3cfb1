// Reading sound files, and every way in which a file can be cut short.
#include "common/model/gguf.h"

#include <cstring>

#include "load_error.h"
#include "test_files.h"
#include "tests/catch.h"

using model::gguf_number;
using model::GgufFile;
using model::GgufWriter;
using model::TensorType;

namespace {

std::string sample_file() {
  GgufWriter writer;
  writer.add_string("general.architecture", "llama");
  writer.add_uint32("count", 7);
  writer.add_float32("ratio", 0.25f);
  writer.add_bool("yes", true);
  writer.add_raw("small", model::ValueType::kInt8, "\xfe");
  writer.add_raw("wide", model::ValueType::kFloat64, gguf_number(1.5));
  writer.add_strings("names", {"a", "", "long name"});
  writer.add_float32s("scores", {1.0f, -2.0f});
  writer.add_int32s("types", {1, -1, 3});
  writer.add_tensor("first", {3, 2}, TensorType::kF32, std::string(24, '\1'));
  writer.add_tensor("second", {32}, TensorType::kQ8_0, std::string(34, '\2'));
  return writer.bytes();
}

}  // namespace

TEST_CASE("what the writer writes, the reader reads", "[model]") {
  TempDir dir;
  GgufFile file = GgufFile::open(dir.write("a.gguf", sample_file()));
  CHECK(file.version() == 3);
  CHECK(file.get_string("general.architecture") == "llama");
  CHECK(file.get_uint("count") == 7);
  CHECK(file.get_uint("absent", 9) == 9);
  CHECK(file.get_float("ratio") == 0.25);
  CHECK(file.get_float("wide") == 1.5);
  CHECK(file.get_bool("yes", false));
  CHECK(static_cast<int64_t>(file.find("small")->bits) == -2);
  CHECK(file.get_strings("names") == std::vector<std::string>{"a", "", "long name"});
  CHECK(file.get_floats("scores") == std::vector<float>{1.0f, -2.0f});
  CHECK(file.get_ints("types") == std::vector<int32_t>{1, -1, 3});
  REQUIRE(file.tensors().size() == 2);
  const model::GgufTensor* second = file.find_tensor("second");
  REQUIRE(second != nullptr);
  CHECK(second->bytes == 34);
  CHECK(second->offset % 32 == 0);
  CHECK(file.read(*second) == std::vector<uint8_t>(34, 2));
  CHECK(file.find_tensor("third") == nullptr);
}

TEST_CASE("version 2 files and other alignments are read", "[model]") {
  for (uint32_t alignment : {1u, 8u, 64u, 4096u}) {
    RawGguf raw;
    raw.version = 2;
    raw.alignment = alignment;
    raw.value("general.alignment", 4, gguf_number(alignment));
    raw.tensor("t", {2}, 0, 0);
    raw.data = std::string(8, '\3');
    raw.data.resize((8 + alignment - 1) / alignment * alignment, '\0');
    TempDir dir;
    GgufFile file = GgufFile::open(dir.write("a.gguf", raw.bytes()));
    CHECK(file.read(file.tensors()[0]) == std::vector<uint8_t>(8, 3));
  }
}

TEST_CASE("a key of the wrong type is an error that names key and types", "[model]") {
  TempDir dir;
  GgufFile file = GgufFile::open(dir.write("a.gguf", sample_file()));
  auto message = [&](auto get) {
    try {
      get();
    } catch (const model::ModelError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK(contains(message([&] { file.get_uint("names"); }), "names: found array of string"));
  CHECK(contains(message([&] { file.get_uint("ratio"); }), "found f32, expected an integer"));
  CHECK(contains(message([&] { file.get_uint("small"); }), "small: found -2"));
  CHECK(contains(message([&] { file.get_float("count"); }), "count: found u32, expected f32"));
  CHECK(contains(message([&] { file.get_bool("count", true); }), "found u32, expected bool"));
  CHECK(contains(message([&] { file.get_string("yes"); }), "found bool, expected string"));
  CHECK(contains(message([&] { file.get_strings("types"); }), "found array of i32"));
  CHECK(contains(message([&] { file.get_uint("absent"); }), "absent: found no such key"));
}

TEST_CASE("a read outside a tensor is refused", "[model]") {
  TempDir dir;
  GgufFile file = GgufFile::open(dir.write("a.gguf", sample_file()));
  const model::GgufTensor& tensor = file.tensors()[0];
  char out[64];
  CHECK_NOTHROW(file.read(tensor, 20, 4, out));
  CHECK_THROWS_AS(file.read(tensor, 20, 5, out), model::ModelError);
  CHECK_THROWS_AS(file.read(tensor, 25, 0, out), model::ModelError);
  CHECK_THROWS_AS(file.read(tensor, ~0ull, 2, out), model::ModelError);
}

TEST_CASE("bad file 40: a small model cut at any byte is refused", "[model][bad]") {
  std::string whole = model_bytes();
  TempDir dir;
  REQUIRE(load_error(dir.write("whole.gguf", whole)).empty());
  // All of the metadata and tensor list, then the data in steps that hit every alignment.
  size_t data_start = 0;
  {
    GgufFile file = GgufFile::open(dir.file("whole.gguf"));
    data_start = file.tensors()[0].offset;
  }
  std::string path = dir.write("cut.gguf", "");
  size_t accepted = 0;
  size_t no_message = 0;
  for (size_t length = 0; length < whole.size(); length += length < data_start + 64 ? 1 : 31) {
    dir.write("cut.gguf", whole.substr(0, length));
    std::string error = load_error(path);
    accepted += error.empty();
    no_message += error.rfind(path + ": ", 0) != 0 || contains(error, "\n");
  }
  CHECK(accepted == 0);
  CHECK(no_message == 0);
  dir.write("cut.gguf", whole.substr(0, whole.size() - 1));
  CHECK(contains(load_error(path), "data"));
}

TEST_CASE("a small file cut at any byte, data included, is refused", "[model][bad]") {
  std::string whole = sample_file();
  TempDir dir;
  size_t accepted = 0;
  for (size_t length = 0; length < whole.size(); ++length) {
    std::string path = dir.write("cut.gguf", whole.substr(0, length));
    try {
      GgufFile::open(path);
      ++accepted;
    } catch (const model::ModelError&) {
    }
  }
  CHECK(accepted == 0);
}

TEST_CASE("any byte of a small model may be changed without a crash", "[model][bad]") {
  std::string whole = model_bytes();
  TempDir dir;
  std::string path = dir.write("changed.gguf", whole);
  size_t bad_messages = 0;
  for (size_t at = 0; at < whole.size(); at += at < 2000 ? 1 : 37) {
    for (int change : {0xff, 0x80, 0x01}) {
      std::string changed = whole;
      changed[at] = static_cast<char>(changed[at] ^ change);
      dir.write("changed.gguf", changed);
      std::string error = load_error(path);
      bad_messages += contains(error, "\n");
    }
  }
  CHECK(bad_messages == 0);
}
