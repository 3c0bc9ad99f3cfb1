#!/usr/bin/env bash
# The programs as a user runs them: ladder-native, ladder-traced, ladder-report. Argument: the build folder.
# shellcheck disable=SC2016  # the inner bash expands these
set -u
build=$1 root=$2
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
model=$root/common/models/austen-draft.gguf
passed=0 failed=0

check() { # NAME COMMAND...
  local name=$1
  shift
  if "$@" >"$work/log" 2>&1; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED: $name"
    tail -n 20 "$work/log"
  fi
}
fails_with() { # TEXT COMMAND...: one line on standard error that has TEXT
  local text=$1
  shift
  "$@" >"$work/out" 2>"$work/err" && return 1
  cat "$work/err"
  [[ $(wc -l <"$work/err") -eq 1 ]] && grep -qF -- "$text" "$work/err"
}
run() { # TARGET NAME [options]
  local target=$1 name=$2
  shift 2
  "$build/ladder-$target" run --model "$model" -n 6 --quiet --json "$work/$name.json" "$@"
}
json() { # FILE EXPRESSION over j
  python3 -c "import json,sys; j=json.load(open(sys.argv[1])); assert eval(sys.argv[2]), sys.argv[2]" "$@"
}
# Everything but what a clock measured.
same_counts() {
  python3 - "$1" "$2" <<'PY'
import json, sys
def read(path):
    j = json.load(open(path))
    del j["device"]
    for c in j["chapters"]:
        del c["prefill"]["seconds"], c["decode"]["seconds"]
    return j
assert read(sys.argv[1]) == read(sys.argv[2])
PY
}

check "native runs" run native native
check "traced runs" run traced traced
check "traced on one thread" env SIMT_THREADS=1 "$build/ladder-traced" run --model "$model" -n 6 \
  --quiet --json "$work/one.json"
check "traced on eight threads" env SIMT_THREADS=8 "$build/ladder-traced" run --model "$model" -n 6 \
  --quiet --json "$work/eight.json"
check "counts do not depend on the threads" same_counts "$work/one.json" "$work/eight.json"
check "nor on the run" same_counts "$work/one.json" "$work/traced.json"
check "the reports merge" "$build/ladder-report" "$work/native.json" "$work/traced.json" \
  --json "$work/table.json" --width 80
check "every row has counts" json "$work/table.json" \
  'all(c["counted"]["vram_bytes_per_token"] > 0 for c in j["chapters"])'
check "nothing is estimated" json "$work/table.json" \
  'all(c["counted"]["estimated_requests"] == 0 for c in j["chapters"])'
check "every lossless row says what it is compared with" json "$work/table.json" \
  'all(c["equal_to_previous"] is True or c["lossy"] for c in j["chapters"][1:])'
check "only the host cache is read over PCIe" json "$work/table.json" \
  'all((c["counted"]["host_bytes_per_token"] > 1000) == (c["variant"] == "host") for c in j["chapters"])'
check "sampling is the same on both targets" bash -c '
  "$1/ladder-native" run --model "$2" -n 8 --chapters 01 --kv vram --temperature 0.9 --top-p 0.9 >"$3/a" &&
  "$1/ladder-traced" run --model "$2" -n 8 --chapters 01 --kv vram --temperature 0.9 --top-p 0.9 >"$3/b" &&
  cmp "$3/a" "$3/b"' _ "$build" "$model" "$work"
check "events and a trace are written" run traced events --chapters 01 --kv vram \
  --events "$work/events.jsonl" --trace "$work/trace.json"
check "the trace is JSON" json "$work/trace.json" 'len(j["traceEvents"]) > 10 if isinstance(j, dict) else len(j) > 10'
check "the events end with an end" bash -c 'tail -n 1 "$1" | grep -q "\"end\""' _ "$work/events.jsonl"
check "they say how the run was asked for, what was touched and what a block did" python3 - "$work/events.jsonl" <<'PY'
import json, sys
events = [json.loads(line) for line in open(sys.argv[1])]
setup = events[0]["setup"]
assert "".join(setup["prompt_pieces"]).strip() == setup["prompt"], setup
assert setup["n_tokens"] == 6 and setup["max_seq_len"] == len(setup["prompt_pieces"]) + 6
names = {e["id"]: e for e in events if e["event"] == "name"}
cache = next(e for e in names.values() if e["name"] == "kv_cache.k")
assert cache["shape"] == [setup["n_layers"], setup["n_heads"], setup["max_seq_len"], setup["head_dim"]] or \
    cache["shape"][1] == setup["n_kv_heads"], cache
launches = [e for e in events if e["event"] == "launch"]
assert all(e["touched"] and e["walk"]["steps"] for e in launches)
assert all(e["walk"]["block"] == e["counted"]["blocks"] - 1 for e in launches)
PY
check "a real-time target writes what a clock measured" run native clock --chapters 01:vram --events "$work/clock.jsonl"
check "a phase of each token" bash -c '[[ $(grep -c "\"measured\"" "$1") -eq 6 ]]' _ "$work/clock.jsonl"
check "events go to a pipe" bash -c '
  mkfifo "$3/pipe"; cat "$3/pipe" >"$3/piped" & 
  "$1/ladder-traced" run --model "$2" -n 3 --chapters 01 --kv vram --quiet --events "$3/pipe" && wait &&
  tail -n 1 "$3/piped" | grep -q "\"end\""' _ "$build" "$model" "$work"
check "probes count each level" "$build/ladder-traced" probe --json "$work/probe.json"
check "the host probe crosses PCIe" json "$work/probe.json" \
  '[p["counted"]["host_bytes"] > 0 for p in j["probes"]] == [False] * 5 + [True]'
check "a variant runs alone" run native variant --chapters 01:host
check "and is the only row" json "$work/variant.json" '[c["variant"] for c in j["chapters"]] == ["host"]'
check "counting stops where it is told" run traced few --chapters 01:vram --count-tokens 3
check "the text goes on" run native whole --chapters 01:vram
check "counts of fewer tokens merge" "$build/ladder-report" "$work/whole.json" "$work/few.json" \
  --json "$work/few-table.json"
check "and the table says how many" json "$work/few-table.json" \
  'j["chapters"][0]["counted"]["tokens"] == 2 and len(j["chapters"][0]["tokens"]) == 6'
check "info as JSON" bash -c '"$1/ladder-native" info --model "$2" --json - >"$3"' _ "$build" "$model" "$work/info.json"
check "names rows and the model's shape" json "$work/info.json" \
  '{"id", "name", "variant", "idea", "kv", "by_default", "draft"} <= set(j["chapters"][0]) and j["model"]["n_layers"] > 0'
check "too little room" fails_with "--context: found 3, expected at least" \
  "$build/ladder-native" run --model "$model" --context 3
check "info names the chapters" bash -c '"$1/ladder-native" info --model "$2" | grep -q "01 kv_cache host"' \
  _ "$build" "$model"

text=$root/common/models/heldout.txt
check "quality compares chapters" "$build/ladder-native" quality --model "$model" --chapters 01:vram,03 \
  --text "$text" --tokens 64 --quiet --json "$work/quality.json"
check "chapter 03 predicts as 01 does" json "$work/quality.json" \
  'len(j["chapters"]) == 2 and j["chapters"][1]["divergence"] < 1e-6 and j["chapters"][1]["perplexity"] < 200'
check "heads of K and V are pooled into a new file" "$build/ladder-native" convert-heads \
  --model "$root/common/models/austen-4m.gguf" --kv-heads 1 --store F16 --out "$work/one.gguf" \
  --text "$text" --tokens 64 --quiet --json "$work/heads.json"
check "which is a worse model" json "$work/heads.json" \
  'j["converted"]["perplexity"] > j["original"]["perplexity"] and j["converted"]["agreement"] < 1'
check "and loads" bash -c '"$1/ladder-native" info --model "$2/one.gguf" | grep -q "1 for K and V"' _ "$build" "$work"
check "heads that no model can be turned to" fails_with "expected one of 3, 1" "$build/ladder-native" \
  convert-heads --model "$model" --kv-heads 2 --out "$work/two.gguf"
check "convert-heads without a count" fails_with "--kv-heads N is missing" "$build/ladder-native" \
  convert-heads --model "$model" --out "$work/two.gguf"

check "no such model" fails_with "nothere.gguf" "$build/ladder-native" run --model nothere.gguf
check "no such chapter" fails_with "expected some of 00, 01" "$build/ladder-native" run --model "$model" --chapters 77
check "no such place for the cache" fails_with "expected some of vram, host" \
  "$build/ladder-native" run --model "$model" --kv attic
check "no such GPU" fails_with "gtx" "$build/ladder-native" run --model "$model" --gpu gtx
check "no such option" fails_with "--nope" "$build/ladder-native" run --nope 1
check "no such variant" fails_with "expected some of 01:vram, 01:host" \
  "$build/ladder-native" run --model "$model" --chapters 01:attic
check "no such study" fails_with "study: found 'nothing'" "$build/ladder-traced" study nothing
check "no such command" fails_with "unknown command 'dance'" "$build/ladder-native" dance
check "a prompt that is too long" fails_with "expected at most the model's context" \
  "$build/ladder-native" run --model "$model" --prompt "$(printf 'word %.0s' {1..900})"
check "an empty prompt" fails_with "--prompt" "$build/ladder-native" run --model "$model" --prompt ""
check "a report that is none" fails_with "expected a report" "$build/ladder-report" "$model"
check "a trace needs the traced target" fails_with "ladder-traced" \
  "$build/ladder-native" run --model "$model" --trace "$work/e"
check "a file that cannot be written" fails_with "cannot be written" \
  "$build/ladder-native" run --model "$model" -n 1 --quiet --chapters 01 --json /nonexistent/x.json

echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
