# What there is of CUDA: the toolkit, a host compiler that it accepts, a GPU. Sourced by ./ladder.
# Nothing here is needed: without CUDA the simulator does everything.

# cuda_home: the folder of the CUDA toolkit; fails if there is none.
cuda_home() {
  local nvcc
  nvcc=$(command -v nvcc) || nvcc=/usr/local/cuda/bin/nvcc
  [[ -x $nvcc ]] && dirname "$(dirname "$(readlink -f "$nvcc")")"
}

# nvcc_refusal CXX: prints why nvcc does not take this host compiler; nothing if it does.
nvcc_refusal() {
  local scratch output
  scratch=$(mktemp -d)
  echo '__global__ void nothing_kernel() {}' >"$scratch/probe.cu"
  if ! output=$("$(cuda_home)/bin/nvcc" -ccbin "$1" -c "$scratch/probe.cu" -o "$scratch/probe.o" 2>&1); then
    grep -m 1 -E 'error' <<<"$output" || head -n 1 <<<"$output"
  fi
  rm -rf "$scratch"
}

# cuda_host_compiler: the first of $CUDAHOSTCXX, g++ and g++-14 to g++-9 that nvcc accepts.
cuda_host_compiler() {
  local candidate
  for candidate in "${CUDAHOSTCXX:-}" "${CXX:-g++}" g++-{14,13,12,11,10,9}; do
    command -v "$candidate" >/dev/null || continue
    if [[ -z $(nvcc_refusal "$candidate") ]]; then
      echo "$candidate"
      return 0
    fi
  done
  return 1
}

# gpu_names: one line a GPU; fails if the driver shows none.
gpu_names() {
  local names
  names=$(nvidia-smi --query-gpu=name,memory.total --format=csv,noheader 2>/dev/null) ||
    names=$(sed -n 's/^Model: *//p' /proc/driver/nvidia/gpus/*/information 2>/dev/null)
  [[ -n $names ]] && echo "$names"
}
