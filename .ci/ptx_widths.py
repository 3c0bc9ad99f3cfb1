#!/usr/bin/env python3
"""Compares what nvcc made of each kernel with what the hooks saw of it.

  ptx_widths.py COUNTED.json FILE.ptx...

COUNTED.json is what `ladder-traced run --instructions FILE` writes. Of each kernel, the set of
(space, load|store|atomic, bytes a lane) must be the same on both sides. A load or store whose space
PTX does not know is global: our kernels hand no pointer to shared memory on as a generic one.
"""
import json
import re
import subprocess
import sys
from collections import defaultdict

LIBRARIES = ("thrust::", "cub::", "cuda::")  # kernels that are not ours
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


def plain_names(mangled):
    """Maps mangled names to qualified names without arguments: ch00::matmul_kernel."""
    output = subprocess.run(["c++filt"], input="\n".join(mangled), capture_output=True, text=True, check=True)
    names = {}
    for symbol, name in zip(mangled, output.stdout.split("\n")):
        name = name.replace("(anonymous namespace)::", "")
        while re.search(r"<[^<>]*>", name):
            name = re.sub(r"<[^<>]*>", "", name)
        names[symbol] = name.split("(")[0].split(" ")[-1]
    return names


def in_ptx(files):
    """Of each kernel of ours, by its last name: what it and the functions that it calls access."""
    kernels, found, calls = set(), defaultdict(set), defaultdict(set)
    for file in files:
        with open(file, encoding="utf-8") as text:
            for is_kernel, name, body in functions(text.read()):
                found[name] |= accesses(body)
                calls[name] |= set(CALL.findall(body))
                if is_kernel:
                    kernels.add(name)
    names = plain_names(sorted(kernels))
    result = defaultdict(set)
    for kernel in kernels:
        if names[kernel].startswith(LIBRARIES):
            continue
        reached, todo = set(), [kernel]
        while todo:
            name = todo.pop()
            if name not in reached:
                reached.add(name)
                todo += calls[name]
        result[names[kernel].split("::")[-1]].update(*(found[name] for name in reached))
    return result


def in_counts(file):
    """The same from the counts. VRAM and pinned host memory are both global."""
    result = defaultdict(set)
    with open(file, encoding="utf-8") as text:
        for row in json.load(text):
            name = row["kernel"].split("<")[0].split("::")[-1]
            for i in row["instructions"]:
                space = "shared" if i["space"] == "shared" else "global"
                result[name].add((space, i["kind"], i["bytes"]))
    return result


def words(access):
    return ", ".join(f"{space} {kind} {size}" for space, kind, size in sorted(access)) or "nothing"


def main():
    counted, compiled = in_counts(sys.argv[1]), in_ptx(sys.argv[2:])
    wrong = 0
    for name in sorted(compiled):
        print(f"{name}: {words(compiled[name])}")
        if name not in counted:
            print("  WRONG: never launched in the counted run")
        elif counted[name] != compiled[name]:
            print(f"  WRONG: only in PTX: {words(compiled[name] - counted[name])}; "
                  f"only counted: {words(counted[name] - compiled[name])}")
        else:
            continue
        wrong += 1
    unknown = sorted(set(counted) - set(compiled))
    if unknown:
        print("WRONG: counted, but not in the PTX:", ", ".join(unknown))
    if not compiled:
        print("WRONG: no kernel in the PTX")
    print(f"{len(compiled)} kernels compared, {wrong + len(unknown)} wrong")
    return 1 if wrong or unknown or not compiled else 0


if __name__ == "__main__":
    sys.exit(main())
