//! The proof and its validation.

use super::{
	chain::{Chains, LINKS},
	check, proof_length,
	tables::{Entry, NoPair, Table, Tables},
	VALUES,
};
use crate::{draw, Hash, Plot, SpaceProof, SpaceProofError};

/// A proof that was read.
#[derive(Clone, Debug)]
pub struct Pos2Proof {
	plot: Plot,
	challenge: Hash,
	tables: Tables,
	values: [[u32; 8]; LINKS],
	fragments: [u64; LINKS],
}

impl SpaceProof for Pos2Proof {
	fn read(plot: &Plot, challenge: &Hash, proof: &[u8]) -> Result<Self, SpaceProofError> {
		check(plot)?;
		let (found, expected) = (proof.len(), proof_length(plot.k));
		if found != expected {
			return Err(SpaceProofError::Length { found, expected });
		}
		let tables = Tables::of(plot);
		let values = unpacked(plot.k, proof);
		let fragments = core::array::from_fn(|i| tables.fragment(&values[i]));
		Ok(Self {
			plot: *plot,
			challenge: *challenge,
			tables,
			values,
			fragments,
		})
	}

	fn quality(&self) -> Hash {
		quality(&self.plot, &self.challenge, &self.fragments)
	}

	fn verify(&self) -> Result<(), SpaceProofError> {
		self.chain()?;
		for (values, at) in self.values.iter().zip(0..) {
			self.sub_proof(values).map_err(|(table, none)| {
				let table = table as u8;
				match none {
					NoPair::Match => SpaceProofError::Match { table, at },
					NoPair::Hash => SpaceProofError::Pair { table, at },
				}
			})?;
		}
		Ok(())
	}
}

impl Pos2Proof {
	/// What the proof claims to have found in the plot: the chain, verified or not.
	pub fn fragments(&self) -> &[u64; LINKS] {
		&self.fragments
	}

	/// Whether the fragments are a chain that the challenge asks for.
	fn chain(&self) -> Result<(), SpaceProofError> {
		let chains = Chains::of(&self.plot, &self.tables, &self.challenge);
		let mut expected = None;
		for (fragment, at) in self.fragments.iter().zip(0..) {
			let set = chains.set_of(*fragment).ok_or(SpaceProofError::Set(at))?;
			if expected.is_some_and(|expected| expected != set) {
				return Err(SpaceProofError::Set(at));
			}
			expected = Some((set + 1) % super::SETS);
		}
		let mut last = 0;
		for (fragment, at) in self.fragments.iter().zip(0..) {
			last = chains
				.link(&self.tables, usize::from(at), last, *fragment)
				.ok_or(SpaceProofError::Chain(at))?;
		}
		Ok(())
	}

	/// Whether eight numbers are an entry of the third table.
	fn sub_proof(&self, values: &[u32; 8]) -> Result<Entry, (Table, NoPair)> {
		let tables = &self.tables;
		let pair = |table, left, right| tables.pair(table, &left, &right).map_err(|none| (table, none));
		let first = |l, r| pair(Table::First, tables.entry(l), tables.entry(r));
		let second = |[a, b, c, d]: [u32; 4]| pair(Table::Second, first(a, b)?, first(c, d)?);
		let [a, b, c, d, e, f, g, h] = *values;
		pair(Table::Third, second([a, b, c, d])?, second([e, f, g, h])?)
	}
}

/// The quality of a chain that was found in a plot, for who proves: a proof of it has the same.
pub fn quality(plot: &Plot, challenge: &Hash, fragments: &[u64; LINKS]) -> Hash {
	let mut bytes = [0; draw::FRAGMENT_BYTES];
	for (place, fragment) in bytes.chunks_exact_mut(8).zip(fragments) {
		place.copy_from_slice(&fragment.to_le_bytes());
	}
	draw::quality(challenge, &plot.group, plot.index, &bytes)
}

/// The numbers of a proof, which stand one after the other with `k` bits each, the highest bit first.
fn unpacked(k: u8, proof: &[u8]) -> [[u32; 8]; LINKS] {
	let (k, mask) = (u32::from(k), (1u64 << k) - 1);
	let mut values = [[0; 8]; LINKS];
	let mut places = values.iter_mut().flatten();
	let (mut bits, mut held) = (0u64, 0);
	for byte in proof.iter().take(VALUES * 4) {
		bits = bits << 8 | u64::from(*byte);
		held += 8;
		if held >= k {
			held -= k;
			if let Some(place) = places.next() {
				*place = (bits >> held & mask) as u32;
			}
		}
	}
	values
}

#[cfg(all(test, feature = "vectors"))]
mod tests {
	use super::*;
	use crate::vectors::{first, of_devices, refused, valid, Vector};

	/// What is said of a proof by the processor's AES instructions, if it has some, and what by tables.
	fn verdicts(vector: &Vector, proof: &[u8]) -> [Result<(), SpaceProofError>; 2] {
		let read = match Pos2Proof::read(&vector.plot, &vector.challenge, proof) {
			Ok(read) => read,
			Err(error) => return [Err(error); 2],
		};
		let by_tables = Pos2Proof {
			tables: read.tables.clone().by_tables(),
			..read.clone()
		};
		[read.verify(), by_tables.verify()]
	}

	/// A node's native code, an agent and the runtime's Wasm judge alike: all vectors, and each with a bit flipped, of
	/// which most end in another step.
	#[test]
	fn instructions_and_tables_judge_alike() {
		let devices = of_devices().into_iter().map(|win| win.vector);
		let vectors: Vec<_> = first()
			.into_iter()
			.chain(valid())
			.chain(refused())
			.chain(devices)
			.collect();
		let mut sound = 0;
		for (vector, at) in vectors.iter().zip(0..) {
			let [by_instructions, by_tables] = verdicts(vector, &vector.proof);
			assert_eq!(by_instructions, by_tables, "{vector:?}");
			sound += usize::from(by_tables.is_ok());
			let mut flipped = vector.proof.clone();
			let bit = 37 * at % (8 * flipped.len()).max(1);
			if let Some(byte) = flipped.get_mut(bit / 8) {
				*byte ^= 1 << (bit % 8);
			}
			let [by_instructions, by_tables] = verdicts(vector, &flipped);
			assert_eq!(by_instructions, by_tables, "{vector:?} with bit {bit} flipped");
		}
		assert!(sound >= 200, "{sound}");
	}
}
