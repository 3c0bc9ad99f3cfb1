#!/usr/bin/env bash
# Fetches SmolLM2-135M, so that the tests which know it run. Without a network they are skipped.
set -uo pipefail
cd "$(dirname "$(readlink -f "$0")")/.." || exit 1

if ./ladder model smollm2; then
  echo "the tests that need SmolLM2 will run"
else
  echo "skipped: SmolLM2 could not be fetched"
fi
