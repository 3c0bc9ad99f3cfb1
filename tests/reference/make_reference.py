"""Writes the golden files (README.md describes them): what transformers decodes from a GGUF file.

The reference is LlamaForCausalLM or Qwen2ForCausalLM (eager attention, fp32, the whole sequence computed
anew for each token) with our decoder's roundings put in: matrices rounded to bf16, K (after the rotary
embedding) and V rounded to bf16 before attention reads them. Beside it goes the plain fp32 model, with the
weights as the file has them, which is only reported. Each result is checked against numpy_decoder.py.

Run: python make_reference.py [--out FOLDER] [--sentencepiece austen.model] NAME=MODEL.gguf ...
NAME picks an entry of prompts.json and names the golden, NAME.json. Versions: requirements.txt
"""

import argparse
import base64
import hashlib
import json
import os

import numpy as np
import torch
import transformers
from gguf import GGUFReader

from numpy_decoder import NumpyDecoder
from outside_tokenizers import open_tokenizer
from reference_model import (
    all_logits,
    fp32_noise,
    greedy,
    load_model,
    relative_l2,
    round_weights,
    rounded_kv,
)

SAMPLED_ABOVE = 4096  # vocabularies larger than this store SAMPLES logits a row
SAMPLES = 512
NOISE_RUNS = 6
NOISE_MARGIN = 4  # a bound is this many times the largest noise seen, where noise decides
STATED_BOUND = 1e-4  # relative L2 that a decoder must keep to where noise allows it


def sampled_ids(vocab_size):
    """The ids whose logits are stored: None means all of them."""
    if vocab_size <= SAMPLED_ABOVE:
        return None
    step = vocab_size // SAMPLES
    return [i * step + i * 37 % step for i in range(SAMPLES)]  # one in each stretch of `step`


def stored_row(row, position, noise, ids):
    kept = row if ids is None else row[ids]
    data = base64.b64encode(np.ascontiguousarray(kept, dtype="<f4").tobytes()).decode()
    return {
        "position": position,
        "relative_l2_bound": max(STATED_BOUND, NOISE_MARGIN * noise),
        "l2": float(np.linalg.norm(row.astype(np.float64))),
        "data": data,
    }


def distances(a, b):
    return [relative_l2(x, y) for x, y in zip(a, b)]


def compare_greedy(ids, gaps, other):
    """Where another decoder's tokens first differ, and the reference's gap there (null: nowhere)."""
    differs = [i for i, (a, b) in enumerate(zip(ids, other)) if a != b]
    return {"first_difference": differs[0], "gap_there": gaps[differs[0]]} if differs else None


def measure_noise(model, sequence, reference, double, tops, seconds, first):
    """How far runs that differ only in fp32 rounding errors lie from the reference.

    Two such runs round a few elements of K and V to different bf16 numbers; later layers spread that. The runs:
    NOISE_RUNS of transformers with disturbed embeddings, and `double`, numpy's double precision.
    reference, double: logits (generated tokens, vocab_size), beginning at row `first`.
    Returns (relative L2 at the first and the last row, largest change of a top-two gap).
    """
    steps = np.arange(len(tops))
    runs = [double]
    for seed in range(NOISE_RUNS):
        with fp32_noise(model, seed):
            runs.append(all_logits(model, sequence)[first:])
    rows = np.max([distances(r[[0, -1]], reference[[0, -1]]) for r in runs], axis=0)
    gaps = [r[steps, tops] - r[steps, seconds] for r in [reference, *runs]]
    return rows.tolist(), float(np.max(np.abs(np.array(gaps[1:]) - gaps[0])))


def golden_prompt(prompt, prompt_ids, decode, count, models, numpy_models, kept_ids):
    """One entry of the golden's "prompts"."""
    plain, rounded = models
    first = len(prompt_ids) - 1
    with rounded_kv(rounded):
        ids, seconds, gaps = greedy(rounded, prompt_ids, count)
        sequence = prompt_ids + ids[:-1]
        plain_64, rounded_64 = (m.logits(sequence, slice(first, None)) for m in numpy_models)
        reference = all_logits(rounded, sequence)[first:]
        noise, gap_noise = measure_noise(
            rounded, sequence, reference, rounded_64, ids, seconds, first
        )
    ends = [0, -1]  # the stored rows
    unrounded_kv = all_logits(rounded, sequence)[first:][ends]
    unrounded = all_logits(plain, sequence)[first:][ends]
    plain_ids = greedy(plain, prompt_ids, count)[0]
    checks = {
        "plain_fp32_vs_numpy_fp64": distances(unrounded, plain_64[ends]),
        "reference_vs_numpy_fp64": distances(reference[ends], rounded_64[ends]),
        "numpy_fp64_difference": compare_greedy(ids, gaps, rounded_64.argmax(-1).tolist()),
        "noise": noise,
    }
    assert max(checks["plain_fp32_vs_numpy_fp64"]) < 1e-5, checks
    assert min(distances(unrounded_kv, reference[ends])) > 1e-6, "K and V were not rounded"
    return {
        "name": prompt["name"],
        "text": prompt["text"],
        "prompt_ids": prompt_ids,
        "greedy_ids": ids,
        "greedy_text": decode(ids),
        "top2_gap": [round(g, 6) for g in gaps],
        "tie_bound": NOISE_MARGIN * gap_noise,
        "logits": {
            "prompt_last": stored_row(reference[0], first, noise[0], kept_ids),
            "generated_last": stored_row(reference[-1], len(sequence) - 1, noise[1], kept_ids),
        },
        "plain_fp32": {
            "greedy_ids": plain_ids,
            "difference": compare_greedy(ids, gaps, plain_ids),
            "relative_l2": distances(unrounded, reference[ends]),
        },
        "unrounded_kv": {"relative_l2": distances(unrounded_kv, reference[ends])},
        "checks": checks,
    }


def golden(name, path, entry, count, sentencepiece_model):
    layers, prompts = entry.get("layers"), entry["prompts"]
    encode, decode = open_tokenizer(GGUFReader(path).fields, sentencepiece_model)
    models = load_model(path, layers), load_model(path, layers)
    round_weights(models[1])
    numpy_models = NumpyDecoder(path, False, layers), NumpyDecoder(path, True, layers)
    vocab_size = models[0].config.vocab_size
    kept_ids = sampled_ids(vocab_size)
    with open(path, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    return {
        "format": "decoder-ladder reference 1",
        "model": name,
        "file": os.path.basename(path),
        "sha256": digest,
        "made_with": {m.__name__: m.__version__ for m in (torch, transformers, np)},
        "n_layers": len(models[0].model.layers),
        "vocab_size": vocab_size,
        "logit_ids": kept_ids,
        "prompts": [
            golden_prompt(p, encode(p["text"]), decode, count, models, numpy_models, kept_ids)
            for p in prompts
        ],
    }


def report(target, result):
    print(target, os.path.getsize(target), "bytes")
    for p in result["prompts"]:
        print(f"  {p['name']}: {len(p['prompt_ids'])} tokens, then {p['greedy_text']!r}")
        print(f"    smallest gap {min(p['top2_gap'])}, tie bound {p['tie_bound']:.1e}; bounds",
              [f"{row['relative_l2_bound']:.1e}" for row in p["logits"].values()])  # fmt: skip
        print("    plain fp32:", p["plain_fp32"]["difference"], p["plain_fp32"]["relative_l2"])
        print("    unrounded K and V:", p["unrounded_kv"]["relative_l2"])
        print("    checks:", p["checks"])


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser(description="Write golden files from GGUF models.")
    parser.add_argument("models", nargs="+", metavar="NAME=MODEL.gguf")
    parser.add_argument("--out", default=here, help="folder for NAME.json (this one)")
    parser.add_argument("--prompts", default=os.path.join(here, "prompts.json"))
    parser.add_argument("--sentencepiece", help="the .model file of a llama vocabulary")
    parser.add_argument("--tokens", type=int, default=32, help="greedy tokens a prompt")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    with open(args.prompts, encoding="utf-8") as file:
        entries = json.load(file)
    for model in args.models:
        name, path = model.split("=", 1)
        result = golden(name, path, entries[name], args.tokens, args.sentencepiece)
        target = os.path.join(args.out, name + ".json")
        with open(target, "w", encoding="utf-8") as file:
            json.dump(result, file, ensure_ascii=False)
            file.write("\n")
        report(target, result)


if __name__ == "__main__":
    main()
