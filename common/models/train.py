#!/usr/bin/env python3
"""Trains a default model: a Llama-architecture decoder on the token ids of prepare_text.py.

RMSNorm, rotary embedding on adjacent pairs, grouped-query attention, SwiGLU, tied embedding. With
--teacher the model is distilled: it learns the teacher's distribution, beside the text.

    ./train.py austen.ids target.pt --seq 256 --batch 16 --seconds 4000
    ./train.py austen.ids draft.pt --teacher target.pt --seq 256 --batch 16 --seconds 900 \\
        --dim 96 --layers 2 --heads 3 --kv-heads 1 --hidden 256 --lr 3e-3 --dropout 0

The learning rate follows the clock, so the result depends on the machine's speed. Needs torch.
"""

import argparse
import math
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

BLOCK = 8192  # tokens; every 20th block is held out, from block 7 on (see prepare_text.py)
NORM_EPS = 1e-5
ROPE_THETA = 10000.0


class RmsNorm(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + NORM_EPS) * self.weight


def rotate(x, cos, sin):
    """Rotary embedding of x (batch, heads, positions, head_dim) on the pairs (2i, 2i+1)."""
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack((even * cos - odd * sin, even * sin + odd * cos), -1).flatten(-2)


class Layer(nn.Module):
    def __init__(self, shape):
        super().__init__()
        dim, hidden = shape["dim"], shape["hidden"]
        self.heads, self.kv_heads = shape["heads"], shape["kv_heads"]
        self.head_dim = dim // self.heads

        def linear(inputs, outputs):
            return nn.Linear(inputs, outputs, bias=False)

        self.attn_norm, self.ffn_norm = RmsNorm(dim), RmsNorm(dim)
        self.attn_q = linear(dim, dim)
        self.attn_k = linear(dim, self.kv_heads * self.head_dim)
        self.attn_v = linear(dim, self.kv_heads * self.head_dim)
        self.attn_output = linear(dim, dim)
        self.ffn_gate, self.ffn_up = linear(dim, hidden), linear(dim, hidden)
        self.ffn_down = linear(hidden, dim)

    def attention(self, x, cos, sin, mask):
        batch, positions, dim = x.shape

        def heads(y, n):
            return y.view(batch, positions, n, self.head_dim).transpose(1, 2)

        q = rotate(heads(self.attn_q(x), self.heads), cos, sin)
        k = rotate(heads(self.attn_k(x), self.kv_heads), cos, sin)
        v = heads(self.attn_v(x), self.kv_heads)
        group = self.heads // self.kv_heads
        k, v = k.repeat_interleave(group, 1), v.repeat_interleave(group, 1)
        weights = (q @ k.transpose(-1, -2) / math.sqrt(self.head_dim) + mask).softmax(-1)
        return self.attn_output((weights @ v).transpose(1, 2).reshape(batch, positions, dim))

    def forward(self, x, cos, sin, mask, drop):
        x = x + drop(self.attention(self.attn_norm(x), cos, sin, mask))
        h = self.ffn_norm(x)
        return x + drop(self.ffn_down(F.silu(self.ffn_gate(h)) * self.ffn_up(h)))


class Model(nn.Module):
    def __init__(self, shape, dropout=0.0):
        super().__init__()
        self.shape = shape
        self.token_embd = nn.Embedding(shape["vocab"], shape["dim"])
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape["layers"]))
        self.output_norm = RmsNorm(shape["dim"])
        self.drop = nn.Dropout(dropout)
        for name, parameter in self.named_parameters():
            if parameter.dim() == 2:
                into_residual = name.endswith(("attn_output.weight", "ffn_down.weight"))
                depth = math.sqrt(2 * shape["layers"]) if into_residual else 1
                nn.init.normal_(parameter, 0, 0.02 / depth)
        head_dim = shape["dim"] // shape["heads"]
        frequencies = ROPE_THETA ** (-torch.arange(0, head_dim, 2).float() / head_dim)
        angles = torch.outer(torch.arange(4096).float(), frequencies)
        self.cos, self.sin = angles.cos(), angles.sin()

    def forward(self, ids):
        n = ids.shape[1]
        x = self.drop(self.token_embd(ids))
        mask = torch.full((n, n), float("-inf")).triu(1)
        for layer in self.layers:
            x = layer(x, self.cos[:n], self.sin[:n], mask, self.drop)
        return self.output_norm(x) @ self.token_embd.weight.T


def load_model(path):
    checkpoint = torch.load(path, map_location="cpu")
    model = Model(checkpoint["shape"])
    model.load_state_dict(checkpoint["weights"])
    return model.eval()


def split(path, seq):
    """Training ids, and held-out windows (n, seq)."""
    ids = np.fromfile(path, dtype=np.uint16).astype(np.int64)
    blocks = ids[: len(ids) // BLOCK * BLOCK].reshape(-1, BLOCK)
    held = np.arange(len(blocks)) % 20 == 7
    held_out = blocks[held].ravel()
    windows = held_out[: len(held_out) // seq * seq].reshape(-1, seq)
    return blocks[~held].ravel(), torch.from_numpy(windows)


@torch.no_grad()
def held_out_loss(model, windows):
    """Mean cross entropy in nats a token."""
    model.eval()
    losses = [
        F.cross_entropy(model(w[:, :-1]).flatten(0, 1), w[:, 1:].flatten()).item()
        for w in windows.split(8)
    ]
    model.train()
    return np.mean(losses)


def loss_of(model, teacher, x, y):
    logits = model(x)
    text_loss = F.cross_entropy(logits.flatten(0, 1), y.flatten())
    if teacher is None:
        return text_loss
    with torch.no_grad():
        wanted = teacher(x).log_softmax(-1).flatten(0, 1)
    found = logits.log_softmax(-1).flatten(0, 1)
    return F.kl_div(found, wanted, log_target=True, reduction="batchmean") + 0.1 * text_loss


def learning_rate(args, step, fraction):
    """Warm-up over 100 steps, then a cosine down to 3%."""
    cosine = 0.5 * (1 + math.cos(math.pi * min(1.0, fraction)))
    return args.lr * min(1.0, (step + 1) / 100) * (0.03 + 0.97 * cosine)


def train(args, model, teacher):
    rng = np.random.default_rng(1)
    training, held_out = split(args.ids, args.seq)
    matrices = [p for p in model.parameters() if p.dim() == 2]
    vectors = [p for p in model.parameters() if p.dim() == 1]
    groups = [{"params": matrices, "weight_decay": 0.1}, {"params": vectors, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=args.lr, betas=(0.9, 0.95))
    start, step, best, next_check = time.time(), 0, math.inf, 0.0
    while True:
        elapsed = time.time() - start
        fraction = elapsed / args.seconds
        if elapsed > next_check or fraction >= 1:
            loss = held_out_loss(model, held_out)
            if loss < best:
                best = loss
                torch.save({"shape": model.shape, "weights": model.state_dict()}, args.out)
            tokens = step * args.batch * args.seq
            figures = f"held-out {loss:.4f}, best {best:.4f}"
            print(f"{elapsed:.0f} s, {tokens} tokens, {figures}", flush=True)
            next_check = elapsed + args.seconds / 20
            if fraction >= 1:
                return
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(args, step, fraction)
        starts = rng.integers(0, len(training) - args.seq - 1, args.batch)
        windows = torch.from_numpy(np.stack([training[s : s + args.seq + 1] for s in starts]))
        loss = loss_of(model, teacher, windows[:, :-1], windows[:, 1:])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("ids", help="token ids from prepare_text.py")
    parser.add_argument("out", help="checkpoint to write")
    parser.add_argument("--dim", type=int, default=256)
    parser.add_argument("--layers", type=int, default=5)
    parser.add_argument("--heads", type=int, default=8)
    parser.add_argument("--kv-heads", type=int, default=2)
    parser.add_argument("--hidden", type=int, default=640)
    parser.add_argument("--vocab", type=int, default=2048)
    parser.add_argument("--seq", type=int, default=512, help="tokens in a window")
    parser.add_argument("--batch", type=int, default=8, help="windows in a step")
    parser.add_argument("--lr", type=float, default=1.5e-3)
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--teacher", help="checkpoint to distil from")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()

    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    shape = {
        name: getattr(args, name)
        for name in ("dim", "layers", "heads", "kv_heads", "hidden", "vocab")
    }
    model = Model(shape, args.dropout)
    print(shape, sum(p.numel() for p in model.parameters()), "parameters", flush=True)
    train(args, model, load_model(args.teacher) if args.teacher else None)


if __name__ == "__main__":
    main()
