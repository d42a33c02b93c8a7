#!/usr/bin/env bash
# `MaxEncodedLen`, as parity-scale-codec derives it, does not mind `#[codec(compact)]`: it says less than values take.
#
# Version: parity-scale-codec 3.7.5 with parity-scale-codec-derive 3.7.5, features derive and max-encoded-len; the
# release that the Polkadot SDK stable2609 takes.
#
# Expected: a type's `max_encoded_len` is no less than what any value of it takes: FRAME counts the proof size of
# bounded storage by it. A compact number may take one byte more than the number: the trait's own value for
# `Compact<u32>` is 5.
# What happens: of a field with `#[codec(compact)]` the derived code counts the number itself, 4 bytes of u32, 8 of u64,
# 16 of u128. Each such field can be a byte longer than the type says. A field of the type `Compact<u32>` counts right.
#
# Output seen:
#   u32, marked compact: says 4, takes 5
#   u64, marked compact: says 8, takes 9
#   u128, marked compact: says 16, takes 17
#   Compact<u32> as the field's type: says 5, takes 5
# For a runtime: where a type in storage has such fields, write its `MaxEncodedLen` by hand, with `Compact<_>`'s.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
command -v cargo >/dev/null || { echo "Not checked: there is no cargo"; exit 2; }
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "check"
version = "0.0.0"
edition = "2021"

[dependencies]
parity-scale-codec = { version = "=3.7.5", features = ["derive", "max-encoded-len"] }
parity-scale-codec-derive = "=3.7.5"
TOML
cat >src/main.rs <<'RUST'
use parity_scale_codec::{self as codec, Compact, Encode, MaxEncodedLen};

#[derive(Encode, MaxEncodedLen)]
struct Of32(#[codec(compact)] u32);
#[derive(Encode, MaxEncodedLen)]
struct Of64(#[codec(compact)] u64);
#[derive(Encode, MaxEncodedLen)]
struct Of128(#[codec(compact)] u128);
#[derive(Encode, MaxEncodedLen)]
struct ByType(Compact<u32>);

fn see<T: codec::Encode + codec::MaxEncodedLen>(what: &str, most: T, stated: (usize, usize)) -> bool {
	let seen = (T::max_encoded_len(), most.encode().len());
	let word = if seen == stated { "as stated" } else { "CHANGED" };
	println!("{word}: {what}: says {}, takes {}", seen.0, seen.1);
	seen == stated
}

fn main() {
	let all = [
		see("u32, marked compact", Of32(u32::MAX), (4, 5)),
		see("u64, marked compact", Of64(u64::MAX), (8, 9)),
		see("u128, marked compact", Of128(u128::MAX), (16, 17)),
		see("Compact<u32> as the field's type", ByType(Compact(u32::MAX)), (5, 5)),
	];
	if all.contains(&false) {
		std::process::exit(1);
	}
}
RUST
cargo build --quiet 2>build.log || { tail -5 build.log; echo "Not checked: it does not build"; exit 2; }
"${CARGO_TARGET_DIR:-target}/debug/check"
