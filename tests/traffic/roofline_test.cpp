// The estimate: which level bounds a launch, and what it adds up to.
#include "common/traffic/roofline.h"

#include "tests/catch.h"

using namespace traffic;

TEST_CASE("the longest level bounds a launch and the launch cost is added", "[traffic]") {
  const GpuSpec g = gpu_spec("h100");
  MemoryCounts m;
  KernelCounts k;
  DeclaredWork w;
  m.vram_read_bytes = 3350000000;  // 1 ms
  m.l2_load_bytes = 3350000000;
  w.fp32_multiply_adds = 1e9;
  Estimate e = estimate_launch(g, m, k, w);
  CHECK(e.bound == Bound::kVram);
  CHECK(e.seconds == Approx(1e-3 + g.launch_seconds));
  w.fp32_multiply_adds = g.fp32_multiply_adds;  // 1 s
  CHECK(estimate_launch(g, m, k, w).bound == Bound::kFp32);
  w.int8_multiply_adds = 2 * g.int8_multiply_adds;
  e = estimate_launch(g, m, k, w);
  CHECK(e.bound == Bound::kInt8);
  CHECK(e.seconds == Approx(2 + g.launch_seconds));
}

TEST_CASE("bank conflicts cost shared memory's time", "[traffic]") {
  const GpuSpec g = gpu_spec("h100");
  KernelCounts k;
  k.shared_read_bytes = 128 * 1000000;
  k.shared_ideal_wavefronts = 1000000;
  k.shared_wavefronts = 32000000;
  const Estimate e = estimate_launch(g, {}, k, {});
  CHECK(e.bound == Bound::kShared);
  CHECK(e.seconds == Approx(128.0 * 32e6 / g.shared_bandwidth + g.launch_seconds));
}

TEST_CASE("PCIe counts its busier direction", "[traffic]") {
  const GpuSpec g = gpu_spec("h100");
  MemoryCounts m;
  m.host_read_bytes = 64000000;
  m.host_write_bytes = 32000000;
  const Estimate e = estimate_launch(g, m, {}, {});
  CHECK(e.bound == Bound::kPcie);
  CHECK(e.seconds == Approx(1e-3 + g.launch_seconds));
  CHECK(estimate_copy(g, m) == Approx(1e-3));
}

TEST_CASE("an empty launch is bound by launching", "[traffic]") {
  const GpuSpec g = gpu_spec("h100");
  const Estimate e = estimate_launch(g, {}, {}, {});
  CHECK(e.bound == Bound::kLaunch);
  CHECK(e.seconds == g.launch_seconds);
  const ModelledTime t = kernel_time(e);
  CHECK(kernel_time(g, e.seconds, e.bound) == t);
  CHECK(t.kernel_seconds == g.launch_seconds);
  CHECK(t.seconds_by_bound[static_cast<int>(Bound::kLaunch)] == g.launch_seconds);
}

TEST_CASE("the seconds by bound add up to the kernel seconds", "[traffic]") {
  const GpuSpec g = gpu_spec("t4");
  MemoryCounts m;
  m.vram_read_bytes = 100000000;
  ModelledTime t = kernel_time(estimate_launch(g, m, {}, {}));
  m.vram_read_bytes = 100;
  t += kernel_time(estimate_launch(g, m, {}, {}));
  double sum = 0;
  for (double s : t.seconds_by_bound) sum += s;
  CHECK(sum == Approx(t.kernel_seconds));
}

TEST_CASE("a library's time comes from its declared bytes and launches", "[traffic]") {
  const GpuSpec g = gpu_spec("h100");
  CHECK(estimate_library(g, {1, 3, 3350000, 0}) == Approx(1e-6 + 3 * g.launch_seconds));
}
