#!/usr/bin/env bash
# Installs what the other stages need beyond `./ladder test`; what a distribution lacks is left out.
set -euo pipefail

# clang 14 where there is one: its clang-format judges the formatting, its libFuzzer fuzzes.
wanted=(git python3 binutils shellcheck clang-format-14 clang-14 libclang-rt-14-dev)
missing=()
for package in "${wanted[@]}"; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
if ((${#missing[@]} == 0)); then
  echo "all here: ${wanted[*]}"
  exit 0
fi
if ! command -v apt-get >/dev/null || ((EUID != 0)); then
  echo "missing, and not installed (that takes apt-get and root): ${missing[*]}"
  exit 0
fi
apt-get update -q >/dev/null
apt-cache show clang-14 >/dev/null 2>&1 || missing+=(clang-19 libclang-rt-19-dev)
available=()
for package in "${missing[@]}"; do
  if apt-cache show "$package" >/dev/null 2>&1; then
    available+=("$package")
  else
    echo "not in this distribution: $package"
  fi
done
((${#available[@]})) || exit 0
echo "installing ${available[*]}"
DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${available[@]}" >/dev/null
