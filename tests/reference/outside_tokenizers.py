"""Tokenizers that we did not write, set up for the vocabulary inside a GGUF file.

llama (SentencePiece): the sentencepiece package with the .model file that the vocabulary came from; its
pieces are compared with those in the GGUF first. gpt2 (byte-level BPE): Hugging Face `tokenizers`, with
the pre-tokenizer that `tokenizer.ggml.pre` names, set up as in that model family's tokenizer.json.
"""

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

CONTROL, USER_DEFINED = 3, 4  # values of tokenizer.ggml.token_type


def split_pattern(digits):
    """The split of Llama 3 (digits = 3) and Qwen2 (digits = 1): at most so many digits a piece."""
    number = r"\p{N}" if digits == 1 else r"\p{N}{1,3}"
    return (
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|" + number
        + r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    )


def pre_tokenizer(pre):
    byte_level = pre_tokenizers.ByteLevel
    if pre == "gpt-2":
        return byte_level(add_prefix_space=False)
    if pre == "smollm":
        return pre_tokenizers.Sequence(
            [pre_tokenizers.Digits(individual_digits=True), byte_level(add_prefix_space=False)]
        )
    digits = {"llama-bpe": 3, "qwen2": 1}[pre]
    return pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(split_pattern(digits)), behavior="isolated"),
            byte_level(add_prefix_space=False, use_regex=False),
        ]
    )


def byte_level_bpe(fields):
    """tokenizers.Tokenizer for a GGUF of tokenizer.ggml.model gpt2."""
    tokens = fields["tokenizer.ggml.tokens"].contents()
    types = fields["tokenizer.ggml.token_type"].contents()
    merges = [tuple(m.split(" ")) for m in fields["tokenizer.ggml.merges"].contents()]
    pre = fields["tokenizer.ggml.pre"].contents()
    vocab = {token: i for i, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.BPE(vocab, merges, ignore_merges=pre == "llama-bpe"))
    tokenizer.pre_tokenizer = pre_tokenizer(pre)
    tokenizer.decoder = decoders.ByteLevel()
    if pre == "qwen2":
        tokenizer.normalizer = normalizers.NFC()
    tokenizer.add_special_tokens(
        [
            AddedToken(token, normalized=False, special=True)
            for token, kind in zip(tokens, types)
            if kind in (CONTROL, USER_DEFINED)
        ]
    )
    return tokenizer


def open_tokenizer(fields, sentencepiece_model):
    """(encode, decode) for the GGUF's fields. Special tokens in a text are parsed, none is added."""
    if fields["tokenizer.ggml.model"].contents() == "gpt2":
        tokenizer = byte_level_bpe(fields)
        return (
            lambda text: tokenizer.encode(text, add_special_tokens=False).ids,
            lambda ids: tokenizer.decode(ids, skip_special_tokens=False),
        )
    import sentencepiece

    processor = sentencepiece.SentencePieceProcessor(model_file=sentencepiece_model)
    pieces = [processor.id_to_piece(i) for i in range(processor.get_piece_size())]
    if pieces != fields["tokenizer.ggml.tokens"].contents():
        raise ValueError(f"{sentencepiece_model}: its pieces are not those of the GGUF file")
    return processor.encode, processor.decode
