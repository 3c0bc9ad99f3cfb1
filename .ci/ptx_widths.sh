#!/usr/bin/env bash
# The widths and kinds of loads and stores in each kernel's PTX are those that the hooks saw.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
build=${LADDER_BUILD_DIR:-build}

command -v nvcc >/dev/null || { echo "skipped: no nvcc" && exit 0; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mapfile -t sources < <(git ls-files -- 'chapters/*/*.cu')
for source in "${sources[@]}"; do
  nvcc -std=c++17 -I. -arch=compute_80 -ptx "$source" -o "$scratch/${source//\//_}.ptx"
done
# The second model has biases, which the first has not; the third has heads of 24, whose int8 rows are no multiple of 16 bytes.
for model in common/models/austen-4m.gguf tests/reference/tiny-qwen2.gguf tests/reference/tiny-llama.gguf; do
  "$build/ladder-traced" run --model "$model" --quiet -n 4 --instructions "$scratch/$(basename "$model").json"
done
# More than 256 tokens: attention in tiles joins splits.
"$build/ladder-traced" run --chapters 02,03 --prompt "$(head -c 1500 common/models/heldout.txt)" --quiet -n 2 \
  --instructions "$scratch/long.json"
# Pairs of rows with heads of 24: a target without groups, and proposals of one token.
"$build/ladder-native" convert-heads --model tests/reference/tiny-llama.gguf --kv-heads 3 --tokens 16 --out "$scratch/mha.gguf" >/dev/null
"$build/ladder-traced" run --model "$scratch/mha.gguf" --draft tests/reference/tiny-llama.gguf --chapters 05:04x04 --draft-tokens 1 \
  --quiet -n 4 --instructions "$scratch/pairs.json"
# With a temperature proposals are judged by their probabilities.
"$build/ladder-traced" run --chapters 05:03x03 --temperature 1 --quiet -n 4 --instructions "$scratch/drawn.json"
"$build/ladder-traced" probe --quiet --instructions "$scratch/probe.json"
.ci/ptx_widths.py "$scratch"/*.json "$scratch"/*.ptx
