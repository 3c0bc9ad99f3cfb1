// The specs: their published numbers, the classroom's arithmetic, and wrong names.
#include "common/traffic/gpu_spec.h"

#include <limits>

#include "tests/catch.h"

using traffic::classroom;
using traffic::gpu_spec;
using traffic::GpuSpec;

namespace {

std::string error_of(const std::string& name, double weights = 0) {
  try {
    gpu_spec(name, weights);
  } catch (const traffic::TrafficError& e) {
    return e.what();
  }
  return "";
}

}  // namespace

TEST_CASE("the H100 has the numbers of its data sheet", "[traffic]") {
  const GpuSpec g = gpu_spec("h100");
  CHECK(g.sms == 132);
  CHECK(g.vram_bandwidth == 3.35e12);
  CHECK(g.pcie_bandwidth == 64e9);
  CHECK(g.l2_bytes == 50 << 20);
  CHECK(g.shared_bytes_per_sm == 228 << 10);
  CHECK(g.fp32_multiply_adds * 2 == Approx(67e12).epsilon(0.01));
  CHECK(g.vram_bandwidth / g.pcie_bandwidth == Approx(52.3).epsilon(0.01));
}

TEST_CASE("every GPU is complete, and peak fp32 is that of its data sheet", "[traffic]") {
  const std::pair<const char*, double> tflops[] = {
      {"h100", 67}, {"a100", 19.5}, {"rtx4090", 82.6}, {"rtx3060", 12.7}, {"t4", 8.1}};
  for (const auto& [name, peak] : tflops) {
    const GpuSpec g = gpu_spec(name);
    CHECK(g.name == name);
    CHECK(2 * g.fp32_multiply_adds == Approx(peak * 1e12).epsilon(0.01));
    CHECK(g.l1_bandwidth >= g.l2_bandwidth);
    CHECK(g.l2_bandwidth > g.vram_bandwidth);
    CHECK(g.vram_bandwidth > g.pcie_bandwidth);
    CHECK(g.launch_seconds > 0);
    CHECK(g.sources.size() >= 3);
    CHECK(g.registers_per_sm == 65536);
    CHECK(g.l1_shared_bytes_per_sm > 0);
    CHECK(g.max_shared_bytes_per_block + g.reserved_shared_per_block <= g.shared_bytes_per_sm);
  }
}

TEST_CASE("the classroom is an H100 shrunk to the model", "[traffic]") {
  const GpuSpec h = gpu_spec("h100"), c = classroom(8e6);  // s = 2000
  CHECK(c.shrink == Approx(2000));
  CHECK(c.vram_bandwidth == Approx(h.vram_bandwidth / 2000));
  CHECK(c.l2_bandwidth == Approx(h.l2_bandwidth / 2000));
  CHECK(c.pcie_bandwidth == Approx(h.pcie_bandwidth / 2000));
  CHECK(c.fp32_multiply_adds == Approx(h.fp32_multiply_adds / 2000));
  CHECK(c.int8_multiply_adds == Approx(h.int8_multiply_adds / 2000));
  CHECK(c.l2_bytes % 128 == 0);
  CHECK(static_cast<double>(c.l2_bytes) == Approx((50 << 20) / 2000.0).epsilon(0.003));
  CHECK(c.shared_bandwidth == h.shared_bandwidth);
  CHECK(c.l1_bandwidth == h.l1_bandwidth);
  CHECK(c.launch_seconds == h.launch_seconds);
  CHECK(c.shared_bytes_per_sm == h.shared_bytes_per_sm);
  CHECK(c.sms == h.sms);
  CHECK(c.vram_bandwidth / c.pcie_bandwidth == Approx(h.vram_bandwidth / h.pcie_bandwidth));
  CHECK(classroom(16e9).l2_bytes == h.l2_bytes);
  CHECK(classroom(1).l2_bytes == 128);
  CHECK(gpu_spec("classroom", 8e6).l2_bytes == c.l2_bytes);
}

TEST_CASE("a wrong GPU name gets an error that lists the names", "[traffic]") {
  const std::string e = error_of("h200");
  CHECK(e.find("'h200'") != std::string::npos);
  for (const std::string& name : traffic::gpu_names()) CHECK(e.find(name) != std::string::npos);
  CHECK(error_of("").find("known are") != std::string::npos);
}

TEST_CASE("the classroom without a model is an error", "[traffic]") {
  CHECK(error_of("classroom").find("weights") != std::string::npos);
  CHECK(error_of("classroom", -1) != "");
  CHECK(error_of("classroom", std::numeric_limits<double>::quiet_NaN()) != "");
  CHECK(error_of("classroom", std::numeric_limits<double>::infinity()) != "");
}
