"""Writes three tiny random models as GGUF, for what the shipped models do not have.

  tiny-qwen2.gguf        qwen2: bias on Q, K and V, half-split rotary pairs, untied output
  tiny-qwen2-tied.gguf   the same with a tied output
  tiny-llama.gguf        llama: head_dim 24 (attention.key_length), 3 heads on 1 KV head, dim 40 (so the
                         heads together are wider than dim), 131 tokens, Llama 3's rope_freqs.weight

Each model is first built in memory by transformers, with random weights that are exact in bf16, then
written, then read back by reference_model.load_model; both must give the same logits. So the Q/K permutation,
the names and the rotary factors of the file are those that transformers means.

Run: python make_tiny_models.py [--out FOLDER]      (versions: requirements.txt)
"""

import argparse
import math
import os

import gguf
import numpy as np
import torch
from transformers import LlamaConfig, LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM

from reference_model import load_model, relative_l2

NAMES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}
LLAMA3 = dict(factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0)
LLAMA3_CONTEXT = 64  # original_max_position_embeddings: small, so that short tests feel the scaling


def qwen2(tied):
    return Qwen2ForCausalLM(
        Qwen2Config(
            hidden_size=64, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
            intermediate_size=96, vocab_size=128, max_position_embeddings=256, rope_theta=10000.0,
            rms_norm_eps=1e-6, tie_word_embeddings=tied, attn_implementation="eager",
        )
    )  # fmt: skip


def llama():
    scaling = dict(rope_type="llama3", original_max_position_embeddings=LLAMA3_CONTEXT, **LLAMA3)
    return LlamaForCausalLM(
        LlamaConfig(
            hidden_size=40, num_hidden_layers=2, num_attention_heads=3, num_key_value_heads=1,
            head_dim=24, intermediate_size=88, vocab_size=131, max_position_embeddings=512,
            rope_theta=500000.0, rope_scaling=scaling, rms_norm_eps=1e-5,
            tie_word_embeddings=False, attn_implementation="eager",
        )
    )  # fmt: skip


@torch.no_grad()
def randomize(model, seed, embedding_scale=1.0):
    """Weights large enough that attention is sharp and logits differ; exact in bf16 where 2-D.

    embedding_scale: small for a tied output, else the model only repeats its input token.
    """
    random = torch.Generator().manual_seed(seed)
    for name, weight in model.named_parameters():
        noise = torch.randn(weight.shape, generator=random)
        if weight.dim() == 2:
            scale = embedding_scale if "embed" in name else 1.4 / math.sqrt(weight.shape[1])
            weight.copy_((noise * scale).bfloat16().float())
        else:
            weight.copy_(noise * 0.5 if name.endswith("bias") else 1 + 0.2 * noise)
    return model.eval()


def rope_factors(config):
    """Llama 3's scaling as the divisors that llama.cpp stores: inverse frequency / factor[i]."""
    half = config.head_dim // 2
    wavelength = 2 * math.pi * config.rope_theta ** (np.arange(half) / half)
    low, high = (LLAMA3[k] for k in ("low_freq_factor", "high_freq_factor"))
    smooth = np.clip((LLAMA3_CONTEXT / wavelength - low) / (high - low), 0, 1)
    return (1 / ((1 - smooth) / LLAMA3["factor"] + smooth)).astype(np.float32)


def permute(weight, n_heads):
    """Rows of Q or K from half-split rotary pairs (i, i + half) to adjacent ones (2i, 2i + 1)."""
    rows = weight.reshape(n_heads, 2, -1, *weight.shape[1:])
    return np.ascontiguousarray(rows.swapaxes(1, 2)).reshape(weight.shape)


def add_tokenizer(writer, vocab_size, pre):
    """A byte-level BPE of printable ASCII, space and newline, a few merges and three controls.

    Other bytes have no token: prompts for these models keep to ASCII.
    """
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    base = special + [chr(c) for c in range(33, 127)] + ["Ġ", "Ċ"]
    pairs = (
        "Ġ t|h e|i n|e r|Ġ a|Ġt he|o n|r e|a t|Ġ s|Ġ w|o r|e n|n d|i s|Ġ c|e s|i t|Ġ b|o u|Ġ m|Ġ f"
        "|in g|Ġ p|e d|Ġ o|a l|a r|Ġt o|Ġ in|Ġa nd|Ġ d"
    )
    merges = pairs.split("|")[: vocab_size - len(base)]
    tokens = base + [m.replace(" ", "") for m in merges]
    assert len(tokens) == vocab_size == len(set(tokens)), (len(tokens), len(set(tokens)))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(pre)
    writer.add_token_list(tokens)
    writer.add_token_types([3] * len(special) + [1] * (vocab_size - len(special)))
    writer.add_token_merges(merges)
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(2)
    writer.add_add_bos_token(False)


def add_tensor(writer, name, value):
    if value.ndim == 1:
        writer.add_tensor(name, value.astype(np.float32))
        return
    bf16 = (value.astype(np.float32).view(np.uint32) >> np.uint32(16)).astype(np.uint16)
    kind = gguf.GGMLQuantizationType.BF16
    writer.add_tensor(name, bf16.view(np.uint8), raw_dtype=kind)


def write(model, path, name, pre):
    config, arch = model.config, model.config.model_type
    writer = gguf.GGUFWriter(path, arch)
    writer.add_name(name)
    writer.add_license("cc0-1.0")
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(config.rope_theta)
    writer.add_vocab_size(config.vocab_size)
    if arch == "llama":
        writer.add_key_length(config.head_dim)
        writer.add_value_length(config.head_dim)
        writer.add_rope_dimension_count(config.head_dim)
        writer.add_tensor("rope_freqs.weight", rope_factors(config))
    add_tokenizer(writer, config.vocab_size, pre)
    for key, weight in model.state_dict().items():
        value = weight.numpy()
        head, _, kind = key.rpartition(".")
        if key.startswith("model.layers."):
            layer, part = head[len("model.layers.") :].split(".", 1)
            if arch == "llama" and part in ("self_attn.q_proj", "self_attn.k_proj"):
                heads = config.num_attention_heads if "q_proj" in part else config.num_key_value_heads
                value = permute(value, heads)
            add_tensor(writer, f"blk.{layer}.{NAMES[part]}.{kind}", value)
        elif key == "model.embed_tokens.weight":
            add_tensor(writer, "token_embd.weight", value)
        elif key == "model.norm.weight":
            add_tensor(writer, "output_norm.weight", value)
        elif not config.tie_word_embeddings:
            add_tensor(writer, "output.weight", value)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser(description="Write the tiny random GGUF models.")
    parser.add_argument("--out", default=os.path.dirname(os.path.abspath(__file__)))
    out = parser.parse_args().out
    # Seeds chosen (of 39) so that greedy gaps are wide and no K or V lies on the border of two bf16 numbers.
    models = [
        ("tiny-qwen2", randomize(qwen2(False), 14), "qwen2"),
        ("tiny-qwen2-tied", randomize(qwen2(True), 26, 0.25), "qwen2"),
        ("tiny-llama", randomize(llama(), 18), "llama-bpe"),
    ]
    for name, model, pre in models:
        path = os.path.join(out, name + ".gguf")
        write(model, path, name, pre)
        ids = torch.randint(0, model.config.vocab_size, (1, 80), generator=torch.Generator().manual_seed(5))
        distance = relative_l2(load_model(path)(ids).logits.numpy(), model(ids).logits.numpy())
        print(f"{path}: {os.path.getsize(path)} bytes, read back: relative L2 {distance:.1e}")
        assert distance < 1e-5, "the file does not mean the model that it was written from"


if __name__ == "__main__":
    main()
