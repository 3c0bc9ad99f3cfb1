#!/usr/bin/env python3
"""Compares what nvcc made of each kernel with what the hooks saw of it.

  ptx_widths.py COUNTED.json... FILE.ptx...

COUNTED.json is what `ladder-traced run --instructions FILE` writes: rows {kernel, space, kind, bytes}.
Of each kernel that ran, the set of (space, load|store|atomic, bytes a lane) must be the same on both
sides, and of each template some instance must have run. A load or store whose space PTX does not
know is global: our kernels hand no pointer to shared memory on as a generic one.
"""
import json
import re
import subprocess
import sys
from collections import defaultdict

LIBRARIES = ("thrust::", "cub::", "cuda::")  # kernels that are not ours
# A probe stores in a branch that no run takes, so that the compiler keeps its loads.
NEVER_TAKEN = {"_probe_kernel": {("global", "store", 4)}}
KINDS = {"ld": "load", "ldu": "load", "st": "store", "atom": "atomic", "red": "atomic"}
FUNCTION = re.compile(r"\.(entry|func)\s+(?:\([^)]*\)\s*)?([\w$.]+)")
CALL = re.compile(r"\bcall[.\w]*\s+(?:\([^)]*\)\s*,\s*)?([\w$.]+)")
ASYNC_COPY = re.compile(r"cp\.async\.c[ag]\.shared\S*\.global\S*\s+\[[^]]*\]\s*,\s*\[[^]]*\]\s*,\s*(\d+)")


def width(parts):
    """Bytes a lane of an opcode such as ld.global.nc.v4.f32, already split at its dots."""
    vector, bits = 1, 0
    for part in parts[1:]:
        if re.fullmatch(r"v[248]", part):
            vector = int(part[1:])
        match = re.fullmatch(r"b?[busf](\d+)(x2)?", part)
        if match and part != "sc1":
            bits = int(match[1]) * (2 if match[2] else 1)
    return vector * bits // 8


def accesses(body):
    """The set of (space, kind, bytes) in one function's PTX."""
    found = set()
    for statement in body.split(";"):
        words = statement.split()
        while words and (words[0].startswith("@") or words[0].endswith(":") or words[0] in "{}"):
            words = words[1:]
        if not words:
            continue
        copied = ASYNC_COPY.match(" ".join(words))
        if copied:
            found |= {("global", "load", int(copied[1])), ("shared", "store", int(copied[1]))}
        parts = words[0].split(".")
        if parts[0] not in KINDS:
            continue
        spaces = [part.split("::")[0] for part in parts[1:]]
        if any(space in ("param", "local", "const") for space in spaces):
            continue
        space = "shared" if "shared" in spaces else "global"
        found.add((space, KINDS[parts[0]], width(parts)))
    return found


def functions(text):
    """(is a kernel, mangled name, body) of each function that has a body."""
    text = re.sub(r"//[^\n]*", "", text)
    starts = list(FUNCTION.finditer(text))
    for start, following in zip(starts, starts[1:] + [None]):
        chunk = text[start.end():following.start() if following else len(text)]
        if "{" in chunk and (";" not in chunk or chunk.index("{") < chunk.index(";")):
            yield start[1] == "entry", start[2], chunk[chunk.index("{"):]


def bare_name(name):
    """void ch00::matmul_kernel<8>(float*, int) -> matmul_kernel<8>"""
    name = name.replace("(anonymous namespace)::", "")
    begin, depth = 0, 0
    for at, character in enumerate(name):
        depth += (character == "<") - (character == ">")
        if depth == 0 and character in " :":
            begin = at + 1
        elif depth == 0 and character == "(":
            return name[begin:at]
    return name[begin:]


def demangled(symbols):
    """Maps mangled names to readable ones."""
    output = subprocess.run(["c++filt"], input="\n".join(symbols), capture_output=True, text=True, check=True)
    return dict(zip(symbols, output.stdout.split("\n")))


def in_ptx(files):
    """Of each kernel of ours, by its bare name: what it and the functions that it calls access."""
    kernels, found, calls = set(), defaultdict(set), defaultdict(set)
    for file in files:
        with open(file, encoding="utf-8") as text:
            for is_kernel, name, body in functions(text.read()):
                found[name] |= accesses(body)
                calls[name] |= set(CALL.findall(body))
                if is_kernel:
                    kernels.add(name)
    result = defaultdict(set)
    for kernel, name in demangled(sorted(kernels)).items():
        if name.removeprefix("void ").startswith(LIBRARIES):
            continue
        reached, todo = set(), [kernel]
        while todo:
            function = todo.pop()
            if function not in reached:
                reached.add(function)
                todo += calls[function]
        result[bare_name(name)].update(*(found[function] for function in reached))
    for name in result:
        for ending, unseen in NEVER_TAKEN.items():
            if name.endswith(ending):
                result[name] -= unseen
    return result


def rows(value):
    """All {kernel, space, kind, bytes} rows of a JSON document, wherever they stand."""
    if isinstance(value, dict):
        if {"kernel", "space", "kind", "bytes"} <= value.keys():
            yield value
        for inside in value.values():
            yield from rows(inside)
    elif isinstance(value, list):
        for inside in value:
            yield from rows(inside)


def in_counts(files):
    """The same from the counts. VRAM and pinned host memory are both global."""
    result = defaultdict(set)
    for file in files:
        with open(file, encoding="utf-8") as text:
            for row in rows(json.load(text)):
                space = "shared" if row["space"] == "shared" else "global"
                result[row["kernel"]].add((space, row["kind"], row["bytes"]))
    return result


def words(access):
    return ", ".join(f"{space} {kind} {size}" for space, kind, size in sorted(access)) or "nothing"


def main():
    counted = in_counts([file for file in sys.argv[1:] if file.endswith(".json")])
    compiled = in_ptx([file for file in sys.argv[1:] if file.endswith(".ptx")])
    launched = {name.split("<")[0] for name in counted}
    wrong, compared = 0, 0
    for name in sorted(compiled):
        if name in counted:
            compared += 1
            print(f"{name}: {words(counted[name])}")
            if counted[name] != compiled[name]:
                wrong += 1
                print(f"  WRONG: only in PTX: {words(compiled[name] - counted[name])}; "
                      f"only counted: {words(counted[name] - compiled[name])}")
        elif compiled[name] and name.split("<")[0] not in launched:
            wrong += 1
            print(f"{name}\n  WRONG: never launched in the counted run")
    unknown = sorted(set(counted) - set(compiled))
    for name in unknown:
        print(f"{name}\n  WRONG: counted, but not in the PTX")
    print(f"{compared} kernels compared, {wrong + len(unknown)} wrong; "
          f"{len(compiled) - compared} further instances of templates were not launched")
    return 1 if wrong or unknown or not compared else 0


if __name__ == "__main__":
    sys.exit(main())
