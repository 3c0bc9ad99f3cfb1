// What the simulated GPU says about itself: cudaDeviceProp and the attributes, from DeviceLimits.
#include <cstdio>
#include <cstring>
#include <utility>

#include "common/simt/runtime_state.h"

namespace simt::runtime {

namespace {

constexpr int kMaxPitch = 2147483647;

void fill_limits(const DeviceLimits& d, cudaDeviceProp* p) {
  std::snprintf(p->name, sizeof p->name, "Decoder Ladder simulator (%s)", d.name);
  p->totalGlobalMem = device_memory_limit();
  p->sharedMemPerBlock = d.shared_per_block;
  p->sharedMemPerBlockOptin = d.shared_per_block_optin;
  p->sharedMemPerMultiprocessor = d.shared_per_sm;
  p->reservedSharedMemPerBlock = d.shared_reserved_per_block;
  p->regsPerBlock = p->regsPerMultiprocessor = d.registers_per_sm;
  p->maxThreadsPerBlock = d.threads_per_block;
  p->maxThreadsPerMultiProcessor = d.threads_per_sm;
  p->maxBlocksPerMultiProcessor = d.blocks_per_sm;
  p->multiProcessorCount = d.sm_count;
  p->major = d.compute_major;
  p->minor = d.compute_minor;
  p->l2CacheSize = static_cast<int>(d.l2_bytes);
  p->clockRate = d.clock_khz;
  p->memoryClockRate = d.memory_clock_khz;
  p->memoryBusWidth = d.memory_bus_bits;
}

}  // namespace

cudaDeviceProp device_properties() {
  cudaDeviceProp p;
  std::memset(&p, 0, sizeof p);
  fill_limits(device(), &p);
  p.warpSize = 32;
  p.memPitch = kMaxPitch;
  p.maxThreadsDim[0] = p.maxThreadsDim[1] = kMaxBlockXY;
  p.maxThreadsDim[2] = kMaxBlockZ;
  p.maxGridSize[0] = kMaxGridX;
  p.maxGridSize[1] = p.maxGridSize[2] = kMaxGridYZ;
  p.totalConstMem = 64 << 10;
  p.textureAlignment = 512;
  p.texturePitchAlignment = 32;
  p.deviceOverlap = p.canMapHostMemory = p.concurrentKernels = p.unifiedAddressing = 1;
  p.asyncEngineCount = 1;
  p.streamPrioritiesSupported = p.globalL1CacheSupported = p.localL1CacheSupported = 1;
  p.managedMemory = p.concurrentManagedAccess = p.directManagedMemAccessFromHost = 1;
  p.hostRegisterSupported = p.memoryPoolsSupported = p.computePreemptionSupported = 1;
  p.singleToDoublePrecisionPerfRatio = 2;
  return p;
}

bool attribute_of(const cudaDeviceProp& p, cudaDeviceAttr attribute, int* value) {
  const std::pair<cudaDeviceAttr, size_t> known[] = {
      {cudaDevAttrMaxThreadsPerBlock, p.maxThreadsPerBlock},
      {cudaDevAttrMaxBlockDimX, p.maxThreadsDim[0]},
      {cudaDevAttrMaxBlockDimY, p.maxThreadsDim[1]},
      {cudaDevAttrMaxBlockDimZ, p.maxThreadsDim[2]},
      {cudaDevAttrMaxGridDimX, p.maxGridSize[0]},
      {cudaDevAttrMaxGridDimY, p.maxGridSize[1]},
      {cudaDevAttrMaxGridDimZ, p.maxGridSize[2]},
      {cudaDevAttrMaxSharedMemoryPerBlock, p.sharedMemPerBlock},
      {cudaDevAttrMaxSharedMemoryPerBlockOptin, p.sharedMemPerBlockOptin},
      {cudaDevAttrMaxSharedMemoryPerMultiprocessor, p.sharedMemPerMultiprocessor},
      {cudaDevAttrReservedSharedMemoryPerBlock, p.reservedSharedMemPerBlock},
      {cudaDevAttrTotalConstantMemory, p.totalConstMem},
      {cudaDevAttrWarpSize, p.warpSize},
      {cudaDevAttrMaxPitch, p.memPitch},
      {cudaDevAttrMaxRegistersPerBlock, p.regsPerBlock},
      {cudaDevAttrMaxRegistersPerMultiprocessor, p.regsPerMultiprocessor},
      {cudaDevAttrClockRate, p.clockRate},
      {cudaDevAttrMemoryClockRate, p.memoryClockRate},
      {cudaDevAttrGlobalMemoryBusWidth, p.memoryBusWidth},
      {cudaDevAttrL2CacheSize, p.l2CacheSize},
      {cudaDevAttrTextureAlignment, p.textureAlignment},
      {cudaDevAttrTexturePitchAlignment, p.texturePitchAlignment},
      {cudaDevAttrGpuOverlap, p.deviceOverlap},
      {cudaDevAttrMultiProcessorCount, p.multiProcessorCount},
      {cudaDevAttrCanMapHostMemory, p.canMapHostMemory},
      {cudaDevAttrConcurrentKernels, p.concurrentKernels},
      {cudaDevAttrMaxThreadsPerMultiProcessor, p.maxThreadsPerMultiProcessor},
      {cudaDevAttrMaxBlocksPerMultiprocessor, p.maxBlocksPerMultiProcessor},
      {cudaDevAttrAsyncEngineCount, p.asyncEngineCount},
      {cudaDevAttrUnifiedAddressing, p.unifiedAddressing},
      {cudaDevAttrComputeCapabilityMajor, p.major},
      {cudaDevAttrComputeCapabilityMinor, p.minor},
      {cudaDevAttrStreamPrioritiesSupported, p.streamPrioritiesSupported},
      {cudaDevAttrGlobalL1CacheSupported, p.globalL1CacheSupported},
      {cudaDevAttrLocalL1CacheSupported, p.localL1CacheSupported},
      {cudaDevAttrManagedMemory, p.managedMemory},
      {cudaDevAttrConcurrentManagedAccess, p.concurrentManagedAccess},
      {cudaDevAttrDirectManagedMemAccessFromHost, p.directManagedMemAccessFromHost},
      {cudaDevAttrComputePreemptionSupported, p.computePreemptionSupported},
      {cudaDevAttrHostRegisterSupported, p.hostRegisterSupported},
      {cudaDevAttrMemoryPoolsSupported, p.memoryPoolsSupported},
      {cudaDevAttrSingleToDoublePrecisionPerfRatio, p.singleToDoublePrecisionPerfRatio},
  };
  for (const auto& [key, its_value] : known) {
    if (key != attribute) continue;
    *value = static_cast<int>(its_value);
    return true;
  }
  return false;
}

bool is_attribute(cudaDeviceAttr attribute) {
  return attribute >= 1 && attribute <= cudaDevAttrClusterLaunch;
}

}  // namespace simt::runtime
