#!/usr/bin/env bash
# The traced program of another major version of g++ counts exactly the same.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
build=${LADDER_BUILD_DIR:-build}
second=$build-second-compiler

major=$(g++ -dumpversion)
major=${major%%.*}
other=''
for version in 11 12 13 14; do
  ((version != major)) || continue
  command -v "g++-$version" >/dev/null && other=$version && break
done
if [[ -z $other ]]; then
  for version in 11 13 12 14; do
    if ((version == major || EUID != 0)); then continue; fi
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "g++-$version" \
      >/dev/null 2>&1 && other=$version && break
  done
fi
[[ -n $other ]] || { echo "skipped: no second g++ to be had" && exit 0; }

echo "g++ $major and g++ $other"
mkdir -p "$second"
log=$second/build.log
generator=()
command -v ninja >/dev/null && generator=(-G Ninja)
cmake -S . -B "$second" "${generator[@]}" -DCMAKE_CXX_COMPILER="g++-$other" -DLADDER_TESTS=OFF \
  -DLADDER_GPU=OFF -DCMAKE_CXX_COMPILER_LAUNCHER="$(command -v ccache || true)" >"$log"
cmake --build "$second" --target ladder-traced --parallel "$(nproc)" >>"$log" 2>&1 ||
  { tail -n 40 "$log" && exit 1; }
"$build/ladder-traced" run --json "$build/counted.json" >/dev/null
"$second/ladder-traced" run --json "$second/counted.json" >/dev/null
.ci/same_counts.py "$build/counted.json" "$second/counted.json"
