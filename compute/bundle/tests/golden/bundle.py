"""Writes bundle-v1.txt beside it: a bundle that tests/bundle/golden.rs makes, by another hand."""

import pathlib
import struct

PARTS = [b"one", b"", b"three"]
head = b"SCBUNDL\1" + struct.pack("<IQ", len(PARTS), sum(map(len, PARTS)))
entries, offset = b"", 0
for part in PARTS:
    entries += struct.pack("<QI", offset if part else 0, len(part))
    offset += len(part)
bundle = head + entries + b"".join(PARTS)
pathlib.Path(__file__).with_name("bundle-v1.txt").write_text(bundle.hex() + "\n")
