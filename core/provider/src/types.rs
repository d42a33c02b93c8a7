//! What the machine is told of the world, and what an answer is.

use codec::{Decode, Encode};
use proof_lottery_primitives::{Challenge, DeviceId, LotteryState, Resource, WhyNot};
use proof_of_compute_primitives::Kernel;
use proof_of_space_primitives::{find_key, FindKey};

/// What does not change while a machine lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
	/// The hash of the chain's first block.
	pub genesis: [u8; 32],
	/// The device.
	pub device: DeviceId,
	/// Milliseconds of a slot; at least 1.
	pub slot_ms: u64,
	/// Cores that work may take; at least 1.
	pub threads: u32,
	/// An answer has to be ready so many slots before the last one that counts.
	pub margin: u64,
	/// What segments run. The chain's API does not say it; there is one so far.
	pub kernel: Kernel,
	/// Whether plots are to be claimed and looked into.
	pub space: bool,
	/// How many segments a window to claim; with none the device is in no lottery of compute by itself.
	pub segments: u32,
	/// Whether to show that the device is there.
	pub uptime: bool,
	/// Whether claims may be declared without being asked for each: they cost fees, and the first a deposit.
	pub declares: bool,
}

/// A best block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
	/// Its slot.
	pub slot: u64,
	/// Its height.
	pub number: u32,
	/// Its hash.
	pub hash: [u8; 32],
}

/// What the chain knows of the device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Device {
	/// The slot of the block that was asked.
	pub at: u64,
	/// The lotteries that it is in.
	pub lotteries: Vec<LotteryState>,
	/// What the chain says against it.
	pub why_not: Vec<WhyNot>,
}

/// The plots of the store that can be looked into.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plots {
	/// Their size.
	pub k: u8,
	/// Their strength.
	pub strength: u8,
	/// The numbers of their groups, in any order.
	pub numbers: Vec<u32>,
	/// Whether more are being made, so that each need not be claimed by itself.
	pub growing: bool,
}

/// How fast this machine is, as measured. Zero is taken for "at once".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
	/// Microseconds of one core for a group that is looked into.
	pub look_us: u64,
	/// Milliseconds from the order of a proof to its bytes, all cores together.
	pub solve_ms: u64,
	/// Microseconds of one core for a segment.
	pub segment_us: u64,
}

impl Default for Rates {
	/// Of a slow machine with the largest plots, until something was measured.
	fn default() -> Self {
		Self {
			look_us: 40_000,
			solve_ms: 4_000,
			segment_us: 2_000,
		}
	}
}

/// A chain that a look has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
	/// The number of its group.
	pub group: u32,
	/// What the draw compares with the threshold.
	pub quality: [u8; 32],
}

impl Found {
	/// By what the chain knows it.
	pub fn key(&self) -> FindKey {
		find_key(&self.quality)
	}
}

/// A segment that was run and wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Winner {
	/// Its number.
	pub segment: u32,
	/// What it came to.
	pub result: [u8; 32],
}

/// What is answered for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum Unit {
	/// A find of a group.
	#[codec(index = 1)]
	Find {
		/// The number of the group.
		group: u32,
		/// Which find.
		find: FindKey,
	},
	/// A segment.
	#[codec(index = 2)]
	Segment(
		/// Its number.
		u32,
	),
	/// The device itself.
	#[codec(index = 3)]
	Presence,
}

/// What there is one answer for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub struct Key {
	/// Of which lottery.
	pub resource: Resource,
	/// The round or window.
	pub round: u64,
	/// What it is about: after a reorganisation a round of the same number is another one.
	pub challenge: Challenge,
	/// The unit.
	pub unit: Unit,
}

/// What an answer says.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Body {
	/// A proof of space.
	#[codec(index = 1)]
	Space {
		/// Its bytes, 448 at most.
		proof: Vec<u8>,
	},
	/// An announcement.
	#[codec(index = 2)]
	Compute {
		/// The signature of the lottery key.
		signature: [u8; 64],
	},
	/// A pulse.
	#[codec(index = 3)]
	Uptime {
		/// The VRF's pre-output.
		pre_output: [u8; 32],
		/// Its proof.
		proof: [u8; 64],
	},
}

/// A win as it goes to the chain. Its bytes never change: a signature made anew would be another one.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Answer {
	/// What for.
	pub key: Key,
	/// The last slot in whose block it counts.
	pub until: u64,
	/// What it says.
	pub body: Body,
}

/// All lotteries.
pub const RESOURCES: [Resource; 3] = [Resource::Space, Resource::Compute, Resource::Uptime];

/// One of something for each lottery.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Each<T> {
	/// Of space.
	pub space: T,
	/// Of compute.
	pub compute: T,
	/// Of uptime.
	pub uptime: T,
}

impl<T> Each<T> {
	/// That of one lottery.
	pub fn of(&self, resource: Resource) -> &T {
		match resource {
			Resource::Space => &self.space,
			Resource::Compute => &self.compute,
			Resource::Uptime => &self.uptime,
		}
	}

	/// The same, to be changed.
	pub fn of_mut(&mut self, resource: Resource) -> &mut T {
		match resource {
			Resource::Space => &mut self.space,
			Resource::Compute => &mut self.compute,
			Resource::Uptime => &mut self.uptime,
		}
	}
}
