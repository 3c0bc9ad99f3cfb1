// Registers chapter 00's probes of the memory levels.
#include "chapters/00_naive/probes.cuh"  // probe_l1, ...
#include "common/decode/probe.h"         // RegisterProbe

namespace {

using decode::RegisterProbe;

gpu::DeviceBuffer<float> result() { return {1, "probe.out"}; }

std::shared_ptr<gpu::DeviceBuffer<float4>> zeros(size_t count) {
  auto buffer = std::make_shared<gpu::DeviceBuffer<float4>>(count, "probe.in");
  CUDA_CHECK(cudaMemset(buffer->data(), 0, buffer->bytes()));
  return buffer;
}

template <typename Launch>
std::function<void()> without_input(const Launch& launch) {
  auto out = std::make_shared<gpu::DeviceBuffer<float>>(result());
  return [=] { launch(out->data()); };
}
template <typename Launch>
std::function<void()> with_vram(size_t count, const Launch& launch) {
  auto in = zeros(count);
  auto out = std::make_shared<gpu::DeviceBuffer<float>>(result());
  return [=] { launch(in->data(), out->data()); };
}
std::function<void()> with_host_ram() {
  auto in = std::make_shared<gpu::PinnedBuffer<float4>>(ch00::kProbeCount, "probe.in");
  for (size_t i = 0; i < in->size(); ++i) in->data()[i] = float4{0, 0, 0, 0};
  auto out = std::make_shared<gpu::DeviceBuffer<float>>(result());
  return [=] { ch00::probe_stream(in->device_data(), out->data()); };
}

const RegisterProbe kRegisters({"registers", [] { return without_input(ch00::probe_registers); }});
const RegisterProbe kShared({"shared memory", [] { return without_input(ch00::probe_shared); }});
const RegisterProbe kL1({"L1", [] {
                           const size_t count = size_t(ch00::kProbeBlocks) * ch00::kProbeTile;
                           return with_vram(count, ch00::probe_l1);
                         }});
const RegisterProbe kL2({"L2", [] { return with_vram(ch00::kProbeRegion, ch00::probe_l2); }});
const RegisterProbe kVram({"VRAM",
                           [] { return with_vram(ch00::kProbeCount, ch00::probe_stream); }});
const RegisterProbe kHost({"host RAM", [] { return with_host_ram(); }});

}  // namespace
