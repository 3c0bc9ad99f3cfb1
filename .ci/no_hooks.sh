#!/usr/bin/env bash
# ladder-native is free of the tracer's hooks, and ladder-traced has them.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
build=${LADDER_BUILD_DIR:-build}

hooks() { nm "$1" | grep -c '__tsan_' || true; }
native=$(hooks "$build/ladder-native")
traced=$(hooks "$build/ladder-traced")
echo "symbols of hooks: ladder-native $native, ladder-traced $traced"
((native == 0 && traced > 0))
