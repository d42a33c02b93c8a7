//! Why a proof is refused.

use core::fmt;

/// Why a proof is refused. Indices are of its 16 sub-proofs, in the order in which they stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpaceProofError {
	/// No plot has this size.
	Size(u8),
	/// No plot of this size has this strength.
	Strength(u8),
	/// A proof of this size has another length.
	Length {
		/// Bytes that it has.
		found: usize,
		/// Bytes that it should have.
		expected: usize,
	},
	/// It may be valid, but does not win.
	Loses,
	/// A fragment lies in none of the four sets that the challenge names, or in the wrong one.
	Set(u8),
	/// The chain breaks here: the hash of the fragments so far does not pass the filter.
	Chain(u8),
	/// Two entries of a table stand side by side that do not match.
	Match {
		/// The table of the pair, from 1.
		table: u8,
		/// The sub-proof.
		at: u8,
	},
	/// Two entries match, and their pair is none that a plot keeps.
	Pair {
		/// The table of the pair, from 1.
		table: u8,
		/// The sub-proof.
		at: u8,
	},
}

impl fmt::Display for SpaceProofError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Size(k) => write!(f, "no plot has size {k}; name an even one from 18 to 28"),
			Self::Strength(strength) => write!(
				f,
				"no plot of this size has strength {strength}; name one from 2 to 17, and to 15 for size 18"
			),
			Self::Length { found, expected } => {
				write!(
					f,
					"the proof has {found} bytes and not {expected}; send 128 values of k bits, and nothing else"
				)
			}
			Self::Loses => write!(
				f,
				"the proof's quality is not below the threshold; send proofs that win"
			),
			Self::Set(at) => write!(
				f,
				"fragment {at} is of a set that the challenge does not name there; prove with the round's challenge"
			),
			Self::Chain(at) => write!(
				f,
				"the chain breaks at fragment {at}; prove with the challenge, group and index that it was found with"
			),
			Self::Match { table, at } => write!(
				f,
				"two entries of sub-proof {at} do not match in table {table}; solve the proof with the plot's own id"
			),
			Self::Pair { table, at } => write!(
				f,
				"a pair of sub-proof {at} is none of table {table}; solve the proof with the plot's own id"
			),
		}
	}
}

impl core::error::Error for SpaceProofError {}
