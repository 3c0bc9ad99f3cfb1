#!/usr/bin/env bash
# Fuzzes the model reader: ./run.sh SECONDS [BUILD_FOLDER]
#
# Needs clang with libFuzzer (packages clang and libclang-rt-dev); without it, says so and ends well.
# Fails when an input crashes the reader, takes more than 10 seconds, or more than 512 MB. Inputs found
# so far are kept in BUILD_FOLDER/corpus and used again.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
seconds=${1:-60}
build=${2:-$here/../../build/fuzz}
[[ $seconds =~ ^[0-9]+$ ]] || { echo "usage: run.sh SECONDS [BUILD_FOLDER]" >&2; exit 2; }

# The first clang++ that can link a libFuzzer program.
find_clang() {
  local compiler probe
  probe=$(mktemp -d)
  echo 'extern "C" int LLVMFuzzerTestOneInput(const char*, unsigned long) { return 0; }' \
    >"$probe/probe.cpp"
  for compiler in ${CLANGXX:-} clang++ clang++-{19,18,17,16,15,14}; do
    command -v "$compiler" >/dev/null || continue
    if "$compiler" -fsanitize=fuzzer,address,undefined "$probe/probe.cpp" -o "$probe/probe" \
      >/dev/null 2>&1; then
      rm -rf "$probe"
      echo "$compiler"
      return 0
    fi
  done
  rm -rf "$probe"
  return 1
}

if ! clang=$(find_clang); then
  echo "fuzz: skipped, no clang with libFuzzer on this machine"
  exit 0
fi

mkdir -p "$build/corpus" "$build/seeds" "$build/findings"
build=$(cd "$build" && pwd)
echo "fuzz: building with $clang"
compile() {
  cmake -S "$here" -B "$build" -DCMAKE_CXX_COMPILER="$clang" -DCMAKE_BUILD_TYPE=None &&
    cmake --build "$build" --parallel "$(nproc)"
}
if ! compile >"$build/log" 2>&1; then
  tail -n 30 "$build/log" >&2
  echo "fuzz: the build failed (log: $build/log)" >&2
  exit 1
fi
"$build/make_seeds" "$build/seeds"

echo "fuzz: running for $seconds seconds"
if ! "$build/gguf_fuzz" "$build/corpus" "$build/seeds" -max_total_time="$seconds" -timeout=10 \
  -rss_limit_mb=512 -malloc_limit_mb=256 -max_len=65536 -dict="$here/gguf.dict" \
  -artifact_prefix="$build/findings/" -print_final_stats=1 >"$build/run.log" 2>&1; then
  tail -n 40 "$build/run.log" >&2
  echo "fuzz: an input was found that must not be: see $build/findings" >&2
  exit 1
fi
runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$build/run.log")
echo "fuzz: $runs inputs, no fault"
