#!/usr/bin/env bash
# The real window, on an X server without a display: clicked through as a person would, then what
# may go wrong while it decodes. Where it clicks comes from --hot-spots. LADDER_BUILD_DIR holds the
# programs.
set -uo pipefail
viz=$LADDER_BUILD_DIR/ladder-viz
for tool in Xvfb xdotool; do
  command -v $tool >/dev/null || { echo "skipped: no $tool" && exit 0; }
done
scratch=$(mktemp -d)
spots=$scratch/spots
x_server='' window=''
finish() {
  [[ $window ]] && kill "$window" 2>/dev/null
  [[ $x_server ]] && kill "$x_server" 2>/dev/null
  rm -rf "$scratch"
}
trap finish EXIT

wrong() {
  echo "wrong: $*" >&2
  sed 's/^/  said: /' "$scratch/said" >&2
  grep -v '^spot' "$spots" 2>/dev/null | sed 's/^/  shown: /' >&2
  exit 1
}

# shown PATTERN: waits until a line of the frame's facts has it.
shown() {
  local i
  for ((i = 0; i < 600; i++)); do
    grep -qE -- "$1" "$spots" 2>/dev/null && return 0
    kill -0 "$window" 2>/dev/null || wrong "the window is gone, while waiting for '$1'"
    sleep 0.1
  done
  wrong "'$1' is not shown"
}
not_shown() {
  local i
  for ((i = 0; i < 600; i++)); do
    grep -qE -- "$1" "$spots" || return 0
    sleep 0.1
  done
  wrong "'$1' is still shown"
}
value() { sed -n "s/^$1 //p" "$spots" | head -n 1; }

# click SPOT: its middle.
click() {
  local x y width height
  shown "^spot $1 "
  sleep 0.3  # a list that has just opened finds its place in a frame or two
  read -r x y width height < <(sed -n "s/^spot $1 //p" "$spots")
  xdotool mousemove $((x + width / 2)) $((y + height / 2))
  sleep 0.2  # a frame sees the mouse there before it is pressed
  xdotool mousedown 1
  sleep 0.2
  xdotool mouseup 1
}
press() { xdotool key "$1"; }
# hold KEY: where ImGui itself looks at keys, one that is up again before the next frame is not seen.
hold() {
  xdotool keydown "$1"
  sleep 0.3
  xdotool keyup "$1"
}

open_window() {
  rm -f "$spots"
  "$viz" --hot-spots "$spots" "$@" >"$scratch/said" 2>&1 &
  window=$!
  shown '^size '
  xdotool mousemove 640 5
}
# quit_window: by the keyboard; it ends well and at once.
quit_window() {
  local i
  press ctrl+q
  for ((i = 0; i < 100; i++)); do
    kill -0 "$window" 2>/dev/null || break
    sleep 0.1
  done
  kill -0 "$window" 2>/dev/null && wrong "the window does not close"
  wait "$window" || wrong "the window ended with status $?"
  window=''
}

Xvfb -displayfd 3 -screen 0 1280x800x24 -nolisten tcp 3>"$scratch/display" 2>/dev/null &
x_server=$!
for ((i = 0; i < 100; i++)); do
  [[ -s $scratch/display ]] && break
  sleep 0.1
done
[[ -s $scratch/display ]] || { echo "skipped: Xvfb does not start" && exit 0; }
DISPLAY=:$(<"$scratch/display")
export DISPLAY LIBGL_ALWAYS_SOFTWARE=1
unset WAYLAND_DISPLAY

echo "a recording: every panel by its tab and by its key"
"$LADDER_BUILD_DIR/ladder-traced" run --quiet --chapters 02:vram -n 4 --events "$scratch/run.jsonl" \
  --model "$LADDER_SOURCE_DIR/common/models/austen-4m.gguf" >/dev/null || wrong "no recording"
open_window --replay "$scratch/run.jsonl"
shown '^state ended'
shown '^form 02:vram 4$'  # what the file says, not what a new run would be
panels=(hierarchy timeline kernels vram tiles text compare tour)
for panel in "${panels[@]}"; do
  click "tab:$panel"
  shown "^panel $panel\$"
done
for i in 0 2 7 1; do
  press $((i + 1))
  shown "^panel ${panels[i]}\$"
done

echo "the tour by its buttons"
click tab:tour
click tour:02.3
shown '^panel tiles$'
shown '^spot tour:decode '  # the card has another prompt than the recording
click tour:next
shown '^panel kernels$'
click tour:back
shown '^panel tiles$'
click tour:end
not_shown '^spot tour:'

echo "keys, buttons, the menu, other sizes"
press question
shown '^help open'
press Escape
not_shown '^help open'
press F1
shown '^help open'
press F1
not_shown '^help open'
press Home
press space
press space
press Right  # a step also stops what plays
sleep 1
before=$(value work)
press Right
shown "^work $((before + 1))\$"
click scrub
not_shown "^work $((before + 1))\$"
press End  # the last token, not the flush behind it
shown "^work $(($(value works) - 2))\$"
click button:next_token
click button:theme
shown '^theme light'
xdotool search --name 'Decoder Ladder' windowsize 900 600
shown '^size 900x600'
xdotool search --name 'Decoder Ladder' windowsize 1280 800
shown '^size 1280x800'
cd "$scratch" || exit 1
quit_window
open_window --replay "$scratch/run.jsonl" --at 1
shown '^state ended'
click button:menu
click menu:events
shown '^message Saved as .*/02_tiled_attention-vram.jsonl'
cmp "$scratch/run.jsonl" "$scratch/02_tiled_attention-vram.jsonl" || wrong "another recording is saved"
quit_window

echo "a decoder: another chapter in the middle, a killed decoder, once more"
open_window --chapter 03 -n 200 --panel timeline --measure native
shown '^chapter 03'
shown '^works [1-9]'
shown '^measured [1-9]'
click combo:chapter
click chapter:01
shown '^chapter 01.*vram'
click switch:kv:host
shown '^chapter 01.*host'
click field:prompt
sleep 0.5
press 3  # typed, no panel is chosen
shown '^decode Apply and decode'
shown '^panel timeline'
hold Escape
shown '^decode Decode again'
before=$(value process)
click button:decode
not_shown "^process $before\$"
shown '^process [1-9]'
shown '^works [1-9]'
kill -9 "$(value process)"
shown '^message .*(killed|signal)'
click button:dismiss
not_shown '^message'
click button:decode
shown '^state running'
quit_window

if [[ ! -e $LADDER_BUILD_DIR/ladder-gpu ]]; then
  echo "a clock that cannot be had: a message, and the count goes on"
  open_window --chapter 03 -n 4 --measure gpu
  shown '^message No times are measured.*ladder-gpu'
  shown '^state ended'
  shown '^works [1-9]'
  quit_window
fi

echo "a model that is not there, a file that is none"
open_window --model "$scratch/none.gguf"
shown '^message .*none.gguf'
quit_window
echo "no events" >"$scratch/broken.jsonl"
open_window --replay "$scratch/broken.jsonl"
shown '^message .*broken.jsonl'
quit_window
echo "all was shown"
