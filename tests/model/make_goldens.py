#!/usr/bin/env python3
"""Makes the vocabularies and goldens of tokenizer_golden_test.cpp.

Token ids come from programs that are not ours: Hugging Face `tokenizers`, and SentencePiece for the
default model. Where both can, they must agree. Writes into goldens/:

  strings.json, code_points.json   what is tokenized
  VOCAB.gguf                       a small vocabulary without weights
  VOCAB.json                       the ids of each string, plain and with special tokens parsed;
                                   long lists, and the code points, as FNV-1a hashes

    ./make_goldens.py SmolLM2-135M-Instruct.Q4_1.gguf      (./ladder model smollm2 fetches it)

Needs PyPI's tokenizers, sentencepiece, gguf, and Python 3.11 (its Unicode is version 14, as that of
Debian 12's PCRE2).
"""

import argparse
import json
import pathlib
import random
import re
import struct
import types
import unicodedata

import gguf
import sentencepiece
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers
from tokenizers import pre_tokenizers, trainers

HERE = pathlib.Path(__file__).resolve().parent
OUT = HERE / "goldens"
MODELS = HERE.parents[1] / "common" / "models"

NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = 1, 2, 3, 4, 5, 6
SMOLLM2_MERGES = 4000  # as many of SmolLM2's 48,900 merges make the small vocabulary
LONG_LIST = 48  # longer lists of ids are kept as a hash
BLOCK = 1024  # code points under one hash

# From the models' published tokenizer.json files.
LLAMA3_LIKE = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|DIGITS| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
LLAMA3 = LLAMA3_LIKE.replace("DIGITS", r"\p{N}{1,3}")
QWEN2 = LLAMA3_LIKE.replace("DIGITS", r"\p{N}")

SPECIALS = {
    "gpt-2": ["<|endoftext|>"],
    "llama-bpe": ["<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>",
                  "<|end_header_id|>", "<|eot_id|>"],
    "qwen2": ["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
}
USER_DEFINED_TOKENS = {"gpt-2": [], "llama-bpe": [], "qwen2": ["<tool_call>", "</tool_call>"]}


# ---- what is tokenized ---------------------------------------------------------------------------


def hard_strings():
    """(name, text, repeat): shared/design/hard-strings.md, written out."""
    yield "empty", "", 1
    for n in (1, 2, 3):
        yield f"{n} spaces", " " * n, 1
    yield "tab newline", "\t\n", 1
    yield "newlines", "\n\n\n", 1
    yield "newline equals", "\n =", 1
    yield "indented", "def f(x):\n    if x:\n        return 1\n\n\treturn  2 \n", 1
    yield "era", " era", 1
    yield "contractions", "We'Ve a'lL 'RE 'M I'm you're they'd it's don't WE'LL 'S'T", 1
    yield "long s contraction", "it'\u017f a'\u017f", 1
    for n in range(1, 10):
        yield f"{n} threes", "3" * n, 1
    yield "dots", "3.3 3..3 3...3", 1
    yield "one half", "ied 4 \u00bd months", 1
    yield "number letters", "\u00bd-a \u2165-a \u3007b \u0664\u0665 x\u00b2 \u2460", 1
    yield "Vietnamese NFC", "C\u1eeda Vi\u1ec7t", 1
    yield "Vietnamese NFD", unicodedata.normalize("NFD", "C\u1eeda Vi\u1ec7t"), 1
    yield ("reordered marks",
           "a\u0301\u0323 a\u0323\u0301 \u0344 \u212b \uac00\u11a8 \u1100\u1161", 1)
    yield "emoji", "\U0001f469\u200d\U0001f4bb \u2764\ufe0f \U0001f44d\U0001f3fd", 1
    yield "doubled emoji", "\U0001f600\U0001f600", 1
    yield "Khmer", "\u1781\u17d2\u1798\u17c2\u179a \u179f\u17bd\u179f\u17d2\u178f\u17b8", 1
    yield "Thai", "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35\u0e0a\u0e32\u0e27\u0e42\u0e25\u0e01", 1
    yield "Arabic", "\u0645\u064e\u0631\u0652\u062d\u064e\u0628\u064b\u0627 \u0628\u0643\u0645", 1
    yield "Hebrew", "\u05e9\u05c1\u05b8\u05dc\u05d5\u05b9\u05dd", 1
    yield ("mixed scripts",
           "\u4eca\u5929\u662f2024\u5e741\u6708, GPT\u6a21\u578bv2.0\u5f88\u597d!", 1)
    yield "byte order mark", "\ufeffhello", 1
    yield "controls", "a\u001fb\u00a0c\u0000d\u0085e\u180ef\u200bg", 1
    yield "rare code points", "a\u2029b\u2028c\ue000d\u0378e\uffff\U0010ffff", 1
    yield ("special texts",
           "<s> </s> <unk> <|im_start|>user<|im_end|> <|begin_of_text|>x<|eot_id|>", 1)
    yield "byte token text", "<0x0A><0xZZ>", 1
    yield "tool call", "<tool_call>{}</tool_call> <tool_call", 1
    yield "endoftext", "a<|endoftext|>b <|endoftext|>", 1
    yield "low line", "\u2581 \u2581a\u2581\u2581b", 1
    yield "CRLF", "one\r\ntwo\r\n\r\nthree\rfour \r\n five", 1
    yield "space runs", "a  b   c    d \n  \n e\t\tf  ", 1
    yield "space runs before a line", "x   \n   y \u3000\u3000\n z\u00a0\u00a0w", 1
    yield "punctuation", "Hello, world!!! (x+y)*2=... \"--\" #@$%^&*()_+{}|:<>?", 1
    yield "whole words", " zebra zebra qzx Zebra", 1
    yield "leading newline", "\nabc", 1
    yield "a long word", "Honorificabilitudinitatibus"[:25], 200
    yield "many spaces", " ", 10000
    yield "many lines", "\n", 3000
    yield "many digits", "3", 2000
    yield "many marks", "\u0301\u0323", 1000
    yield "prose", (MODELS / "heldout.txt").read_text(encoding="utf-8")[:1500], 1


def random_strings(count):
    rng = random.Random(7)
    pools = [
        "abcdefghij ", "THE the and ing ", " \t\n\r", "0123456789. ", "'sStTrRevEmMlLdD ",
        "\u00e9\u00e8\u00fc\u00df\u017f\u0130 ", "\u0301\u0323\u0307\u0327aeo",
        "\u4eca\u5929\u6c23\u5f88\u597d\u3002", "\U0001f600\U0001f469\u200d\ufe0f",
        "!?.,;:-_()[]{}<>|/\\", "\u00a0\u3000\u2003\u2028", "\u2581 a", "\u0e01\u0e33\u0e48\u0e32",
        "\uac00\u1100\u1161\u11a8", "\u05d0\u05b8\u0628\u064b", "\u00bd\u00b2\u2165\u0664",
    ]
    for i in range(count):
        chosen = rng.sample(pools, rng.randint(1, 4))
        length = rng.randint(1, 40)
        yield f"random {i}", "".join(rng.choice(rng.choice(chosen)) for _ in range(length)), 1


def assigned_ranges():
    """Code points that Unicode 14 assigns, as [first, last]; surrogates are not characters."""
    assert unicodedata.unidata_version == "14.0.0", "run this with Python 3.11"
    ranges = []
    for c in range(0x110000):
        if unicodedata.category(chr(c)) in ("Cn", "Cs"):
            continue
        if ranges and ranges[-1][1] == c - 1:
            ranges[-1][1] = c
        else:
            ranges.append([c, c])
    return ranges


# ---- vocabularies --------------------------------------------------------------------------------


def byte_level_bpe(vocab, merges, pre, added, ignore_merges=False):
    """A Hugging Face tokenizer; added: (text, is_special)."""
    tokenizer = Tokenizer(models.BPE(vocab=vocab, merges=merges, ignore_merges=ignore_merges))
    set_pre_tokenizer(tokenizer, pre)
    add_tokens(tokenizer, added)
    return tokenizer


def set_pre_tokenizer(tokenizer, pre):
    whole = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    bytes_only = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    if pre == "gpt-2":
        steps = [whole]
    elif pre == "smollm":
        steps = [pre_tokenizers.Digits(individual_digits=True), whole]
    else:
        regex = Regex(LLAMA3 if pre == "llama-bpe" else QWEN2)
        steps = [pre_tokenizers.Split(regex, "isolated"), bytes_only]
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(steps)
    tokenizer.decoder = decoders.ByteLevel()


def add_tokens(tokenizer, added):
    for text, special in added:
        token = AddedToken(text, special=special, normalized=False)
        if special:
            tokenizer.add_special_tokens([token])
        else:
            tokenizer.add_tokens([token])


def composed_first(encode):
    """Qwen2's NFC, from Python's tables (Unicode 14): those of `tokenizers` are of Unicode 9."""
    theirs = normalizers.NFC()

    def encode_composed(text, add_special_tokens):
        composed = unicodedata.normalize("NFC", text)
        if len(text) < BLOCK:  # the strings; blocks of code points have characters newer than 9
            assert theirs.normalize_str(text) == composed, text
        return encode(composed, add_special_tokens=add_special_tokens)

    return encode_composed


def train_small(pre):
    """(vocab, merges) of a byte-level BPE trained on prose and on the hard strings themselves."""
    tokenizer = Tokenizer(models.BPE())
    set_pre_tokenizer(tokenizer, pre)
    trainer = trainers.BpeTrainer(
        vocab_size=900, show_progress=False, special_tokens=[],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    prose = (MODELS / "heldout.txt").read_text(encoding="utf-8")[:60000]
    hard = [text * min(repeat, 50) for _, text, repeat in hard_strings()]
    tokenizer.train_from_iterator([prose] + hard * 4, trainer)
    model = json.loads(tokenizer.to_str())["model"]
    return model["vocab"], [tuple(m) for m in model["merges"]]


def write_vocab(path, pre, tokens, token_types, merges, bos, eos):
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(pre)
    writer.add_token_list(tokens)
    writer.add_token_types(token_types)
    writer.add_token_merges([" ".join(m) for m in merges])
    writer.add_bos_token_id(bos)
    writer.add_eos_token_id(eos)
    writer.add_add_bos_token(False)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()


def make_small(pre):
    """A trained vocabulary, its GGUF, and the two reference tokenizers (plain, with specials)."""
    vocab, merges = train_small(pre)
    for word in ("\u0120zebra", "qzx"):  # tokens that no merge makes: see ignore_merges
        vocab.setdefault(word, len(vocab))
    specials, user_defined = SPECIALS[pre], USER_DEFINED_TOKENS[pre]
    tokens = sorted(vocab, key=vocab.get) + specials + user_defined
    token_types = ([NORMAL] * len(vocab) + [CONTROL] * len(specials)
                   + [USER_DEFINED] * len(user_defined))
    bos = tokens.index(specials[0])
    eos = tokens.index(specials[-1])
    write_vocab(OUT / f"{pre}.gguf", pre, tokens, token_types, merges, bos, eos)
    ids = {token: i for i, token in enumerate(tokens)}
    plain = byte_level_bpe(ids, merges, pre, [(t, False) for t in user_defined],
                           pre == "llama-bpe")
    special = byte_level_bpe(ids, merges, pre,
                             [(t, True) for t in specials] + [(t, False) for t in user_defined],
                             pre == "llama-bpe")
    if pre == "qwen2":
        return composed_first(plain.encode), composed_first(special.encode)
    return plain.encode, special.encode


def read_smollm2(path):
    fields = gguf.GGUFReader(path).fields
    tokens = fields["tokenizer.ggml.tokens"].contents()
    token_types = fields["tokenizer.ggml.token_type"].contents()
    merges = [tuple(m.split(" ")) for m in fields["tokenizer.ggml.merges"].contents()]
    return tokens, token_types, merges


def smollm2_references(tokens, token_types, merges):
    ids = {token: i for i, token in enumerate(tokens)}
    specials = [(t, True) for t, kind in zip(tokens, token_types) if kind == CONTROL]
    plain = byte_level_bpe(ids, merges, "smollm", [])
    special = byte_level_bpe(ids, merges, "smollm", specials)
    return plain.encode, special.encode


def make_smollm2_part(path):
    """SmolLM2's vocabulary cut to its first merges: a BPE of its own, small enough to commit."""
    tokens, token_types, merges = read_smollm2(path)
    merges = merges[:SMOLLM2_MERGES]
    made = {a + b for a, b in merges}
    kept = [(t, k) for t, k in zip(tokens, token_types)
            if k == CONTROL or t in made or len(t) == 1]
    tokens, token_types = [t for t, _ in kept], [k for _, k in kept]
    write_vocab(OUT / "smollm.gguf", "smollm", tokens, token_types, merges,
                tokens.index("<|im_start|>"), tokens.index("<|im_end|>"))
    return smollm2_references(tokens, token_types, merges)


def austen_references():
    """SentencePiece itself, and the same vocabulary in Hugging Face's terms; they must agree."""
    piece = sentencepiece.SentencePieceProcessor(model_file=str(MODELS / "austen.model"))
    count = piece.get_piece_size()
    vocab = {piece.id_to_piece(i): i for i in range(count)}
    pairs = []
    for i in range(count):
        text = piece.id_to_piece(i)
        if piece.is_byte(i) or piece.is_control(i) or piece.is_unknown(i) or text == "\n":
            continue
        for cut in range(1, len(text)):
            if text[:cut] in vocab and text[cut:] in vocab:
                pairs.append((-piece.get_score(i), vocab[text[:cut]], vocab[text[cut:]],
                              (text[:cut], text[cut:])))
    merges = [pair for *_, pair in sorted(pairs)]

    def build(steps):
        model = models.BPE(vocab=vocab, merges=merges, unk_token="<unk>", byte_fallback=True,
                           fuse_unk=True)
        tokenizer = Tokenizer(model)
        # "\n", the one user-defined piece, is in no merge, so it stays whole without being "added".
        tokenizer.normalizer = normalizers.Sequence(
            steps + [normalizers.Replace(" ", "\u2581")])
        return tokenizer

    prefixed = build([normalizers.Prepend("\u2581")])
    bare = build([])

    def plain(text, add_special_tokens):
        encoding = prefixed.encode(text, add_special_tokens=add_special_tokens)
        assert piece.encode(text) == encoding.ids, text[:80]
        return encoding

    def special(text, add_special_tokens):
        """The space is added before the first run of text only."""
        ids, encode = [], prefixed.encode
        for run in re.split("(<unk>|<s>|</s>)", text):
            if run in ("<unk>", "<s>", "</s>"):
                ids.append(vocab[run])
            elif run:
                ids += encode(run, add_special_tokens=add_special_tokens).ids
                encode = bare.encode
        return types.SimpleNamespace(ids=ids)

    return plain, special


# ---- goldens -------------------------------------------------------------------------------------


def fnv1a(ids):
    value = 0xCBF29CE484222325
    for byte in b"".join(struct.pack("<i", i) for i in ids):
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


def short(ids):
    return ids if len(ids) <= LONG_LIST else {"count": len(ids), "fnv1a": fnv1a(ids)}


def write_golden(name, references, strings, code_points):
    def ids_of(encode, text):
        return encode(text, add_special_tokens=False).ids

    golden = {"plain": [], "special": []}
    for key, encode in zip(golden, references):
        golden[key] = [short(ids_of(encode, text * repeat)) for _, text, repeat in strings]
    blocks = [code_points[i : i + BLOCK] for i in range(0, len(code_points), BLOCK)]
    plain = references[0]
    golden["single"] = [fnv1a(sum((ids_of(plain, chr(c)) for c in b), [])) for b in blocks]
    golden["joined"] = [fnv1a(ids_of(plain, "".join(map(chr, b)))) for b in blocks]
    write_json(OUT / f"{name}.json", golden)
    print(name, "done")


def write_json(path, value):
    """One element of an outer list a line, so that changes can be read."""
    if isinstance(value, dict):
        parts = [f'"{k}": [\n' + ",\n".join(json.dumps(x) for x in v) + "\n]"
                 for k, v in value.items()]
        path.write_text("{" + ",\n".join(parts) + "}\n", encoding="utf-8")
    else:
        path.write_text("[\n" + ",\n".join(json.dumps(x) for x in value) + "\n]\n",
                        encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("smollm2", help="SmolLM2-135M-Instruct's GGUF file")
    args = parser.parse_args()
    OUT.mkdir(exist_ok=True)
    strings = list(hard_strings()) + list(random_strings(120))
    write_json(OUT / "strings.json",
               [{"name": n, "text": t, "repeat": r} for n, t, r in strings])
    ranges = assigned_ranges()
    write_json(OUT / "code_points.json", ranges)
    code_points = [c for first, last in ranges for c in range(first, last + 1)]

    write_golden("austen", austen_references(), strings, code_points)
    write_golden("smollm", make_smollm2_part(args.smollm2), strings, code_points)
    write_golden("smollm2", smollm2_references(*read_smollm2(args.smollm2)), strings, code_points)
    for pre in SPECIALS:
        write_golden(pre, make_small(pre), strings, code_points)


if __name__ == "__main__":
    main()
