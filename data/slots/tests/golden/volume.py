#!/usr/bin/env python3
"""A volume and its slots by another hand: what `golden.rs` compares with. Needs the package `cryptography`.

Written from the formats and from the papers alone, so that a change of the crate, or of a crate that it uses, shows.
"""
import struct
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

# BLAKE3, as its paper says.
IV = [0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19]
ORDER = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8]
START, END, PARENT, ROOT, KEYED, CONTEXT, MATERIAL = 1, 2, 4, 8, 16, 32, 64
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

    for _ in range(7):
        for i, (a, b, c, d) in enumerate(
            [(0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15)]
            + [(0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)]
        ):
            g(a, b, c, d, m[2 * i], m[2 * i + 1])
        m = [m[i] for i in ORDER]
    return [v[i] ^ v[i + 8] for i in range(8)]


def blake3(data, key=IV, base=0):
    def chunk(at, index, root):
        part, cv = data[at : at + 1024], key
        blocks = [part[i : i + 64] for i in range(0, len(part), 64)] or [b""]
        for i, block in enumerate(blocks):
            last = i + 1 == len(blocks)
            flags = base | START * (i == 0) | END * last | ROOT * (root and last)
            cv = compress(cv, block, index, len(block), flags)
        return cv

    def tree(first, count, root):
        if count == 1:
            return chunk(first * 1024, first, root)
        left = 1 << ((count - 1).bit_length() - 1)
        words = tree(first, left, False) + tree(first + left, count - left, False)
        return compress(key, struct.pack("<16I", *words), 0, 64, base | PARENT | ROOT * root)

    return struct.pack("<8I", *tree(0, max(1, -(-len(data) // 1024)), True))


def derive(context, material):
    key = list(struct.unpack("<8I", blake3(context.encode(), IV, CONTEXT)))
    return blake3(material, key, MATERIAL)


# The code of Reed and Solomon: an additive FFT over GF(2^16) in a Cantor basis, parity in one chunk.
BASIS = [0x0001, 0xACCA, 0x3C0E, 0x163E, 0xC582, 0xED2E, 0x914C, 0x4012, 0x6C98, 0x10D8, 0x6A72, 0xB900, 0xFDB8, 0xFB34]
BASIS += [0xFF38, 0x991E]
MOD = 65535
exp, log = [0] * 65536, [0] * 65536
state = 1
for i in range(MOD):
    exp[state] = i
    state <<= 1
    if state >= 65536:
        state ^= 0x1002D
exp[0] = MOD
for i in range(16):
    for j in range(1 << i):
        log[j + (1 << i)] = log[j] ^ BASIS[i]
log = [exp[x] for x in log]
for i in range(65536):
    exp[log[i]] = i
exp[MOD] = exp[0]


def add(x, y):
    s = x + y
    return (s + (s >> 16)) & MOD


def mul(x, log_m):
    return 0 if x == 0 else exp[add(log[x], log_m)]


skew, temp = [0] * MOD, [1 << i for i in range(1, 16)]
for m in range(15):
    skew[(1 << m) - 1] = 0
    for i in range(m, 15):
        s = 1 << (i + 1)
        for j in range((1 << m) - 1, s, 1 << (m + 1)):
            skew[j + s] = skew[j] ^ temp[i]
    temp[m] = MOD - log[mul(temp[m], log[temp[m] ^ 1])]
    for i in range(m + 1, 15):
        temp[i] = mul(temp[i], add(log[temp[i] ^ 1], temp[m]))
skew = [log[x] for x in skew]


def elements(unit):
    return [unit[c + i] | unit[c + i + 32] << 8 for c in range(0, len(unit), 64) for i in range(32)]


def unit_of(values):
    out = b""
    for c in range(0, len(values), 32):
        part = values[c : c + 32]
        out += bytes(x & 255 for x in part) + bytes(x >> 8 for x in part)
    return out


def parity(units, count):
    size = len(units)
    assert size & (size - 1) == 0 and count == size, "one chunk of a power of two"
    out = []
    for column in zip(*map(elements, units)):
        w = list(column)
        dist = 1
        while dist < size:
            for r in range(0, size, 2 * dist):
                for i in range(r, r + dist):
                    w[i + dist] ^= w[i]
                    m = skew[r + dist + size - 1]
                    if m != MOD:
                        w[i] ^= mul(w[i + dist], m)
            dist *= 2
        dist = size // 2
        while dist:
            for r in range(0, size, 2 * dist):
                for i in range(r, r + dist):
                    m = skew[r + dist - 1]
                    if m != MOD:
                        w[i] ^= mul(w[i + dist], m)
                    w[i + dist] ^= w[i]
            dist //= 2
        out.append(w)
    return [unit_of(list(row)) for row in zip(*out)]


def slots(key, files, k, unit):
    """Slots of files (path, bytes), 2k of them."""
    plain, page = b"", b""
    for path, data in files:
        page += struct.pack("<BIqIQQ", 0, 0o640, 1_700_000_000, 1, len(data), len(plain)) + blake3(data)
        page += struct.pack("<H", len(path)) + path
        plain += data
    total = len(plain)
    index = struct.pack("<QII", len(plain), len(page), len(files))
    plain += page
    footer = b"SCVOLUM\x01" + struct.pack("<QIQQ", len(plain), 1, len(files), total)
    plain += index + footer
    cipher, sealed, size = ChaCha20Poly1305(derive("SmartChain volume frames v1", key)), b"", 65520
    for i in range(0, len(plain), size):
        nonce = struct.pack("<QI", i // size, (i + size >= len(plain)) << 24)
        sealed += cipher.encrypt(nonce, plain[i : i + size], None)
    length = len(sealed)
    sealed += bytes(-len(sealed) % (k * unit))
    all = [b""] * (2 * k)
    for at in range(0, len(sealed), k * unit):
        units = [sealed[at + i * unit : at + (i + 1) * unit] for i in range(k)]
        for slot, part in enumerate(units + parity(units, k)):
            all[slot] += part
    return length, all


if __name__ == "__main__":
    assert blake3(b"").hex().startswith("af1349b9f5f9a1a6a0404dea36dcc949")
    files = [(b"a", bytes(i * 7 & 255 for i in range(100))), (b"b", bytes(i * i & 255 for i in range(70_000)))]
    length, all = slots(bytes(range(32)), files, 4, 64)
    print(length, len(all[0]))
    for slot in all:
        print(blake3(slot).hex())
