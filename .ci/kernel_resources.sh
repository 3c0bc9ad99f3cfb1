#!/usr/bin/env bash
# Builds ladder-gpu where nvcc is, and prints what each kernel takes. No kernel may spill.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
build=${LADDER_BUILD_DIR:-build}

command -v nvcc >/dev/null || { echo "skipped: no nvcc" && exit 0; }
# ptxas speaks only when it compiles.
find "$build" -path '*-gpu.dir/*.cu.o' -delete
cmake --build "$build" --target ladder-gpu --parallel "$(nproc)" >"$build/gpu.log" 2>&1 ||
  { tail -n 40 "$build/gpu.log" && exit 1; }
.ci/kernel_resources.py <"$build/gpu.log"
