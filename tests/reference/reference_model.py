"""The transformers model of a GGUF file, and our decoder's roundings put into it.

Used by make_reference.py and make_tiny_models.py. Versions: requirements.txt
"""

import contextlib
import importlib
import os

import numpy as np
import torch
import transformers
from gguf import GGUFReader

FP32_NOISE = 6e-8  # half a unit in the last place of a float32, relative


def relative_l2(a, b):
    """|a - b| / |b|, computed in double precision."""
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    return float(np.linalg.norm(a - b) / np.linalg.norm(b))


def load_model(path, layers=None):
    """The model in fp32 with the weights as the file has them; only its first `layers`, if given."""
    folder, name = os.path.split(os.path.abspath(path))
    reader = GGUFReader(path)
    config = transformers.AutoConfig.from_pretrained(folder, gguf_file=name)
    key_length = reader.fields.get("llama.attention.key_length")
    if key_length is not None:  # transformers reads only rope.dimension_count
        config.head_dim = key_length.contents()
    model = transformers.AutoModelForCausalLM.from_pretrained(
        folder, gguf_file=name, config=config, dtype=torch.float32, attn_implementation="eager"
    )
    factors = [t for t in reader.tensors if t.name == "rope_freqs.weight"]
    if factors:  # transformers leaves this tensor out
        model.model.rotary_emb.inv_freq /= torch.from_numpy(factors[0].data.copy())
    model.model.layers = model.model.layers[:layers]
    return model.eval()


@torch.no_grad()
def round_weights(model):
    """Matrices (the embedding too) to the nearest bf16, ties to even. Norms and biases stay."""
    for weight in model.parameters():
        if weight.dim() == 2:
            weight.copy_(weight.bfloat16().float())


@contextlib.contextmanager
def rounded_kv(model):
    """Within it, attention reads K (already rotated) and V rounded to bf16."""
    module = importlib.import_module(type(model).__module__)
    plain = module.eager_attention_forward

    def rounded(layer, query, key, value, *args, **kwargs):
        key, value = key.bfloat16().float(), value.bfloat16().float()
        return plain(layer, query, key, value, *args, **kwargs)

    module.eager_attention_forward = rounded
    try:
        yield
    finally:
        module.eager_attention_forward = plain


@contextlib.contextmanager
def fp32_noise(model, seed):
    """Within it, embeddings carry a relative error of the size of one fp32 rounding."""
    random = torch.Generator().manual_seed(seed)

    def disturb(module, inputs, output):
        return output * (1 + FP32_NOISE * torch.randn(output.shape, generator=random))

    hook = model.model.embed_tokens.register_forward_hook(disturb)
    try:
        yield
    finally:
        hook.remove()


@torch.no_grad()
def all_logits(model, ids):
    """Logits (len(ids), vocab_size) of the whole sequence, without a cache."""
    return model(torch.tensor([ids]), use_cache=False).logits[0].numpy()


def greedy(model, prompt_ids, count):
    """`count` greedy tokens, no stop at an end token. Returns (ids, runner-up ids, gaps).

    The gap is the difference of the largest two logits. The lowest id wins a tie.
    """
    ids, seconds, gaps = [], [], []
    for _ in range(count):
        row = all_logits(model, prompt_ids + ids)[-1].copy()
        top = int(np.argmax(row))
        best, row[top] = row[top], -np.inf
        ids.append(top)
        seconds.append(int(np.argmax(row)))
        gaps.append(float(best - row.max()))
    return ids, seconds, gaps
