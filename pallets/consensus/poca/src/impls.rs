//! What happens in a block, and what others ask.

use crate::{
	randomness, turns, AccumulatedRandomness, Config, CurrentRandomness, CurrentSlot, Director, Directors, Era,
	EraLength, Event, GenesisSlot, HeaderError, NextRandomness, Pallet, Position, Records, SlotDuration,
	StandbySigners, StandbyTurn, TurnAttended, WeightInfo,
};
use alloc::vec::Vec;
use codec::DecodeAll;
use frame_support::{
	traits::{FindAuthor, Get, OnTimestampSet},
	weights::Weight,
};
use frame_system::pallet_prelude::BlockNumberFor;
use pallet_traits::{AttendanceHook, EraClock, EraHook, EraOfSlot};
use poca_primitives::{
	find_pre_digest_in, AuthorIndex, AuthorityId, DirectorStatus, PreDigest, Randomness, Role, Schedule, Slot,
	POCA_ENGINE_ID,
};
use sp_runtime::{
	traits::{One, Saturating, UniqueSaturatedInto, Zero},
	ConsensusEngineId,
};

type DirectorOf<T> = Director<<T as frame_system::Config>::AccountId>;

impl<T: Config> Pallet<T> {
	/// The schedule in force for a child of this block.
	///
	/// Era and randomness are those of the state after this block. A child whose slot lies in a later era still evaluates its VRF
	/// over this schedule, its parent's: eras change while the child is executed.
	pub fn schedule() -> Schedule {
		Self::schedule_of(&Directors::<T>::get())
	}

	/// Each director's key in the order of turns, and how it does since it became one.
	pub fn director_status() -> Vec<DirectorStatus> {
		Directors::<T>::get()
			.into_iter()
			.zip(Records::<T>::get())
			.map(|(director, record)| DirectorStatus {
				director: director.key,
				missed_slots: record.missed_slots,
				authored_blocks: record.authored_blocks,
			})
			.collect()
	}

	/// Milliseconds of a slot.
	pub fn slot_duration() -> u64 {
		SlotDuration::<T>::get()
	}

	/// The account of a director or standby signer; `None` where there is no such.
	pub fn account_of(author: AuthorIndex) -> Option<T::AccountId> {
		let author = usize::from(author);
		let directors = Directors::<T>::get();
		match author.checked_sub(directors.len()) {
			None => directors.get(author).map(|director| director.account.clone()),
			Some(seat) => {
				let signers = StandbySigners::<T>::get();
				Some(signers.get(seat)?.as_ref()?.account.clone())
			}
		}
	}

	fn schedule_of(directors: &[DirectorOf<T>]) -> Schedule {
		let keys: Vec<AuthorityId> = directors.iter().map(|director| director.key.clone()).collect();
		let standby_signers = StandbySigners::<T>::get()
			.into_iter()
			.map(|signer| signer.map(|signer| signer.key))
			.collect();
		Schedule {
			slot_duration: poca_primitives::SlotDuration::from_millis(SlotDuration::<T>::get()),
			turn_length: T::TurnLength::get(),
			era_length: EraLength::<T>::get(),
			era: Era::<T>::get(),
			directors: keys,
			standby_signers,
			randomness: CurrentRandomness::<T>::get(),
			standby_turn: StandbyTurn::<T>::get(),
		}
	}

	/// The pre-digest of the current block, and in which role its author authored.
	pub(crate) fn check_header(
		now: BlockNumberFor<T>,
		directors: &[DirectorOf<T>],
	) -> Result<(PreDigest<T::Hash>, Role), HeaderError> {
		let header = find_pre_digest_in::<T::Hash>(&frame_system::Pallet::<T>::digest())?;
		let position = Position {
			schedule: &Self::schedule_of(directors),
			parent_slot: GenesisSlot::<T>::exists().then(CurrentSlot::<T>::get),
			parent_number: now.saturating_sub(One::one()).unique_saturated_into(),
		};
		let role = position.check(&header)?;
		Ok((header, role))
	}

	/// Writes down what a valid header says, and tells those who want to know. Returns what they cost.
	pub(crate) fn note_block(directors: &[DirectorOf<T>], header: &PreDigest<T::Hash>, role: Role) -> Weight {
		let slot = header.slot;
		let parent_slot = GenesisSlot::<T>::exists().then(CurrentSlot::<T>::get);
		if parent_slot.is_none() {
			GenesisSlot::<T>::put(slot);
		}
		CurrentSlot::<T>::put(slot);
		// The era first: an output counts for the era that its block lies in.
		let era_starts = Self::enter_era_of(slot);
		if let Some(output) = header.vrf_output() {
			AccumulatedRandomness::<T>::mutate(|accumulated| *accumulated = randomness::fold(accumulated, &output));
		}
		Self::count_slots(directors.len(), parent_slot, slot, header.author, role);
		let missed = Self::count_turns(directors, parent_slot, slot, role);
		match role {
			Role::Standby => StandbyTurn::<T>::put(Self::turn_of(slot)),
			Role::Director => StandbyTurn::<T>::kill(),
		}
		// From here on directors may change. The author is one of those before.
		let mut weight = Weight::zero();
		if era_starts {
			// They have authored in the new era, if only this block.
			weight = weight
				.saturating_add(T::WeightInfo::enter_era())
				.saturating_add(Self::remember(directors, &StandbySigners::<T>::get()));
		}
		if let Some(author) = Self::account_of(header.author) {
			weight = weight.saturating_add(T::Attendance::authored(&author));
		}
		for (director, in_a_row) in missed {
			weight = weight.saturating_add(T::Attendance::turns_missed(&director, in_a_row));
		}
		if era_starts {
			weight = weight
				.saturating_add(T::Eras::era_started(Era::<T>::get(), &CurrentRandomness::<T>::get()))
				.saturating_add(Self::renew_keys());
		}
		weight
	}

	/// Changes to the era of `slot`, in one step however many eras passed without a block. Whether it is another one.
	pub(crate) fn enter_era_of(slot: Slot) -> bool {
		let previous = Era::<T>::get();
		let era = Self::era_of(slot);
		if era == previous {
			return false;
		}
		let randomness = NextRandomness::<T>::get();
		CurrentRandomness::<T>::put(randomness);
		NextRandomness::<T>::put(randomness::of_era(era, &AccumulatedRandomness::<T>::get()));
		Era::<T>::put(era);
		Self::deposit_event(Event::EraStarted { era, randomness });
		true
	}

	/// The era of a slot; 0 for slots before the first block's era. Stays at the maximum once there, in 81,000 years.
	fn era_of(slot: Slot) -> u32 {
		let length = u64::from(EraLength::<T>::get().max(1));
		let first = GenesisSlot::<T>::get().unwrap_or(slot);
		u32::try_from((*slot / length).saturating_sub(*first / length)).unwrap_or(u32::MAX)
	}

	pub(crate) fn turn_of(slot: Slot) -> u64 {
		*slot / u64::from(T::TurnLength::get().max(1))
	}

	/// Whose turn this is, by place in the order.
	pub(crate) fn seat_of_turn(turn: u64, directors: usize) -> Option<usize> {
		usize::try_from(turn.checked_rem(u64::try_from(directors).ok()?)?).ok()
	}

	/// Counts the block for its author, and every slot between the parent and this block, and this one where the standby
	/// authored it, as missed by its director.
	fn count_slots(count: usize, parent_slot: Option<Slot>, slot: Slot, author: AuthorIndex, role: Role) {
		// Nothing was missed before the first block.
		let from = parent_slot.map_or(*slot, |parent| *parent.saturating_add(1u64));
		let to = match role {
			Role::Director => *slot,
			Role::Standby => slot.saturating_add(1u64).into(),
		};
		Records::<T>::mutate(|records| {
			for (index, record) in (0u64..).zip(records.iter_mut()) {
				let missed = turns::slots_of(
					from,
					to,
					u64::from(T::TurnLength::get()),
					count.try_into().unwrap_or(0),
					index,
				);
				record.missed_slots = saturating_add(record.missed_slots, missed);
			}
			if let Some(record) = records.get_mut(usize::from(author)) {
				record.authored_blocks = record.authored_blocks.saturating_add(1);
				record.missed_turns_in_a_row = 0;
			}
		});
	}

	/// Counts the turns that directors missed, once these are over. Returns who missed how many without a break.
	fn count_turns(
		directors: &[DirectorOf<T>],
		parent_slot: Option<Slot>,
		slot: Slot,
		role: Role,
	) -> Vec<(T::AccountId, u32)> {
		let authored = role == Role::Director;
		let Some(parent_slot) = parent_slot else {
			// The chain began somewhere within this turn.
			TurnAttended::<T>::put(true);
			return Vec::new();
		};
		let (parent_turn, this_turn) = (Self::turn_of(parent_slot), Self::turn_of(slot));
		if parent_turn == this_turn {
			if authored {
				TurnAttended::<T>::put(true);
			}
			return Vec::new();
		}
		let from = if TurnAttended::<T>::get() {
			parent_turn.saturating_add(1)
		} else {
			parent_turn
		};
		TurnAttended::<T>::put(authored);

		let count = u64::try_from(directors.len()).unwrap_or(0);
		// Where nobody authored for a whole cycle the chain stood still, and that is no director's fault.
		let stood_still = this_turn.saturating_sub(parent_turn) > count;
		let author = authored
			.then(|| Self::seat_of_turn(this_turn, directors.len()))
			.flatten();
		let mut records = Records::<T>::get();
		let mut in_a_row = Vec::new();
		for (seat, (director, record)) in directors.iter().zip(records.iter_mut()).enumerate() {
			let index = u64::try_from(seat).unwrap_or(u64::MAX);
			let missed = turns::turns_of(from, this_turn, count, index);
			if missed.is_zero() {
				continue;
			}
			Self::deposit_event(Event::DirectorMissedTurn {
				director: director.account.clone(),
				turns: u32::try_from(missed).unwrap_or(u32::MAX),
			});
			// Who authored this block is here again.
			if !stood_still && author != Some(seat) {
				record.missed_turns_in_a_row = saturating_add(record.missed_turns_in_a_row, missed);
				in_a_row.push((director.account.clone(), record.missed_turns_in_a_row));
			}
		}
		if !in_a_row.is_empty() {
			Records::<T>::put(records);
		}
		in_a_row
	}
}

fn saturating_add(count: u32, more: u64) -> u32 {
	count.saturating_add(u32::try_from(more).unwrap_or(u32::MAX))
}

impl<T: Config> FindAuthor<AuthorIndex> for Pallet<T> {
	fn find_author<'a, I>(digests: I) -> Option<AuthorIndex>
	where
		I: 'a + IntoIterator<Item = (ConsensusEngineId, &'a [u8])>,
	{
		digests
			.into_iter()
			.find(|(id, _)| *id == POCA_ENGINE_ID)
			.and_then(|(_, mut bytes)| PreDigest::<T::Hash>::decode_all(&mut bytes).ok())
			.map(|header| header.author)
	}
}

/// Finds the account behind a block's author, for `pallet_authorship`. To be asked before directors change in the block.
pub struct AuthorAccount<T>(core::marker::PhantomData<T>);

impl<T: Config> FindAuthor<T::AccountId> for AuthorAccount<T> {
	fn find_author<'a, I>(digests: I) -> Option<T::AccountId>
	where
		I: 'a + IntoIterator<Item = (ConsensusEngineId, &'a [u8])>,
	{
		<Pallet<T> as FindAuthor<AuthorIndex>>::find_author(digests).and_then(Pallet::<T>::account_of)
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

/// The slot of the current block.
impl<T: Config> Get<Slot> for Pallet<T> {
	fn get() -> Slot {
		CurrentSlot::<T>::get()
	}
}

impl<T: Config> EraOfSlot for Pallet<T> {
	fn era_of_slot(slot: Slot) -> u32 {
		Self::era_of(slot)
	}
}

impl<T: Config> EraClock for Pallet<T> {
	fn current_era() -> u32 {
		Era::<T>::get()
	}

	fn era_randomness() -> Randomness {
		CurrentRandomness::<T>::get()
	}
}

#[cfg(any(feature = "std", feature = "try-runtime"))]
impl<T: Config> Pallet<T> {
	/// Checks what must hold between blocks.
	///
	/// # Errors
	/// Names the first invariant that does not hold.
	pub fn do_try_state() -> Result<(), sp_runtime::TryRuntimeError> {
		use frame_support::ensure;

		let directors = Directors::<T>::get();
		let records = Records::<T>::get();
		ensure!(directors.len() == records.len(), "each director has one record");
		let keys: alloc::collections::BTreeSet<_> = directors.iter().map(|director| &director.key).collect();
		ensure!(keys.len() == directors.len(), "no two directors share a key");
		let signers = StandbySigners::<T>::get();
		ensure!(
			signers.len() <= directors.len(),
			"each standby signer has a seat to stand by"
		);
		let in_office = || directors.iter().chain(signers.iter().flatten());
		let accounts: alloc::collections::BTreeSet<_> = in_office().map(|director| &director.account).collect();
		ensure!(accounts.len() == in_office().count(), "nobody has two offices");
		ensure!(
			SlotDuration::<T>::get() >= T::MinSlotDuration::get(),
			"slots are not shorter than the minimum"
		);

		let slot = CurrentSlot::<T>::get();
		match GenesisSlot::<T>::get() {
			Some(first) => {
				ensure!(first <= slot, "the current slot is not before the first");
				ensure!(!directors.is_empty(), "a chain with blocks has directors");
			}
			None => ensure!(*slot == 0, "without a first block there is no slot"),
		}
		ensure!(
			Era::<T>::get() == Self::era_of(slot),
			"the era is that of the current slot"
		);
		Ok(())
	}
}
