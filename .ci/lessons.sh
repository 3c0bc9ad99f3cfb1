#!/usr/bin/env bash
# The code and the numbers in the lessons are those of this build. `.ci/lessons.sh --write` makes them so.
# Needs what ./ladder test has built.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
build=${LADDER_BUILD_DIR:-build}
mode=${1:---check}

[[ -x $build/ladder-lesson ]] || { echo "$build/ladder-lesson is not there: ./ladder test builds it" && exit 1; }
reports=$(mktemp -d)
trap 'rm -rf "$reports"' EXIT
lessons=(README.md chapters/*/README.md)
names=(run long probe)
"$build/ladder-traced" run --quiet --json "$reports/run.json"
"$build/ladder-traced" run --chapters 01 -n 128 --quiet --json "$reports/long.json"
"$build/ladder-traced" probe --json "$reports/probe.json" >/dev/null
while read -r study target _; do  # those that a lesson shows
  grep -qE "^<!-- begin: (rows|pivot|plot) $study( |\$)" "${lessons[@]}" || continue
  start=$SECONDS
  "$build/ladder-$target" study "$study" --json "$reports/$study.json"
  echo "study $study: $((SECONDS - start)) s"
  names+=("$study")
done < <("$build/ladder-traced" study)
arguments=()
for name in "${names[@]}"; do arguments+=("$name=$reports/$name.json"); done
"$build/ladder-lesson" "$mode" --root . "${arguments[@]}" "${lessons[@]}"
