// Stream capture and graphs.
#include <cuda_runtime.h>

#include <thread>
#include <vector>

#include "tests/catch.h"

namespace {

__global__ void add_kernel(int* out, int value) { out[threadIdx.x] += value; }
__global__ void double_kernel(int* out) { out[threadIdx.x] *= 2; }

constexpr int kCount = 32;
constexpr size_t kBytes = kCount * sizeof(int);

// Two streams, an event, and zeroed memory. Whatever a test left captured is thrown away.
struct Fixture {
  cudaStream_t a = nullptr, b = nullptr;
  cudaEvent_t event = nullptr;
  int* data = nullptr;
  Fixture() {
    REQUIRE(cudaStreamCreate(&a) == cudaSuccess);
    REQUIRE(cudaStreamCreate(&b) == cudaSuccess);
    REQUIRE(cudaEventCreate(&event) == cudaSuccess);
    REQUIRE(cudaMalloc(&data, kBytes) == cudaSuccess);
    REQUIRE(cudaMemset(data, 0, kBytes) == cudaSuccess);
  }
  ~Fixture() {
    cudaGetLastError();
    cudaEventDestroy(event);
    cudaStreamDestroy(a);
    cudaStreamDestroy(b);
    cudaFree(data);
    cudaGetLastError();
  }
  int value() const {
    int v = 0;
    REQUIRE(cudaMemcpy(&v, data + kCount - 1, sizeof v, cudaMemcpyDeviceToHost) == cudaSuccess);
    return v;
  }
  cudaStreamCaptureStatus status(cudaStream_t stream) const {
    cudaStreamCaptureStatus s;
    REQUIRE(cudaStreamIsCapturing(stream, &s) == cudaSuccess);
    return s;
  }
  void begin(cudaStreamCaptureMode mode = cudaStreamCaptureModeGlobal) const {
    REQUIRE(cudaStreamBeginCapture(a, mode) == cudaSuccess);
  }
  // Ends a capture that must have failed.
  cudaError_t end_failed() const {
    cudaGraph_t graph = nullptr;
    const cudaError_t error = cudaStreamEndCapture(a, &graph);
    CHECK(graph == nullptr);
    cudaGetLastError();
    return error;
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "a captured kernel runs when its graph is launched, not before",
                 "[simt]") {
  begin();
  CHECK(status(a) == cudaStreamCaptureStatusActive);
  int value = 3;
  add_kernel<<<1, kCount, 0, a>>>(data, value);
  value = 1000;  // the argument was copied
  double_kernel<<<1, kCount, 0, a>>>(data);
  cudaGraph_t graph;
  REQUIRE(cudaStreamEndCapture(a, &graph) == cudaSuccess);
  CHECK(status(a) == cudaStreamCaptureStatusNone);
  CHECK(this->value() == 0);
  size_t nodes = 0;
  REQUIRE(cudaGraphGetNodes(graph, nullptr, &nodes) == cudaSuccess);
  CHECK(nodes == 2);
  cudaGraphExec_t exec;
  REQUIRE(cudaGraphInstantiate(&exec, graph, 0) == cudaSuccess);
  REQUIRE(cudaGraphDestroy(graph) == cudaSuccess);
  REQUIRE(cudaGraphLaunch(exec, a) == cudaSuccess);
  REQUIRE(cudaStreamSynchronize(a) == cudaSuccess);
  CHECK(this->value() == 6);
  REQUIRE(cudaGraphLaunch(exec, a) == cudaSuccess);
  REQUIRE(cudaStreamSynchronize(a) == cudaSuccess);
  CHECK(this->value() == 18);
  CHECK(cudaGraphExecDestroy(exec) == cudaSuccess);
}

TEST_CASE_METHOD(Fixture, "copies, fills and host functions are captured", "[simt]") {
  int* pinned = nullptr;
  int calls = 0;
  REQUIRE(cudaMallocHost(&pinned, kBytes) == cudaSuccess);
  begin();
  REQUIRE(cudaMemsetAsync(data, 1, kBytes, a) == cudaSuccess);
  REQUIRE(cudaMemcpyAsync(pinned, data, kBytes, cudaMemcpyDeviceToHost, a) == cudaSuccess);
  REQUIRE(cudaLaunchHostFunc(
              a, [](void* p) { ++*static_cast<int*>(p); }, &calls) == cudaSuccess);
  cudaGraph_t graph;
  REQUIRE(cudaStreamEndCapture(a, &graph) == cudaSuccess);
  CHECK(calls == 0);
  cudaGraphNode_t nodes[5];
  size_t count = 5;
  REQUIRE(cudaGraphGetNodes(graph, nodes, &count) == cudaSuccess);
  REQUIRE(count == 3);
  int of_type[3] = {};
  for (size_t i = 0; i < count; i++) {
    cudaGraphNodeType type;
    REQUIRE(cudaGraphNodeGetType(nodes[i], &type) == cudaSuccess);
    of_type[0] += type == cudaGraphNodeTypeMemset;
    of_type[1] += type == cudaGraphNodeTypeMemcpy;
    of_type[2] += type == cudaGraphNodeTypeHost;
  }
  CHECK(of_type[0] == 1);
  CHECK(of_type[1] == 1);
  CHECK(of_type[2] == 1);
  cudaGraphExec_t exec;
  REQUIRE(cudaGraphInstantiate(&exec, graph, 0) == cudaSuccess);
  for (int i = 0; i < 3; i++) REQUIRE(cudaGraphLaunch(exec, a) == cudaSuccess);
  REQUIRE(cudaStreamSynchronize(a) == cudaSuccess);
  CHECK(calls == 3);
  CHECK(pinned[kCount - 1] == 0x01010101);
  cudaGraphExecDestroy(exec);
  cudaGraphDestroy(graph);
  cudaFreeHost(pinned);
}

TEST_CASE_METHOD(Fixture, "a second stream joins a capture and leaves it through events",
                 "[simt]") {
  cudaEvent_t joined;
  REQUIRE(cudaEventCreate(&joined) == cudaSuccess);
  begin();
  add_kernel<<<1, kCount, 0, a>>>(data, 1);
  REQUIRE(cudaEventRecord(event, a) == cudaSuccess);
  REQUIRE(cudaStreamWaitEvent(b, event, 0) == cudaSuccess);
  CHECK(status(b) == cudaStreamCaptureStatusActive);
  double_kernel<<<1, kCount, 0, b>>>(data);
  REQUIRE(cudaEventRecord(joined, b) == cudaSuccess);
  REQUIRE(cudaStreamWaitEvent(a, joined, 0) == cudaSuccess);
  cudaGraph_t graph;
  REQUIRE(cudaStreamEndCapture(a, &graph) == cudaSuccess);
  CHECK(status(b) == cudaStreamCaptureStatusNone);
  cudaGraphExec_t exec;
  REQUIRE(cudaGraphInstantiate(&exec, graph, 0) == cudaSuccess);
  REQUIRE(cudaGraphLaunch(exec, a) == cudaSuccess);
  REQUIRE(cudaStreamSynchronize(a) == cudaSuccess);
  CHECK(value() == 2);
  cudaGraphExecDestroy(exec);
  cudaGraphDestroy(graph);
  cudaEventDestroy(joined);
}

TEST_CASE_METHOD(Fixture, "work that did not join again spoils the capture", "[simt]") {
  begin();
  REQUIRE(cudaEventRecord(event, a) == cudaSuccess);
  REQUIRE(cudaStreamWaitEvent(b, event, 0) == cudaSuccess);
  double_kernel<<<1, kCount, 0, b>>>(data);
  CHECK(end_failed() == cudaErrorStreamCaptureUnjoined);
  CHECK(status(a) == cudaStreamCaptureStatusNone);
  CHECK(status(b) == cudaStreamCaptureStatusNone);
}

TEST_CASE_METHOD(Fixture, "waiting and allocating during a capture are refused and spoil it",
                 "[simt]") {
  begin();
  CHECK(cudaStreamSynchronize(a) == cudaErrorStreamCaptureUnsupported);
  CHECK(status(a) == cudaStreamCaptureStatusInvalidated);
  add_kernel<<<1, kCount, 0, a>>>(data, 1);
  CHECK(cudaGetLastError() == cudaErrorStreamCaptureInvalidated);
  CHECK(end_failed() == cudaErrorStreamCaptureInvalidated);

  void* p = nullptr;
  begin();
  CHECK(cudaMalloc(&p, 4) == cudaErrorStreamCaptureUnsupported);
  CHECK(end_failed() == cudaErrorStreamCaptureInvalidated);

  begin(cudaStreamCaptureModeRelaxed);
  CHECK(cudaMalloc(&p, 4) == cudaSuccess);
  CHECK(cudaFree(p) == cudaSuccess);
  cudaGraph_t graph;
  REQUIRE(cudaStreamEndCapture(a, &graph) == cudaSuccess);
  cudaGraphDestroy(graph);

  begin();
  CHECK(cudaDeviceSynchronize() == cudaErrorStreamCaptureUnsupported);
  CHECK(end_failed() == cudaErrorStreamCaptureInvalidated);
}

TEST_CASE_METHOD(Fixture, "the default stream may not be used beside a blocking captured one",
                 "[simt]") {
  int host = 0;
  begin();
  CHECK(cudaMemcpy(data, &host, 4, cudaMemcpyHostToDevice) == cudaErrorStreamCaptureImplicit);
  CHECK(end_failed() == cudaErrorStreamCaptureInvalidated);
  begin();
  add_kernel<<<1, kCount>>>(data, 1);
  CHECK(cudaGetLastError() == cudaErrorStreamCaptureImplicit);
  CHECK(end_failed() == cudaErrorStreamCaptureInvalidated);
  CHECK(cudaStreamBeginCapture(nullptr, cudaStreamCaptureModeGlobal) ==
        cudaErrorStreamCaptureUnsupported);
  cudaGetLastError();
}

TEST_CASE_METHOD(Fixture, "captures are ended where they began", "[simt]") {
  cudaGraph_t graph = nullptr;
  CHECK(cudaStreamEndCapture(a, &graph) == cudaErrorIllegalState);
  begin();
  CHECK(cudaStreamBeginCapture(a, cudaStreamCaptureModeGlobal) == cudaErrorIllegalState);
  cudaGetLastError();
  REQUIRE(cudaEventRecord(event, a) == cudaSuccess);
  REQUIRE(cudaStreamWaitEvent(b, event, 0) == cudaSuccess);
  CHECK(cudaStreamEndCapture(b, &graph) == cudaErrorStreamCaptureUnmatched);
  CHECK(end_failed() == cudaErrorStreamCaptureInvalidated);
  begin();
  cudaError_t theirs = cudaSuccess;
  std::thread([&] { theirs = cudaStreamEndCapture(a, &graph); }).join();
  CHECK(theirs == cudaErrorStreamCaptureWrongThread);
  REQUIRE(cudaStreamEndCapture(a, &graph) == cudaSuccess);
  cudaGraphDestroy(graph);
}

TEST_CASE_METHOD(Fixture, "an event from outside cannot be waited for inside", "[simt]") {
  REQUIRE(cudaEventRecord(event, b) == cudaSuccess);
  begin();
  CHECK(cudaStreamWaitEvent(a, event, 0) == cudaErrorStreamCaptureIsolation);
  CHECK(end_failed() == cudaErrorStreamCaptureInvalidated);
  begin();
  REQUIRE(cudaEventRecord(event, a) == cudaSuccess);
  CHECK(cudaEventSynchronize(event) == cudaErrorCapturedEvent);
  CHECK(end_failed() == cudaErrorStreamCaptureInvalidated);
}

TEST_CASE_METHOD(Fixture, "an instantiated graph takes new arguments if the shape is the same",
                 "[simt]") {
  const auto capture = [this](int value, int times) {
    begin();
    for (int i = 0; i < times; i++) add_kernel<<<1, kCount, 0, a>>>(data, value);
    cudaGraph_t graph = nullptr;
    REQUIRE(cudaStreamEndCapture(a, &graph) == cudaSuccess);
    return graph;
  };
  cudaGraph_t one = capture(1, 1), ten = capture(10, 1), two_nodes = capture(1, 2);
  cudaGraphExec_t exec;
  REQUIRE(cudaGraphInstantiateWithFlags(&exec, one, 0) == cudaSuccess);
  cudaGraphExecUpdateResultInfo info;
  REQUIRE(cudaGraphExecUpdate(exec, ten, &info) == cudaSuccess);
  CHECK(info.result == cudaGraphExecUpdateSuccess);
  REQUIRE(cudaGraphLaunch(exec, a) == cudaSuccess);
  REQUIRE(cudaStreamSynchronize(a) == cudaSuccess);
  CHECK(value() == 10);
  CHECK(cudaGraphExecUpdate(exec, two_nodes, &info) == cudaErrorGraphExecUpdateFailure);
  CHECK(info.result == cudaGraphExecUpdateErrorTopologyChanged);
  cudaGetLastError();
  cudaGraph_t clone;
  REQUIRE(cudaGraphClone(&clone, two_nodes) == cudaSuccess);
  size_t nodes = 0;
  REQUIRE(cudaGraphGetNodes(clone, nullptr, &nodes) == cudaSuccess);
  CHECK(nodes == 2);
  for (cudaGraph_t graph : {one, ten, two_nodes, clone}) cudaGraphDestroy(graph);
  cudaGraphExecDestroy(exec);
}

#ifdef SIMT_SIMULATOR
TEST_CASE_METHOD(Fixture, "graph handles are checked, and CUDA 11's form works", "[simt]") {
  begin();
  add_kernel<<<1, kCount, 0, a>>>(data, 1);
  cudaGraph_t graph;
  REQUIRE(cudaStreamEndCapture(a, &graph) == cudaSuccess);
  cudaGraphExec_t exec;
  REQUIRE(cudaGraphInstantiate(&exec, graph, nullptr, nullptr, 0) == cudaSuccess);
  REQUIRE(cudaGraphDestroy(graph) == cudaSuccess);
  CHECK(cudaGraphDestroy(graph) == cudaErrorInvalidValue);
  CHECK(cudaGraphInstantiate(&exec, graph, 0) == cudaErrorInvalidValue);
  CHECK(cudaGraphExecDestroy(exec) == cudaSuccess);
  CHECK(cudaGraphLaunch(exec, a) == cudaErrorInvalidValue);
  void* p = nullptr;
  begin();
  CHECK(cudaMallocAsync(&p, 4, a) == cudaErrorNotSupported);
  CHECK(end_failed() == cudaErrorStreamCaptureInvalidated);
}
#endif
