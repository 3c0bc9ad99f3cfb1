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
"$build/ladder-traced" run --quiet --json "$reports/run.json"
"$build/ladder-traced" run --chapters 01 -n 128 --quiet --json "$reports/long.json"
"$build/ladder-traced" probe --json "$reports/probe.json" >/dev/null
"$build/ladder-lesson" "$mode" --root . run="$reports/run.json" long="$reports/long.json" probe="$reports/probe.json" \
  README.md chapters/*/README.md
