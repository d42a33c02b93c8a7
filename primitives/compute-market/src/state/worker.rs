//! Whoever computes: a device that offers it, and its place in the pool of a job.

use crate::{Balance, PoolMember, Reliability, Tick, WorkOffer, MAX_POOL};
use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use device_primitives::{DeviceId, NetworkGroup};
use scale_info::TypeInfo;

/// The network that a device is in, if that matters.
pub type GroupOf = Option<NetworkGroup>;

/// The pool of a job.
pub type PoolOf<AccountId> = BoundedVec<Member<AccountId>, ConstU32<MAX_POOL>>;

/// A device that computes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Worker<AccountId> {
	/// Who has it, puts in its stake and is paid.
	pub owner: AccountId,
	/// The network that its agent is in.
	pub group: GroupOf,
	/// What it offers.
	pub offer: WorkOffer,
	/// Whether it takes units.
	pub open: bool,
	/// Units that it computes now.
	pub busy: u32,
	/// Pools that it is in.
	pub pools: u32,
	/// Its stake, in planck,
	pub stake: Balance,
	/// what of that answers for jobs,
	pub locked: Balance,
	/// and what of the rest leaves, from which tick on.
	pub leaving: Option<(Balance, Tick)>,
	/// How many tickets it has.
	pub tickets: u32,
	/// What it has shown.
	pub reliability: Reliability,
	/// What its owner has on hold for this entry, in planck.
	pub deposit: Balance,
}

impl<AccountId> Worker<AccountId> {
	/// What of its stake answers for nothing and does not leave, in planck.
	pub fn free_stake(&self) -> Balance {
		let leaving = self.leaving.map_or(0, |(amount, _)| amount);
		self.stake.saturating_sub(self.locked).saturating_sub(leaving)
	}

	/// How many units more it takes now.
	pub fn room(&self) -> u32 {
		if self.open {
			u32::from(self.offer.slots).saturating_sub(self.busy)
		} else {
			0
		}
	}
}

/// A member of a job's pool.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Member<AccountId> {
	/// The device, and its work.
	pub work: PoolMember<DeviceId>,
	/// Who is paid for it.
	pub owner: AccountId,
	/// The network that its agent is in.
	pub group: GroupOf,
	/// What of its stake answers for this job, in planck.
	pub locked: Balance,
	/// Units that were accepted as it had them.
	pub accepted: u32,
	/// Units that it has, until they are decided.
	pub has: u32,
	/// Results that it answers for of which it is not known whether they stand: the beacon has said nothing yet, or
	/// they are being run again, or looked for.
	pub open: u32,
	/// Those of them that are being run again or looked for: meanwhile it is paid nothing.
	pub checked: u32,
	/// What it can claim, in planck,
	pub earned: Balance,
	/// and what waits until outputs were served.
	pub withheld: Balance,
	/// Whether it left only because all units were decided: it comes back if one has to be computed again.
	pub rests: bool,
}
