"""Writes frames-v1.txt beside it: the frames that tests/sandbox/golden.rs makes, by another hand."""

import pathlib
import struct


def frame(kind, body):
    return b"SCUNIT" + struct.pack("<BBI", 1, kind, len(body)) + body


EMPTY = bytes.fromhex("af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262")
FRAMES = {
    "hello": frame(1, struct.pack("<IQIIIB", 77, 1 << 30, 90_000, 1 << 20, 8 << 20, 1)),
    "confined": frame(2, b"\1"),
    "unconfined": frame(3, b"\2" + b"none here"),
    "request": frame(
        4,
        struct.pack("<IIQ", 3, 64, 1_700_000_000_000)
        + bytes(range(32))
        + struct.pack("<QIBII", 1_000, 16, 1, 7, 5)
        + b"program"
        + b"input",
    ),
    "bytes": frame(5, struct.pack("<BHQBII", 0, 0, 999, 1, 6, 4) + b"output" + b"said"),
    "root": frame(5, struct.pack("<BHQBII", 0, 0, 999, 0, 6, 0) + bytes([7]) * 32),
    "trap": frame(5, struct.pack("<BHQBII", 1, 263, 12, 0, 0, 0) + EMPTY),
    "fuel": frame(5, struct.pack("<BHQBII", 2, 0, 1_000, 1, 0, 0)),
    "fault": frame(6, b"\3" + b"no stack"),
}

lines = [f"{name} {frame.hex()}\n" for name, frame in FRAMES.items()]
pathlib.Path(__file__).with_name("frames-v1.txt").write_text("".join(lines))
