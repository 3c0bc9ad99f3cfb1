#!/usr/bin/env bash
# Nothing in the repository names a folder of one person's machine.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

if git grep -nIE '(^|[^A-Za-z0-9_.~/}-])/(work|root|home)/[A-Za-z0-9.]' -- . ':!.ci/machine_paths.sh'; then
  echo "these lines name a folder that only one machine has"
  exit 1
fi
echo "none"
