#!/usr/bin/env bash
# Tests of ./ladder. front_door_test.sh NAME runs that one; ctest runs each.
set -uo pipefail
root=$(dirname "$(readlink -f "$0")")/../..
ladder=$root/ladder
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

wrong() {
  printf 'wrong: %s\n' "$*" >&2
  sed 's/^/  out: /' "$scratch/out" >&2
  sed 's/^/  err: /' "$scratch/err" >&2
  exit 1
}

# expect STATUS COMMAND...: runs it without a terminal; keeps what it says in out and err.
expect() {
  local status=$1 got
  shift
  "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
  got=$?
  sed -i '/^Building: [0-9]*%$/d' "$scratch/err"  # a build that is not quite up to date may speak
  ((got == status)) || wrong "$* ended with $got, not $status"
}

out_has() { grep -qF -- "$1" "$scratch/out" || wrong "no '$1' on standard output"; }
err_has() { grep -qF -- "$1" "$scratch/err" || wrong "no '$1' on standard error"; }
one_line_error() {
  (($(wc -l <"$scratch/err") == 1)) || wrong "not one line on standard error"
  [[ ! -s $scratch/out ]] || wrong "something on standard output"
}

help_names_every_command() {
  local command
  for asked in help --help -h; do
    expect 0 "$ladder" "$asked"
    for command in run viz test bench model doctor help; do out_has "./ladder $command"; done
  done
  expect 0 "$ladder"
  for command in run viz test bench model; do
    expect 0 "$ladder" "$command" --help
    out_has "./ladder $command"
  done
}

an_unknown_command_is_one_line_and_exit_2() {
  expect 2 "$ladder" rum
  one_line_error
  err_has "'rum'"
}

a_bad_option_is_one_line_and_exit_2() {
  local command
  for command in run viz bench model; do
    expect 2 "$ladder" "$command" --modle default
    one_line_error
    err_has "--modle"
  done
}

a_bad_value_is_one_line_and_exit_2() {
  expect 2 "$ladder" run -n many
  one_line_error
  expect 2 "$ladder" run --model no-such-model
  one_line_error
  err_has "no-such-model"
  expect 2 "$ladder" run --model
  one_line_error
}

run_takes_every_option_of_the_programs() {
  local option options
  expect 0 "$LADDER_BUILD_DIR/ladder-native" help
  mapfile -t options < <(grep -oE '^  --?[a-z-]+' "$scratch/out")
  expect 0 "$ladder" run --help
  for option in "${options[@]}"; do
    case $option in
      *--progress | *--instructions) ;;  # ./ladder and CI give these themselves
      *--text | *--tokens | *--kv-heads | *--store | *--out) ;;  # of other commands
      *) out_has "$option " ;;
    esac
  done
}

viz_takes_every_option_of_its_program() {
  local option options
  [[ -x $LADDER_BUILD_DIR/ladder-viz ]] || { echo "skipped: no ladder-viz" && return; }
  expect 0 "$LADDER_BUILD_DIR/ladder-viz" --help
  mapfile -t options < <(grep -oE '^  --?[a-z-]+' "$scratch/out")
  ((${#options[@]} > 25)) || wrong "the help lists few options"
  expect 0 "$ladder" viz --help
  for option in "${options[@]}"; do
    case $option in
      *--hot-spots | *--help) ;;  # of tests; of every command
      *) out_has "$option " ;;
    esac
  done
}

viz_names_a_bad_value() {
  [[ -x $LADDER_BUILD_DIR/ladder-viz ]] || { echo "skipped: no ladder-viz" && return; }
  expect 2 "$LADDER_BUILD_DIR/ladder-viz" --panel charts
  one_line_error
  err_has "--panel: found 'charts', expected hierarchy"
  expect 2 "$ladder" viz --size
  one_line_error
  expect 2 "$ladder" viz --model no-such-model
  one_line_error
}

viz_without_a_display_says_so_before_it_builds() {
  DISPLAY='' WAYLAND_DISPLAY='' LADDER_BUILD_DIR=$scratch/none expect 1 "$ladder" viz --chapter 03
  one_line_error
  err_has "there is no display"
  err_has "--screenshot"
  [[ ! -e $scratch/none ]] || wrong "viz made a build folder"
}

doctor_says_what_the_window_lacks() {
  DISPLAY='' WAYLAND_DISPLAY='' expect 0 "$ladder" doctor
  out_has "OpenGL "
  out_has "--screenshot"
}

it_works_from_another_folder_through_a_symlink() {
  mkdir "$scratch/a folder"
  ln -s "$ladder" "$scratch/a folder/front door"
  cd "$scratch/a folder" || exit 1
  expect 0 "./front door" model default
  [[ -e $(<"$scratch/out") ]] || wrong "no file where the default model should be"
}

help_fits_a_narrow_terminal() {
  local command
  for command in help "run --help" "viz --help"; do
    # shellcheck disable=SC2086  # two words
    COLUMNS=40 expect 0 "$ladder" $command
    awk 'length > 40 {exit 1}' "$scratch/out" || wrong "a line is wider than 40 columns"
  done
}

doctor_needs_no_build() {
  LADDER_BUILD_DIR=$scratch/none expect 0 "$ladder" doctor
  out_has "system"
  out_has "nothing yet"
  [[ ! -e $scratch/none ]] || wrong "doctor made a build folder"
}

# A machine that has only what a shell script needs.
bare_tools() {
  local tool
  mkdir "$scratch/bin"
  for tool in awk bash cat cut dirname env fold grep head id ls mkdir mktemp nproc paste printf readlink rm sed sort \
    stty tail uname wc; do
    ln -s "$(command -v "$tool")" "$scratch/bin/$tool"
  done
}

without_a_package_manager_it_lists_what_is_needed() {
  bare_tools
  PATH=$scratch/bin LADDER_BUILD_DIR=$scratch/build expect 1 "$ladder" run
  err_has "CMake 3.22 or newer"
  err_has "g++ 11 or newer"
  err_has "your own package manager"
}

a_broken_build_shows_the_compilers_error() {
  mkdir -p "$scratch/tree/common"
  cp "$ladder" "$scratch/tree"
  cp -r "$root/common/build" "$scratch/tree/common"
  printf '%s\n' 'cmake_minimum_required(VERSION 3.22)' 'project(broken LANGUAGES CXX)' \
    'add_executable(ladder-native broken.cpp)' >"$scratch/tree/CMakeLists.txt"
  echo 'int main() { return not_declared; }' >"$scratch/tree/broken.cpp"
  LADDER_BUILD_DIR=$scratch/build expect 1 "$scratch/tree/ladder" test
  err_has "not_declared"
  err_has "ladder-build.log"
  (($(wc -l <"$scratch/err") < 20)) || wrong "more than the error is shown"
}

models_are_listed() {
  local name
  expect 0 "$ladder" model
  for name in default draft smollm2; do out_has "$name"; done
}

"$1"
