# The distro packages that a command needs: finds what is missing, installs it. Sourced by ./ladder
# and .ci/run; needs say(), fail() and cuda.sh.
#
# A need is looked for by what it brings (a tool, a header), so a hand-installed CMake or the CUDA
# toolkit's Thrust counts too. Package names are the same in Debian 12 and 13, Ubuntu 22.04 and 24.04
# (there in universe; libthrust-dev of 22.04 in multiverse).

kGxxMinimum=11
kCmakeMinimum=3.22

# has_header FILE: a header in the compiler's usual places.
has_header() {
  local dir
  for dir in /usr/include /usr/local/include ${CPATH:+"${CPATH//:/ }"}; do
    [[ -e $dir/$1 ]] && return 0
  done
  return 1
}

# version_at_least HAVE WANT
version_at_least() {
  [[ $(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]
}

gxx_version() { "${CXX:-g++}" -dumpfullversion 2>/dev/null; }
cmake_version() { cmake --version 2>/dev/null | sed -n '1s/[^0-9]*\([0-9.]*\).*/\1/p'; }

# have NEED: is it on this machine?
have() {
  local toolkit
  case $1 in
    g++) version_at_least "$(gxx_version || echo 0)" $kGxxMinimum ;;
    cmake) version_at_least "$(cmake_version || echo 0)" $kCmakeMinimum ;;
    ninja-build) command -v ninja >/dev/null || command -v make >/dev/null ;;
    pkg-config | ccache) command -v "$1" >/dev/null ;;
    python3-pip) python3 -m pip --version >/dev/null 2>&1 ;;
    nlohmann-json3-dev) has_header nlohmann/json.hpp ;;
    libpcre2-dev) has_header pcre2.h || pkg-config --exists libpcre2-8 2>/dev/null ;;
    libutf8proc-dev) has_header utf8proc.h || pkg-config --exists libutf8proc 2>/dev/null ;;
    libdw-dev) has_header elfutils/libdwfl.h || pkg-config --exists libdw 2>/dev/null ;;
    libimgui-dev) pkg-config --exists imgui 2>/dev/null ;;
    libstb-dev) pkg-config --exists stb 2>/dev/null ;;
    libglfw3-dev) pkg-config --exists glfw3 2>/dev/null ;;
    libegl-dev) pkg-config --exists egl 2>/dev/null && has_header GL/gl.h ;;
    libgl1-mesa-dri) compgen -G '/usr/lib*/*/dri/*swrast*' >/dev/null || compgen -G '/usr/lib*/*/libgallium*' >/dev/null ;;
    fonts-dejavu-core) compgen -G '/usr/share/fonts/*/dejavu/DejaVuSans.ttf' >/dev/null ;;
    xvfb) command -v Xvfb >/dev/null ;;
    catch2) has_header catch2/catch.hpp || has_header catch2/catch_all.hpp ;;
    libthrust-dev)
      has_header thrust/version.h && return
      has_header cccl/thrust/version.h && return
      toolkit=$(cuda_home) &&
        [[ -e $toolkit/include/thrust/version.h || -e $toolkit/include/cccl/thrust/version.h ]]
      ;;
    *) command -v "$1" >/dev/null ;;
  esac
}

# what_is NEED: for a reader whose distribution names it otherwise.
what_is() {
  case $1 in
    g++) echo "g++ $kGxxMinimum or newer" ;;
    cmake) echo "CMake $kCmakeMinimum or newer" ;;
    ninja-build) echo "ninja (or make)" ;;
    nlohmann-json3-dev) echo "nlohmann-json 3.9 or newer, a header-only library" ;;
    libpcre2-dev) echo "PCRE2, 8-bit, with headers" ;;
    libutf8proc-dev) echo "utf8proc, with headers" ;;
    libdw-dev) echo "libdw of elfutils, with headers" ;;
    libthrust-dev) echo "Thrust 1.15 or newer: the CUDA toolkit brings it too" ;;
    libimgui-dev) echo "Dear ImGui 1.86 to 1.91, with headers and imgui.pc" ;;
    libstb-dev) echo "stb, with headers and stb.pc" ;;
    libglfw3-dev) echo "GLFW 3.3 or newer, with headers" ;;
    libegl-dev) echo "EGL and OpenGL, with headers and egl.pc" ;;
    libgl1-mesa-dri) echo "Mesa's OpenGL drivers, the software renderer among them" ;;
    fonts-dejavu-core) echo "the DejaVu fonts" ;;
    xvfb) echo "Xvfb, an X server without a display" ;;
    catch2) echo "Catch2 2.13 or newer" ;;
    python3-pip) echo "pip for Python 3" ;;
    *) echo "$1" ;;
  esac
}

# missing_of SET: what a set of needs lacks here, one a line. Sets: build, viz, test, smollm2.
missing_of() {
  local needs=() need
  case $1 in
    build | viz | test)
      needs=(g++ cmake ninja-build pkg-config nlohmann-json3-dev libpcre2-dev libutf8proc-dev libdw-dev
        libthrust-dev)
      [[ $1 == build ]] || needs+=(libimgui-dev libstb-dev libglfw3-dev libegl-dev libgl1-mesa-dri
        fonts-dejavu-core)
      # python3 reads the JSON that the tests look at; the last two open a window without a display
      [[ $1 == test ]] && needs+=(catch2 python3 xvfb xdotool)
      ;;
    smollm2) needs=(python3-pip) ;;
  esac
  for need in "${needs[@]}"; do
    have "$need" || echo "$need"
  done
}

# apt_install LOG PACKAGE...: quietly; refreshes the package lists only when that is what is lacking.
apt_install() {
  local log=$1 as_root=()
  shift
  ((EUID == 0)) || as_root=(sudo)
  local install=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive
    apt-get install -y -q --no-install-recommends "$@")
  "${install[@]}" >"$log" 2>&1 </dev/null && return 0
  "${as_root[@]}" apt-get update -q >>"$log" 2>&1 </dev/null
  "${install[@]}" >>"$log" 2>&1 </dev/null
}

# ensure_packages SET WHAT-FOR: returns when all are there; otherwise says what to type and exits.
ensure_packages() {
  local set=$1 what_for=$2 missing need log answer
  mapfile -t missing < <(missing_of "$set")
  ((${#missing[@]})) || return 0

  if ! command -v apt-get >/dev/null; then
    say "$what_for needs, and this machine lacks:"
    for need in "${missing[@]}"; do say "  $(what_is "$need")"; done
    fail "This is not Debian or Ubuntu: please install these with your own package manager, then try again."
  fi
  local command="apt-get install ${missing[*]}"
  ((EUID == 0)) || command="sudo $command"
  say "$what_for needs these packages: ${missing[*]}"
  if [[ -t 0 && -t 2 ]]; then
    read -r -p "Install them now ($command)? [Y/n] " answer
    [[ $answer == [Nn]* ]] && fail "Then type:  $command"
    # sudo may ask for the password here, before its output goes to the log.
    ((EUID == 0)) || sudo -v || fail "Not allowed. Ask an administrator to type:  $command"
  elif ((EUID != 0)) && ! sudo -n true 2>/dev/null; then
    fail "They cannot be installed from here. Please type:  $command"
  fi

  log=$(mktemp "${TMPDIR:-/tmp}/ladder-packages.XXXXXX")
  say "Installing: ${missing[*]}"
  if ! apt_install "$log" "${missing[@]}"; then
    grep -E '^(E|W):' "$log" | head -n 5 >&2
    if grep -q 'Unable to locate package' "$log" && grep -q '^ID=ubuntu' /etc/os-release; then
      say "Ubuntu keeps some of them in universe and multiverse: sudo add-apt-repository universe,"
      say "sudo add-apt-repository multiverse, sudo apt-get update."
    fi
    fail "apt-get could not install them (log: $log). To try by hand:  $command"
  fi
  rm -f "$log"
  mapfile -t missing < <(missing_of "$set")
  ((${#missing[@]} == 0)) && return 0
  say "Still missing, or too old:"
  for need in "${missing[@]}"; do say "  $(what_is "$need")"; done
  fail "The packages of Debian 12 and Ubuntu 22.04, or newer, are new enough."
}
