// The access log: which warp requests come out of what the lanes did. Each kernel here follows a
// script of accesses, and the expected requests are worked out from the script alone.
#include <cuda_runtime.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include "tests/catch.h"
#include "tests/simt/watcher.h"

namespace {

struct Request {
  simt::AccessKind kind;
  simt::Space space;
  unsigned bytes;
  bool estimated;
  std::vector<uint64_t> offsets;  // of the lanes that took part, in order
};

// Keeps every request of one launch, block by block and warp by warp.
class Log : public Watcher {
 public:
  std::vector<Request> requests;

  void warp(unsigned, const simt::WarpRequest* r, size_t count) override {
    for (; count-- > 0; ++r) {
      Request request{r->kind, r->space, r->bytes, r->estimated, {}};
      for (unsigned i = 0; i < r->lanes; ++i) {
        request.offsets.push_back(r->addresses != nullptr
                                      ? r->addresses[i]
                                      : r->first + static_cast<uint64_t>(r->stride) * i);
      }
      requests.push_back(request);
    }
  }
  uint64_t wave_blocks(const simt::LaunchInfo&) override { return 1; }
};

struct Fixture {
  Fixture() {
    REQUIRE(cudaMalloc(&data, kBytes) == cudaSuccess);
    cudaMemset(data, 0, kBytes);
    base = simt::find_allocation(data)->offset;
    log.requests.clear();
  }
  ~Fixture() { cudaFree(data); }
  static constexpr size_t kBytes = 1 << 20;
  Log log;
  int* data = nullptr;
  uint64_t base = 0;
};

// Phase p: lane l reads data[index[p][i][l]] for i < trips[p][l]; then the warp meets.
__global__ void script_kernel(const int* data, const int* script, int phases, int most, int* out) {
  const int lane = threadIdx.x % 32;
  int sum = 0;
  for (int p = 0; p < phases; ++p) {
    const int* phase = script + p * (most + 1) * 32;
    const int trips = phase[lane];
    for (int i = 0; i < trips; ++i) sum += data[phase[(i + 1) * 32 + lane]];
    __syncwarp();
  }
  out[threadIdx.x] = sum;
}

__global__ void tail_kernel(const int* in, int* out, int n) {
  for (int i = threadIdx.x; i < n; i += 32) out[i] = in[i] + 1;
}

__global__ void long_kernel(const int* in, int* out, int n) {
  int sum = 0;
  for (int i = 0; i < n; ++i) sum += in[i * 32 + threadIdx.x];
  out[threadIdx.x] = sum;
}

__global__ void sides_kernel(int* data) {
  if (threadIdx.x % 2 == 0) {
    data[threadIdx.x] = 1;
  } else {
    data[threadIdx.x + 100] = 2;
  }
  data[threadIdx.x + 200] = 3;
}

__device__ int device_counter[4];
__global__ void kinds_kernel(int* data, int4* wide, short* narrow) {
  __shared__ int tile[64];
  extern __shared__ float dynamic[];
  const int lane = threadIdx.x;
  tile[lane] = data[lane];
  dynamic[lane] = 1.0f;
  __syncthreads();
  int4 value = wide[lane + 32];
  value.x += lane;
  wide[lane] = value;
  narrow[lane] = static_cast<short>(tile[31 - lane]);
  atomicAdd(&data[7], static_cast<int>(dynamic[lane]));
  device_counter[lane % 4] += lane;
}

__global__ void copy_kernel(char* to, const char* from, int bytes) {
  if (threadIdx.x == 0) memcpy(to, from, bytes);
}

__global__ void triples_kernel(float3* to, const float3* from) {
  to[threadIdx.x] = from[threadIdx.x];
}

struct Pair {
  float2 first;
  float4 second;
};

__global__ void members_kernel(float4* wide, float2* pairs, const Pair* structs, float* plain) {
  const int i = threadIdx.x;
  float sum = wide[i].x + wide[i].y + wide[i].z + wide[i].w;  // one access of 16 bytes
  sum += pairs[i].x * pairs[i].y;                             // one of 8
  sum += structs[i].first.x + structs[i].first.y;             // one of 8
  sum += wide[i + 32].z + wide[i + 32].w;                     // one of 8
  sum += wide[i + 64].x + wide[i + 64].z;                     // two of 4: not neighbours
  sum += plain[4 * i] + plain[4 * i + 1] + plain[4 * i + 2] + plain[4 * i + 3];  // four of 4
  __syncwarp();
  wide[i] = {1, 2, 3, sum};  // one of 16
  pairs[i].x = sum;          // one of 8, with the next line
  pairs[i].y = 2;
  for (int k = 0; k < 4; ++k) plain[4 * i + k] = sum;  // four of 4
}

}  // namespace

TEST_CASE_METHOD(Fixture, "members of a vector are one access, neighbours in an array are not",
                 "[simt][log]") {
  auto* wide = reinterpret_cast<float4*>(data);
  members_kernel<<<1, 32>>>(wide, reinterpret_cast<float2*>(wide + 100),
                            reinterpret_cast<Pair*>(wide + 200),
                            reinterpret_cast<float*>(wide + 400));
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  std::vector<unsigned> widths;
  for (const Request& r : log.requests) {
    REQUIRE(r.offsets.size() == 32);
    REQUIRE(!r.estimated);
    widths.push_back(r.bytes);
  }
  REQUIRE(widths == std::vector<unsigned>{16, 8, 8, 8, 4, 4, 4, 4, 4, 4, 16, 8, 4, 4, 4, 4});
}

TEST_CASE_METHOD(Fixture, "scripts of random addresses come out as the requests they are",
                 "[simt][log]") {
  std::mt19937 random(Catch::rngSeed());
  for (int repeat = 0; repeat < 200; ++repeat) {
    const int phases = 1 + static_cast<int>(random() % 5),
              most = 1 + static_cast<int>(random() % 6);
    std::vector<int> script(phases * (most + 1) * 32);
    std::vector<std::vector<uint64_t>> expected;
    for (int p = 0; p < phases; ++p) {
      int* phase = &script[p * (most + 1) * 32];
      for (int lane = 0; lane < 32; ++lane) {
        // Any lane may have any number of trips: each log is a prefix of the longest.
        phase[lane] = random() % 3 == 0 ? static_cast<int>(random() % (most + 1)) : most;
      }
      for (int i = 0; i < most; ++i) {
        std::vector<uint64_t> offsets;
        const int pattern = static_cast<int>(random() % 4),
                  start = static_cast<int>(random() % 1000);
        const int stride = static_cast<int>(random() % 5);
        for (int lane = 0; lane < 32; ++lane) {
          int index = pattern == 0   ? static_cast<int>(random() % 100000)
                      : pattern == 1 ? start + lane % 16 + lane / 16 * 1000
                                     : start + stride * lane;
          phase[(i + 1) * 32 + lane] = index;
          if (i < phase[lane]) offsets.push_back(base + 4 * static_cast<uint64_t>(index));
        }
        if (!offsets.empty()) expected.push_back(offsets);
      }
    }
    int *device_script = nullptr, *out = nullptr;
    REQUIRE(cudaMalloc(&device_script, script.size() * sizeof(int)) == cudaSuccess);
    REQUIRE(cudaMalloc(&out, 32 * sizeof(int)) == cudaSuccess);
    cudaMemcpy(device_script, script.data(), script.size() * sizeof(int), cudaMemcpyHostToDevice);
    log.requests.clear();
    script_kernel<<<1, 32>>>(data, device_script, phases, most, out);
    REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
    std::vector<std::vector<uint64_t>> got;
    for (const Request& r : log.requests) {
      REQUIRE(!r.estimated);
      // The reads of `data` itself; the script's and the result's own accesses lie elsewhere.
      if (r.offsets[0] >= base && r.offsets[0] < base + kBytes) got.push_back(r.offsets);
    }
    REQUIRE(got == expected);
    cudaFree(device_script);
    cudaFree(out);
  }
}

TEST_CASE_METHOD(Fixture, "a tail that only some lanes run is a request of those lanes",
                 "[simt][log]") {
  for (int n : {1, 31, 32, 33, 63, 64, 127}) {
    log.requests.clear();
    tail_kernel<<<1, 32>>>(data, data + 1000, n);
    REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
    REQUIRE(log.requests.size() == 2u * static_cast<unsigned>((n + 31) / 32));
    for (size_t k = 0; k < log.requests.size(); ++k) {
      const Request& r = log.requests[k];
      size_t first = k / 2 * 32, lanes = std::min<size_t>(32, static_cast<size_t>(n) - first);
      REQUIRE(r.kind == (k % 2 == 0 ? simt::AccessKind::kLoad : simt::AccessKind::kStore));
      REQUIRE(r.offsets.size() == lanes);
      REQUIRE(r.offsets[0] == base + 4 * (first + (k % 2 == 0 ? 0 : 1000)));
      REQUIRE(!r.estimated);
    }
  }
}

TEST_CASE_METHOD(Fixture, "more accesses than the log holds lose nothing", "[simt][log]") {
  const int n = 5000;
  long_kernel<<<1, 32>>>(data, data + n * 32, n);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  REQUIRE(log.requests.size() == static_cast<size_t>(n) + 1);
  for (int i = 0; i < n; ++i) {
    REQUIRE(log.requests[i].offsets.size() == 32);
    REQUIRE(log.requests[i].offsets[31] == base + 4u * (static_cast<unsigned>(i) * 32 + 31));
    REQUIRE(!log.requests[i].estimated);
  }
}

TEST_CASE_METHOD(Fixture, "lanes that go different ways are merged by instruction and said to be",
                 "[simt][log]") {
  sides_kernel<<<1, 32>>>(data);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  REQUIRE(log.requests.size() == 3);
  size_t lanes = 0;
  for (const Request& r : log.requests) {
    REQUIRE(r.estimated);
    lanes += r.offsets.size();
  }
  REQUIRE(lanes == 64);
}

TEST_CASE_METHOD(Fixture, "kinds, spaces and widths are told apart", "[simt][log]") {
  kinds_kernel<<<1, 32, 32 * sizeof(float)>>>(data, reinterpret_cast<int4*>(data + 4096),
                                              reinterpret_cast<short*>(data + 8192));
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  using simt::AccessKind;
  using simt::Space;
  struct Expected {
    AccessKind kind;
    Space space;
    unsigned bytes;
  };
  const std::vector<Expected> expected = {
      {AccessKind::kLoad, Space::kDevice, 4},   {AccessKind::kStore, Space::kShared, 4},
      {AccessKind::kStore, Space::kShared, 4},  {AccessKind::kLoad, Space::kDevice, 16},
      {AccessKind::kStore, Space::kDevice, 16}, {AccessKind::kLoad, Space::kShared, 4},
      {AccessKind::kStore, Space::kDevice, 2},  {AccessKind::kLoad, Space::kShared, 4},
      {AccessKind::kAtomic, Space::kDevice, 4}, {AccessKind::kLoad, Space::kDevice, 4},
      {AccessKind::kStore, Space::kDevice, 4}};
  for (const Request& r : log.requests) {
    UNSCOPED_INFO("kind " << static_cast<int>(r.kind) << ", space " << static_cast<int>(r.space)
                          << ", " << r.bytes << " bytes");
  }
  REQUIRE(log.requests.size() == expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    INFO("request " << i);
    CHECK(log.requests[i].kind == expected[i].kind);
    CHECK(log.requests[i].space == expected[i].space);
    CHECK(log.requests[i].bytes == expected[i].bytes);
    CHECK(log.requests[i].offsets.size() == 32);
  }
}

TEST_CASE_METHOD(Fixture, "memcpy in a kernel is counted in pieces as wide as its alignment allows",
                 "[simt][log]") {
  char* bytes = reinterpret_cast<char*>(data);
  for (int count : {1, 7, 16, 33, 100}) {
    for (int shift : {0, 1, 4, 8}) {
      log.requests.clear();
      copy_kernel<<<1, 32>>>(bytes + 4096 + shift, bytes + shift, count);
      REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
      unsigned loaded = 0, stored = 0;
      for (const Request& r : log.requests) {
        REQUIRE(r.offsets.size() == 1);
        REQUIRE(r.offsets[0] % r.bytes == 0);
        (r.kind == simt::AccessKind::kLoad ? loaded : stored) += r.bytes;
      }
      REQUIRE(loaded == static_cast<unsigned>(count));
      REQUIRE(stored == static_cast<unsigned>(count));
    }
  }
}

TEST_CASE_METHOD(Fixture, "a struct is accessed in pieces that its type's alignment allows",
                 "[simt][log]") {
  triples_kernel<<<1, 32>>>(reinterpret_cast<float3*>(data + 1000),
                            reinterpret_cast<float3*>(data));
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  REQUIRE(log.requests.size() == 6);
  for (const Request& r : log.requests) {
    REQUIRE(r.bytes == 4);
    REQUIRE(r.offsets.size() == 32);
    REQUIRE(r.offsets[1] - r.offsets[0] == 12);
  }
}
