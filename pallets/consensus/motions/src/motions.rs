//! How motions are opened, voted on, carried and closed.

use crate::{
	least, CallOf, Calls, Config, Error, Event, Motion, MotionId, MotionOf, Motions, NextMotion, OpenBy, Origin,
	Pallet, Reason, WeightInfo,
};
use alloc::vec::Vec;
use codec::{DecodeLimit, Encode};
use frame_support::{
	dispatch::{DispatchErrorWithPostInfo, DispatchResultWithPostInfo, GetDispatchInfo, PostDispatchInfo, RawOrigin},
	ensure,
	storage::with_storage_layer,
	traits::{Contains, Get},
	weights::Weight,
	BoundedVec, MAX_EXTRINSIC_DEPTH,
};
use pallet_traits::MotionVoters;
use sp_runtime::{
	traits::{Dispatchable, Hash, Saturating},
	DispatchError, DispatchResult,
};

/// How many layers of storage a carried call finds at least: one for each call that lies in it, and what those take.
const LAYERS: u32 = 16;

/// Refuses a vote that lies so deep in other calls that there may be too few layers of storage for what it carries:
/// that would fail, and the motion would be gone.
fn ensure_layers(needed: u32) -> DispatchResult {
	match needed.checked_sub(1) {
		None => Ok(()),
		Some(fewer) => with_storage_layer(|| ensure_layers(fewer)),
	}
}

/// Lengths here are bounded by numbers of 32 bits.
fn to_u32(length: usize) -> u32 {
	u32::try_from(length).unwrap_or(u32::MAX)
}

/// A failure that tells what it took.
fn failed(error: impl Into<DispatchError>, took: Weight) -> DispatchErrorWithPostInfo {
	DispatchErrorWithPostInfo {
		post_info: Some(took).into(),
		error: error.into(),
	}
}

/// What counting told.
struct Count {
	ayes: u32,
	nays: u32,
	needed: u32,
}

impl Count {
	/// Counts votes, of which none is of a former member.
	fn of<T: Config>(motion: &MotionOf<T>, members: &[T::AccountId]) -> Self {
		Self {
			ayes: to_u32(motion.ayes.len()),
			nays: to_u32(motion.nays.len()),
			needed: to_u32(least(members.len(), T::Members::seats())),
		}
	}

	/// Whether so many said nay that the others cannot carry it. If members are too few by themselves, nobody has
	/// rejected anything: others may stand again.
	fn is_rejected(&self, members: usize) -> bool {
		let spare = to_u32(members).checked_sub(self.needed);
		spare.is_some_and(|spare| self.nays > spare)
	}
}

/// Drops the votes of those that are no members.
fn drop_former<T: Config>(motion: &mut MotionOf<T>, members: &[T::AccountId]) {
	motion.ayes.retain(|who| members.contains(who));
	motion.nays.retain(|who| members.contains(who));
}

/// What the directors do together is done as root where nothing else would do, and else in their name.
fn origin_of<T: Config>(call: &CallOf<T>) -> T::RuntimeOrigin {
	if T::RootCalls::contains(call) {
		RawOrigin::Root.into()
	} else {
		Origin::Directors.into()
	}
}

impl<T: Config> Pallet<T> {
	/// What a proposal of `call` takes at most.
	pub(crate) fn most_of_propose(call: &CallOf<T>) -> Weight {
		let bytes = to_u32(call.encoded_size());
		// One that weighs more is not dispatched.
		let own = call.get_dispatch_info().call_weight.min(T::MaxCallWeight::get());
		T::WeightInfo::propose(T::MaxMembers::get(), bytes)
			.saturating_add(T::WeightInfo::carry(bytes))
			.saturating_add(own)
	}

	/// What a vote takes at most.
	pub(crate) fn most_of_vote() -> Weight {
		T::WeightInfo::vote(T::MaxMembers::get())
			.saturating_add(T::WeightInfo::carry(T::MaxCallBytes::get()))
			.saturating_add(T::MaxCallWeight::get())
	}

	pub(crate) fn do_propose(who: T::AccountId, call: CallOf<T>) -> DispatchResultWithPostInfo {
		let members = T::Members::members();
		let encoded = call.encode();
		let took = T::WeightInfo::propose(to_u32(members.len()), to_u32(encoded.len()));
		let (id, motion) = Self::open(&who, &call, encoded, &members).map_err(|error| failed(error, took))?;
		Self::deposit_event(Event::Proposed {
			motion: id,
			proposer: who.clone(),
			call_hash: T::Hashing::hash_of(&call),
		});
		Self::cast(id, motion, who, true, &members, took)
	}

	/// Makes a motion, without a vote on it yet.
	fn open(
		who: &T::AccountId,
		call: &CallOf<T>,
		encoded: Vec<u8>,
		members: &[T::AccountId],
	) -> Result<(MotionId, MotionOf<T>), DispatchError> {
		ensure!(members.contains(who), Error::<T>::NotMember);
		let encoded = BoundedVec::try_from(encoded).map_err(|_| Error::<T>::CallTooLong)?;
		let weight = call.get_dispatch_info().call_weight;
		ensure!(weight.all_lte(T::MaxCallWeight::get()), Error::<T>::CallTooHeavy);
		let elimination = T::IsElimination::contains(call);
		let most = if elimination {
			T::MaxOpenEliminations::get()
		} else {
			T::MaxOpen::get()
		};
		let mut open = OpenBy::<T>::get(who);
		ensure!(*open.of_kind(elimination) < most, Error::<T>::TooManyOpen);
		ensure!(Motions::<T>::count() < T::MaxMotions::get(), Error::<T>::NoRoom);
		let id = NextMotion::<T>::get();
		NextMotion::<T>::put(id.checked_add(1).ok_or(Error::<T>::Overflow)?);
		open.of_kind(elimination).saturating_inc();
		OpenBy::<T>::insert(who, open);
		Calls::<T>::insert(id, encoded);
		let motion = Motion {
			proposer: who.clone(),
			last_block: frame_system::Pallet::<T>::block_number().saturating_add(T::Term::get()),
			elimination,
			encoding: Self::encoding(),
			ayes: Default::default(),
			nays: Default::default(),
		};
		// So that whoever removes it finds it, also if it is carried at once.
		Motions::<T>::insert(id, &motion);
		Ok((id, motion))
	}

	pub(crate) fn do_vote(who: T::AccountId, id: MotionId, aye: bool) -> DispatchResultWithPostInfo {
		let members = T::Members::members();
		let took = T::WeightInfo::vote(to_u32(members.len()));
		let motion = Self::votable(&who, id, &members).map_err(|error| failed(error, took))?;
		Self::cast(id, motion, who, aye, &members, took)
	}

	/// The motion, if this account may vote on it.
	fn votable(who: &T::AccountId, id: MotionId, members: &[T::AccountId]) -> Result<MotionOf<T>, Error<T>> {
		ensure!(members.contains(who), Error::<T>::NotMember);
		let motion = Motions::<T>::get(id).ok_or(Error::<T>::NoMotion)?;
		ensure!(!Self::has_expired(&motion), Error::<T>::Expired);
		ensure!(motion.encoding == Self::encoding(), Error::<T>::Outdated);
		Ok(motion)
	}

	/// Takes a vote of a member, and carries the motion if that is enough. `took` is what counting and voting cost.
	fn cast(
		id: MotionId,
		mut motion: MotionOf<T>,
		who: T::AccountId,
		aye: bool,
		members: &[T::AccountId],
		took: Weight,
	) -> DispatchResultWithPostInfo {
		drop_former::<T>(&mut motion, members);
		let (to, from) = if aye {
			(&mut motion.ayes, &mut motion.nays)
		} else {
			(&mut motion.nays, &mut motion.ayes)
		};
		let repeated = to.contains(&who);
		from.retain(|other| *other != who);
		if !repeated {
			to.try_push(who.clone())
				.map_err(|_| failed(Error::<T>::Overflow, took))?;
		}
		let Count { ayes, nays, needed } = Count::of::<T>(&motion, members);
		// A nay carries nothing, not even where the members have become fewer.
		let carried = aye && ayes >= needed;
		ensure!(!repeated || carried, failed(Error::<T>::AlreadyVoted, took));
		Self::deposit_event(Event::Voted {
			motion: id,
			member: who,
			aye,
			ayes,
			nays,
			needed,
		});
		if carried {
			ensure_layers(LAYERS).map_err(|error| failed(error, took))?;
			return Ok(Some(took.saturating_add(Self::carry(id, &motion))).into());
		}
		Motions::<T>::insert(id, motion);
		Ok(Some(took).into())
	}

	/// Ends a motion and dispatches its call. Returns what that took.
	fn carry(id: MotionId, motion: &MotionOf<T>) -> Weight {
		let encoded = Calls::<T>::get(id).unwrap_or_default();
		let own = T::WeightInfo::carry(to_u32(encoded.len()));
		// Before the call runs: whatever it does, this motion is gone.
		Self::remove(id, motion);
		let (result, took) = Self::dispatch(&encoded);
		Self::deposit_event(Event::Carried { motion: id, result });
		own.saturating_add(took)
	}

	/// Dispatches a call as so many directors may. Returns what became of it, and what it took.
	fn dispatch(encoded: &[u8]) -> (DispatchResult, Weight) {
		let Ok(call) = CallOf::<T>::decode_all_with_depth_limit(MAX_EXTRINSIC_DEPTH, &mut &*encoded) else {
			return (Err(Error::<T>::BadCall.into()), Weight::zero());
		};
		let info = call.get_dispatch_info();
		// Weights may have changed since it was proposed, and the vote has paid for no more.
		if info.call_weight.any_gt(T::MaxCallWeight::get()) {
			return (Err(Error::<T>::CallTooHeavy.into()), Weight::zero());
		}
		let origin = origin_of::<T>(&call);
		let (result, post_info) = match call.dispatch(origin) {
			Ok(post_info) => (Ok(()), post_info),
			Err(failure) => (Err(failure.error), failure.post_info),
		};
		(result, Self::used(&info.call_weight, post_info))
	}

	/// What a call took, by what it says itself, and never more than what was charged for it.
	fn used(charged: &Weight, post_info: PostDispatchInfo) -> Weight {
		post_info.actual_weight.map_or(*charged, |actual| actual.min(*charged))
	}

	/// Ends a motion if that may be. Returns how many members there are.
	pub(crate) fn do_close(id: MotionId) -> Result<u32, DispatchError> {
		let members = T::Members::members();
		let mut motion = Motions::<T>::get(id).ok_or(Error::<T>::NoMotion)?;
		let reason = Self::reason_to_close(&mut motion, &members).ok_or(Error::<T>::StillOpen)?;
		Self::remove(id, &motion);
		Self::deposit_event(Event::Closed { motion: id, reason });
		Ok(to_u32(members.len()))
	}

	fn reason_to_close(motion: &mut MotionOf<T>, members: &[T::AccountId]) -> Option<Reason> {
		if Self::has_expired(motion) {
			return Some(Reason::Expired);
		}
		if motion.encoding != Self::encoding() {
			return Some(Reason::Outdated);
		}
		drop_former::<T>(motion, members);
		// Nobody wants it any more, the one that proposed it included.
		let is_withdrawn = motion.ayes.is_empty() && motion.nays.contains(&motion.proposer);
		if is_withdrawn || Count::of::<T>(motion, members).is_rejected(members.len()) {
			return Some(Reason::Rejected);
		}
		let full = Motions::<T>::count() >= T::MaxMotions::get();
		(full && !members.contains(&motion.proposer)).then_some(Reason::Orphaned)
	}

	fn remove(id: MotionId, motion: &MotionOf<T>) {
		Motions::<T>::remove(id);
		Calls::<T>::remove(id);
		OpenBy::<T>::mutate_exists(&motion.proposer, |slot| {
			let mut open = slot.take().unwrap_or_default();
			let number = open.of_kind(motion.elimination);
			*number = number.saturating_sub(1);
			*slot = (!open.is_none()).then_some(open);
		});
	}

	fn has_expired(motion: &MotionOf<T>) -> bool {
		frame_system::Pallet::<T>::block_number() > motion.last_block
	}

	/// The version of how calls are encoded.
	pub(crate) fn encoding() -> u32 {
		T::Version::get().transaction_version
	}
}
