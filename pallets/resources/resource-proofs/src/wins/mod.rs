//! Wins: what they have to show, in the order of what that costs, and what becomes of them.
//!
//! No account signs and nobody pays. So each win is bounded before it costs anything: by the round, by what the block
//! takes, by what its device may win. What is said of one is looked at by the pool and again in the block, the dear
//! part of it once in each.
//!
//! # What they are charged
//! A block pays for each item of the storage once, by whichever win it is touched first: what was read lies in the
//! cache of the state until the block ends, and what was written in its overlay. (A node whose cache is turned off
//! reads it again, from what its system keeps of files.) So the items that all wins of a lottery touch (round, counts,
//! sums, parameters, clock) are charged once, by the hook at the start of each block in which that lottery can be won,
//! whether or not a win comes ([`Pallet::weight_shared_by_wins`]); and each win is charged what is its own: its
//! device's entry, the registry's word of it, and its candidate's sums. Together that is what so many wins were
//! measured to take in one block. All of it is looked at twice, for authorization and when it is dispatched: that is
//! measured as it happens, and nobody but root can dispatch one that was not authorized just before.
//!
//! What happens in few wins only is charged before, and given back if it has not happened: that the win's candidate is
//! told (once an era), and plots of more than the lowest strength.

mod compute;
pub(crate) mod space;
#[cfg(any(test, feature = "vectors"))]
pub mod testing;
mod uptime;

use crate::{
	pallet::{EntryOf, RoundOf},
	queries::LOTTERIES,
	BlockWins, Config, Error, Event, Pallet, Parameters, Sums, WeightInfo, WinsOfBlock, AHEAD,
};
use alloc::vec::Vec;
use device_primitives::DeviceId;
use frame_support::{ensure, pallet_prelude::TransactionValidityWithRefund, traits::Get, weights::Weight};
use pallet_traits::{Beacon, DeviceInfo, Devices};
use proof_lottery_primitives::{LotteryKey, Resource};
use sp_runtime::transaction_validity::{
	InvalidTransaction, TransactionPriority, TransactionValidityError, UnknownTransaction, ValidTransaction,
};

/// Wins go before whatever is paid for: there are few of them in a block, and they are worth nothing later. Votes on
/// record go before them.
const PRIORITY: TransactionPriority = TransactionPriority::MAX / 8;

/// What was won.
#[derive(Clone, Copy)]
pub(crate) struct Won {
	/// In which lottery.
	pub resource: Resource,
	/// By which unit.
	pub unit: u32,
}

impl<T> From<Error<T>> for TransactionValidityError {
	fn from(error: Error<T>) -> Self {
		match error {
			// The pool bans what is invalid. This may be valid in a moment: with the next block, or on another fork.
			Error::RoundAhead => UnknownTransaction::Custom(AHEAD).into(),
			Error::BlockIsFull | Error::QueueIsFull => InvalidTransaction::ExhaustsResources.into(),
			Error::RoundOver | Error::AlreadyWon | Error::TooManyWins => InvalidTransaction::Stale.into(),
			Error::BadLength
			| Error::NotUp
			| Error::NoWin
			| Error::BadProof
			| Error::BadPulse
			| Error::BadSignature => InvalidTransaction::BadProof.into(),
			Error::UnknownDevice | Error::NotActive | Error::NotDeclared | Error::NotClaimed | Error::KeyTooYoung => {
				InvalidTransaction::BadSigner.into()
			}
			_ => InvalidTransaction::Call.into(),
		}
	}
}

impl<T: Config> Pallet<T> {
	/// How many wins the current block has. The pool asks for a block that has none.
	fn block_wins() -> WinsOfBlock<frame_system::pallet_prelude::BlockNumberFor<T>> {
		let block = frame_system::Pallet::<T>::block_number();
		let wins = BlockWins::<T>::get();
		if wins.block == block {
			return wins;
		}
		WinsOfBlock {
			block,
			space: 0,
			compute: 0,
			uptime: 0,
		}
	}

	/// How many wins a block takes: one in eight more than are to be expected, and never more than the runtime has
	/// weights for.
	pub fn most_in_a_block(resource: Resource) -> u32 {
		let parameters = Parameters::<T>::get();
		let (expected, most) = match resource {
			Resource::Space => (parameters.space.wins_per_block, T::MaxSpaceWins::get()),
			Resource::Compute => (parameters.compute.wins_per_block, T::MaxAnnouncements::get()),
			Resource::Uptime => (parameters.uptime.wins_per_block, T::MaxPulses::get()),
		};
		expected.saturating_add(expected.div_ceil(7)).min(most)
	}

	/// Whether the block takes one more win.
	pub(crate) fn check_room(resource: Resource) -> Result<(), Error<T>> {
		let wins = Self::block_wins();
		let wins = match resource {
			Resource::Space => wins.space,
			Resource::Compute => wins.compute,
			Resource::Uptime => wins.uptime,
		};
		ensure!(wins < Self::most_in_a_block(resource), Error::BlockIsFull);
		Ok(())
	}

	/// The block has one more.
	pub(crate) fn count_win(resource: Resource) {
		let mut wins = Self::block_wins();
		let count = match resource {
			Resource::Space => &mut wins.space,
			Resource::Compute => &mut wins.compute,
			Resource::Uptime => &mut wins.uptime,
		};
		*count = count.saturating_add(1);
		BlockWins::<T>::put(wins);
	}

	/// A device that may win.
	pub(crate) fn active_device(device: &DeviceId) -> Result<DeviceInfo<T::AccountId>, Error<T>> {
		let info = T::Devices::device(device).ok_or(Error::UnknownDevice)?;
		ensure!(info.active, Error::NotActive);
		Ok(info)
	}

	/// The lottery key of a device that may win this round by it. A key counts like a claim that was made when it was
	/// enrolled: one that is made when the challenge is known could be made until it wins.
	pub(crate) fn key_in(device: &DeviceId, resource: Resource, round: &RoundOf<T>) -> Result<LotteryKey, Error<T>> {
		let info = Self::active_device(device)?;
		let from = Parameters::<T>::get().claim_from(resource, info.lottery_since, T::Beacon::turn_length());
		ensure!(from <= round.opened, Error::KeyTooYoung);
		Ok(info.lottery.into())
	}

	/// What so many wins of a lottery take together in one block, but for their verification and who is told.
	fn weight_of_wins(resource: Resource, wins: u32) -> Weight {
		match resource {
			Resource::Space => T::WeightInfo::win_space(wins),
			Resource::Compute => T::WeightInfo::win_compute(wins),
			Resource::Uptime => T::WeightInfo::pulse(wins),
		}
	}

	/// What one more win takes in a block that has been charged for [what they share](Self::weight_shared_by_wins); but
	/// for its verification.
	pub(crate) fn weight_of_win(resource: Resource, told: bool) -> Weight {
		let own = Self::weight_of_wins(resource, 1).saturating_sub(Self::weight_of_wins(resource, 0));
		Self::and_telling(own, told)
	}

	/// What something costs, with the telling of its candidate if one is `told`.
	fn and_telling(cost: Weight, told: bool) -> Weight {
		if told {
			cost.saturating_add(T::WeightInfo::tell())
		} else {
			cost
		}
	}

	/// What the wins of this block share, however many come: of each lottery of which one can.
	pub(crate) fn weight_shared_by_wins() -> Weight {
		let can_be_won = |resource: &Resource| Self::latest_round(*resource).is_some_and(|round| Self::is_open(&round));
		LOTTERIES
			.into_iter()
			.filter(can_be_won)
			.fold(Weight::zero(), |sum, resource| {
				let validations = match resource {
					Resource::Space => T::WeightInfo::verify_space(0),
					Resource::Compute | Resource::Uptime => Weight::zero(),
				};
				sum.saturating_add(Self::weight_of_wins(resource, 0))
					.saturating_add(validations)
			})
	}

	/// What the pool is told of a win, and how much of what its authorization is charged it has not taken. The pool
	/// holds each once, and none for longer than its round is open.
	pub(crate) fn valid(provides: Vec<Vec<u8>>, until: u64, unspent: Weight) -> TransactionValidityWithRefund {
		let validity = ValidTransaction {
			priority: PRIORITY,
			requires: Vec::new(),
			provides,
			longevity: until.saturating_sub(Self::slot()).max(1),
			propagate: true,
		};
		Ok((validity, unspent))
	}

	/// Credits a win by the terms of its round; cuts the claim if less than half of what was to be expected has been
	/// won; and counts the device anew for its candidate. Returns whether somebody was told of that.
	pub(crate) fn credit(
		device: &DeviceId,
		entry: &mut EntryOf<T>,
		won: Won,
		round: &RoundOf<T>,
		active: bool,
	) -> bool {
		Self::before_change(device, entry);
		let Won { resource, unit } = won;
		let kind = entry.space.as_ref().map(|space| space.kind);
		let slot = Self::slot();
		let from = Parameters::<T>::get().claim_from(resource, slot, T::Beacon::turn_length());
		let open = Self::oldest_open(entry, resource);
		let Some(estimator) = entry.kept_mut(resource).map(|kept| kept.estimator_mut()) else {
			return false;
		};
		Sums::<T>::mutate(|sums| {
			if let Some(total) = sums.of(resource, kind) {
				estimator.win(&round.terms, round.opened, total);
			}
		});
		let cut = estimator.cut(&round.terms.lottery, slot, from, open);
		Self::deposit_event(Event::Won {
			device: *device,
			resource,
			round: round.number,
			unit,
		});
		if let Some(claim) = cut {
			Self::deposit_event(Event::ClaimCut {
				device: *device,
				resource,
				units: claim.units,
				from: claim.from,
			});
		}
		Self::recount(device, entry, active)
	}
}
