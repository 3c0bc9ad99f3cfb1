#!/usr/bin/env python3
"""Prints registers and shared memory of each kernel from what `ptxas -v` said (standard input).

Fails if a kernel of ours spills registers, or if there is none.
"""
import re
import subprocess
import sys

LIBRARIES = ("thrust::", "cub::", "cuda::")  # kernels that are not ours
ENTRY = re.compile(r"Compiling entry function '([^']+)' for '(sm_\w+)'")
SPILLS = re.compile(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads")
USED = re.compile(r"Used (\d+) registers")
SHARED = re.compile(r"(\d+)(?:\+\d+)? bytes smem")


def main():
    rows, entry, spills = {}, None, (0, 0, 0)
    for line in sys.stdin:
        if match := ENTRY.search(line):
            entry, spills = match.groups(), (0, 0, 0)
        elif (match := SPILLS.search(line)) and entry:
            spills = tuple(map(int, match.groups()))
        elif (match := USED.search(line)) and entry:
            shared = SHARED.search(line)
            rows[entry] = (int(match[1]), int(shared[1]) if shared else 0, *spills)
            entry = None
    symbols = sorted({symbol for symbol, _ in rows})
    plain = subprocess.run(["c++filt", "-p"], input="\n".join(symbols), capture_output=True, text=True,
                           check=True).stdout.split("\n")
    names = dict(zip(symbols, plain))
    ours = sorted((names[symbol].removeprefix("void "), sm, *row) for (symbol, sm), row in rows.items()
                  if not names[symbol].removeprefix("void ").startswith(LIBRARIES))
    print(f"{'kernel':<40} {'for':<6} registers  static shared  stack  spilled")
    wrong = 0
    for name, sm, registers, shared, stack, stores, loads in ours:
        print(f"{name:<40} {sm:<6} {registers:9}  {shared:13}  {stack:5}  {stores + loads:7}"
              f"{'  WRONG' if stores + loads else ''}")
        wrong += stores + loads > 0
    print(f"{len(ours)} kernels, {wrong} of them spill; {len(rows) - len(ours)} of Thrust's are not listed")
    return 1 if wrong or not ours else 0


if __name__ == "__main__":
    sys.exit(main())
