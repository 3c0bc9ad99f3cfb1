// common/gpu: sums in a fixed order, bf16 in kernels, owners of memory, errors.
#include "common/gpu/buffer.h"
#include "common/gpu/stream.h"
#include "common/simt/arena.h"  // find_allocation
#include "tests/catch.h"
#include "tests/decode/values.h"
#include "tests/gpu/reductions_under_test.h"

namespace {

// The order that warp.cuh promises: pairs at distance lanes/2, then half of that, ...
float tree(std::vector<float> values) {
  for (size_t half = values.size() / 2; half > 0; half /= 2) {
    for (size_t i = 0; i < half; ++i) values[i] += values[i + half];
  }
  return values[0];
}

}  // namespace

TEST_CASE("names of memory begin with the prefixes that live", "[gpu]") {
  const auto name = [](const void* memory) { return simt::find_allocation(memory)->name; };
  const gpu::DeviceBuffer<int> plain(1, "x");
  {
    const gpu::NamePrefix draft("draft.");
    const gpu::PinnedBuffer<int> drafts(1, "x", {1});
    CHECK(name(drafts.data()) == "draft.x");
    CHECK(simt::find_allocation(drafts.data())->shape == std::vector<uint64_t>{1});
    const gpu::NamePrefix inner("inner.");
    CHECK(name(gpu::DeviceBuffer<int>(1, "y").data()) == "draft.inner.y");
  }
  CHECK(name(plain.data()) == "x");
  CHECK(name(gpu::DeviceBuffer<int>(1, "z").data()) == "z");
}

TEST_CASE("a warp's sum and maximum reach every lane, in the promised order", "[gpu]") {
  INFO_SEED();
  values::Source source(60);
  for (int run = 0; run < 20; ++run) {
    const std::vector<float> values = source.normals(32, 1000);
    const std::vector<float> sums = under_test::warp_sum(values);
    const std::vector<float> largest = under_test::warp_max(values);
    for (int lane = 0; lane < 32; ++lane) {
      REQUIRE(sums[lane] == tree(values));
      REQUIRE(largest[lane] == *std::max_element(values.begin(), values.end()));
    }
  }
}

TEST_CASE("many sums at once have the bits of single ones", "[gpu]") {
  INFO_SEED();
  values::Source source(61);
  for (const auto& [count, lanes] : {std::pair(32, 32), {4, 32}, {8, 16}, {4, 4}, {1, 1}}) {
    CAPTURE(count, lanes);
    const std::vector<float> values = source.normals(size_t(32) * count, 1000);
    const std::vector<float> got = under_test::warp_sum_each(values, count, lanes);
    for (int lane = 0; lane < 32; ++lane) {
      const int first_lane = lane / lanes * lanes, sum = lane % lanes * count / lanes;
      std::vector<float> column;
      for (int l = 0; l < lanes; ++l) column.push_back(values[(first_lane + l) * count + sum]);
      REQUIRE(got[lane] == tree(column));
    }
  }
}

TEST_CASE("a block's sum adds its warps in order", "[gpu]") {
  INFO_SEED();
  values::Source source(62);
  const std::vector<float> values = source.normals(256, 1000);
  float expected = 0;
  for (int warp = 0; warp < 8; ++warp) {
    expected += tree({values.begin() + warp * 32, values.begin() + (warp + 1) * 32});
  }
  const std::vector<float> sums = under_test::block_sum_twice(values);
  for (int i = 0; i < 256; ++i) {
    REQUIRE(sums[i] == expected);
    REQUIRE(sums[256 + i] == 2 * expected);  // doubling is exact
  }
}

TEST_CASE("kernels round to bf16 as the loader does", "[gpu]") {
  INFO_SEED();
  values::Source source(63);
  std::vector<float> values = source.normals(240, 10);
  for (const float special :
       {0.0f, -0.0f, 1.0f + 0x1p-8f, 1.0f + 3 * 0x1p-8f, 3.4e38f, 1e-40f,
        std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN(), 1.0f,
        -2.0f, 0x1p-133f, 5.0f, -3.4e38f, 6.0f, 7.0f, -std::numeric_limits<float>::infinity()}) {
    values.push_back(special);
  }
  const std::vector<float> got = under_test::through_bf16(values);
  for (size_t i = 0; i < values.size(); ++i) {
    CAPTURE(values[i]);
    const float expected = model::bf16_to_float(model::float_to_bf16(values[i]));
    if (std::isnan(expected)) {
      REQUIRE(std::isnan(got[i]));
    } else {
      REQUIRE(std::memcmp(&got[i], &expected, sizeof(float)) == 0);
    }
  }
}

TEST_CASE("buffers move and free what they own", "[gpu]") {
  gpu::DeviceBuffer<int> a = gpu::upload(std::vector<int>{1, 2, 3}, "a");
  int* memory = a.data();
  gpu::DeviceBuffer<int> b(std::move(a));
  REQUIRE(b.data() == memory);
  REQUIRE(a.data() == nullptr);
  REQUIRE(a.size() == 0);
  b = gpu::upload(std::vector<int>{4}, "b");
  REQUIRE(gpu::download(b) == std::vector<int>{4});
  gpu::DeviceBuffer<int> none(0, "none");
  REQUIRE(none.data() == nullptr);
  REQUIRE(gpu::download(none).empty());
  REQUIRE_THROWS_AS(gpu::upload(b, std::vector<int>{1, 2}.data(), 2), gpu::CudaError);

  gpu::PinnedBuffer<int> pinned(2, "pinned");
  pinned.data()[1] = 7;
  REQUIRE(pinned.device_data() != nullptr);
  gpu::PinnedBuffer<int> moved = std::move(pinned);
  REQUIRE(moved.data()[1] == 7);
  REQUIRE(pinned.device_data() == nullptr);
}

TEST_CASE("a failed call throws where it failed and what", "[gpu]") {
  try {
    CUDA_CHECK(cudaMemcpy(nullptr, nullptr, 4, static_cast<cudaMemcpyKind>(99)));
    FAIL("no exception");
  } catch (const gpu::CudaError& error) {
    const std::string what = error.what();
    REQUIRE(what.find("gpu_test.cpp:") != std::string::npos);
    REQUIRE(what.find("cudaMemcpy(nullptr") != std::string::npos);
    REQUIRE(what.find("cudaError") != std::string::npos);
    REQUIRE(error.code() != cudaSuccess);
  }
  cudaGetLastError();
}

TEST_CASE("events measure time in a stream", "[gpu]") {
  gpu::Stream stream;
  gpu::Event start, end;
  start.record(stream.get());
  end.record(stream.get());
  stream.synchronize();
  REQUIRE(end.milliseconds_since(start) >= 0);
  gpu::Stream other = std::move(stream);
  REQUIRE(other.get() != nullptr);
}
