// Bad files: the tensor list and the data. Numbers in the names are those of the project's list.
#include <limits>

#include "load_error.h"
#include "test_files.h"
#include "tests/catch.h"

using model::gguf_number;

namespace {

constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();
constexpr uint64_t kSignedMax = std::numeric_limits<int64_t>::max();
constexpr uint32_t kF32 = 0, kQ4_0 = 2, kQ8_0 = 8, kBF16 = 30;

// A file of one F32 tensor "t" with that shape; its data are there.
std::string one_tensor(const std::vector<uint64_t>& dims, uint32_t type = kF32,
                       uint64_t offset = 0) {
  RawGguf file;
  file.tensor("t", dims, type, offset);
  file.data = std::string(4096, '\0');
  return file.bytes();
}

}  // namespace

TEST_CASE("bad file 16: a tensor name of 64 bytes or more is refused", "[model][bad]") {
  RawGguf good;
  good.tensor(std::string(63, 'n'), {8}, kF32, 0).data = std::string(32, '\0');
  CHECK(open_error_of(good.bytes()).empty());
  RawGguf bad;
  bad.tensor(std::string(64, 'n'), {8}, kF32, 0).data = std::string(32, '\0');
  CHECK(contains(open_error_of(bad.bytes()), "tensor 0 name: found a length of 64 bytes"));
  RawGguf empty;
  empty.tensor("", {8}, kF32, 0).data = std::string(64, '\0');
  CHECK(contains(open_error_of(empty.bytes()), "tensor 0 name"));
}

TEST_CASE("bad file 17: a duplicate tensor name is refused", "[model][bad]") {
  RawGguf file;
  file.tensor("same", {8}, kF32, 0).tensor("other", {8}, kF32, 32).tensor("same", {8}, kF32, 64);
  file.data = std::string(96, '\0');
  CHECK(contains(open_error_of(file.bytes()), "tensor \"same\": found it twice"));
}

TEST_CASE("bad file 18: a tensor of 0 or more than 4 dimensions is refused", "[model][bad]") {
  CHECK(contains(open_error_of(one_tensor({})), "n_dims: found 0"));
  CHECK(contains(open_error_of(one_tensor({1, 1, 1, 1, 1})), "n_dims: found 5"));
  CHECK(open_error_of(one_tensor({8, 2, 2, 2})).empty());
  RawGguf many;
  many.infos.push_back(model::gguf_string("t") + gguf_number<uint32_t>(0xffffffffu) +
                       std::string(64, '\1'));
  CHECK(contains(open_error_of(many.bytes()), "n_dims: found 4294967295"));
}

TEST_CASE("bad file 19: a dimension of 0 or -1 is refused", "[model][bad]") {
  CHECK(contains(open_error_of(one_tensor({0})), "dimension 0: found 0"));
  CHECK(contains(open_error_of(one_tensor({8, 0})), "dimension 1: found 0"));
  CHECK(contains(open_error_of(one_tensor({8, kMax})), "dimension 1"));
}

TEST_CASE("bad file 20: dimensions whose product wraps are refused", "[model][bad]") {
  CHECK(contains(open_error_of(one_tensor({uint64_t{1} << 32, uint64_t{1} << 32})), "product"));
  CHECK(contains(open_error_of(one_tensor({kSignedMax, 2})), "product"));
  CHECK(contains(open_error_of(one_tensor({1u << 20, 1u << 20, 1u << 20, 16})), "product"));
}

TEST_CASE("bad file 21: a byte size that overflows is refused", "[model][bad]") {
  CHECK(contains(open_error_of(one_tensor({uint64_t{1} << 62})), "byte size"));
  CHECK(contains(open_error_of(one_tensor({uint64_t{1} << 62, 1}, kQ8_0)), "tensor \"t\""));
}

TEST_CASE("bad file 22: padding that wraps is refused", "[model][bad]") {
  RawGguf file;
  file.value("general.alignment", 4, gguf_number<uint32_t>(0x80000000u));
  file.tensor("t", {kSignedMax / 4}, kF32, 0);
  CHECK(contains(open_error_of(file.bytes()), "tensor \"t\" data"));
  CHECK(contains(open_error_of(one_tensor({kSignedMax / 2 - 8}, kBF16)), "tensor \"t\" data"));
}

TEST_CASE("bad file 23: unknown, negative and removed tensor types are refused", "[model][bad]") {
  for (uint32_t type : {4u, 5u, 12u, 31u, 36u, 99u, 0xffffffffu}) {
    CHECK(contains(open_error_of(one_tensor({32}, type)),
                   "tensor \"t\" type: found " + std::to_string(type)));
  }
  CHECK(contains(open_error_of(one_tensor({32}, 4)), "removed"));
  CHECK(contains(open_error_of(one_tensor({32}, 12)), "Q4_K"));
}

TEST_CASE("bad file 24: a row that is no whole number of blocks is refused", "[model][bad]") {
  CHECK(contains(open_error_of(one_tensor({16, 2}, kQ4_0)), "row length: found 16"));
  CHECK(contains(open_error_of(one_tensor({33}, kQ8_0)), "a multiple of 32 for Q8_0"));
}

TEST_CASE("bad file 25: an offset that is misaligned, overlaps or leaves a gap is refused",
          "[model][bad]") {
  CHECK(contains(open_error_of(one_tensor({8}, kF32, kMax)), "offset: found"));
  CHECK(contains(open_error_of(one_tensor({8}, kF32, 4)), "misaligned"));
  CHECK(contains(open_error_of(one_tensor({8}, kF32, 64)), "leaves a gap"));
  RawGguf overlap;
  overlap.tensor("a", {16}, kF32, 0).tensor("b", {16}, kF32, 32);
  overlap.data = std::string(256, '\0');
  CHECK(contains(open_error_of(overlap.bytes()), "overlaps another tensor"));
}

TEST_CASE("bad file 26: data cut short by one byte are refused", "[model][bad]") {
  RawGguf file;
  file.tensor("a", {8}, kF32, 0).tensor("b", {8}, kF32, 32);
  file.data = std::string(64, '\0');
  CHECK(open_error_of(file.bytes()).empty());
  file.data.pop_back();
  CHECK(contains(open_error_of(file.bytes()), "tensor \"b\" data"));
}

TEST_CASE("bad file 27: two tensors whose sizes sum past 2^64 are refused", "[model][bad]") {
  uint64_t values = (uint64_t{1} << 61) - 8;  // 2^63 - 32 bytes
  RawGguf file;
  file.tensor("a", {values}, kF32, 0).tensor("b", {values}, kF32, values * 4);
  file.tensor("c", {values}, kF32, values * 8);
  CHECK(contains(open_error_of(file.bytes()), "tensor \"a\" data"));
}
