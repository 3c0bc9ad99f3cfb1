// Graphs: what a capture left, made ready to run again and again. Nodes run in the order of
// capture, which respects what each waits for.
#include <algorithm>

#include "common/simt/runtime_state.h"

using namespace simt::runtime;

namespace {

template <class Use>
cudaError_t with_graph(const char* function, cudaGraph_t graph, Use use) {
  ApiCall api(function);
  if (api.refused()) return api.error();
  if (!state().graphs.count(graph)) return api.fail(cudaErrorInvalidValue, "no such graph");
  return use(api);
}

template <class Use>
cudaError_t with_exec(const char* function, cudaGraphExec_t exec, Use use) {
  ApiCall api(function);
  if (api.refused()) return api.error();
  if (!state().execs.count(exec)) {
    return api.fail(cudaErrorInvalidValue, "no such instantiated graph");
  }
  return use(api);
}

// The positions, in the same graph, of what a node waits for.
template <class Nodes>
std::vector<size_t> positions(const Nodes& nodes, const CUgraphNode_st& node) {
  std::vector<size_t> result;
  for (size_t i = 0; i < nodes.size(); i++) {
    const auto* candidate = nodes[i].get();
    if (std::any_of(node.after.begin(), node.after.end(),
                    [=](const CUgraphNode_st* before) { return before == candidate; })) {
      result.push_back(i);
    }
  }
  return result;
}

cudaGraphExecUpdateResultInfo compare(const CUgraphExec_st& exec, const CUgraph_st& graph) {
  cudaGraphExecUpdateResultInfo info = {cudaGraphExecUpdateSuccess, nullptr, nullptr};
  if (exec.nodes.size() != graph.nodes.size()) {
    info.result = cudaGraphExecUpdateErrorTopologyChanged;
    return info;
  }
  for (size_t i = 0; i < graph.nodes.size(); i++) {
    if (exec.nodes[i]->type != graph.nodes[i]->type) {
      info.result = cudaGraphExecUpdateErrorNodeTypeChanged;
    } else if (positions(exec.nodes, *exec.nodes[i]) != positions(graph.nodes, *graph.nodes[i])) {
      info.result = cudaGraphExecUpdateErrorTopologyChanged;
    } else {
      continue;
    }
    info.errorNode = graph.nodes[i].get();
    return info;
  }
  return info;
}

}  // namespace

cudaError_t cudaGraphCreate(cudaGraph_t* graph, unsigned flags) {
  ApiCall api(__func__);
  if (api.refused()) return api.error();
  if (!graph || flags != 0) return api.fail(cudaErrorInvalidValue, "flags must be 0");
  *graph = new CUgraph_st;
  state().graphs.insert(*graph);
  return cudaSuccess;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  return with_graph(__func__, graph, [graph](const ApiCall&) {
    state().graphs.erase(graph);
    delete graph;
    return cudaSuccess;
  });
}

cudaError_t cudaGraphClone(cudaGraph_t* clone, cudaGraph_t graph) {
  return with_graph(__func__, graph, [=](const ApiCall& api) {
    if (!clone) return api.fail(cudaErrorInvalidValue, "the result pointer is null");
    *clone = new CUgraph_st;
    std::unordered_map<const CUgraphNode_st*, CUgraphNode_st*> copy_of;
    for (const auto& node : graph->nodes) {
      auto copy = std::make_shared<CUgraphNode_st>(*node);
      for (CUgraphNode_st*& before : copy->after) before = copy_of.at(before);
      copy_of[node.get()] = copy.get();
      (*clone)->nodes.push_back(std::move(copy));
    }
    state().graphs.insert(*clone);
    return cudaSuccess;
  });
}

// `nodes` null: gives the number of nodes. Otherwise fills up to *count of them, as CUDA does.
cudaError_t cudaGraphGetNodes(cudaGraph_t graph, cudaGraphNode_t* nodes, size_t* count) {
  return with_graph(__func__, graph, [=](const ApiCall& api) {
    if (!count) return api.fail(cudaErrorInvalidValue, "the count is null");
    if (!nodes) {
      *count = graph->nodes.size();
      return cudaSuccess;
    }
    for (size_t i = 0; i < *count; i++) {
      nodes[i] = i < graph->nodes.size() ? graph->nodes[i].get() : nullptr;
    }
    *count = std::min(*count, graph->nodes.size());
    return cudaSuccess;
  });
}

cudaError_t cudaGraphNodeGetType(cudaGraphNode_t node, cudaGraphNodeType* type) {
  ApiCall api(__func__);
  if (api.refused()) return api.error();
  if (!node || !type) return api.fail(cudaErrorInvalidValue, "a null pointer");
  *type = node->type;
  return cudaSuccess;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* exec, cudaGraph_t graph, unsigned long long) {
  return with_graph(__func__, graph, [=](const ApiCall& api) {
    if (!exec) return api.fail(cudaErrorInvalidValue, "the result pointer is null");
    *exec = new CUgraphExec_st;
    (*exec)->nodes.assign(graph->nodes.begin(), graph->nodes.end());
    state().execs.insert(*exec);
    return cudaSuccess;
  });
}
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* exec, cudaGraph_t graph,
                                 cudaGraphNode_t* error_node, char* log, size_t log_bytes) {
  if (error_node) *error_node = nullptr;
  if (log && log_bytes > 0) *log = '\0';
  return cudaGraphInstantiate(exec, graph, 0);
}
cudaError_t cudaGraphInstantiateWithFlags(cudaGraphExec_t* exec, cudaGraph_t graph,
                                          unsigned long long flags) {
  return cudaGraphInstantiate(exec, graph, flags);
}

cudaError_t cudaGraphExecUpdate(cudaGraphExec_t exec, cudaGraph_t graph,
                                cudaGraphExecUpdateResultInfo* result) {
  return with_exec(__func__, exec, [=](const ApiCall& api) {
    if (!result || !state().graphs.count(graph)) {
      return api.fail(cudaErrorInvalidValue, "no such graph, or no place for the result");
    }
    *result = compare(*exec, *graph);
    if (result->result != cudaGraphExecUpdateSuccess) {
      return api.fail(cudaErrorGraphExecUpdateFailure, "the graphs have different shapes");
    }
    exec->nodes.assign(graph->nodes.begin(), graph->nodes.end());
    return cudaSuccess;
  });
}
cudaError_t cudaGraphExecUpdate(cudaGraphExec_t exec, cudaGraph_t graph,
                                cudaGraphNode_t* error_node, cudaGraphExecUpdateResult* result) {
  cudaGraphExecUpdateResultInfo info = {cudaGraphExecUpdateError, nullptr, nullptr};
  const cudaError_t error = cudaGraphExecUpdate(exec, graph, &info);
  if (error_node) *error_node = info.errorNode;
  if (result) *result = info.result;
  return error;
}

cudaError_t cudaGraphUpload(cudaGraphExec_t exec, cudaStream_t stream) {
  return with_exec(__func__, exec, [=](const ApiCall& api) {
    if (find_stream(stream)) return cudaSuccess;
    return api.fail(cudaErrorInvalidResourceHandle, "no such stream");
  });
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t handle) {
  return with_exec(__func__, exec, [=](const ApiCall& api) {
    CUstream_st* stream = find_stream(handle);
    if (!stream) return api.fail(cudaErrorInvalidResourceHandle, "no such stream");
    return enqueue(api, *stream, cudaGraphNodeTypeGraph, [nodes = exec->nodes] {
      for (const auto& node : nodes) {
        const cudaError_t error = node->run ? node->run() : cudaSuccess;
        if (error != cudaSuccess) return error;
      }
      return cudaSuccess;
    });
  });
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec) {
  return with_exec(__func__, exec, [exec](const ApiCall&) {
    state().execs.erase(exec);
    delete exec;
    return cudaSuccess;
  });
}
