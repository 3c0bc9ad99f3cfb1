#!/usr/bin/env python3
"""Writes a checkpoint of train.py and its SentencePiece vocabulary as one GGUF file.

Matrices become bf16, norms stay f32. The file names its tensors and keys as llama.cpp does.

    ./to_gguf.py target.pt austen.model austen-4m.gguf --name "Austen 4M" --description "..."

Needs torch and sentencepiece.
"""

import argparse
import struct

import sentencepiece as spm
import torch

U32, I32, F32, BOOL, STRING, ARRAY = 4, 5, 6, 7, 8, 9  # GGUF value types
FORMATS = {U32: "<I", I32: "<i", F32: "<f", BOOL: "<?"}
TENSOR_F32, TENSOR_BF16 = 0, 30
NORMAL, UNKNOWN, CONTROL, USER_DEFINED, BYTE = 1, 2, 3, 4, 6  # token types
ALIGNMENT = 32
CONTEXT_LENGTH = 512


def string(text):
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def value(kind, v):
    return string(v) if kind == STRING else struct.pack(FORMATS[kind], v)


def entry(key, kind, v):
    return string(key) + struct.pack("<I", kind) + value(kind, v)


def array(key, kind, values):
    head = string(key) + struct.pack("<IIQ", ARRAY, kind, len(values))
    return head + b"".join(value(kind, v) for v in values)


def padding(size):
    return b"\0" * (-size % ALIGNMENT)


def shape_entries(shape):
    counts = {
        "context_length": CONTEXT_LENGTH,
        "embedding_length": shape["dim"],
        "block_count": shape["layers"],
        "feed_forward_length": shape["hidden"],
        "vocab_size": shape["vocab"],
        "attention.head_count": shape["heads"],
        "attention.head_count_kv": shape["kv_heads"],
        "rope.dimension_count": shape["dim"] // shape["heads"],
    }
    entries = [entry("llama." + key, U32, v) for key, v in counts.items()]
    entries.append(entry("llama.attention.layer_norm_rms_epsilon", F32, 1e-5))
    entries.append(entry("llama.rope.freq_base", F32, 10000.0))
    return entries


def token_type(vocabulary, i):
    if vocabulary.is_unknown(i):
        return UNKNOWN
    if vocabulary.is_control(i):
        return CONTROL
    if vocabulary.is_byte(i):
        return BYTE
    return USER_DEFINED if vocabulary.id_to_piece(i) == "\n" else NORMAL


def vocabulary_entries(vocabulary):
    ids = range(vocabulary.get_piece_size())
    ggml = "tokenizer.ggml."
    return [
        entry(ggml + "model", STRING, "llama"),
        entry(ggml + "pre", STRING, "default"),
        array(ggml + "tokens", STRING, [vocabulary.id_to_piece(i) for i in ids]),
        array(ggml + "scores", F32, [vocabulary.get_score(i) for i in ids]),
        array(ggml + "token_type", I32, [token_type(vocabulary, i) for i in ids]),
        entry(ggml + "bos_token_id", U32, vocabulary.bos_id()),
        entry(ggml + "eos_token_id", U32, vocabulary.eos_id()),
        entry(ggml + "unknown_token_id", U32, vocabulary.unk_id()),
        entry(ggml + "add_bos_token", BOOL, False),
        entry(ggml + "add_eos_token", BOOL, False),
        entry(ggml + "add_space_prefix", BOOL, True),
    ]


def gguf_name(name):
    return "blk." + name[len("layers.") :] if name.startswith("layers.") else name


def tensor_parts(weights):
    """The tensor list and the data, each as bytes."""
    infos, data = [], b""
    for name, tensor in weights.items():
        tensor = tensor.float().contiguous()
        is_matrix = tensor.dim() == 2
        raw = tensor.bfloat16().view(torch.int16) if is_matrix else tensor
        infos.append(
            string(gguf_name(name))
            + struct.pack("<I", tensor.dim())
            + b"".join(struct.pack("<Q", d) for d in reversed(tensor.shape))
            + struct.pack("<IQ", TENSOR_BF16 if is_matrix else TENSOR_F32, len(data))
        )
        data += raw.numpy().tobytes()
        data += padding(len(data))
    return infos, data


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("checkpoint")
    parser.add_argument("vocabulary", help="SentencePiece model file")
    parser.add_argument("out", help="GGUF file to write")
    parser.add_argument("--name", required=True)
    parser.add_argument("--description", default="")
    args = parser.parse_args()

    checkpoint = torch.load(args.checkpoint, map_location="cpu")
    vocabulary = spm.SentencePieceProcessor(model_file=args.vocabulary)
    entries = [
        entry("general.architecture", STRING, "llama"),
        entry("general.name", STRING, args.name),
        entry("general.description", STRING, args.description),
        entry("general.license", STRING, "cc0-1.0"),
        entry("general.alignment", U32, ALIGNMENT),
        entry("general.file_type", U32, 32),
    ]
    entries += shape_entries(checkpoint["shape"]) + vocabulary_entries(vocabulary)
    infos, data = tensor_parts(checkpoint["weights"])
    head = b"GGUF" + struct.pack("<IQQ", 3, len(infos), len(entries)) + b"".join(entries + infos)
    with open(args.out, "wb") as out:
        out.write(head + padding(len(head)) + data)
    print(args.out, len(head) + len(padding(len(head))) + len(data), "bytes")


if __name__ == "__main__":
    main()
