#!/usr/bin/env bash
# Fuzzes the model reader under ASan and UBSan for the given number of seconds.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

compiler=$(compgen -c clang++- | grep -E '^clang\+\+-[0-9]+$' | sort -V | tail -n 1)
if [[ -z $compiler ]]; then
  echo "skipped: no clang with libFuzzer"
  exit 0
fi
CXX=$compiler tests/fuzz/run.sh "${1:-60}"
