//! Candidates. This type is encoded as the runtime's of the same name, which is checked before each use.

use super::Balance;
use codec::{Decode, Encode};
use scale_info::TypeInfo;

/// A node that stands for election, or has left and still has its bond held.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Candidate {
	/// What is held of its account, in planck.
	pub bond: Balance,
	/// Whether directors admitted it.
	pub admitted: bool,
	/// Eras in a row that it has served as director.
	pub terms: u32,
	/// The era from which it may take its bond, if it stands for election no more.
	pub withdrawable: Option<u32>,
}
