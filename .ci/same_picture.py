#!/usr/bin/env python3
"""Do two PNG files show the same? Fonts and OpenGL differ a little from system to system, so what counts is the
share of pixels that differ much: a number that changed is little, a bar or a panel that changed is more.

same_picture.py COMMITTED DRAWN: exit status 1 and a line when they differ."""
import struct
import sys
import zlib

MUCH = 64  # levels of 255, in any channel
SHARE = 0.02  # of the pixels may differ so much


def rows_of(path):
    """Width, channels, and the unfiltered rows of an 8-bit RGB or RGBA picture without interlace."""
    with open(path, "rb") as file:
        data = file.read()
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        sys.exit(f"{path}: this is no PNG file")
    at, packed, head = 8, b"", None
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + length]
        head = struct.unpack(">IIBBBBB", body) if kind == b"IHDR" else head
        packed += body if kind == b"IDAT" else b""
        at += 12 + length
    width, height, depth, colors, _, _, interlace = head
    if depth != 8 or colors not in (2, 6) or interlace:
        sys.exit(f"{path}: expected 8-bit RGB or RGBA without interlace")
    channels = 3 if colors == 2 else 4
    raw, stride = zlib.decompress(packed), width * channels
    above, rows = bytearray(stride), []
    for y in range(height):
        begin = y * (stride + 1)
        row = bytearray(raw[begin + 1 : begin + 1 + stride])
        unfilter(raw[begin], row, above, channels)
        rows.append(bytes(row))
        above = row
    return width, channels, rows


def unfilter(kind, row, above, channels):
    """PNG specification, section 9: filter types 0 to 4, in place."""
    for i in range(len(row) if kind else 0):
        left = row[i - channels] if i >= channels else 0
        up, corner = above[i], above[i - channels] if i >= channels else 0
        if kind == 1:
            guess = left
        elif kind == 2:
            guess = up
        elif kind == 3:
            guess = (left + up) // 2
        else:
            p = left + up - corner
            guess = min((left, up, corner), key=lambda c: abs(p - c))
        row[i] = (row[i] + guess) & 255


def main():
    committed, drawn = sys.argv[1:]
    try:
        with open(committed, "rb") as a, open(drawn, "rb") as b:
            if a.read() == b.read():
                return
    except FileNotFoundError as missing:
        sys.exit(f"{missing.filename}: is not there")
    width, channels, old = rows_of(committed)
    new_width, new_channels, new = rows_of(drawn)
    if (width, len(old)) != (new_width, len(new)):
        sys.exit(f"{committed}: is {width}x{len(old)}, drawn anew {new_width}x{len(new)}")
    differ = 0
    for a, b in zip(old, new):
        if a == b and channels == new_channels:
            continue
        for x in range(width):
            p, q = a[x * channels : x * channels + 3], b[x * new_channels : x * new_channels + 3]
            differ += p != q and any(abs(s - t) > MUCH for s, t in zip(p, q))
    share = differ / (width * len(old))
    if share > SHARE:
        sys.exit(f"{committed}: {100 * share:.1f}% of its pixels differ much from what is drawn now")


main()
