#!/usr/bin/env bash
# C++ and CUDA files are formatted. Only the version that .clang-format names judges: others differ.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

version=$(sed -n 's/^# clang-format \([0-9]*\).*/\1/p' .clang-format)
if ! command -v "clang-format-$version" >/dev/null; then
  echo "skipped: no clang-format-$version"
  exit 0
fi
mapfile -t files < <(git ls-files -- '*.cpp' '*.h' '*.cu' '*.cuh')
"clang-format-$version" --dry-run -Werror --ferror-limit=1 "${files[@]}"
echo "${#files[@]} files are formatted (clang-format $version)"
