//! What devices claim. These types are encoded as the runtime's of the same name, which is checked before each use.

use codec::{Decode, Encode};
use proof_lottery_primitives::Resource;
use scale_info::TypeInfo;

/// A scheme of proofs of space.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub enum SpaceScheme {
	/// Chia's second one.
	#[codec(index = 1)]
	Pos2,
}

/// What a device says that it has of one resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub enum Claimed {
	/// Groups of one plot each, numbered from 0 on.
	#[codec(index = 1)]
	Space {
		/// Their scheme.
		scheme: SpaceScheme,
		/// Their size.
		k: u8,
		/// How much work an entry of theirs is.
		strength: u8,
		/// How many.
		groups: u32,
	},
	/// Segments in a compute window, numbered from 0 on.
	#[codec(index = 2)]
	Compute {
		/// How many.
		segments: u32,
	},
	/// That it is there.
	#[codec(index = 3)]
	Uptime,
}

impl Claimed {
	/// Of which resource.
	pub fn resource(&self) -> Resource {
		match self {
			Self::Space { .. } => Resource::Space,
			Self::Compute { .. } => Resource::Compute,
			Self::Uptime => Resource::Uptime,
		}
	}
}
