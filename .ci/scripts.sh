#!/usr/bin/env bash
# Every bash script of the repository passes shellcheck.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

command -v shellcheck >/dev/null || { echo "skipped: no shellcheck" && exit 0; }
mapfile -t scripts < <(git ls-files -- ladder .ci/run '*.sh')
shellcheck --shell=bash --external-sources "${scripts[@]}"
echo "${#scripts[@]} scripts are clean"
