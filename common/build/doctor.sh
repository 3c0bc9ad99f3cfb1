# ./ladder doctor: what this machine has and what it lacks. Changes nothing. Sourced by ./ladder.

row() { printf '%-10s %s\n' "$1" "$2"; }

# macro FILE NAME...: the value of the first of these macros that the header FILE defines.
macro() {
  local file=$1 name value
  shift
  for name in "$@"; do
    value=$(sed -n "s/^ *# *define  *$name  *\([0-9]*\).*/\1/p" "$file" 2>/dev/null | head -n 1)
    [[ -n $value ]] && echo "$value" && return 0
  done
  return 1
}

# In the order in which CMake looks.
doctor_thrust() {
  local dir number toolkit
  toolkit=$(cuda_home)
  for dir in /usr/local/include{/cccl,} /usr/include{/cccl,} ${toolkit:+"$toolkit/include/cccl" "$toolkit/include"}; do
    number=$(macro "$dir/thrust/version.h" THRUST_VERSION) || continue
    echo "$((number / 100000)).$((number / 100 % 1000)).$((number % 100)), in $dir"
    return
  done
  echo "missing (package libthrust-dev, or the CUDA toolkit)"
}

doctor_catch2() {
  local dir file prefix
  for dir in /usr/include /usr/local/include; do
    for file in "$dir"/catch2/catch_version_macros.hpp "$dir"/catch2/catch.hpp; do
      [[ -e $file ]] || continue
      prefix=CATCH_VERSION
      echo "$(macro "$file" ${prefix}_MAJOR).$(macro "$file" ${prefix}_MINOR).$(macro "$file" ${prefix}_PATCH)"
      return
    done
  done
  echo "missing (package catch2); only ./ladder test needs it"
}

doctor_compilers() {
  local name found=''
  for name in g++ g++-{9..15}; do
    command -v "$name" >/dev/null && found+="${found:+, }$name $("$name" -dumpfullversion)"
  done
  echo "${found:-no g++ found} (11 or newer is needed)"
}

doctor_cuda() {
  local toolkit version refusal host
  if ! toolkit=$(cuda_home); then
    row "CUDA" "no nvcc: ladder-gpu is left out, and nothing else needs it"
    return
  fi
  version=$("$toolkit/bin/nvcc" --version | sed -n 's/.*release \([0-9.]*\).*/\1/p')
  command -v g++ >/dev/null || { row "CUDA" "nvcc $version in $toolkit; no g++ for it" && return; }
  refusal=$(nvcc_refusal "${CXX:-g++}")
  if [[ -z $refusal ]]; then
    row "CUDA" "nvcc $version in $toolkit; it accepts ${CXX:-g++} $(gxx_version)"
    return
  fi
  row "CUDA" "nvcc $version in $toolkit; it refuses ${CXX:-g++} $(gxx_version):"
  row "" "${refusal#*error*-- }"
  if host=$(cuda_host_compiler); then
    row "" "$host is accepted, and ./ladder gives it to nvcc (-ccbin $host)"
  else
    row "" "install the newest g++ that this message allows, for example g++-12 (apt-get install g++-12);"
    row "" "./ladder then finds it and gives it to nvcc (-ccbin). Only ladder-gpu is left out until then."
  fi
}

# What these commands would install.
doctor_packages() {
  local missing command
  for command in run viz test; do
    missing=$(missing_of "${command/run/build}" | paste -s -d ' ')
    row "$command" "${missing:+would install: }${missing:-all packages are here}"
  done
}

# What a window and a picture stand on.
doctor_opengl() {
  local library missing=''
  for library in libEGL.so.1 libGL.so.1; do
    PATH=$PATH:/sbin:/usr/sbin ldconfig -p 2>/dev/null | grep -qF "$library " || missing+="${missing:+, }no $library"
  done
  have libgl1-mesa-dri || missing+="${missing:+, }no software renderer of Mesa"
  if [[ $missing ]]; then
    row "OpenGL" "$missing (packages libegl1, libgl1, libgl1-mesa-dri); only ./ladder viz needs it"
  else
    row "OpenGL" "EGL, GLX and Mesa's software renderer are here"
  fi
  if [[ ${WAYLAND_DISPLAY:-${DISPLAY:-}} ]]; then
    row "display" "${WAYLAND_DISPLAY:-$DISPLAY}"
  else
    row "display" "none: ./ladder viz opens no window, --screenshot and --bench work (ssh -X forwards a display)"
  fi
}

doctor_built() {
  local name found=''
  for name in ladder-native ladder-traced ladder-gpu ladder-report ladder-viz; do
    [[ -x $BUILD/$name ]] && found+="${found:+ }$name"
  done
  row "built" "${found:-nothing yet}"
  if [[ -n $found && $found != *gpu* ]] && cuda_home >/dev/null; then
    row "" "ladder-gpu is not: to try again with nvcc as it is now, remove $BUILD"
  fi
}

doctor() {
  local name cmake ninja
  name=$(sed -n 's/^PRETTY_NAME="\(.*\)"/\1/p' /etc/os-release 2>/dev/null)
  row "system" "${name:-unknown}, $(uname -m), Linux $(uname -r)"
  case $(uname -m) in
    x86_64 | aarch64) ;;
    *) row "" "only x86_64 and aarch64 are supported" ;;
  esac
  row "CPU" "$(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)"
  row "memory" "$(awk '/^MemTotal/ {t = $2} /^MemAvailable/ {a = $2}
    END {printf "%.1f GiB, %.1f free", t / 1048576, a / 1048576}' /proc/meminfo)"
  row "g++" "$(doctor_compilers)"
  cmake=$(cmake_version)
  ninja=$(ninja --version 2>/dev/null)
  row "CMake" "${cmake:-missing} (3.22 or newer is needed), ninja ${ninja:-missing}, $(
    make --version 2>/dev/null | head -n 1 | grep . || echo 'make missing'), $(
    command -v ccache >/dev/null && echo 'ccache is used' || echo 'no ccache, which is fine')"
  row "Thrust" "$(doctor_thrust)"
  row "Catch2" "$(doctor_catch2)"
  doctor_packages
  doctor_cuda
  row "GPU" "$(gpu_names | paste -s -d ';' | grep . || echo 'none: the simulator runs everything')"
  doctor_opengl
  doctor_built
}
