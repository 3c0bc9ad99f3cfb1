# Configures and compiles quietly, with progress. Sourced by ./ladder; needs say(), fail(), columns(),
# cuda.sh, $ROOT and $BUILD. The whole log is kept in $BUILD/ladder-build.log.

# job_count: one a core, but no more than there are GiB of free memory (one compilation takes about that).
job_count() {
  local jobs free_gib
  jobs=$(nproc)
  free_gib=$(awk '/^MemAvailable:/ {print int($2 / 1048576)}' /proc/meminfo)
  ((free_gib >= jobs)) || jobs=$((free_gib > 0 ? free_gib : 1))
  echo "${LADDER_JOBS:-$jobs}"
}

# cached NAME: a variable of the configured build.
cached() { sed -n "s/^$1:[A-Z]*=//p" "$BUILD/CMakeCache.txt" 2>/dev/null; }

# show_error LOG: the first error that CMake, the compiler or the linker gave, without command lines.
show_error() {
  awk '
    /^(\/[^ ]*\/)?(c\+\+|g\+\+|ccache|cmake|nvcc)[^ ]* .* -[coSB]/ || /^(cd|: &&) / || /^\[ *[0-9]+(%|\/)/ {next}
    /^FAILED: / {if (shown) exit; found = 1; next}
    /[Ee]rror[: ]|undefined reference|No space left|\*\*\*/ {found = 1}
    /^(ninja|g?make(\[[0-9]+\])?): / && shown {exit}
    found && shown < 25 {print; shown++}
    END {exit !shown}' "$1" >&2 || tail -n 15 "$1" >&2
}

# progress: shows a build that comes in on standard input as one line (or, without a terminal, a line
# every 20 %), and keeps all of it in the log.
progress() {
  local line percent next=20 on_terminal='' width
  [[ -t 2 ]] && on_terminal=yes
  width=$(columns)
  while IFS= read -r line; do
    printf '%s\n' "$line" >>"$1"
    if [[ $line =~ ^\[\ *([0-9]+)/([0-9]+)\]\ (.*) ]]; then
      percent=$((100 * BASH_REMATCH[1] / BASH_REMATCH[2]))
    elif [[ $line =~ ^\[\ *([0-9]+)%\]\ (.*) ]]; then
      percent=${BASH_REMATCH[1]}
    else
      continue
    fi
    if [[ $on_terminal ]]; then
      line="Building: $percent%  ${BASH_REMATCH[-1]##*/}"
      printf '\r%s\033[K' "${line:0:width-1}" >&2
    elif ((percent >= next)); then
      say "Building: $percent%"
      next=$((percent - percent % 20 + 20))
    fi
  done
  [[ $on_terminal ]] && printf '\r\033[K' >&2
  return 0
}

# configured_for SET: the build folder holds what that set of needs is for.
configured_for() {
  case $1 in
    test) [[ $(cached LADDER_TESTS) == ON && $(cached LADDER_HAVE_VIZ) == ON ]] ;;
    viz) [[ $(cached LADDER_HAVE_VIZ) == ON ]] ;;
  esac
}

# configure SET: build, viz or test. Does nothing when the build folder is configured already, unless
# what SET is for is not in it.
configure() {
  local log=$BUILD/ladder-build.log options=() host
  if [[ $1 == test ]]; then options+=(-DLADDER_TESTS=ON); fi
  if [[ -e $BUILD/CMakeCache.txt && $(cached CMAKE_HOME_DIRECTORY) != "$ROOT" ]]; then
    say "$BUILD was made for another folder ($(cached CMAKE_HOME_DIRECTORY)): starting it afresh."
    rm -rf "$BUILD/CMakeCache.txt" "$BUILD/CMakeFiles"
  fi
  if [[ -e $BUILD/build.ninja || -e $BUILD/Makefile ]] && [[ -z ${LADDER_CMAKE_ARGS:-} ]]; then
    configured_for "$1" && return 0
  fi
  mkdir -p "$BUILD" || fail "Cannot write to $BUILD."
  if [[ ! -e $BUILD/CMakeCache.txt ]]; then
    options+=(-DCMAKE_BUILD_TYPE=Release)
    [[ $1 == test ]] || options+=(-DLADDER_TESTS=OFF)
    command -v ninja >/dev/null && options+=(-G Ninja)
    if command -v ccache >/dev/null; then
      options+=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache -DCMAKE_CUDA_COMPILER_LAUNCHER=ccache)
    fi
    if cuda_home >/dev/null && host=$(cuda_host_compiler); then
      export CUDAHOSTCXX=$host
    fi
  fi
  # shellcheck disable=SC2086  # LADDER_CMAKE_ARGS holds several words
  if ! cmake -S "$ROOT" -B "$BUILD" "${options[@]}" ${LADDER_CMAKE_ARGS:-} >"$log" 2>&1; then
    show_error "$log"
    fail "CMake could not configure the build. The whole log: $log"
  fi
  if [[ $1 == viz ]] && ! configured_for viz; then
    sed -n 's/^-- \(ladder-viz is left out.*\)/\1/p' "$log" >&2
    fail "There is no ladder-viz on this machine. What CMake found: $log"
  fi
}

# compile TARGET...: builds what is out of date. Returns 1, with the error shown, if that fails.
compile() {
  local log=$BUILD/ladder-build.log target options=()
  for target in "$@"; do options+=(--target "$target"); done
  : >"$log"
  cmake --build "$BUILD" --parallel "$(job_count)" "${options[@]}" 2>&1 | progress "$log"
  [[ ${PIPESTATUS[0]} == 0 ]] && return 0
  show_error "$log"
  say "The build failed. The whole log: $log"
  return 1
}
