#!/usr/bin/env python3
"""Includes point down only: chapters -> common, visualizer -> common, and within common as ROOMS says."""
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))

INTERFACE = {"observer.h", "arena.h", "core.h"}  # what the simulator shows to others

# What a room of common may include, besides itself (None: all of that room).
ROOMS = {
    "simt": {},
    "model": {},
    "gpu": {},
    "traffic": {"simt": INTERFACE},
    "decode": {"model": None, "traffic": None, "gpu": None, "simt": INTERFACE},
    "lesson": {"decode": None, "traffic": None},
}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"', re.MULTILINE)


def target(source, include):
    """The repository path that an include means, or None for a file outside (a system header)."""
    beside = os.path.normpath(os.path.join(os.path.dirname(source), include))
    for path in (beside, os.path.normpath(include)):
        if os.path.exists(os.path.join(ROOT, path)):
            return path
    return None


def place(path):
    """("common", room), ("chapters", number), ("visualizer", None), ..."""
    parts = path.split("/")
    if parts[0] == "common":
        return "common", parts[1]
    if parts[0] == "chapters" and len(parts) > 2:
        return "chapters", int(parts[1][:2])
    return parts[0], None


def verdict(source, included):
    """None if the arrow is allowed, else why not."""
    kind, room = place(source)
    to, to_room = place(included)
    if kind == "common":
        if to != "common":
            return f"common never includes {to}"
        if to_room == room:
            return None
        allowed = ROOMS.get(room, {})
        if to_room not in allowed:
            return f"{room} does not include {to_room}"
        files = allowed[to_room]
        if files is not None and os.path.basename(included) not in files:
            return f"{room} sees only {', '.join(sorted(files))} of {to_room}"
    elif kind == "chapters":
        if to not in ("common", "chapters"):
            return f"a chapter does not include {to}"
        if to == "common" and to_room in ("simt", "traffic"):
            return f"a chapter does not include {to_room}: it must compile with nvcc too"
        if to == "chapters" and to_room > room:
            return f"chapter {room:02} does not include a later one"
    elif kind == "visualizer":
        if to not in ("common", "visualizer"):
            return f"the visualizer does not include {to}"
    return None


def main():
    patterns = [f"*.{end}" for end in ("h", "cuh", "cpp", "cu")]
    files = subprocess.run(["git", "-C", ROOT, "ls-files", "--cached", "--others", "--exclude-standard",
                            "--", *patterns], capture_output=True, text=True, check=True).stdout.split("\n")
    arrows, wrong = 0, []
    for source in filter(None, files):
        if place(source)[0] not in ("common", "chapters", "visualizer"):
            continue
        with open(os.path.join(ROOT, source), encoding="utf-8") as file:
            includes = INCLUDE.findall(file.read())
        for include in includes:
            included = target(source, include)
            if included is None:
                continue
            arrows += 1
            why = verdict(source, included)
            if why:
                wrong.append(f"{source}: includes {included}: {why}")
    print("\n".join(wrong + [f"{arrows} includes followed, {len(wrong)} wrong"]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
