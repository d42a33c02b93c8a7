//! How an era ends: closed in one step, however many earned in it, and swept in small ones once it has expired.

use crate::{
	Balance, Config, Demanded, Event, Expiry, Ledgers, Merits, OpenEra, Opened, Pallet, Progress, Schedule, Supply,
	SupplyOf, Totals, WeightInfo, LOG_TARGET,
};
use frame_support::{
	traits::{
		fungible::{Inspect, Mutate},
		Get,
	},
	weights::Weight,
};
use issuance_primitives::{close, usage, Demand, EraLedger, Terms, Use};
use pallet_traits::{EraHook, UsageOfMarkets};
use poca_primitives::Randomness;
use sp_runtime::Perbill;

impl<T: Config> EraHook for Pallet<T> {
	fn era_started(era: u32, _: &Randomness) -> Weight {
		Self::close_era(era);
		T::WeightInfo::era_started()
	}
}

impl<T: Config> Pallet<T> {
	/// The pallet's first era begins.
	pub(crate) fn begin(era: u32) {
		OpenEra::<T>::put(Opened {
			era,
			rate: Self::terms().curve.rate(Perbill::from_percent(0)),
			..Opened::default()
		});
		Expiry::<T>::put(Progress {
			swept: era,
			expired: era,
		});
		Self::note_genesis();
	}

	/// All there is now was there before anything was created.
	pub(crate) fn note_genesis() {
		let issuance = T::Currency::total_issuance();
		SupplyOf::<T>::put(Supply {
			genesis: issuance,
			..Supply::default()
		});
		OpenEra::<T>::mutate(|open| open.issuance = issuance);
	}

	/// Whether an era was closed since the pallet began. Until then what is swept ends at the open era, and never
	/// afterwards: the era before the open one can always be claimed.
	pub(crate) fn has_closed() -> bool {
		OpenEra::<T>::get().era > Expiry::<T>::get().swept
	}

	/// The governed parameters; those of the beginning if they contradict themselves.
	pub(crate) fn terms() -> Terms {
		let terms = T::Terms::get();
		if let Err(error) = terms.check() {
			log::error!(target: LOG_TARGET, "the terms contradict themselves, those of the beginning count: {error:?}");
			return Terms::real();
		}
		terms
	}

	/// What an era may create at most, as things stand.
	pub(crate) fn ceiling(era: u32, supply: &Supply) -> Balance {
		Schedule::<T>::get().ceiling(era, supply.genesis, supply.created, supply.committed)
	}

	/// How much of what is proven customers use.
	pub(crate) fn usage_now() -> Perbill {
		let (storage, compute) = (T::Usage::storage(), T::Usage::compute());
		let of = |(used, proven)| Use { used, proven };
		usage(of(storage), of(compute))
	}

	/// The first era that can be claimed while `open` is open: all before it expire.
	pub(crate) fn claimable_from(open: u32) -> u32 {
		open.saturating_sub(Self::expiry_eras())
	}

	/// Closes the open era, opens `next`, and lets one era expire if it is time: bounded, however many earned in it.
	pub(crate) fn close_era(next: u32) {
		let open = OpenEra::<T>::get();
		if next <= open.era {
			return;
		}
		let totals = Totals::<T>::take();
		let demand = Demand {
			plots: totals.plots,
			..Demanded::<T>::take()
		};
		let mut supply = SupplyOf::<T>::get();
		let ceiling = Self::ceiling(open.era, &supply);
		let mut closing = close(ceiling, Self::usage_now(), &demand, &Self::terms(), &totals);
		closing.pots.treasury = Self::pay_treasury(closing.pots.treasury);
		supply.created = supply.created.saturating_add(closing.pots.treasury);
		let issuance = T::Currency::total_issuance();
		let created = supply.created.saturating_sub(open.created);
		let burned = open.issuance.saturating_add(created).saturating_sub(issuance);
		let ledger = EraLedger {
			closing,
			totals,
			created: closing.pots.treasury,
			expired: 0,
			burned,
			issuance,
		};
		supply.committed = supply.committed.saturating_add(ledger.committed());
		OpenEra::<T>::put(Opened {
			era: next,
			issuance,
			created: supply.created,
			rate: closing.rate,
		});
		SupplyOf::<T>::put(supply);
		Ledgers::<T>::insert(open.era, ledger);
		Self::deposit_event(Event::EraClosed {
			era: open.era,
			ceiling,
			usage: closing.usage,
			pots: closing.pots,
			created,
			burned,
		});
		let mut progress = Expiry::<T>::get();
		if progress.expired < Self::claimable_from(next) {
			Self::expire(&mut progress);
			Expiry::<T>::put(progress);
		}
	}

	/// Creates the treasury's pot. Returns what was created: nothing if the account would not exist with it.
	fn pay_treasury(amount: Balance) -> Balance {
		if amount == 0 {
			return 0;
		}
		match T::Currency::mint_into(&T::TreasuryAccount::get(), amount) {
			Ok(created) => created,
			Err(error) => {
				log::warn!(target: LOG_TARGET, "the treasury takes no {amount} planck, which nobody gets: {error:?}");
				0
			}
		}
	}

	/// The next era expires. What nobody claimed of it is committed no more.
	fn expire(progress: &mut Progress) {
		let era = progress.expired;
		progress.expired = era.saturating_add(1);
		let Some(mut ledger) = Ledgers::<T>::get(era) else {
			log::error!(target: LOG_TARGET, "era {era} has no ledger");
			return;
		};
		let amount = ledger.committed();
		ledger.expired = amount;
		Ledgers::<T>::insert(era, ledger);
		SupplyOf::<T>::mutate(|supply| supply.committed = supply.committed.saturating_sub(amount));
		Self::deposit_event(Event::EraExpired { era, amount });
	}

	/// Removes at most so many merits of eras that have expired; that an era expires, and that one is over for want of
	/// merits, count as one each, for each is written. Returns how many it took.
	pub(crate) fn sweep(most: u32) -> u32 {
		let before = Expiry::<T>::get();
		let mut progress = before;
		let due = Self::claimable_from(OpenEra::<T>::get().era);
		let mut left = most;
		while left > 0 {
			if progress.swept < progress.expired {
				let removed = Merits::<T>::clear_prefix(progress.swept, left, None);
				let is_over = removed.maybe_cursor.is_none();
				left = left.saturating_sub(removed.loops.saturating_add(is_over.into()).max(1));
				if is_over {
					Ledgers::<T>::remove(progress.swept);
					progress.swept = progress.swept.saturating_add(1);
				}
			} else if progress.expired < due {
				Self::expire(&mut progress);
				left = left.saturating_sub(1);
			} else {
				break;
			}
		}
		if progress != before {
			Expiry::<T>::put(progress);
		}
		most.saturating_sub(left)
	}

	/// Sweeps what there is room for in this weight. Returns what it took.
	pub(crate) fn sweep_within(room: Weight) -> Weight {
		let none = T::WeightInfo::sweep(0);
		let one = T::WeightInfo::sweep(1).saturating_sub(none);
		let Some(room) = room.checked_sub(&none) else {
			return Weight::zero();
		};
		let fits = room.checked_div_per_component(&one).unwrap_or(0);
		let most = u32::try_from(fits).unwrap_or(u32::MAX).min(T::MaxSwept::get());
		T::WeightInfo::sweep(Self::sweep(most))
	}
}
