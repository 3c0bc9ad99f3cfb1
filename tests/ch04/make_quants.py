"""Writes quants.json: blocks of 32 floats and what PyPI `gguf` (0.19.0) makes of them.

Run: python make_quants.py        (needs gguf and numpy; versions: tests/reference/requirements.txt)

`x` are the floats as hexadecimal little-endian float32, `q8_0` and `q4_0` the blocks as in a file.
"""

import json
import os

import gguf
import numpy as np
from gguf.quants import quantize

TYPES = {"q8_0": gguf.GGMLQuantizationType.Q8_0, "q4_0": gguf.GGMLQuantizationType.Q4_0}


def blocks():
    random = np.random.default_rng(4)
    yield "zeros", np.zeros(32)
    for spread in (1e-6, 0.02, 1, 300):
        for number in range(4):
            yield f"normal {spread} {number}", random.normal(size=32) * spread
    bf16 = (random.normal(size=32) * 0.05).astype(np.float32).view(np.uint32) & 0xFFFF0000
    yield "bf16", bf16.view(np.float32)
    # d is 1: halves are exact ties, and go away from zero.
    ties = np.arange(32) - 15.5
    ties[0] = 127
    yield "ties of q8_0", ties
    ties = -ties
    yield "ties of q8_0, negative", ties
    # d is -1 or 1 in q4_0.
    ties = np.arange(32) % 15 - 7.5
    ties[5] = 8
    yield "ties of q4_0", ties
    yield "ties of q4_0, negative", -ties
    both = random.normal(size=32)
    both[3], both[20] = 4, -4  # the first of two equal magnitudes gives the sign
    yield "two extremes", both
    yield "two extremes, negative", -both
    one = np.zeros(32)
    one[31] = -0.37
    yield "one value", one
    yield "constant", np.full(32, 0.1)
    yield "a dominant value", np.concatenate([[1000], random.normal(size=31)])
    yield "a scale that is no normal fp16", random.normal(size=32) * 1e-3
    yield "a scale that becomes zero", random.normal(size=32) * 1e-9


def main():
    out = []
    for name, values in blocks():
        x = np.asarray(values, dtype="<f4").reshape(1, 32)
        entry = {"name": name, "x": x.tobytes().hex()}
        for key, kind in TYPES.items():
            entry[key] = quantize(x, kind).tobytes().hex()
        out.append(entry)
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "quants.json")
    with open(path, "w", encoding="utf-8") as file:
        file.write('{"made_with": {"gguf": "0.19.0", "numpy": "%s"},\n"blocks": [\n' % np.__version__)
        file.write(",\n".join(json.dumps(entry) for entry in out))
        file.write("\n]}\n")


if __name__ == "__main__":
    main()
