#!/usr/bin/env bash
# The visualizer's pictures in the lessons (visualizer/pictures.txt) still come out, and show what they showed:
# each is drawn anew and held against the committed one. `.ci/pictures.sh --write` replaces those.
# Needs what ./ladder test has built.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
build=${LADDER_BUILD_DIR:-build}
mode=${1:---check}

[[ -x $build/ladder-viz ]] || { echo "$build/ladder-viz is not there: ./ladder test builds it" && exit 1; }
drawn=$(mktemp -d)
trap 'rm -rf "$drawn"' EXIT
arguments=() pictures=0 bad=0
while read -r picture words; do
  [[ -z $picture || $picture == \#* ]] && continue
  pictures=$((pictures + 1))
  eval "arguments=($words)"  # words may be quoted
  "$build/ladder-viz" --screenshot "$drawn/$pictures.png" "${arguments[@]}" </dev/null || { echo "$picture: could not be drawn" && bad=1 && continue; }
  if [[ $mode == --write ]]; then
    cmp -s "$drawn/$pictures.png" "$picture" || { cp "$drawn/$pictures.png" "$picture" && echo "$picture: written"; }
  else
    .ci/same_picture.py "$picture" "$drawn/$pictures.png" || bad=1
  fi
done <visualizer/pictures.txt
((pictures > 0)) || { echo "visualizer/pictures.txt lists no picture" && exit 1; }
if ((bad)); then
  [[ $mode == --write ]] || echo ".ci/pictures.sh --write draws them anew; look at them before you commit."
  exit 1
fi
echo "$pictures pictures came out"
