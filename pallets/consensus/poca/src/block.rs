//! What happens in a block: its header is checked, what it says is written down, and others are told.

use crate::{
	randomness, rules::header::MAX_DIGEST_BYTES, AccumulatedRandomness, Author, Config, CurrentSlot, DirectorOf, Era,
	Full, GenesisSlot, HeaderError, Pallet, Position, RecentSlots, SeatedIn, SlotDuration, TurnHolder, WeightInfo,
};
use alloc::vec::Vec;
use codec::Encode;
use frame_support::{
	ensure,
	traits::{Get, OnTimestampSet},
	weights::Weight,
};
use frame_system::pallet_prelude::BlockNumberFor;
use pallet_traits::{AttendanceHook, EraHook};
use poca_primitives::{find_pre_digest_in, PreDigest, Randomness, Role, Slot};
use sp_runtime::traits::{One, Saturating, UniqueSaturatedInto};

/// What others are to be told of a block, once it is written down.
pub(crate) struct News<AccountId> {
	/// Who authored it.
	pub author: Option<AccountId>,
	/// Who missed turns that are over, and how many in a row.
	pub missed: Vec<(AccountId, u32)>,
	/// What the order of turns is drawn from, if the block begins an era.
	pub era_order: Option<Randomness>,
}

impl<T: Config> Pallet<T> {
	/// The slot of the parent; `None` if that is genesis, which has no slot.
	fn parent_slot() -> Option<Slot> {
		GenesisSlot::<T>::exists().then(CurrentSlot::<T>::get)
	}

	/// The pre-digest of the current block, and in which role its author authored.
	pub(crate) fn check_header(
		now: BlockNumberFor<T>,
		directors: &[DirectorOf<T>],
	) -> Result<(PreDigest<T::Hash>, Role), HeaderError> {
		let digest = frame_system::Pallet::<T>::digest();
		ensure!(digest.encoded_size() <= MAX_DIGEST_BYTES, HeaderError::DigestTooLong);
		let header = find_pre_digest_in::<T::Hash>(&digest)?;
		let position = Position {
			schedule: &Self::schedule_of(directors),
			parent_slot: Self::parent_slot(),
			parent_number: now.saturating_sub(One::one()).unique_saturated_into(),
		};
		let role = position.check(&header)?;
		Ok((header, role))
	}

	/// Writes down what a valid header says. Nobody is told yet, so that directors are those that the header was
	/// checked against.
	pub(crate) fn note_block(
		now: BlockNumberFor<T>,
		directors: &[DirectorOf<T>],
		header: &PreDigest<T::Hash>,
		role: Role,
	) -> News<T::AccountId> {
		let slot = header.slot;
		let parent_slot = Self::parent_slot();
		if parent_slot.is_none() {
			GenesisSlot::<T>::put(slot);
		}
		CurrentSlot::<T>::put(slot);
		let number: u32 = now.unique_saturated_into();
		if let Some(place) = number.checked_rem(T::SlotMemory::get()) {
			RecentSlots::<T>::insert(place, (number, slot));
		}
		let author = Self::account_among(directors, header.author);
		Author::<T>::set(author.clone());
		Full::<T>::put(header.full);
		// The era first: an output counts for the era that its block lies in.
		let entered = Self::enter_era_of(parent_slot, slot);
		if let Some(output) = header.vrf_output() {
			AccumulatedRandomness::<T>::mutate(|accumulated| *accumulated = randomness::fold(accumulated, &output));
		}
		// With the output of this block, the first of its era, which nobody knew in the era that ended: whoever
		// authored last in that would else have known the order, and chosen it by authoring or not.
		let era_order = entered.map(|era| randomness::of_order(era, &AccumulatedRandomness::<T>::get()));
		Self::count_slots(directors.len(), parent_slot, slot, header.author, role);
		let missed = Self::count_turns(directors, parent_slot, slot, header.author, role);
		match role {
			Role::Standby => TurnHolder::<T>::put((Self::turn_of(slot), header.author)),
			Role::Director => TurnHolder::<T>::kill(),
		}
		News {
			author,
			missed,
			era_order,
		}
	}

	/// Tells those who want to know, who may change directors now. Returns what they cost.
	pub(crate) fn tell(news: &News<T::AccountId>) -> Weight {
		let mut weight = Weight::zero();
		if let Some(author) = &news.author {
			weight.saturating_accrue(T::Attendance::authored(author));
		}
		if !news.missed.is_empty() {
			weight.saturating_accrue(T::Attendance::turns_missed(&news.missed));
		}
		if let Some(order) = &news.era_order {
			let era = Era::<T>::get();
			weight.saturating_accrue(T::WeightInfo::enter_era());
			weight.saturating_accrue(T::Eras::era_started(era, order));
			if SeatedIn::<T>::get() != Some(era) {
				weight.saturating_accrue(Self::renew_keys());
			}
		}
		weight
	}
}

impl<T: Config> OnTimestampSet<u64> for Pallet<T> {
	fn on_timestamp_set(moment: u64) {
		let slot = moment.checked_div(SlotDuration::<T>::get()).map(Slot::from);
		// As in `on_initialize`: a block whose time contradicts its slot is invalid.
		assert_eq!(
			slot,
			Some(CurrentSlot::<T>::get()),
			"the timestamp does not lie in the block's slot"
		);
	}
}
