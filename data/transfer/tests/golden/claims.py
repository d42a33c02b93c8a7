#!/usr/bin/env python3
"""What is signed, and digests, by another hand: what `golden.rs` compares with. It needs nothing but Python."""
import struct

# BLAKE3, as its paper says.
IV = [0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19]
ORDER = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8]
START, END, PARENT, ROOT, CONTEXT, MATERIAL = 1, 2, 4, 8, 32, 64
M = 0xFFFFFFFF


def rotate(x, n):
    return (x >> n | x << (32 - n)) & M


def compress(cv, block, counter, length, flags):
    m = list(struct.unpack("<16I", block.ljust(64, b"\0")))
    v = cv + IV[:4] + [counter & M, counter >> 32, length, flags]

    def g(a, b, c, d, x, y):
        v[a] = (v[a] + v[b] + x) & M
        v[d] = rotate(v[d] ^ v[a], 16)
        v[c] = (v[c] + v[d]) & M
        v[b] = rotate(v[b] ^ v[c], 12)
        v[a] = (v[a] + v[b] + y) & M
        v[d] = rotate(v[d] ^ v[a], 8)
        v[c] = (v[c] + v[d]) & M
        v[b] = rotate(v[b] ^ v[c], 7)

    columns = [(0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15)]
    diagonals = [(0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)]
    for _ in range(7):
        for i, (a, b, c, d) in enumerate(columns + diagonals):
            g(a, b, c, d, m[2 * i], m[2 * i + 1])
        m = [m[i] for i in ORDER]
    return [v[i] ^ v[i + 8] for i in range(8)]


def value(data, key=IV, base=0, offset=0, root=True):
    """The value of a subtree whose first byte lies at an offset of whole chunks."""

    def chunk(at, is_root):
        part, cv = data[at : at + 1024], key
        blocks = [part[i : i + 64] for i in range(0, len(part), 64)] or [b""]
        for i, block in enumerate(blocks):
            last = i + 1 == len(blocks)
            flags = base | START * (i == 0) | END * last | ROOT * (is_root and last)
            cv = compress(cv, block, (offset + at) // 1024, len(block), flags)
        return cv

    def tree(first, count, is_root):
        if count == 1:
            return chunk(first * 1024, is_root)
        left = 1 << ((count - 1).bit_length() - 1)
        words = tree(first, left, False) + tree(first + left, count - left, False)
        return compress(key, struct.pack("<16I", *words), 0, 64, base | PARENT | ROOT * is_root)

    return struct.pack("<8I", *tree(0, max(1, -(-len(data) // 1024)), root))


def derive(context, material):
    key = list(struct.unpack("<8I", value(context.encode(), base=CONTEXT)))
    return value(material, key=key, base=MATERIAL)


assert value(b"").hex().startswith("af1349b9f5f9a1a6a0404dea36dcc949")

GROUP = 16384
genesis, device, session = bytes([9]) * 32, bytes([1]) * 32, bytes(range(16))
key = b"\x02" + b"\x02" + bytes([3]) * 32  # the third kind of key, and a compressed point
slot = struct.pack("<QB", 17, 3)


def claim(deed):
    fields = device + key + slot + deed + session + struct.pack("<II", 5, 1234)
    return b"SmartChain slot request v1" + genesis + fields


piece = bytes(i * i % 251 for i in range(2 * GROUP + 100))
groups = [piece[i : i + GROUP] for i in range(0, len(piece), GROUP)]
digest = derive(
    "SmartChain slot piece digest v1",
    b"".join(value(group, offset=(4 + i) * GROUP, root=False) for i, group in enumerate(groups)),
)
print("look", claim(b"\0").hex())
print("read", claim(b"\1" + struct.pack("<QI", 4 * GROUP, 1 << 20)).hex())
print("write", claim(b"\2" + struct.pack("<QI", 4 * GROUP, len(piece)) + digest + b"\1").hex())
# The market's receipt: who fetched, who gave, deal and slot, era, bytes.
receipt = bytes([7]) * 32 + device + struct.pack("<QIII", 17, 3, 12, 1 << 18)
print("receipt", (b"SmartChain probe receipt v1" + genesis + receipt).hex())
# A compact number above 2^30: its mode and how many bytes it has less four, then these.
print("voucher", (bytes([3 + (5 - 4) * 4]) + (1 << 32).to_bytes(5, "little") + bytes([4 * 4]) + b"good").hex())
