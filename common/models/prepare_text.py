#!/usr/bin/env python3
"""Text and vocabulary of the default models.

Reads the six novels of Jane Austen from Debian's package r-cran-janeaustenr (its file
data/Rdata.rdb), joins the lines of each paragraph, and trains a SentencePiece BPE vocabulary.
Writes into OUT_DIR: austen.txt (one paragraph a line), austen.model, austen.ids (token ids, uint16)
and heldout.txt (text of held-out blocks).

    apt-get download r-cran-janeaustenr && dpkg-deb -x r-cran-janeaustenr_*.deb novels
    ./prepare_text.py novels/usr/lib/R/site-library/janeaustenr/data/Rdata.rdb OUT_DIR

Needs sentencepiece and numpy.
"""

import argparse
import pathlib
import re
import struct
import zlib

import numpy as np
import sentencepiece as spm

VOCAB_SIZE = 2048
BLOCK = 8192  # tokens; every 20th block is held out, from block 7 on
HELD_OUT_IN_FILE = 4  # as many of those blocks are kept as heldout.txt

# The .rdb file has Emma, Mansfield Park, Northanger Abbey, Persuasion, Pride and Prejudice, Sense
# and Sensibility. They are joined in this order; it decides which blocks are held out.
ORDER = [2, 3, 5, 4, 1, 0]


def r_objects(data):
    """The serialized R objects of an .rdb file: each a length, then a zlib stream."""
    while data:
        stream = zlib.decompressobj()
        yield stream.decompress(data[4:])
        data = stream.unused_data


def r_strings(data):
    """The elements of one serialized character vector (R's XDR format, version 2 or 3)."""
    version = struct.unpack_from(">i", data, 2)[0]
    at = 14
    if version == 3:  # the native encoding's name follows
        at += 4 + struct.unpack_from(">i", data, at)[0]
    kind, count = struct.unpack_from(">ii", data, at)
    if kind & 255 != 16:
        raise SystemExit(f"expected a character vector, found R type {kind & 255}")
    at += 8
    for _ in range(count):
        length = struct.unpack_from(">i", data, at + 4)[0]
        at += 8
        yield data[at : at + length].decode("utf-8")
        at += length


def paragraphs(lines):
    """One string a paragraph: white space joined, emphasis marks removed, dashes written out."""
    text = "\n".join(lines).replace("\r", "")
    for paragraph in re.split(r"\n\s*\n", text):
        paragraph = re.sub(r"\s+", " ", paragraph).strip()
        paragraph = paragraph.replace("_", "").replace("--", "\u2014")
        if paragraph:
            yield paragraph


def train_vocabulary(text_file, out_dir):
    spm.SentencePieceTrainer.train(
        input=str(text_file),
        model_prefix=str(out_dir / "austen"),
        vocab_size=VOCAB_SIZE,
        model_type="bpe",
        byte_fallback=True,
        character_coverage=0.9999,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        split_digits=True,
        allow_whitespace_only_pieces=True,
        max_sentence_length=16384,
        unk_id=0,
        bos_id=1,
        eos_id=2,
        pad_id=-1,
        user_defined_symbols=["\n"],
    )
    return spm.SentencePieceProcessor(model_file=str(out_dir / "austen.model"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("rdb", type=pathlib.Path, help="Rdata.rdb of janeaustenr")
    parser.add_argument("out_dir", type=pathlib.Path)
    args = parser.parse_args()

    args.out_dir.mkdir(parents=True, exist_ok=True)
    objects = list(r_objects(args.rdb.read_bytes()))
    novels = ["\n".join(paragraphs(r_strings(objects[i]))) for i in ORDER]
    text_file = args.out_dir / "austen.txt"
    text_file.write_text("\n".join(novels), encoding="utf-8")
    print(sum(map(len, novels)), "characters in", len(novels), "novels")

    vocabulary = train_vocabulary(text_file, args.out_dir)
    ids = vocabulary.encode(text_file.read_text(encoding="utf-8"))
    np.array(ids, dtype=np.uint16).tofile(args.out_dir / "austen.ids")
    held_out = range(7, len(ids) // BLOCK, 20)
    blocks = [ids[b * BLOCK : (b + 1) * BLOCK] for b in held_out][:HELD_OUT_IN_FILE]
    held_out_text = "".join(vocabulary.decode(block) + "\n" for block in blocks)
    (args.out_dir / "heldout.txt").write_text(held_out_text, encoding="utf-8")
    print(len(ids), "tokens, of which", len(held_out) * BLOCK, "are held out")


if __name__ == "__main__":
    main()
