//! What others ask.

use crate::{
	AccumulatedRandomness, Author, Clock, Config, CurrentRandomness, CurrentSlot, DirectorOf, Directors, Era,
	EraLength, Full, Pallet, RecentSlots, SlotDuration, StandbySigners, Tallies, TurnHolder,
};
use alloc::vec::Vec;
use frame_support::traits::{FindAuthor, Get};
use pallet_traits::{Beacon, BlockFull, MarketClock, SlotOfBlock};
use poca_primitives::{
	AuthorIndex, AuthorityId, DirectorStatus, PreDigest, Randomness, Schedule, Slot, POCA_ENGINE_ID, VRF_VERSION,
};
use sp_runtime::{traits::UniqueSaturatedInto, ConsensusEngineId};

impl<T: Config> Pallet<T> {
	/// The schedule in force for a child of this block.
	///
	/// Era and randomness are those of the state after this block. A child whose slot lies in a later era still
	/// evaluates its VRF over this schedule, its parent's: eras change while the child is executed.
	pub fn schedule() -> Schedule {
		Self::schedule_of(&Directors::<T>::get())
	}

	/// Each director's key in the order of turns, and how it does since it became one.
	pub fn director_status() -> Vec<DirectorStatus> {
		Directors::<T>::get()
			.into_iter()
			.zip(Tallies::<T>::get())
			.map(|(director, tally)| DirectorStatus {
				director: director.key,
				missed_slots: tally.missed_slots,
				authored_blocks: tally.authored_blocks,
			})
			.collect()
	}

	/// Milliseconds of a slot.
	pub fn slot_duration() -> u64 {
		SlotDuration::<T>::get()
	}

	/// The account that is a director or standby signer now; `None` if there is no such. For the author of the current
	/// block there is [`Author`]: directors may have changed since it was checked.
	pub fn account_of(author: AuthorIndex) -> Option<T::AccountId> {
		Self::account_among(&Directors::<T>::get(), author)
	}

	/// The account of one of these directors, or of one of their standby signers.
	pub(crate) fn account_among(directors: &[DirectorOf<T>], author: AuthorIndex) -> Option<T::AccountId> {
		let author = usize::from(author);
		match author.checked_sub(directors.len()) {
			None => directors.get(author).map(|director| director.account.clone()),
			Some(seat) => {
				let signers = StandbySigners::<T>::get();
				Some(signers.get(seat)?.as_ref()?.account.clone())
			}
		}
	}

	pub(crate) fn schedule_of(directors: &[DirectorOf<T>]) -> Schedule {
		let keys: Vec<AuthorityId> = directors.iter().map(|director| director.key.clone()).collect();
		let standby_signers = StandbySigners::<T>::get()
			.into_iter()
			.map(|signer| signer.map(|signer| signer.key))
			.collect();
		Schedule {
			slot_duration: poca_primitives::SlotDuration::from_millis(SlotDuration::<T>::get()),
			turn_length: T::TurnLength::get(),
			missed_slots: T::MissedSlots::get(),
			standby_line: T::StandbyLine::get(),
			vrf_version: VRF_VERSION,
			era_length: EraLength::<T>::get(),
			era: Era::<T>::get(),
			directors: keys,
			standby_signers,
			randomness: CurrentRandomness::<T>::get(),
			turn_holder: TurnHolder::<T>::get(),
		}
	}
}

impl<T: Config> FindAuthor<AuthorIndex> for Pallet<T> {
	fn find_author<'a, I>(digests: I) -> Option<AuthorIndex>
	where
		I: 'a + IntoIterator<Item = (ConsensusEngineId, &'a [u8])>,
	{
		digests
			.into_iter()
			.find(|(id, _)| *id == POCA_ENGINE_ID)
			.and_then(|(_, bytes)| PreDigest::<T::Hash>::from_bytes(bytes).ok())
			.map(|header| header.author)
	}
}

/// Finds the account behind the current block's author, for `pallet_authorship`: the one that the header was checked
/// against, however directors have changed in the block since. The digests are not looked at.
pub struct AuthorAccount<T>(core::marker::PhantomData<T>);

impl<T: Config> FindAuthor<T::AccountId> for AuthorAccount<T> {
	fn find_author<'a, I>(_: I) -> Option<T::AccountId>
	where
		I: 'a + IntoIterator<Item = (ConsensusEngineId, &'a [u8])>,
	{
		Author::<T>::get()
	}
}

/// The slot of the current block.
impl<T: Config> Get<Slot> for Pallet<T> {
	fn get() -> Slot {
		CurrentSlot::<T>::get()
	}
}

impl<T: Config> BlockFull for Pallet<T> {
	fn is_full() -> bool {
		Full::<T>::get()
	}
}

impl<T: Config> MarketClock for Pallet<T> {
	fn tick() -> u32 {
		Clock::<T>::get().tick
	}
}

impl<T: Config> SlotOfBlock for Pallet<T> {
	fn slot_of_block(number: u32) -> Option<Slot> {
		let place = number.checked_rem(T::SlotMemory::get())?;
		RecentSlots::<T>::get(place)
			.filter(|(kept, _)| *kept == number)
			.map(|(_, slot)| slot)
	}
}

impl<T: Config> Beacon for Pallet<T> {
	fn slot() -> Slot {
		CurrentSlot::<T>::get()
	}

	fn parent_slot() -> Slot {
		let number: u32 = frame_system::Pallet::<T>::block_number().unique_saturated_into();
		// Genesis has no slot, and its child may have any but 0.
		number.checked_sub(1).and_then(Self::slot_of_block).unwrap_or_default()
	}

	fn accumulator() -> Randomness {
		AccumulatedRandomness::<T>::get()
	}

	fn turn_length() -> u32 {
		T::TurnLength::get()
	}
}
