#!/usr/bin/env python3
"""A key box by another hand, from RFC 9180: what `keybox.rs` compares with. Needs the package `cryptography`."""
import hashlib
import hmac
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from volume import derive

KEM = b"KEM" + bytes([0, 0x20])
SUITE = b"HPKE" + bytes([0, 0x20, 0, 1, 0, 3])


def extract(suite, salt, label, ikm):
    return hmac.new(salt or bytes(32), b"HPKE-v1" + suite + label + ikm, hashlib.sha256).digest()


def expand(suite, prk, label, info, length):
    info = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    out, block = b"", b""
    while len(out) < length:
        block = hmac.new(prk, block + info + bytes([len(out) // 32 + 1]), hashlib.sha256).digest()
        out += block
    return out[:length]


def pair(ikm):
    secret = expand(KEM, extract(KEM, b"", b"dkp_prk", ikm), b"sk", b"", 32)
    secret = X25519PrivateKey.from_private_bytes(secret)
    return secret, secret.public_key().public_bytes_raw()


def wrap(key, public, context, chance):
    secret, ephemeral = pair(derive("SmartChain key box chance v1", chance))
    shared = secret.exchange(X25519PublicKey.from_public_bytes(public))
    prk = extract(KEM, b"", b"eae_prk", shared)
    shared = expand(KEM, prk, b"shared_secret", ephemeral + public, 32)
    about = b"\0" + extract(SUITE, b"", b"psk_id_hash", b"")
    about += extract(SUITE, b"", b"info_hash", b"SmartChain volume key box v1")
    prk = extract(SUITE, shared, b"secret", b"")
    sealing, nonce = expand(SUITE, prk, b"key", about, 32), expand(SUITE, prk, b"base_nonce", about, 12)
    return b"\x01" + ephemeral + ChaCha20Poly1305(sealing).encrypt(nonce, key, context)


if __name__ == "__main__":
    _, public = pair(bytes([1] * 32))
    print(public.hex())
    print(wrap(bytes([2] * 32), public, b"context", bytes([3] * 32)).hex())
