#!/usr/bin/env python3
"""Two reports of ladder-traced hold the same tokens and counts; only what is measured may differ."""
import json
import re
import sys


MEASURED = re.compile(r"\.chapters\[\d+\]\.(prefill|decode)\.seconds")  # by the clock


def leaves(value, path=""):
    """Yields (path, value) of everything in a JSON document."""
    if isinstance(value, dict):
        for key, inside in value.items():
            yield from leaves(inside, f"{path}.{key}")
    elif isinstance(value, list):
        for index, inside in enumerate(value):
            yield from leaves(inside, f"{path}[{index}]")
    elif not MEASURED.fullmatch(path):
        yield path, value


def main():
    first, second = (dict(leaves(json.load(open(file, encoding="utf-8")))) for file in sys.argv[1:3])
    differing = [path for path in first.keys() | second.keys() if first.get(path) != second.get(path)]
    for path in sorted(differing)[:20]:
        print(f"{path}: {first.get(path)} and {second.get(path)}")
    counts = sum(".counted." in path for path in first)
    print(f"{len(first)} values compared, {counts} of them counts, {len(differing)} differ")
    return 1 if differing or not counts else 0


if __name__ == "__main__":
    sys.exit(main())
