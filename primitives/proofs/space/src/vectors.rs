//! Proofs of which the verdict is known, for tests of whatever verifies some: this crate, pallets, a runtime's Wasm.
//! `generator/README.md` says how they are made.

extern crate std;

use crate::{pos2::Pos2Proof, Hash, Plot, SpaceProof, SpaceProofError};
use std::{string::String, vec::Vec};

/// Every quality but one is below it.
pub const ALL_WIN: Hash = [255; 32];

/// The genesis hash of the chain on which those of [`of_devices`] win: mock chains of the SDK have it.
pub const GENESIS: Hash = [0x45; 32];

/// A proof of which the verdict is known.
#[derive(Clone, Debug)]
pub struct Vector {
	/// The plot that it is said to be of.
	pub plot: Plot,
	/// What it answers.
	pub challenge: Hash,
	/// Its bytes.
	pub proof: Vec<u8>,
	/// The 16 fragments that Chia's crate found; none where the file has none.
	pub fragments: Vec<u64>,
	/// Whether the crate accepts it, of a file of refused ones.
	pub accepted_by_the_crate: bool,
	/// What was done to it, of a file of refused ones.
	pub what: String,
}

impl Vector {
	/// Its quality, if it is valid.
	///
	/// # Errors
	/// Why it is refused.
	pub fn judge(&self) -> Result<Hash, SpaceProofError> {
		Pos2Proof::judge(&self.plot, &self.challenge, &self.proof, &ALL_WIN)
	}

	/// The quality that it shows, valid or not.
	///
	/// # Panics
	/// If it has not the length that one of its size has.
	pub fn quality(&self) -> Hash {
		let proof = Pos2Proof::read(&self.plot, &self.challenge, &self.proof);
		proof.expect("the right length").quality()
	}

	/// Of a line `k strength index meta group challenge proof`.
	fn read(words: &[&str]) -> Self {
		let number = |at: usize| words[at].parse::<u16>().expect("a number");
		let small = |at: usize| u8::try_from(number(at)).expect("a small number");
		Self {
			plot: Plot {
				k: small(0),
				strength: small(1),
				index: number(2),
				meta: small(3),
				group: hash(words[4]),
			},
			challenge: hash(words[5]),
			proof: bytes(words[6].trim_start_matches('-')),
			fragments: Vec::new(),
			accepted_by_the_crate: false,
			what: String::new(),
		}
	}
}

/// A valid proof of a plot that is a device's on the chain with [`GENESIS`]: a transaction can show it.
#[derive(Clone, Debug)]
pub struct DeviceVector {
	/// The device's id.
	pub device: Hash,
	/// The number of the plot's group: [`group_id`](crate::group_id) makes the group of it, genesis, device, strength
	/// and size.
	pub number: u32,
	/// The proof. Fragments are not written down: natively the validator finds them.
	pub vector: Vector,
}

fn bytes(hex: &str) -> Vec<u8> {
	let digit = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal digits");
	(0..hex.len()).step_by(2).map(digit).collect()
}

fn hash(hex: &str) -> Hash {
	bytes(hex).try_into().expect("32 bytes")
}

/// The words of each line.
fn lines(text: &str) -> impl Iterator<Item = Vec<&str>> {
	text.lines()
		.filter(|line| !line.starts_with('#'))
		.map(|line| line.split_whitespace().collect())
}

/// The first five, of sizes up to the one that counts; without fragments.
pub fn first() -> Vec<Vector> {
	lines(include_str!("../vectors/chia-pos2-1.0.0.txt"))
		.map(|words| Vector::read(&words))
		.collect()
}

/// What plots found, of a file with lines `k strength group challenge proof`, as the generator's `prove` writes them.
pub fn found(text: &str) -> Vec<Vector> {
	let read = |words: Vec<&str>| {
		let [k, strength, group, challenge, proof] = words[..] else {
			panic!("five words: {words:?}")
		};
		Vector::read(&[k, strength, "0", "0", group, challenge, proof])
	};
	lines(text).map(read).collect()
}

/// Some two hundred of small plots, with their fragments.
pub fn valid() -> Vec<Vector> {
	let read = |words: Vec<&str>| {
		let fragments = bytes(words[7]);
		let fragments = fragments
			.chunks(8)
			.map(|bytes| u64::from_be_bytes(bytes.try_into().expect("eight bytes")));
		Vector {
			fragments: fragments.collect(),
			..Vector::read(&words)
		}
	};
	lines(include_str!("../vectors/valid.txt")).map(read).collect()
}

/// What is not valid.
pub fn refused() -> Vec<Vector> {
	let read = |words: Vec<&str>| Vector {
		accepted_by_the_crate: words[7] == "accepted",
		what: words[8].into(),
		..Vector::read(&words)
	};
	lines(include_str!("../vectors/refused.txt")).map(read).collect()
}

/// Some two hundred valid ones of devices, of small sizes and strengths up to 5.
pub fn of_devices() -> Vec<DeviceVector> {
	let read = |words: Vec<&str>| DeviceVector {
		device: hash(words[7]),
		number: words[8].parse().expect("a number"),
		vector: Vector::read(&words),
	};
	lines(include_str!("../vectors/devices.txt")).map(read).collect()
}
