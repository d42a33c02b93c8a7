//! What a pallet tells others, written down.

use bft_finality_primitives::{SetId, VoterId};
use codec::{Decode, Encode};
use core::marker::PhantomData;
use device_primitives::DeviceId;
use frame_support::{storage::unhashed, weights::Weight};
use frame_system::pallet_prelude::BlockNumberFor;
use pallet_traits::{
	AttendanceHook, AuthorHistory, DeviceHook, EraHook, OffenceKind, Punish, SeatVoters, VoteHook, VoterHistory,
};
use poca_primitives::{AuthorityId, Randomness, Slot};

/// What was told: one variant for each method of a hook, with what it was called with.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Told<AccountId> {
	/// [`AttendanceHook::authored`].
	Authored(AccountId),
	/// [`AttendanceHook::turns_missed`].
	Missed(Vec<(AccountId, u32)>),
	/// [`EraHook::era_started`].
	EraStarted(u32, Randomness),
	/// [`SeatVoters::seat_voters`].
	VotersSeated(Vec<AccountId>),
	/// [`AuthorHistory::authors_changed`].
	AuthorsChanged(u64, Vec<(AccountId, AuthorityId)>),
	/// [`VoterHistory::voters_named`].
	VotersNamed(SetId, Vec<(AccountId, VoterId)>),
	/// [`VoterHistory::set_votes`].
	SetVotes(SetId),
	/// [`VoteHook::vote_recorded`].
	VoteRecorded(AccountId),
	/// [`Punish::offended`].
	Offended(AccountId, OffenceKind, u32),
	/// [`DeviceHook::device_gone`].
	DeviceGone(DeviceId, AccountId),
	/// [`DeviceHook::device_transferred`].
	DeviceTransferred(DeviceId, AccountId, AccountId),
	/// [`DeviceHook::device_active`].
	DeviceActive(DeviceId, bool),
}

/// To pick one thing out of what was told, as [`Recorder::only`] does.
impl<AccountId> Told<AccountId> {
	/// The number of an era and what its order is drawn from.
	pub fn era(self) -> Option<(u32, Randomness)> {
		match self {
			Self::EraStarted(era, order) => Some((era, order)),
			_ => None,
		}
	}

	/// Directors that missed turns, with how many in a row.
	pub fn missed(self) -> Option<Vec<(AccountId, u32)>> {
		match self {
			Self::Missed(missed) => Some(missed),
			_ => None,
		}
	}

	/// Whoever is to vote.
	pub fn voters(self) -> Option<Vec<AccountId>> {
		match self {
			Self::VotersSeated(voters) => Some(voters),
			_ => None,
		}
	}

	/// Whoever may author after which slot, and with which keys.
	pub fn authors(self) -> Option<(u64, Vec<(AccountId, AuthorityId)>)> {
		match self {
			Self::AuthorsChanged(slot, authors) => Some((slot, authors)),
			_ => None,
		}
	}

	/// A voter whose vote went on record.
	pub fn vote(self) -> Option<AccountId> {
		match self {
			Self::VoteRecorded(voter) => Some(voter),
			_ => None,
		}
	}

	/// An account to punish, for what, and of which era.
	pub fn offence(self) -> Option<(AccountId, OffenceKind, u32)> {
		match self {
			Self::Offended(who, kind, era) => Some((who, kind, era)),
			_ => None,
		}
	}
}

/// Where the record stands in storage.
const RECORD: &[u8] = b":testkit:told";

/// Where those stand in storage that have nothing to lose.
const BROKE: &[u8] = b":testkit:broke";

/// Where those devices stand in storage that may not change hands.
const BOUND: &[u8] = b":testkit:bound";

/// What the recorder says that each call of a hook weighs, so that a test can see whether it is counted.
pub const TELLING: Weight = Weight::from_parts(7, 7);

/// Implements every hook of `pallet_traits` by writing down what it is told.
///
/// The record is in the chain's storage: each chain begins with an empty one, what genesis tells stands in it, and a
/// call that fails takes back what it told.
pub struct Recorder<T>(PhantomData<T>);

type Entry<T> = (BlockNumberFor<T>, Told<<T as frame_system::Config>::AccountId>);

impl<T: frame_system::Config> Recorder<T> {
	/// All that was told, in this order, since it was last taken.
	pub fn told() -> Vec<Told<T::AccountId>> {
		Self::entries().into_iter().map(|(_, told)| told).collect()
	}

	/// What was told in the current block, as far as it was not taken.
	pub fn in_block() -> Vec<Told<T::AccountId>> {
		let now = frame_system::Pallet::<T>::block_number();
		let entries = Self::entries().into_iter();
		entries
			.filter(|(number, _)| *number == now)
			.map(|(_, told)| told)
			.collect()
	}

	/// All that was told, which is forgotten.
	pub fn take() -> Vec<Told<T::AccountId>> {
		let told = Self::told();
		unhashed::kill(RECORD);
		told
	}

	/// Of [`Recorder::told`] what `pick` picks.
	pub fn only<R>(pick: impl Fn(Told<T::AccountId>) -> Option<R>) -> Vec<R> {
		Self::told().into_iter().filter_map(pick).collect()
	}

	/// Of [`Recorder::take`] what `pick` picks. The rest is forgotten as well.
	pub fn take_only<R>(pick: impl Fn(Told<T::AccountId>) -> Option<R>) -> Vec<R> {
		Self::take().into_iter().filter_map(pick).collect()
	}

	/// These accounts, and nobody else, have nothing to lose.
	pub fn set_broke(accounts: &[T::AccountId]) {
		unhashed::put(BROKE, &accounts.to_vec());
	}

	/// These devices, and no others, may not change hands.
	pub fn set_bound(devices: &[DeviceId]) {
		unhashed::put(BOUND, &devices.to_vec());
	}

	fn entries() -> Vec<Entry<T>> {
		unhashed::get_or_default(RECORD)
	}

	/// Appends, for a long test tells much.
	fn write(told: Told<T::AccountId>) -> Weight {
		let entry: Entry<T> = (frame_system::Pallet::<T>::block_number(), told);
		sp_io::storage::append(RECORD, entry.encode());
		TELLING
	}
}

impl<T: frame_system::Config> AttendanceHook<T::AccountId> for Recorder<T> {
	fn turns_missed(missed: &[(T::AccountId, u32)]) -> Weight {
		Self::write(Told::Missed(missed.to_vec()))
	}

	fn authored(author: &T::AccountId) -> Weight {
		Self::write(Told::Authored(author.clone()))
	}
}

impl<T: frame_system::Config> EraHook for Recorder<T> {
	fn era_started(era: u32, order: &Randomness) -> Weight {
		Self::write(Told::EraStarted(era, *order))
	}
}

impl<T: frame_system::Config> SeatVoters<T::AccountId> for Recorder<T> {
	fn seat_voters(accounts: &[T::AccountId]) -> Weight {
		Self::write(Told::VotersSeated(accounts.to_vec()))
	}
}

impl<T: frame_system::Config> AuthorHistory<T::AccountId> for Recorder<T> {
	fn authors_changed(slot: Slot, authors: &[(T::AccountId, AuthorityId)]) -> Weight {
		Self::write(Told::AuthorsChanged(*slot, authors.to_vec()))
	}
}

impl<T: frame_system::Config> VoterHistory<T::AccountId> for Recorder<T> {
	fn voters_named(set_id: SetId, voters: &[(T::AccountId, VoterId)]) -> Weight {
		Self::write(Told::VotersNamed(set_id, voters.to_vec()))
	}

	fn set_votes(set_id: SetId) {
		Self::write(Told::SetVotes(set_id));
	}
}

impl<T: frame_system::Config> VoteHook<T::AccountId> for Recorder<T> {
	fn vote_recorded(voter: &T::AccountId) {
		Self::write(Told::VoteRecorded(voter.clone()));
	}
}

impl<T: frame_system::Config> DeviceHook<T::AccountId> for Recorder<T> {
	fn may_be_transferred(device: &DeviceId) -> bool {
		!unhashed::get_or_default::<Vec<DeviceId>>(BOUND).contains(device)
	}

	fn device_gone(device: &DeviceId, owner: &T::AccountId) {
		Self::write(Told::DeviceGone(*device, owner.clone()));
	}

	fn device_transferred(device: &DeviceId, from: &T::AccountId, to: &T::AccountId) {
		Self::write(Told::DeviceTransferred(*device, from.clone(), to.clone()));
	}

	fn device_active(device: &DeviceId, active: bool) {
		Self::write(Told::DeviceActive(*device, active));
	}
}

impl<T: frame_system::Config> Punish<T::AccountId> for Recorder<T> {
	fn offended(who: &T::AccountId, kind: OffenceKind, era: u32) -> Weight {
		Self::write(Told::Offended(who.clone(), kind, era))
	}

	fn can_lose(who: &T::AccountId) -> bool {
		!unhashed::get_or_default::<Vec<T::AccountId>>(BROKE).contains(who)
	}
}
