"""A second, independent decoder in numpy: Llama and Qwen2 straight from the GGUF file.

It exists to check the transformers reference (and the permutation of Q and K that transformers undoes):
nothing here uses torch or transformers. It computes in double precision, so its distance from the
fp32 reference shows how much of a tolerance is only the noise of fp32 and of values that lie close to
the border between two bf16 numbers.

The gguf package reads the container; unpacking of the tensors is written out here.
"""

import numpy as np
from gguf import GGUFReader


def round_to_bf16(x):
    """float32 -> the nearest bf16 (ties to even), kept as float32. Finite input only."""
    bits = np.ascontiguousarray(x, dtype=np.float32).view(np.uint32)
    bits = bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))
    return (bits & np.uint32(0xFFFF0000)).view(np.float32)


def nibbles(packed):
    """(blocks, 16) bytes -> (blocks, 32) values: low nibbles are values 0-15, high ones 16-31."""
    return np.concatenate([packed & 15, packed >> 4], axis=1).astype(np.float32)


def unpack(tensor):
    """The tensor's values as float32, in the row-major shape (rows, columns)."""
    kind = tensor.tensor_type.name
    shape = tuple(int(n) for n in reversed(tensor.shape))
    raw = np.ascontiguousarray(tensor.data).view(np.uint8).reshape(-1)
    if kind == "F32":
        values = raw.view(np.float32)
    elif kind == "F16":
        values = raw.view(np.float16).astype(np.float32)
    elif kind == "BF16":
        values = (raw.view(np.uint16).astype(np.uint32) << np.uint32(16)).view(np.float32)
    elif kind == "Q8_0":
        block = raw.reshape(-1, 34)
        d = block[:, :2].copy().view(np.float16).astype(np.float32)
        values = block[:, 2:].copy().view(np.int8).astype(np.float32) * d
    elif kind == "Q4_0":
        block = raw.reshape(-1, 18)
        d = block[:, :2].copy().view(np.float16).astype(np.float32)
        values = (nibbles(block[:, 2:]) - np.float32(8)) * d
    elif kind == "Q4_1":
        block = raw.reshape(-1, 20)
        d = block[:, :2].copy().view(np.float16).astype(np.float32)
        m = block[:, 2:4].copy().view(np.float16).astype(np.float32)
        values = nibbles(block[:, 4:]) * d + m
    else:
        raise ValueError(f"{tensor.name}: type {kind} is not supported")
    return values.reshape(shape)


class NumpyDecoder:
    """One GGUF file in memory. `rounded`: bf16 weights, and K and V rounded as our decoder does.

    `layers`: use only the first so many.
    """

    def __init__(self, path, rounded, layers=None):
        reader = GGUFReader(path)
        arch = reader.fields["general.architecture"].contents()

        def field(key, default=None):
            entry = reader.fields.get(f"{arch}.{key}")
            return default if entry is None else entry.contents()

        self.rounded = rounded
        self.half_split = arch == "qwen2"  # llama files are permuted for adjacent pairs
        self.n_layers = layers or field("block_count")
        self.n_heads = field("attention.head_count")
        self.n_kv_heads = field("attention.head_count_kv", self.n_heads)
        self.head_dim = field("attention.key_length", field("embedding_length") // self.n_heads)
        self.eps = float(np.float32(field("attention.layer_norm_rms_epsilon")))
        self.theta = field("rope.freq_base", 10000.0)
        self.w = {}
        for tensor in reader.tensors:
            value = unpack(tensor)
            matrix = value.ndim == 2
            self.w[tensor.name] = (round_to_bf16(value) if rounded and matrix else value).astype(
                np.float64
            )

    def norm(self, x, name):
        return x / np.sqrt((x * x).mean(-1, keepdims=True) + self.eps) * self.w[name]

    def linear(self, x, name):
        y = x @ self.w[name + ".weight"].T
        return y + self.w[name + ".bias"] if name + ".bias" in self.w else y

    def rotate(self, x):
        """x (tokens, heads, head_dim), token t at position t."""
        half = self.head_dim // 2
        freq = self.theta ** (-np.arange(half) / half) / self.w.get("rope_freqs.weight", 1.0)
        angle = np.arange(len(x))[:, None, None] * freq
        cos, sin = np.cos(angle), np.sin(angle)
        if self.half_split:
            a, b = x[..., :half], x[..., half:]
            return np.concatenate([a * cos - b * sin, a * sin + b * cos], axis=-1)
        a, b = x[..., 0::2], x[..., 1::2]
        return np.stack([a * cos - b * sin, a * sin + b * cos], axis=-1).reshape(x.shape)

    def attention(self, x, layer):
        tokens = len(x)
        q = self.rotate(self.linear(x, f"{layer}.attn_q").reshape(tokens, -1, self.head_dim))
        k = self.rotate(self.linear(x, f"{layer}.attn_k").reshape(tokens, -1, self.head_dim))
        v = self.linear(x, f"{layer}.attn_v").reshape(tokens, -1, self.head_dim)
        if self.rounded:
            k, v = (round_to_bf16(a).astype(np.float64) for a in (k, v))
        group = self.n_heads // self.n_kv_heads
        out = np.empty_like(q)
        for head in range(self.n_heads):
            scores = q[:, head] @ k[:, head // group].T / np.sqrt(self.head_dim)
            scores[np.triu_indices(tokens, 1)] = -np.inf
            p = np.exp(scores - scores.max(-1, keepdims=True))
            out[:, head] = p / p.sum(-1, keepdims=True) @ v[:, head // group]
        return self.linear(out.reshape(tokens, -1), f"{layer}.attn_output")

    def logits(self, ids, rows):
        """Logits (rows, vocab_size) of the rows of the sequence `ids` that the slice `rows` asks for."""
        x = self.w["token_embd.weight"][np.asarray(ids)]
        for i in range(self.n_layers):
            layer = f"blk.{i}"
            x = x + self.attention(self.norm(x, f"{layer}.attn_norm.weight"), layer)
            h = self.norm(x, f"{layer}.ffn_norm.weight")
            gate = self.linear(h, f"{layer}.ffn_gate")
            hidden = gate / (1 + np.exp(-gate)) * self.linear(h, f"{layer}.ffn_up")
            x = x + self.linear(hidden, f"{layer}.ffn_down")
        x = self.norm(x[rows], "output_norm.weight")
        return x @ self.w.get("output.weight", self.w["token_embd.weight"]).T
