//! Who answers for the treasury, and what it reports.

use crate::{Config, Error, Event, NextReport, Pallet, Report, Reports, Steward, Stewardship, Uri};
use frame_support::{dispatch::DispatchResult, ensure, traits::Get};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_runtime::traits::{One, Saturating};

impl<T: Config> Pallet<T> {
	/// Whether the treasury may spend: it has a steward, whose report is not overdue.
	pub fn may_spend() -> bool {
		let now = frame_system::Pallet::<T>::block_number();
		Steward::<T>::get().is_some_and(|steward| now <= steward.due)
	}

	/// Puts a steward in charge, or nobody. Gives back until when its first report is due.
	pub(crate) fn put_steward(who: Option<T::AccountId>) -> BlockNumberFor<T> {
		let due = Self::in_blocks(T::ReportPeriod::get());
		let since = frame_system::Pallet::<T>::block_number();
		Steward::<T>::set(who.map(|who| Stewardship { who, since, due }));
		due
	}

	pub(crate) fn do_report(who: &T::AccountId, document: T::Hash, uri: Uri) -> DispatchResult {
		let steward = Steward::<T>::get().ok_or(Error::<T>::NotSteward)?;
		ensure!(steward.who == *who, Error::<T>::NotSteward);
		let number = NextReport::<T>::get();
		NextReport::<T>::put(number.checked_add(1).ok_or(Error::<T>::Overflow)?);
		let until = frame_system::Pallet::<T>::block_number();
		let report = Report {
			steward: steward.who.clone(),
			from: steward.since,
			until,
			document,
			uri,
		};
		Reports::<T>::insert(number, report);
		if let Some(oldest) = number.checked_sub(T::MaxReports::get()) {
			Reports::<T>::remove(oldest);
		}
		let due = Self::in_blocks(T::ReportPeriod::get());
		Steward::<T>::put(Stewardship {
			who: steward.who,
			since: until.saturating_add(One::one()),
			due,
		});
		Self::deposit_event(Event::Reported { number, document, due });
		Ok(())
	}
}
