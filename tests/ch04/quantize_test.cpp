// The quantizers, bit for bit: against what PyPI `gguf` made (make_quants.py), on the device
// against the host, and blocks of a file as they are.
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

#include "common/decode/device_weights.h"  // upload_weights
#include "common/model/error.h"            // ModelError
#include "common/model/gguf_writer.h"      // GgufWriter
#include "tests/catch.h"
#include "tests/ch04/kernels_under_test.h"
#include "tests/decode/values.h"

namespace {

using under_test::Kind;
using under_test::kKinds;
using Bytes = std::vector<uint8_t>;

Bytes from_hex(const std::string& text) {
  Bytes bytes;
  for (size_t i = 0; i < text.size(); i += 2) {
    bytes.push_back(uint8_t(std::stoi(text.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

struct GoldenBlock {
  std::string name;
  std::vector<float> x;
  Bytes q8_0, q4_0;
};

std::vector<GoldenBlock> golden_blocks() {
  std::ifstream file(std::string(LADDER_SOURCE_DIR) + "/tests/ch04/quants.json");
  std::vector<GoldenBlock> blocks;
  const auto golden = nlohmann::json::parse(file);
  for (const auto& entry : golden["blocks"]) {
    GoldenBlock block{entry["name"], std::vector<float>(32), from_hex(entry["q8_0"]),
                      from_hex(entry["q4_0"])};
    const Bytes x = from_hex(entry["x"]);
    std::memcpy(block.x.data(), x.data(), x.size());
    blocks.push_back(block);
  }
  return blocks;
}

// Q8_0 with the mistakes that are easy to make.
Bytes wrong_q8_0(const std::vector<float>& x, bool half_to_even, bool rounded_scale) {
  float most = 0;
  for (const float value : x) most = std::max(most, std::abs(value));
  const float d = most / 127;
  const uint16_t half = model::float_to_half(d);
  const float used = rounded_scale ? model::half_to_float(half) : d;
  Bytes block = {uint8_t(half & 255), uint8_t(half >> 8)};
  for (const float value : x) {
    const float scaled = used == 0 ? 0 : value * (1 / used);
    block.push_back(uint8_t(int(half_to_even ? std::nearbyint(scaled) : std::round(scaled))));
  }
  return block;
}

model::HostMatrix matrix(int rows, int cols, values::Source& source) {
  model::HostMatrix m;
  m.name = "blk.0.attn_q.weight";
  m.rows = rows, m.cols = cols;
  for (const float value : source.normals(size_t(rows) * cols)) {
    m.data.push_back(model::float_to_bf16(value));
  }
  return m;
}

}  // namespace

TEST_CASE("blocks have the common quantizer's numbers bit for bit", "[ch04][golden]") {
  const auto blocks = golden_blocks();
  REQUIRE(blocks.size() > 25);
  int even_differs = 0, rounded_differs = 0;
  for (const GoldenBlock& block : blocks) {
    INFO(block.name);
    CHECK(under_test::quantize_block(Kind::kInt8, block.x) == block.q8_0);
    CHECK(under_test::quantize_block(Kind::kInt4, block.x) == block.q4_0);
    even_differs += wrong_q8_0(block.x, true, false) != block.q8_0;
    rounded_differs += wrong_q8_0(block.x, false, true) != block.q8_0;
  }
  // The golden notices rounding half to even, and integers found with the rounded scale.
  CHECK(even_differs > 0);
  CHECK(rounded_differs > 0);
}

TEST_CASE("a value that no scale can carry is refused with the tensor's name", "[ch04]") {
  std::vector<float> x(32, 1.0f);
  for (const float bad :
       {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN(), 1e30f}) {
    x[7] = bad;
    for (const Kind kind : kKinds) {
      REQUIRE_THROWS_WITH(under_test::quantize_block(kind, x),
                          Catch::Matchers::ContainsSubstring("tensor test: found a value"));
    }
  }
}

TEST_CASE("a matrix is quantized block by block, a short last block as one with zeros", "[ch04]") {
  INFO_SEED();
  values::Source source(40);
  const decode::DeviceWeights no_device;
  const model::HostWeights no_host;
  for (const int rows : {1, 3, 31, 33}) {
    for (const int cols : {8, 24, 32, 40, 256, 264, 576}) {
      const model::HostMatrix m = matrix(rows, cols, source);
      for (const Kind kind : kKinds) {
        CAPTURE(rows, cols, under_test::block_bytes(kind));
        const auto planes = under_test::planes_of(kind, {no_device, no_host}, m, false);
        const int n_blocks = (cols + 31) / 32;
        REQUIRE(planes.plane_bytes == size_t(rows) * n_blocks * under_test::block_bytes(kind));
        REQUIRE(planes.scale_bytes == size_t((rows + 3) / 4 * 4) * n_blocks * 2);
        for (int n = 0; n < rows * n_blocks; ++n) {
          std::vector<float> x(32);
          for (int i = 0; i < 32; ++i) {
            const int col = n % n_blocks * 32 + i;
            if (col < cols) x[i] = model::bf16_to_float(m.data[n / n_blocks * cols + col]);
          }
          const Bytes block = under_test::quantize_block(kind, x);
          REQUIRE(planes.scales[n] == (block[0] | block[1] << 8));
          for (int i = 0; i < 32; ++i) {
            const int expected = kind == Kind::kInt8 ? int8_t(block[2 + i])
                                 : i < 16            ? (block[2 + i] & 15) - 8
                                                     : (block[2 + i - 16] >> 4) - 8;
            REQUIRE(planes.values[size_t(n) * 32 + i] == expected);
          }
        }
      }
    }
  }
}

TEST_CASE("blocks of a file are loaded as they are, in the order of the loader's rows", "[ch04]") {
  INFO_SEED();
  values::Source source(41);
  const int dim = 64, heads = 3, head_dim = 16, rows = heads * head_dim;
  for (const Kind kind : kKinds) {
    const auto type = kind == Kind::kInt8 ? model::TensorType::kQ8_0 : model::TensorType::kQ4_0;
    const size_t bytes = 2 + under_test::block_bytes(kind);
    // Random blocks: also numbers that quantizing again would not give (no value of +-127).
    std::string data;
    for (size_t i = 0; i < size_t(rows) * dim / 32; ++i) {
      const uint16_t scale = model::float_to_half(0.01f + 0.001f * float(source.below(50)));
      data += char(scale & 255), data += char(scale >> 8);
      for (size_t j = 2; j < bytes; ++j) data += char(source.below(256));
    }
    model::GgufWriter writer;
    writer.add_tensor("blk.0.attn_q.weight", {uint64_t(dim), uint64_t(rows)}, type, data);
    const std::string path = (std::filesystem::temp_directory_path() / "ladder-ch04.gguf").string();
    writer.write(path);
    const model::GgufFile file = model::GgufFile::open(path);
    std::filesystem::remove(path);

    model::HostMatrix host;  // as load_weights makes it, before rows are reordered
    host.name = "blk.0.attn_q.weight", host.stored = type, host.rows = rows, host.cols = dim;
    host.data.resize(size_t(rows) * dim);
    model::to_bf16(type, data.data(), host.data.size(), host.data.data());
    const decode::DeviceWeights no_device;
    for (const char* architecture : {"llama", "qwen2"}) {
      for (const bool rotary : {true, false}) {
        CAPTURE(architecture, rotary, bytes);
        model::HostWeights weights;
        weights.config.architecture = architecture;
        weights.config.head_dim = head_dim;
        const auto planes = under_test::planes_of(kind, {no_device, weights, &file}, host, rotary);
        const bool paired = rotary && std::string(architecture) == "qwen2";
        for (int row = 0; row < rows; ++row) {
          const int in_head = row % head_dim;
          const int from = paired ? row - in_head + in_head / 2 + in_head % 2 * head_dim / 2 : row;
          for (int b = 0; b < dim / 32; ++b) {
            const uint8_t* block =
                reinterpret_cast<const uint8_t*>(data.data()) + (from * (dim / 32) + b) * bytes;
            REQUIRE(planes.scales[row * (dim / 32) + b] == (block[0] | block[1] << 8));
            for (int i = 0; i < 32; ++i) {
              const int expected = kind == Kind::kInt8 ? int8_t(block[2 + i])
                                   : i < 16            ? (block[2 + i] & 15) - 8
                                                       : (block[2 + i - 16] >> 4) - 8;
              REQUIRE(planes.values[size_t(row) * dim + b * 32 + i] == expected);
            }
          }
        }
        // Without the file the same numbers would be quantized anew, and that shows.
        if (paired) continue;
        const auto anew = under_test::planes_of(kind, {no_device, weights}, host, rotary);
        CHECK(anew.values != planes.values);
      }
    }
  }
}

TEST_CASE("activations are quantized with Q8_0's integers and an unrounded scale", "[ch04]") {
  INFO_SEED();
  values::Source source(42);
  for (const int dim : {8, 24, 32, 40, 256, 264, 4104}) {
    const model::HostMatrix weight = matrix(1, dim, source);
    for (const int rows : {1, 3, 33}) {
      CAPTURE(dim, rows);
      under_test::Product product(Kind::kInt8, weight, rows);
      std::vector<float> x = source.normals(size_t(rows) * dim, 3);
      std::fill(x.begin(), x.begin() + 8, 0.0f);
      if (dim >= 256) {  // exact ties: the scale is 1
        for (int i = 0; i < 32; ++i) x[64 + i] = float(i) - 15.5f;
        x[64] = 127;
        std::fill(x.begin() + 96, x.begin() + 128, 0.0f);  // a block of zeros
      }
      product.quantize(values::on_device(x).data(), rows);
      const std::vector<int> got = product.inputs(rows);
      const std::vector<float> scales = product.input_scales(rows);
      const int n_blocks = (dim + 31) / 32;
      for (int n = 0; n < rows * n_blocks; ++n) {
        std::vector<float> block(32);
        float most = 0;
        for (int i = 0; i < 32; ++i) {
          const int col = n % n_blocks * 32 + i;
          if (col < dim) block[i] = x[size_t(n / n_blocks) * dim + col];
          most = std::max(most, std::abs(block[i]));
        }
        REQUIRE(scales[n] == most / 127);
        const Bytes expected = under_test::quantize_block(Kind::kInt8, block);
        for (int i = 0; i < 32; ++i) {
          REQUIRE(got[size_t(n) * 32 + i] == int8_t(expected[2 + i]));
        }
      }
    }
  }
}
