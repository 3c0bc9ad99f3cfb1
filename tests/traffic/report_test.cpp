// The tables for people and for programs.
#include "common/traffic/report.h"

#include <nlohmann/json.hpp>
#include <sstream>

#include "common/traffic/units.h"
#include "tests/catch.h"
#include "tests/traffic/stand_in.h"

using namespace stand_in;
using namespace traffic;

namespace {

void small_run(Simulator& s) {
  const uint64_t x = s.allocate("weights", 8192), y = s.allocate("y", 4096);
  for (int token = 0; token < 2; ++token) {
    s.recorder.phase(static_cast<int>(Phase::kDecode), token);
    s.recorder.work(1e6, 0);
    s.launch("a_kernel_with_a_rather_long_name<float, 128>",
             {strided(kLoad, kDevice, x, 16, 16), strided(kLoad, kShared, 0, 8, 4)});
    s.launch("b", {strided(kStore, kDevice, y, 4, 4)});
  }
  s.recorder.finish();
}

}  // namespace

TEST_CASE("bytes and seconds are shown with three digits", "[traffic]") {
  CHECK(bytes_text(0) == "0 B");
  CHECK(bytes_text(999) == "999 B");
  CHECK(bytes_text(1000) == "1.00 kB");
  CHECK(bytes_text(12345678) == "12.3 MB");
  CHECK(bytes_text(3.35e12) == "3.35 TB");
  CHECK(bytes_text(0.5) == "0.50 B");
  CHECK(bytes_text(999999) == "1.00 MB");
  CHECK(seconds_text(0) == "0 s");
  CHECK(seconds_text(2e-6) == "2.00 us");
  CHECK(seconds_text(1.5e-9) == "1.50 ns");
  CHECK(seconds_text(0.0123) == "12.3 ms");
  CHECK(seconds_text(61) == "61.0 s");
  CHECK(count_text(0) == "0");
  CHECK(count_text(1.5) == "1.50");
  CHECK(count_text(4200000) == "4.20 M");
}

TEST_CASE("the report keeps counted, declared and modelled apart", "[traffic]") {
  Simulator s(small_gpu());
  small_run(s);
  const nlohmann::ordered_json j = report_json(s.recorder);
  CHECK(j.at("gpu").at("name") == "small");
  REQUIRE(j.at("kernels").size() == 3);  // two kernels and the flush, summed over tokens
  const auto& k = j.at("kernels")[0];
  CHECK(k.at("phase") == "decode");
  CHECK(k.at("counted").at("launches") == 2);
  CHECK(k.at("counted").at("l1_bytes") == 1024);
  CHECK(k.at("counted").at("vram_bytes") == 512);
  CHECK(k.at("counted").at("shared_bytes") == 256);
  CHECK(k.at("declared").at("fp32_multiply_adds") == 2e6);
  CHECK(k.at("modelled").at("gpu") == "small");
  CHECK(k.at("modelled").at("seconds") > 0);
  CHECK(j.at("kernels")[1].at("declared").at("undeclared_launches") == 2);
  CHECK(j.at("tensors").size() == 3);
  CHECK(j.at("instructions").size() == 3);
  CHECK(j.at("instructions")[0].at("kind") == "load");
}

TEST_CASE("the kernel table fits into any width", "[traffic]") {
  Simulator s(small_gpu());
  small_run(s);
  for (int width : {20, 40, 60, 80, 100, 132, 200, 1000, 0, -5}) {
    const std::string table = kernel_table(s.recorder, {}, width);
    std::istringstream lines(table);
    std::string line, header;
    std::getline(lines, header);
    for (int row = 0; row < 3; ++row) {
      std::getline(lines, line);
      CAPTURE(width, line);
      CHECK(line.size() == header.size());
      CHECK(line.size() <= static_cast<size_t>(std::max(width, 20)));
    }
    while (std::getline(lines, line)) {
      CAPTURE(width, line);
      CHECK(line.size() <= static_cast<size_t>(std::max(width, 20)));
    }
  }
  const std::string wide = kernel_table(s.recorder, {}, 200);
  for (const char* title :
       {"VRAM", "L2", "L1", "shared", "PCIe", "w/ideal", "modelled", "bound by"}) {
    CHECK(wide.find(title) != std::string::npos);
  }
  CHECK(wide.find("a_kernel_with_a_rather_long_name<float, 128>") != std::string::npos);
  CHECK(wide.find("undeclared") != std::string::npos);
  CHECK(wide.find("modelled for small: modelled, bound by.") != std::string::npos);
}

TEST_CASE("the kernel table of an empty recorder is its header", "[traffic]") {
  Simulator s(small_gpu());
  CHECK(kernel_table(s.recorder).rfind("kernel", 0) == 0);
}
